"""Tests of where settings come from, and which ones are refused."""

from __future__ import annotations

import dataclasses
import datetime
import typing
from typing import Any

import pytest

from cliquet.errors import ConfigurationError
from cliquet.settings import REMOVED, Row, Settings, Source, parse, refuse_unknown, rows
from cliquet.settings.coerce import coerce
from cliquet.settings.environment import variable

ROWS = rows()
SPELLINGS = ["", "cliquet.", "library."]
OTHERS: dict[Any, str] = {
    str: "1.10",
    int: "7",
    float: "7.5",
    tuple: "one two",
    datetime.datetime: "2031-02-03",
}


def other(row: Row) -> str:
    """A text that gives another value than the default."""
    if row.type in (bool, bool | None):
        return "false" if row.default else "true"
    parts = [part for part in typing.get_args(row.type) if part is not type(None)]
    wanted = parts[0] if type(None) in typing.get_args(row.type) else row.type
    if typing.get_origin(wanted) is typing.Literal:
        return str(next(choice for choice in typing.get_args(wanted) if choice != row.default))
    return OTHERS[typing.get_origin(wanted) or wanted]


def read(ini: Any = None, *, environ: Any = None, **defaults: Any) -> Settings:
    settings, unknown = parse(Source(ini or {}, defaults, environ or {}, "library"))
    refuse_unknown(unknown, ())
    return settings


def refused(ini: Any = None, *, environ: Any = None, **defaults: Any) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read(ini, environ=environ, **defaults)
    return str(caught.value)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_every_setting_has_three_spellings(row: Row, spelling: str) -> None:
    found = getattr(read({spelling + row.name: other(row)}), row.attribute)
    assert found == coerce(other(row), row.type)
    assert found != row.default


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
@pytest.mark.parametrize("prefix", ["CLIQUET_", "LIBRARY_"])
def test_every_setting_can_come_from_the_environment(row: Row, prefix: str) -> None:
    found = read(environ={prefix + variable(row.name): other(row)})
    assert getattr(found, row.attribute) == coerce(other(row), row.type)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_setting_can_come_from_the_applications_defaults(row: Row) -> None:
    assert getattr(read(**{row.name: other(row)}), row.attribute) == coerce(other(row), row.type)


@pytest.mark.parametrize("row", [row for row in ROWS if row.type is not str], ids=lambda row: row.name)
def test_every_setting_of_a_wrong_type_is_refused_by_its_name(row: Row) -> None:
    if row.type in (str | None, tuple[str, ...]):
        assert read({row.name: "anything"})
    else:
        message = refused({row.name: "surely not"})
        assert message.startswith(f"Setting {row.name!r}: ")
        assert " expected" in message
        assert message.endswith("got 'surely not'.")


@pytest.mark.parametrize("row", [row for row in ROWS if row.least is not None], ids=lambda row: row.name)
def test_every_number_below_its_least_is_refused(row: Row) -> None:
    assert row.least is not None
    message = refused(environ={f"CLIQUET_{variable(row.name)}": str(int(row.least) - 1)})
    assert f"Setting {row.name!r}: a number of at least {row.least:g} is expected" in message


def test_the_environment_wins_over_the_file_which_wins_over_the_defaults() -> None:
    levels: list[dict[str, Any]] = [
        {"paginate_by": "1"},
        {"ini": {"paginate_by": "2"}, "paginate_by": "1"},
        {"environ": {"LIBRARY_PAGINATE_BY": "3"}, "ini": {"paginate_by": "2"}, "paginate_by": "1"},
        {"environ": {"LIBRARY_PAGINATE_BY": "3", "CLIQUET_PAGINATE_BY": "4"}, "ini": {"paginate_by": "2"}},
        {"environ": {"CLIQUET_PAGINATE_BY": "4", "LIBRARY_PAGINATE_BY": "3"}, "ini": {"library.paginate_by": "2"}},
    ]
    assert [read(**level).paginate_by for level in levels] == [1, 2, 3, 4, 4]


def test_bare_variables_are_not_read() -> None:
    assert read(environ={"PAGINATE_BY": "3", "EOS": "soon", "READONLY": "true"}) == Settings()


def test_an_empty_variable_empties_a_setting() -> None:
    assert read({"backoff": "3"}, environ={"CLIQUET_BACKOFF": ""}).backoff is None


@pytest.mark.parametrize("one", SPELLINGS)
@pytest.mark.parametrize("two", SPELLINGS)
def test_two_spellings_have_to_agree(one: str, two: str) -> None:
    if one == two:
        return
    assert read({f"{one}paginate_by": "3", f"{two}paginate_by": "3"}).paginate_by == 3
    message = refused({f"{one}paginate_by": "3", f"{two}paginate_by": "4"})
    assert repr(f"{one}paginate_by") in message
    assert repr(f"{two}paginate_by") in message
    assert "conflict" in message


def test_a_conflict_does_not_show_the_values() -> None:
    assert "s3cr3t" not in refused({"userid_hmac_secret": "s3cr3t", "cliquet.userid_hmac_secret": "s3cr3t-2"})


def test_two_spellings_of_one_of_the_defaults_have_to_agree() -> None:
    assert "conflict" in refused(**{"paginate_by": 1, "cliquet.paginate_by": 2})


def test_a_version_stays_text() -> None:
    assert read({"project_version": "1.10"}).project_version == "1.10"
    assert read({"http_api_version": "1.10", "userid_hmac_secret": "1234"}).userid_hmac_secret == "1234"


@pytest.mark.parametrize(
    ("ini", "expected"),
    [
        ({"paginate_bye": "1"}, "Unknown setting 'paginate_bye'. Did you mean 'paginate_by'?"),
        ({"cliquet.storage_backnd": "x"}, "Unknown setting 'storage_backnd'. Did you mean 'storage_backend'?"),
        ({"library.Paginate_By": "1"}, "Unknown setting 'Paginate_By'. Did you mean 'paginate_by'?"),
        ({"multiauth.policie": "x"}, "Unknown setting 'multiauth.policie'. Did you mean 'multiauth.policies'?"),
        ({"cliquet.paginate.by": "1"}, "Unknown setting 'paginate.by'. Did you mean 'paginate_by'?"),
        ({"max-body-bytes": "1"}, "Unknown setting 'max-body-bytes'. Did you mean 'max_body_bytes'?"),
    ],
)
def test_a_typo_in_the_file_names_the_nearest_setting(ini: dict[str, Any], expected: str) -> None:
    assert refused(ini) == expected


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("CLIQUET_PAGINATE_BYE", "paginate_by"),
        ("LIBRARY_PAGINATE_BYE", "paginate_by"),
        ("CLIQUET_STORAGE-URL", "storage_url"),
    ],
)
def test_a_typo_in_the_environment_names_the_nearest_setting(name: str, nearest: str) -> None:
    message = refused(environ={name: "1"})
    assert message.startswith(f"Unknown setting in the variable {name!r}. Did you mean '{nearest}")


def test_what_is_like_nothing_says_how_to_declare_a_setting() -> None:
    assert "default_settings" in refused({"zzz": "1"})
    assert "default_settings" in refused(environ={"CLIQUET_ZZZ": "1"})


@pytest.mark.parametrize(
    "name", ["LIBRARY_HOME", "LIBRARY_DATABASE_PASSWORD", "CLIQUET_TEST_PG", "CLIQUET_INI", "CLI_X"]
)
def test_variables_of_others_are_left_alone(name: str) -> None:
    assert read(environ={name: "x"}) == Settings()


@pytest.mark.parametrize("name", ["sqlalchemy.url", "pyramid.includes", "here", "__file__", "debug_all", "jinja2.x"])
def test_settings_of_others_are_left_alone(name: str) -> None:
    assert read({name: "x"}) == Settings()


@pytest.mark.parametrize("name", REMOVED)
def test_a_setting_that_is_gone_says_what_to_do(name: str) -> None:
    expected = f"Setting {name!r} is gone: {REMOVED[name]}."
    assert refused({name: "x"}) == expected
    assert refused({f"cliquet.{name}": "x"}) == expected
    assert refused(**{name: "x"}) == expected
    assert refused(environ={f"CLIQUET_{variable(name)}": "x"}) == expected
    assert refused(environ={f"LIBRARY_{variable(name)}": "x"}) == expected


def test_a_default_declares_a_setting_of_the_application_typed_by_it() -> None:
    declared = {"pages": 5, "ratio": 0.5, "strict": False, "motto": "", "shelves": ["a"], "free": None, "x.y": 1}
    environ = {"CLIQUET_PAGES": "6", "LIBRARY_STRICT": "yes", "CLIQUET_X_Y": "2"}
    found = read({"ratio": "1", "library.shelves": "b, c", "motto": "1.10", "free": "1"}, environ=environ, **declared)
    due = {"pages": 6, "ratio": 1.0, "strict": True, "motto": "1.10", "shelves": ("b", "c"), "free": "1", "x.y": 2}
    assert dict(found.app) == due
    assert dict(read(**{**declared, "pages": 5}).app)["pages"] == 5


def test_a_setting_of_the_application_of_a_wrong_type_is_refused_by_its_name() -> None:
    assert refused({"pages": "many"}, pages=5) == "Setting 'pages': a whole number is expected, got 'many'."


def test_families_are_typed() -> None:
    found = read(
        {"collection_article_get_enabled": "false", "cliquet.article_read_principals": "a, b"},
        environ={"CLIQUET_ARTICLE_CACHE_EXPIRES_SECONDS": "3", "LIBRARY_RECORD_MY_BOOK_DELETE_ENABLED": "no"},
        book_write_principals=["system.Authenticated"],
    ).families
    assert dict(found) == {
        "collection_article_get_enabled": False,
        "article_read_principals": ("a", "b"),
        "article_cache_expires_seconds": 3,
        "record_my_book_delete_enabled": False,
        "book_write_principals": ("system.Authenticated",),
    }


@pytest.mark.parametrize(
    ("name", "text"), [("record_book_get_enabled", "maybe"), ("book_cache_expires_seconds", "-1"), ("a_b_enabled", "1")]
)
def test_a_bad_member_of_a_family_is_refused_by_its_name(name: str, text: str) -> None:
    assert repr(name) in refused({name: text})


def test_policies_are_named_and_configured() -> None:
    found = read({"multiauth.policies": "ldap basicauth", "cliquet.multiauth.policy.ldap.use": "my.policy"})
    assert found.multiauth_policies == ("ldap", "basicauth")
    assert found.families["multiauth.policy.ldap.use"] == "my.policy"


@pytest.mark.parametrize("policy", ["ldap", "my_ldap", "my-ldap"])
@pytest.mark.parametrize("option", ["use", "url", "pool_size"])
def test_policies_can_be_configured_from_the_environment(policy: str, option: str) -> None:
    named = f"CLIQUET_MULTIAUTH_POLICY_{variable(policy)}_{option.upper()}"
    found = read({"multiauth.policies": f"my {policy}"}, environ={named: "x"})
    assert dict(found.families) == {f"multiauth.policy.{policy}.{option}": "x"}
    both = read(environ={named: "x", "CLIQUET_MULTIAUTH_POLICIES": f"my,{policy}"})
    assert dict(both.families) == {f"multiauth.policy.{policy}.{option}": "x"}


def test_a_plugin_declares_settings_later() -> None:
    source = Source({"library.pages": "6"}, {"motto": "x"}, {"LIBRARY_STRICT": "on", "CLIQUET_WAIT": "3"}, "library")
    _, unknown = parse(source)
    assert set(unknown) == {"pages", "CLIQUET_WAIT"}
    declared = {"pages": 5, "strict": False, "wait": 1.0, "motto": "x", "other": 1}
    settings, left = parse(dataclasses.replace(source, defaults=declared))
    assert dict(settings.app) == {"pages": 6, "strict": True, "wait": 3.0, "motto": "x", "other": 1}
    assert left == ()
    refuse_unknown(unknown, declared)
    for name, missing in (("pages", "'pages'"), ("wait", "the variable 'CLIQUET_WAIT'")):
        with pytest.raises(ConfigurationError, match=missing):
            refuse_unknown(unknown, declared.keys() - {name})


def test_a_late_setting_can_be_meant_too() -> None:
    with pytest.raises(ConfigurationError, match="Did you mean 'account_validation'"):
        refuse_unknown(("account_validaton",), ("account_validation",))


@pytest.mark.parametrize("project", ["", "cliquet", "cliquet-demo", "Reading List", "my.app"])
def test_a_project_of_any_name_has_its_variables(project: str) -> None:
    prefix = variable(project or "cliquet")
    settings, unknown = parse(Source({f"{project.lower()}.backoff": "1"} if project else {}, {}, {}, project))
    assert (settings.backoff, unknown) == (1 if project else None, ())
    settings, unknown = parse(Source({}, {}, {f"{prefix}_BACKOFF": "2", f"{prefix}_STORAGE_URL": "x"}, project))
    assert (settings.backoff, settings.storage_url, unknown) == (2, "x", ())
