"""``/__user_data__`` with DELETE: what belongs to somebody goes, and what does not belong to them stays."""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator

import kinto
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope
from cliquet.testing.app import Client, make_app
from cliquet.web.events import AfterResourceChanged, ResourceChanged
from tests.functional.plugins.history_service import entries
from tests.functional.plugins.sharing_service import Serve, backends, library, put, user

__all__ = ["backends"]

ALICE, BOB, CAROL = (user(make_app().as_user(name)) for name in ("alice", "bob", "carol"))
TEAM, MINE = "/buckets/team", "/buckets/mine"
SETTINGS = {"user-data_read_principals": CAROL, "user-data_delete_principals": CAROL}


def store(settings: dict[str, Any], serve: Serve, *plugins: str, **more: Any) -> Client:
    """The generic store, used by alice, where carol may erase everybody."""
    includes = " ".join(f"cliquet.plugins.{name}" for name in ("user_data", *plugins))
    given = {**settings, **SETTINGS, "project_name": "kinto", "includes": includes, "explicit_permissions": "false"}
    return serve(kinto.main(None, **{**given, **more}))


def erase(app: Client, principal: str, **options: Any) -> Any:
    return app.delete(f"/v1/__user_data__/{principal}", **options).json


@pytest.fixture
def alice(backends: dict[str, Any], serve: Serve) -> Client:
    """Alice has a bucket of her own, and works in that of bob's team."""
    alice = store(backends, serve)
    fill(alice)
    return alice


def fill(alice: Client) -> None:
    bob = alice.as_user("bob")
    put(bob, TEAM, write=[ALICE], read=["system.Authenticated"])
    put(bob, f"{TEAM}/groups/g", {"members": [ALICE, BOB], "title": "All"}, read=[ALICE])
    put(bob, f"{TEAM}/collections/c", record__create=[ALICE])
    put(bob, f"{TEAM}/collections/c/records/of-bob", read=[ALICE])
    put(bob, f"{TEAM}/collections/c/records/of-both", write=[ALICE])
    put(alice, f"{TEAM}/collections/c/records/of-alice", {"secret": 1}, read=[BOB])
    put(alice, f"{TEAM}/collections/of-alice", write=[f"{TEAM}/groups/g"])
    put(alice, f"{TEAM}/collections/alone")
    put(bob, f"{TEAM}/collections/alone/records/of-bob")
    put(alice, MINE, write=[])
    put(alice, f"{MINE}/groups/friends", {"members": [BOB]})
    put(alice, f"{MINE}/collections/c", write=[BOB])
    put(bob, f"{MINE}/collections/c/records/of-bob")
    put(bob, "/buckets/other", read=[f"{MINE}/groups/friends"])


def test_what_nobody_else_may_write_goes_with_all_below(alice: Client) -> None:
    found = erase(alice.as_user("carol"), ALICE)
    assert found == {"data": {"principal": ALICE, "objects": 3, "groups": 1, "records": 0}}
    bob = alice.as_user("bob")
    assert bob.get(f"/v1{MINE}", status=403)
    for gone in ("c/records/of-alice", "alone", "alone/records/of-bob"):
        assert bob.get(f"/v1{TEAM}/collections/{gone}", status=404)
    for kept in ("c", "of-alice", "c/records/of-bob", "c/records/of-both"):
        assert bob.get(f"/v1{TEAM}/collections/{kept}").json["data"]["id"] == kept.rpartition("/")[2]
    tally = {name: one.records for name, one in alice.storage.tally().items() if one.records}
    assert tally == {"bucket": 2, "collection": 2, "group": 1, "record": 2}


def test_devices_learn_what_is_gone(alice: Client) -> None:
    bob = alice.as_user("bob")
    records, collections = f"/v1{TEAM}/collections/c/records", f"/v1{TEAM}/collections"
    before = [bob.get(url).headers["ETag"] for url in (records, collections)]
    erase(alice.as_user("carol"), ALICE)
    gone = [
        bob.get(f"{url}?_since={time}").json["data"] for url, time in zip((records, collections), before, strict=True)
    ]
    assert [[(one["id"], one["deleted"], len(one)) for one in ones] for ones in gone] == [
        [("of-alice", True, 3)],
        [("alone", True, 3)],
    ]


def test_nothing_names_them_any_more(alice: Client) -> None:
    erase(alice.as_user("carol"), ALICE)
    permission = alice.parts.permission
    assert permission is not None
    assert permission.objects_of([ALICE]) == ([], False)
    assert permission.principals_of(ALICE) == frozenset()
    bob = alice.as_user("bob")
    group = bob.get(f"/v1{TEAM}/groups/g").json
    assert group["data"]["members"] == [BOB]
    assert group["data"]["title"] == "All"
    assert group["permissions"] == {"write": [BOB]}
    assert bob.get(f"/v1{TEAM}/collections/c/records/of-both").json["permissions"] == {"write": [BOB]}
    assert permission.principals_of(BOB) == {f"{TEAM}/groups/g"}
    assert bob.get("/v1/buckets/other").json["permissions"] == {"write": [BOB]}


def test_the_group_is_changed_for_everybody_who_follows_it(alice: Client) -> None:
    bob = alice.as_user("bob")
    before = bob.get(f"/v1{TEAM}/groups/g").headers["ETag"]
    erase(alice.as_user("carol"), ALICE)
    changed = bob.get(f"/v1{TEAM}/groups?_since={before}").json["data"]
    assert [(one["id"], one["members"]) for one in changed] == [("g", [BOB])]


def test_others_lose_nothing(alice: Client) -> None:
    bob = alice.as_user("bob")
    before = bob.get("/v1/buckets/other").json
    erase(alice.as_user("carol"), CAROL)
    assert bob.get("/v1/buckets/other").json == before
    assert alice.get(f"/v1{MINE}").json["permissions"] == {"write": [ALICE]}
    assert alice.get(f"/v1{TEAM}/collections/c/records/of-alice").json["data"]["secret"] == 1


def test_erasing_twice_does_nothing_the_second_time(alice: Client) -> None:
    carol = alice.as_user("carol")
    erase(carol, ALICE)
    before = alice.storage.tally()
    assert erase(carol, ALICE)["data"] == {"principal": ALICE, "objects": 0, "groups": 0, "records": 0}
    assert alice.storage.tally() == before
    put(alice, MINE)
    assert alice.get(f"/v1{MINE}/collections").json["data"] == []


def test_many_objects_go_in_several_steps(backends: dict[str, Any], serve: Serve, monkeypatch: Any) -> None:
    monkeypatch.setattr("cliquet.plugins.user_data.erasure.SIZE", 3)
    alice = store(backends, serve)
    bob = alice.as_user("bob")
    put(bob, TEAM, write=[ALICE])
    for collection in ("a", "b", "b-"):
        put(bob, f"{TEAM}/collections/{collection}")
        for number in range(5):
            put(alice, f"{TEAM}/collections/{collection}/records/r{number}")
    assert erase(alice.as_user("carol"), ALICE)["data"]["objects"] == 15
    for collection in ("a", "b", "b-"):
        assert bob.get(f"/v1{TEAM}/collections/{collection}/records").json == {"data": []}


def test_private_records_go_and_leave_nothing(backends: dict[str, Any], serve: Serve) -> None:
    alice = library(backends, serve, "user_data", **SETTINGS)
    for number in range(3):
        put(alice, f"/notes/n{number}")
    put(alice.as_user("bob"), "/notes/n")
    alice.delete("/v1/notes/n0")
    etag = alice.get("/v1/notes").headers["ETag"]
    assert erase(alice.as_user("carol"), ALICE)["data"]["records"] == 2
    scope = Scope("note", ALICE)
    assert alice.storage.page(scope, Query(tombstones=True)).documents == []
    assert alice.get("/v1/notes").json == {"data": []}
    assert alice.get(f"/v1/notes?_since={etag}", status=410).json["errno"] == 118
    assert alice.as_user("bob").get("/v1/notes/n").json["data"]["id"] == "n"


def test_subscribers_are_told_of_everything_that_goes(
    backends: dict[str, Any], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cliquet.plugins.user_data.erasure.SIZE", 2)
    told: list[tuple[str, str, str, bool]] = []

    def remember(event: Any) -> None:
        for change in event.changes:
            told.append((type(event).__name__, event.payload["action"], change.uri, event.transaction is not None))

    def subscribe(config: Configurator) -> None:
        config.add_subscriber(remember, ResourceChanged)
        config.add_subscriber(remember, AfterResourceChanged)

    monkeypatch.setattr("cliquet.plugins.user_data.includeme", _with(subscribe))
    alice = library(backends, serve, "user_data", **SETTINGS)
    for number in range(3):
        put(alice, f"/notes/n{number}")
    put(alice, "/api/shelves/s")
    put(alice, "/api/shelves/s/books/b")
    put(alice.as_user("bob"), "/teams/t", {"members": [ALICE]})
    told.clear()
    assert erase(alice.as_user("carol"), ALICE)["data"] == {"principal": ALICE, "objects": 1, "groups": 1, "records": 3}
    deleted = [
        ("delete", uri) for uri in ("/api/shelves/s", "/api/shelves/s/books/b", *(f"/notes/n{n}" for n in range(3)))
    ]
    for name, within in (("ResourceChanged", True), ("AfterResourceChanged", False)):
        mine = [(action, uri) for kind, action, uri, inside in told if kind == name and inside is within]
        assert sorted(mine) == sorted([*deleted, ("update", "/teams/t")])


def _with(more: Any) -> Any:
    """The plugin, and something else."""
    from cliquet.plugins import user_data

    original = user_data.includeme

    def includeme(config: Configurator) -> None:
        original(config)
        more(config)

    return includeme


def test_who_refuses_the_event_refuses_the_whole(backends: dict[str, Any], serve: Serve) -> None:
    alice = store(backends, serve)
    fill(alice)

    def refuse(event: ResourceChanged) -> None:
        from cliquet.errors import raise_invalid

        raise_invalid(None, name="x", description="Not this one.")

    alice.app.registry.registerHandler(refuse, (ResourceChanged,))
    alice.parts.watched.add(ResourceChanged)
    before = alice.storage.tally()
    erase(alice.as_user("carol"), ALICE, status=400)
    assert alice.storage.tally() == before
    assert alice.get(f"/v1{MINE}").json["permissions"] == {"write": [ALICE]}


# Histories


def test_a_history_forgets_them(backends: dict[str, Any], serve: Serve) -> None:
    alice = store(backends, serve, "history")
    bob = alice.as_user("bob")
    fill(alice)
    bob.patch_json(f"/v1{TEAM}/collections/c/records/of-alice", {"data": {"by": "bob"}})
    bob.patch_json(f"/v1{TEAM}/collections/alone", {"data": {"by": "bob"}})
    assert {entry["user_id"] for entry in entries(bob, path=TEAM)} == {ALICE, BOB}
    erase(alice.as_user("carol"), ALICE)
    left = entries(bob, path=TEAM)
    assert ALICE not in {entry["user_id"] for entry in left}
    gone = (f"{TEAM}/collections/c/records/of-alice", f"{TEAM}/collections/alone")
    assert not [entry["uri"] for entry in left if entry["uri"].startswith(gone)]
    assert {entry["uri"] for entry in left} == {
        TEAM,
        f"{TEAM}/groups/g",
        f"{TEAM}/collections/c",
        f"{TEAM}/collections/c/records/of-bob",
        f"{TEAM}/collections/c/records/of-both",
    }
    assert [entry["user_id"] for entry in left if entry["action"] == "update"] == [CAROL]
    bob.get(f"/v1{MINE}/history", status=403)
    assert entries(bob, path="/buckets/other")


def test_who_erases_themselves_is_in_no_history_either(backends: dict[str, Any], serve: Serve) -> None:
    alice = store(backends, serve, "history", **{"user-data_self_service": "true"})
    fill(alice)
    erase(alice, ALICE)
    assert {entry["user_id"] for entry in entries(alice.as_user("bob"), path=TEAM)} == {BOB}


# Who may


def test_only_those_who_are_named_may(alice: Client) -> None:
    assert erase(alice, ALICE, status=403)["errno"] == 121
    assert erase(alice.as_user("bob"), ALICE, status=403)["errno"] == 121
    assert erase(alice.anonymous(), ALICE, status=401)["errno"] == 104
    assert alice.get(f"/v1{MINE}").json["data"]["id"] == "mine"


def test_people_may_do_it_for_themselves_where_a_setting_says_so(backends: dict[str, Any], serve: Serve) -> None:
    alice = store(backends, serve, **{"user-data_self_service": "true", "user-data_delete_principals": ""})
    fill(alice)
    erase(alice, BOB, status=403)
    erase(alice.anonymous(), ALICE, status=401)
    assert erase(alice, ALICE)["data"]["objects"] == 3
    alice.get(f"/v1{MINE}", status=403)


@pytest.mark.parametrize("wrong", ["system.Everyone", "system.Authenticated", "alice", ":x", "x:", "a:%00"])
def test_only_users_can_be_erased(wrong: str) -> None:
    settings = {"permission_backend": "cliquet.permission.memory", "includes": "cliquet.plugins.user_data"}
    carol = make_app({**settings, "user-data_delete_principals": "system.Everyone"})
    assert "A user is named by a policy" in erase(carol, wrong, status=400)["message"]


def test_a_batch_may_erase(alice: Client) -> None:
    requests = [
        {"method": "PUT", "path": "/buckets/new", "body": {"data": {}}},
        {"method": "DELETE", "path": f"/__user_data__/{ALICE}"},
    ]
    found = alice.as_user("carol").post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [one["status"] for one in found] == [201, 200]
    alice.as_user("bob").get(f"/v1{MINE}", status=403)
    assert alice.as_user("carol").get("/v1/buckets/new").json["data"]["id"] == "new"
