"""``/__user_data__`` with GET: what belongs to somebody is listed and exported."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyramid.config import Configurator

import cliquet
from cliquet.errors import ConfigurationError
from cliquet.permission.base import EVERYONE
from cliquet.settings import Source, parse
from cliquet.testing.app import SETTINGS as MEMORY
from cliquet.testing.app import Client, make_app
from tests.functional.plugins.sharing_service import Serve, backends, library, put
from tests.functional.plugins.test_user_data import ALICE, BOB, CAROL, SETTINGS, erase

__all__ = ["backends"]


@pytest.fixture
def alice(backends: dict[str, Any], serve: Serve) -> Client:
    """Alice has shelves, some of them with others, notes, and friends."""
    alice = library(backends, serve, "user_data", **SETTINGS)
    bob = alice.as_user("bob")
    put(alice, "/api/shelves/mine", {"title": "Mine"}, read=[BOB])
    put(alice, "/api/shelves/mine/books/b", {"title": "Book"})
    put(alice, "/old/shelves/ours", {"title": "Ours"}, write=[BOB])
    put(bob, "/api/shelves/bobs", {"title": "Bob's"}, read=[ALICE])
    put(bob, "/teams/friends", {"members": [ALICE, BOB], "title": "Friends"})
    put(bob, "/teams/all", {"members": ["system.Authenticated"]}, write=["system.Authenticated"])
    for number in range(3):
        put(alice, f"/notes/n{number}", {"n": number})
    put(bob, "/notes/bobs")
    alice.delete("/v1/notes/n1")
    return alice


def listed(app: Client, principal: str = ALICE, query: str = "") -> list[dict[str, Any]]:
    """What belongs to somebody, page by page."""
    found: list[dict[str, Any]] = []
    url = f"/v1/__user_data__/{principal}?{query}"
    while url:
        response = app.get(url)
        found += response.json["data"]
        url = response.headers.get("Next-Page", "").removeprefix("http://localhost")
    return found


def exported(app: Client, principal: str = ALICE) -> list[dict[str, Any]]:
    response = app.get(f"/v1/__user_data__/{principal}/export")
    assert response.content_type == "application/x-ndjson"
    return [json.loads(line) for line in response.text.splitlines()]


def marked(entries: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    return {one["uri"]: (one["resource_name"], *one["permissions"], *_marks(one)) for one in entries}


def _marks(entry: dict[str, Any]) -> list[str]:
    return [name for name in ("member", "private", "erased") if entry[name]]


def test_all_that_belongs_to_somebody_is_listed(alice: Client) -> None:
    found = listed(alice.as_user("carol"))
    assert marked(found) == {
        "/teams/friends": ("team", "member"),
        "/old/shelves/ours": ("oldshelf", "write"),
        "/notes/n2": ("note", "private", "erased"),
        "/notes/n0": ("note", "private", "erased"),
        "/api/shelves/mine/books/b": ("book", "write", "erased"),
        "/api/shelves/mine": ("shelf", "write", "erased"),
        "/api/shelves/bobs": ("shelf", "read"),
    }
    assert [one["uri"] for one in found] == sorted((one["uri"] for one in found), reverse=True)


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_the_list_comes_in_pages(alice: Client, size: int) -> None:
    carol = alice.as_user("carol")
    assert listed(carol, query=f"_limit={size}") == listed(carol)


def test_somebody_unknown_has_nothing(alice: Client) -> None:
    assert listed(alice.as_user("carol"), "basicauth:nobody") == exported(alice.as_user("carol"), "account:x") == []


def test_after_the_erasure_there_is_nothing(alice: Client) -> None:
    carol = alice.as_user("carol")
    erased = {one["uri"] for one in listed(carol) if one["erased"]}
    erase(carol, ALICE)
    assert listed(carol) == []
    assert exported(carol) == []
    left = {one["uri"] for one in listed(carol, BOB)}
    assert not erased & left
    assert {"/old/shelves/ours", "/teams/friends", "/api/shelves/bobs", "/notes/bobs"} <= left


def test_the_export_has_the_content_of_what_is_theirs(alice: Client) -> None:
    found = {one["uri"]: one for one in exported(alice.as_user("carol"))}
    assert [one["uri"] for one in listed(alice.as_user("carol"))] == list(found)
    titles = {uri: one["data"].get("title", one["data"].get("n")) for uri, one in found.items() if "data" in one}
    assert titles == {
        "/old/shelves/ours": "Ours",
        "/notes/n2": 2,
        "/notes/n0": 0,
        "/api/shelves/mine/books/b": "Book",
        "/api/shelves/mine": "Mine",
    }
    assert found["/api/shelves/mine"]["shared"] == {"read": [BOB], "write": [ALICE]}
    assert "shared" not in found["/old/shelves/ours"]
    assert found["/notes/n0"]["data"] == alice.get("/v1/notes/n0").json["data"]


def test_a_long_export_is_complete(backends: dict[str, Any], serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("belongings", "views"):
        monkeypatch.setattr(f"cliquet.plugins.user_data.{module}.SIZE", 4)
    alice = library(backends, serve, "user_data", **SETTINGS)
    for number in range(11):
        put(alice, f"/notes/n{number:02}", {"n": number})
        put(alice, f"/api/shelves/s{number:02}", {"n": number})
    found = exported(alice.as_user("carol"))
    assert [one["data"]["n"] for one in found] == [*range(10, -1, -1), *range(10, -1, -1)]


def test_aces_on_what_is_no_record_are_listed_by_their_path(alice: Client) -> None:
    assert alice.parts.permission is not None
    alice.parts.permission.add_member("/__administrators__", ALICE)
    found = [one for one in listed(alice.as_user("carol")) if one["uri"] == "/__administrators__"]
    assert found == [
        {"uri": "/__administrators__", "permissions": [], "member": True, "private": False, "erased": False}
    ]
    assert "data" not in exported(alice.as_user("carol"))[-1]


# Who may


@pytest.mark.parametrize("path", ["", "/export"])
def test_only_those_who_are_named_may_look(alice: Client, path: str) -> None:
    url = f"/v1/__user_data__/{ALICE}{path}"
    assert alice.get(url, status=403).json["errno"] == 121
    assert alice.anonymous().get(url, status=401).json["errno"] == 104
    assert alice.as_user("carol").get(url).status_int == 200


@pytest.mark.parametrize("path", ["", "/export"])
def test_people_may_look_for_themselves_where_a_setting_says_so(path: str) -> None:
    settings = {"includes": "cliquet.plugins.user_data", "user-data_self_service": "true"}
    alice = make_app(settings)
    assert alice.get(f"/v1/__user_data__/{ALICE}{path}").status_int == 200
    alice.get(f"/v1/__user_data__/{BOB}{path}", status=403)
    alice.anonymous().get(f"/v1/__user_data__/{ALICE}{path}", status=401)


def test_who_may_read_may_not_delete_and_the_other_way_round() -> None:
    one = make_app({"includes": "cliquet.plugins.user_data", "user-data_read_principals": EVERYONE})
    one.get(f"/v1/__user_data__/{ALICE}")
    one.delete(f"/v1/__user_data__/{ALICE}", status=403)
    other = make_app({"includes": "cliquet.plugins.user_data", "user-data_delete_principals": EVERYONE})
    other.get(f"/v1/__user_data__/{ALICE}", status=403)
    other.delete(f"/v1/__user_data__/{ALICE}")


def test_it_works_without_permissions() -> None:
    settings = {"includes": "cliquet.plugins.user_data", **SETTINGS}
    alice = make_app(settings)
    alice.post_json("/v1/notes", {"data": {"text": "Hello"}})
    carol = alice.as_user("carol")
    assert [one["data"]["text"] for one in exported(carol)] == ["Hello"]
    assert erase(carol, ALICE)["data"] == {"principal": ALICE, "objects": 0, "groups": 0, "records": 1}
    assert alice.get("/v1/notes").json == {"data": []}


# Requests


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("_limit=0", "_limit should be an integer"),
        ("_token=nope", "_token has invalid content"),
        ("resource_name=note", "Unknown filter field 'resource_name'"),
    ],
)
def test_what_means_nothing_is_refused(alice: Client, query: str, message: str) -> None:
    assert message in alice.as_user("carol").get(f"/v1/__user_data__/{ALICE}?{query}", status=400).json["message"]


def test_a_token_is_good_for_one_principal(alice: Client) -> None:
    carol = alice.as_user("carol")
    following = carol.get(f"/v1/__user_data__/{ALICE}?_limit=1").headers["Next-Page"].removeprefix("http://localhost")
    assert carol.get(following).json["data"]
    carol.get(following.replace(ALICE, BOB), status=400)


def test_a_service_that_only_reads_erases_nobody() -> None:
    settings = {"includes": "cliquet.plugins.user_data", "readonly": "true", **SETTINGS}
    carol = make_app(settings).as_user("carol")
    carol.get(f"/v1/__user_data__/{ALICE}")
    carol.delete(f"/v1/__user_data__/{ALICE}", status=405)


# Settings


@pytest.mark.parametrize("prefix", ["", "cliquet.", "myapp."])
def test_settings_with_a_hyphen_have_all_spellings(prefix: str) -> None:
    settings = {"includes": "cliquet.plugins.user_data", f"{prefix}user-data_delete_principals": f"{CAROL}, {BOB}"}
    app = make_app(settings)
    for name in ("bob", "carol"):
        app.as_user(name).delete(f"/v1/__user_data__/{ALICE}")
    app.delete(f"/v1/__user_data__/{ALICE}", status=403)


@pytest.mark.parametrize("prefix", ["CLIQUET", "MYAPP"])
def test_settings_with_a_hyphen_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    for name in ("DELETE", "READ"):
        monkeypatch.setenv(f"{prefix}_USER_DATA_{name}_PRINCIPALS", CAROL)
    monkeypatch.setenv(f"{prefix}_USER_DATA_SELF_SERVICE", "true")
    app = make_app({"includes": "cliquet.plugins.user_data"})
    app.as_user("carol").get(f"/v1/__user_data__/{ALICE}")
    app.as_user("carol").delete(f"/v1/__user_data__/{ALICE}")
    app.delete(f"/v1/__user_data__/{ALICE}")
    app.as_user("bob").delete(f"/v1/__user_data__/{ALICE}", status=403)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("user_data_delete_principals", "user-data_delete_principals"),
        ("user-data_delete_principal", "user-data_delete_principals"),
        ("user-data_selfservice", "user-data_self_service"),
    ],
)
def test_settings_that_are_almost_right_stop_the_start_up(name: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Did you mean '{meant}'"):
        make_app({"includes": "cliquet.plugins.user_data", name: "x"})


def test_without_the_plugin_its_settings_are_unknown() -> None:
    with pytest.raises(ConfigurationError, match="Unknown setting 'user-data_delete_principals'"):
        make_app({"user-data_delete_principals": "x"})
    assert parse(Source({"user-data_delete_principals": "x"}))[1] == ("user-data_delete_principals",)


def test_it_is_announced() -> None:
    hello = make_app({"includes": "cliquet.plugins.user_data"}).get("/v1/").json
    assert set(hello["capabilities"]["user_data"]) == {"description", "url"}


def test_without_a_storage_nothing_is_kept_of_anybody() -> None:
    config = Configurator(settings={**MEMORY, "storage_backend": "", "includes": "cliquet.plugins.user_data"})
    with pytest.raises(ConfigurationError, match="nothing is kept of anybody"):
        cliquet.initialize(config, version="1.0")
