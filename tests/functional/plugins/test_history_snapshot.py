"""Snapshots: the records of a list as they were at a moment."""

from __future__ import annotations

import random
from typing import Any

import pytest

from cliquet.testing.app import Client
from tests.functional.plugins.history_service import BUCKET, COLLECTION, RECORD, Serve, batch, library, put, store, user

RECORDS = f"{COLLECTION}/records"
FUTURE = 9_000_000_000_000_000


@pytest.fixture
def app(sharing_settings: dict[str, Any], serve: Serve) -> Client:
    """The store, with a bucket and a collection."""
    client = store(sharing_settings, serve)
    put(client, BUCKET)
    put(client, COLLECTION)
    return client


def snapshot(app: Client, at: Any, path: str = "/collections/c", *, root: str = BUCKET, **options: Any) -> Any:
    return app.get(f"/v1{root}/snapshot{path}@{at}", **options)


def records(app: Client, at: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = snapshot(app, at).json["data"]
    return found


def everything(app: Client) -> tuple[int, list[dict[str, Any]]]:
    """The time of the records, and all of them, page by page."""
    found, url, time = [], f"/v1{RECORDS}", 0
    while url:
        page = app.get(url)
        time = int(page.headers["ETag"].strip('"'))
        found += page.json["data"]
        url = page.headers.get("Next-Page", "")
    return time, found


def test_a_record_is_as_it_was(app: Client) -> None:
    first = put(app, RECORD, {"n": 1, "float": 1.0, "text": "é"})["data"]
    second = put(app, RECORD, {"n": 2})["data"]
    gone = app.delete(f"/v1{RECORD}").json["data"]
    third = put(app, RECORD, {"n": 3})["data"]
    assert records(app, first["last_modified"] - 1) == []
    assert records(app, first["last_modified"]) == records(app, second["last_modified"] - 1) == [first]
    assert records(app, second["last_modified"]) == [second]
    assert records(app, gone["last_modified"]) == []
    assert records(app, third["last_modified"]) == records(app, FUTURE) == [third]


def change(app: Client, chance: random.Random) -> None:
    """Some change of the records, or of their collection."""
    path = f"{RECORDS}/{chance.randrange(12)}"
    kind = chance.choice(["put"] * 8 + ["delete"] * 3 + ["batch"] * 2 + ["list", "collection", "import"])
    if kind == "put":
        put(app, path, {"n": chance.random()})
    elif kind == "delete":
        app.delete(f"/v1{path}", status="*")
    elif kind == "batch":
        batch(app, *(("PUT", f"{RECORDS}/{number}", {"n": chance.random()}) for number in chance.sample(range(12), 5)))
    elif kind == "list":
        app.delete(f"/v1{RECORDS}?lt_n=0.3")
    elif kind == "collection":
        app.delete(f"/v1{COLLECTION}")
        put(app, COLLECTION)
    else:
        put(app, f"{RECORDS}/old{chance.randrange(1000)}", {"last_modified": chance.randrange(1000) + 1})


@pytest.mark.parametrize("seed", range(3))
def test_every_moment_is_found_again(sharing_settings: dict[str, Any], serve: Serve, seed: int) -> None:
    app, chance = store(sharing_settings, serve, storage_max_fetch_size="4", paginate_by="3"), random.Random(seed)
    put(app, BUCKET)
    put(app, COLLECTION)
    put(app, f"{BUCKET}/collections/other")
    put(app, f"{BUCKET}/collections/other/records/1")
    moments = {}
    imported: set[str] = set()
    for _ in range(60):
        change(app, chance)
        time, state = everything(app)
        moments[time] = state
        imported |= {one["id"] for one in state if one["last_modified"] < 1001}
    assert len(moments) > 30
    for time, state in moments.items():
        seen = [one for one in records(app, time) if one["id"] not in imported]
        assert seen == [one for one in state if one["id"] not in imported]


def test_what_never_changed_needs_no_entry(app: Client) -> None:
    kept = put(app, f"{RECORDS}/kept", {"n": 1})["data"]
    changed = put(app, f"{RECORDS}/changed", {"n": 1})["data"]
    put(app, f"{RECORDS}/changed", {"n": 2})
    app.delete(f"/v1{BUCKET}/history")
    assert records(app, changed["last_modified"]) == [kept]


@pytest.mark.parametrize("at", ["x", "-1", "", "1.5", "1" * 20, "%20", "1@", "%C3%A9"])
def test_a_time_that_is_none_is_refused(app: Client, at: str) -> None:
    assert snapshot(app, at, status=[400, 404]).json["code"] == (404 if at == "" else 400)


def test_a_time_may_be_an_etag(app: Client) -> None:
    put(app, RECORD)
    etag = app.get(f"/v1{RECORDS}").headers["ETag"]
    assert len(records(app, etag.replace('"', "%22"))) == 1


def test_a_snapshot_has_the_time_of_its_moment(app: Client) -> None:
    time = put(app, RECORD, {"n": 1})["data"]["last_modified"]
    put(app, f"{RECORDS}/other")
    found = snapshot(app, time)
    assert found.headers["ETag"] == f'"{time}"'
    assert found.headers["Cache-Control"] == "no-cache, no-store"
    snapshot(app, time, headers={"If-None-Match": f'"{time}"'}, status=304)
    assert app.head(f"/v1{BUCKET}/snapshot/collections/c@{time}").headers["ETag"] == f'"{time}"'


def test_who_has_the_present_can_follow_from_there(app: Client) -> None:
    put(app, RECORD, {"n": 1})
    etag = snapshot(app, FUTURE).headers["ETag"]
    assert etag == app.get(f"/v1{RECORDS}").headers["ETag"]
    put(app, RECORD, {"n": 2})
    assert [one["n"] for one in app.get(f"/v1{RECORDS}?_since={etag}").json["data"]] == [2]


def test_a_list_that_never_was_is_not_found(app: Client) -> None:
    missing = snapshot(app, 1, "/collections/zz", status=404).json
    assert (missing["errno"], missing["details"]) == (111, {"id": "zz", "resource_name": "collection"})
    snapshot(app, 1, "/collections/-", status=404)
    app.delete(f"/v1{COLLECTION}")
    assert records(app, 1) == records(app, FUTURE) == []


@pytest.mark.parametrize(
    ("path", "permission"), [(BUCKET, "read"), (BUCKET, "write"), (COLLECTION, "read"), (COLLECTION, "write")]
)
def test_who_may_read_the_list_now_may_see_its_past(app: Client, path: str, permission: str) -> None:
    put(app, RECORD)
    bob = app.as_user("bob")
    put(app, f"{BUCKET}/groups/g", {"members": [user(bob)]})
    assert snapshot(bob, 1, status=403).json["errno"] == 121
    app.patch_json(f"/v1{path}", {"permissions": {permission: [f"{BUCKET}/groups/g"]}})
    assert len(records(bob, FUTURE)) == 1


def test_a_reader_of_some_records_does_not_see_the_past_of_all(app: Client) -> None:
    put(app, RECORD, {}, read=["system.Everyone"])
    put(app, COLLECTION, record__create=["system.Everyone"])
    assert snapshot(app.anonymous(), 1, status=401).json["errno"] == 104


@pytest.mark.parametrize("setting", ["bucket_read_principals", "collection_write_principals", "record_read_principals"])
def test_who_may_read_by_a_setting_sees_the_past(sharing_settings: dict[str, Any], serve: Serve, setting: str) -> None:
    app = store(sharing_settings, serve, **{setting: "system.Everyone"})
    put(app, BUCKET)
    put(app, COLLECTION)
    put(app, RECORD)
    assert len(records(app.anonymous(), FUTURE)) == 1


def test_every_list_below_a_root_has_snapshots(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = library(sharing_settings, serve)
    shelf = "/api/shelves/s"
    put(app, shelf)
    book = put(app, f"{shelf}/books/b", {"n": 1})["data"]
    page = put(app, f"{shelf}/books/b/pages/p", {"n": 1})["data"]
    batch(app, ("PUT", f"{shelf}/books/b", {"n": 2}), ("DELETE", f"{shelf}/books/b/pages/p", {}))
    assert snapshot(app, book["last_modified"], "/books", root=shelf).json["data"] == [book]
    for path in ("/books/b", "/books/b/pages"):
        assert snapshot(app, page["last_modified"], path, root=shelf).json["data"] == [page]
        assert snapshot(app, FUTURE, path, root=shelf).json["data"] == []


def test_groups_and_collections_have_a_past_too(app: Client) -> None:
    group = put(app, f"{BUCKET}/groups/g", {"members": []})["data"]
    app.delete(f"/v1{BUCKET}/groups/g")
    assert snapshot(app, group["last_modified"], "/groups").json["data"] == [group]
    assert snapshot(app, FUTURE, "/groups").json["data"] == []
    assert [one["id"] for one in snapshot(app, FUTURE, "/collections").json["data"]] == ["c"]
    snapshot(app, 1, "/groups/g", status=404)
