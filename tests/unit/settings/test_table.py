"""Tests of the table of settings."""

from __future__ import annotations

import dataclasses
from types import MappingProxyType
from typing import Any

import pytest

from cliquet.settings import FAMILIES, REMOVED, Row, Settings, rows
from cliquet.settings.coerce import coerce, type_name
from cliquet.settings.environment import variable
from cliquet.settings.table import family_of

ROWS = rows()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_row_says_what_it_is(row: Row) -> None:
    assert row.sentence.endswith(".")
    assert row.sentence[0].isupper() or not row.sentence[0].isalpha()
    assert type_name(row.type)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_every_default_has_the_type_of_its_row(row: Row) -> None:
    assert coerce(row.default, row.type, least=row.least) == row.default
    assert getattr(Settings(), row.attribute) == row.default


def test_every_attribute_is_a_row() -> None:
    attributes = {item.name for item in dataclasses.fields(Settings)} - {"families", "app"}
    assert {row.attribute for row in ROWS} == attributes


def test_names_and_variables_are_unique() -> None:
    names = [*(row.name for row in ROWS), *REMOVED]
    assert len(set(names)) == len(names)
    assert len(set(map(variable, names))) == len(names)


def test_no_row_and_no_removed_setting_is_of_a_family() -> None:
    assert [name for name in (*(row.name for row in ROWS), *REMOVED) if family_of(name)] == []


@pytest.mark.parametrize(
    ("name", "family"),
    [
        ("collection_article_get_enabled", "{collection,record}_{resource}_{method}_enabled"),
        ("record_my_article_delete_enabled", "{collection,record}_{resource}_{method}_enabled"),
        ("article_read_principals", "{resource}_{permission}_principals"),
        ("bucket_create_principals", "{resource}_{permission}_principals"),
        ("article_cache_expires_seconds", "{ids}.{resource}_cache_expires_seconds"),
        ("multiauth.policy.ldap.use", "multiauth.policy.{name}.use"),
        ("multiauth.policy.ldap.url", "multiauth.policy.{name}.{option}"),
        ("article_eat_principals", None),
        ("shelf_article_get_enabled", None),
        ("multiauth.policy.ldap", None),
        ("read_principals", None),
    ],
)
def test_a_name_belongs_to_a_family_or_to_none(name: str, family: str | None) -> None:
    found = family_of(name)
    assert (found.name if found else None) == family
    assert found is None or found in FAMILIES


def test_secrets_are_no_part_of_the_repr() -> None:
    secrets = [row for row in ROWS if row.secret]
    assert {"userid_hmac_secret", "storage_url", "cache_url", "permission_url"} <= {row.name for row in secrets}
    texts: dict[str, Any] = {row.attribute: "s3cr3t" for row in secrets}
    shown = Settings(
        **texts,
        families=MappingProxyType({"multiauth.policy.ldap.password": "s3cr3t"}),
        app=MappingProxyType({"mail_password": "s3cr3t"}),
    )
    assert "s3cr3t" not in repr(shown)
    assert "paginate_by=" in repr(shown)


@pytest.mark.parametrize("name", ["userid_hmac_secret", "storage_url", "cache_url", "permission_url"])
def test_what_looks_like_a_secret_is_text_so_that_no_error_can_repeat_it(name: str) -> None:
    assert next(row.type for row in ROWS if row.name == name) is str
    assert all(row.type is str for row in ROWS if row.secret)


def test_settings_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Settings().paginate_by = 5  # type: ignore[misc]  # that is the point
