"""The list of a history: filters, pages, totals, purges, and who sees what of it."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.testing.app import Client
from cliquet.web.components import components
from cliquet.web.events import ResourceRead
from tests.functional.plugins.history_service import (
    BUCKET,
    COLLECTION,
    RECORD,
    Serve,
    batch,
    entries,
    put,
    store,
    user,
)

HISTORY = f"/v1{BUCKET}/history"
FIELDS = {"id", "last_modified", "date", "action", "uri", "user_id", "resource_name", "target"}


@pytest.fixture
def app(sharing_settings: dict[str, Any], serve: Serve) -> Client:
    """The store, with a bucket, a collection and records ``1`` to ``4``."""
    client = store(sharing_settings, serve)
    put(client, BUCKET)
    put(client, COLLECTION)
    for number in range(1, 5):
        put(client, f"{COLLECTION}/records/{number}", {"n": number, "text": f"Number {number}"})
    return client


def found(app: Client, query: str) -> list[str]:
    """The records that the entries are about, oldest entry first."""
    return [one["uri"].rpartition("/")[2] for one in entries(app, query)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("record_id=1", ["1"]),
        ("in_record_id=1,3", ["1", "3"]),
        ("exclude_record_id=1,3&resource_name=record", ["2", "4"]),
        ("collection_id=c", ["c", "1", "2", "3", "4"]),
        ("bucket_id=b", ["b"]),
        ("bucket_id=7", []),
        ("resource_name=record&action=update", []),
        ("target.data.n=3", ["3"]),
        ("min_target.data.n=3", ["b", "c", "3", "4"]),
        ("like_target.data.text=*ber 2", ["2"]),
        ("has_target.data.n=false", ["b", "c"]),
        ("gt_target.data.last_modified=99999999999999", []),
        ("gt_target.data.last_modified=1&resource_name=collection", ["c"]),
        (f"uri={RECORD}", []),
        ("like_user_id=basicauth:*&record_id=2", ["2"]),
        ("exclude_user_id=plugin:a&record_id=2", ["2"]),
        ("like_date=20*&record_id=2", ["2"]),
        ("contains_target.permissions.write=nobody", []),
    ],
)
def test_entries_are_filtered_by_their_fields(app: Client, query: str, expected: list[str]) -> None:
    assert found(app, query) == expected
    totals = app.head(f"{HISTORY}?{query}").headers
    assert (totals["Total-Objects"], totals["Total-Records"]) == (str(len(expected)),) * 2


def test_the_newest_entry_comes_first_and_pages_show_each_once(app: Client) -> None:
    seen, url = [], f"{HISTORY}?_limit=4"
    while url:
        page = app.get(url)
        seen += [one["uri"].rpartition("/")[2] for one in page.json["data"]]
        url = page.headers.get("Next-Page", "")
    assert seen == ["4", "3", "2", "1", "c", "b"]
    assert found(app, "_sort=-target.data.n&resource_name=record") == ["4", "3", "2", "1"]


def test_a_history_is_followed_by_its_time(app: Client) -> None:
    etag = app.get(HISTORY).headers["ETag"]
    app.get(HISTORY, headers={"If-None-Match": etag}, status=304)
    put(app, RECORD)
    assert found(app, f"_since={etag}") == ["r"]


def test_numbers_are_not_what_ids_are(app: Client) -> None:
    put(app, f"{BUCKET}/collections/42")
    assert found(app, "collection_id=42") == found(app, 'collection_id="42"') == ["42"]


@pytest.mark.parametrize("query", ["nope=1", "readers=x", "contains_readers=x", "_sort=readers", "_fields=readers"])
def test_other_fields_are_unknown(app: Client, query: str) -> None:
    assert app.get(f"{HISTORY}?{query}", status=400).json["errno"] == 107


def test_only_the_fields_asked_for_are_shown(app: Client) -> None:
    (entry,) = app.get(f"{HISTORY}?record_id=1&_fields=action,target.data.n").json["data"]
    assert entry == {
        "id": entry["id"],
        "last_modified": entry["last_modified"],
        "action": "create",
        "target": {"data": {"n": 1}},
    }


def test_nobody_is_shown_who_could_read_a_record(app: Client) -> None:
    heard: list[Any] = []
    registry = app.app.registry
    registry.registerHandler(heard.append, (ResourceRead,))
    components(registry).watched = {ResourceRead}
    assert {frozenset(one) - {"bucket_id", "collection_id", "record_id"} for one in entries(app)} == {frozenset(FIELDS)}
    assert all("readers" not in one for event in heard for one in event.read_records)
    assert len(heard[-1].read_records) == 6


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH"])
def test_entries_are_written_by_the_server_only(app: Client, method: str) -> None:
    app.request(HISTORY, method=method, body=b"{}", headers={"Content-Type": "application/json"}, status=405)
    one = app.get(HISTORY).json["data"][0]["id"]
    app.request(f"{HISTORY}/{one}", method="GET", status=404)


def test_who_writes_a_bucket_purges_its_history(app: Client) -> None:
    gone = app.delete(f"{HISTORY}?in_record_id=1,2").json["data"]
    assert [one["deleted"] for one in gone] == [True, True]
    assert found(app, "") == ["b", "c", "3", "4"]
    assert len(app.get(f"{HISTORY}?_since=0").json["data"]) == 6
    bob = app.as_user("bob")
    app.patch_json(f"/v1{BUCKET}", {"permissions": {"read": [user(bob)]}})
    assert bob.delete(HISTORY, status=403).json["errno"] == 121
    bob.get(HISTORY)


def test_a_purge_is_no_change_that_has_entries(app: Client) -> None:
    app.delete(HISTORY)
    assert entries(app) == []
    answered = batch(app, ("DELETE", f"{BUCKET}/history", {}), ("PUT", RECORD, {}))
    assert [one["status"] for one in answered["responses"]] == [200, 201]
    assert found(app, "") == ["r"]


# Who sees what


def test_others_see_the_entries_of_what_they_could_read_then(app: Client) -> None:
    bob = app.as_user("bob")
    put(app, f"{COLLECTION}/records/1", {"n": 1}, read=[user(bob)])
    put(app, f"{COLLECTION}/records/2", {"n": 2}, write=[user(bob)])
    assert [one["record_id"] for one in entries(bob)] == ["1", "2"]
    assert bob.head(HISTORY).headers["Total-Objects"] == "2"
    put(app, f"{COLLECTION}/records/1", {"n": "secret"}, read=["basicauth:eve"])
    assert [one["target"]["data"]["n"] for one in entries(bob)] == [1, 2]
    assert found(bob, "record_id=3") == found(bob, "target.data.n=secret") == []


def test_readers_of_a_collection_see_what_happens_in_it_from_then_on(app: Client) -> None:
    bob = app.as_user("bob")
    put(app, f"{BUCKET}/groups/g", {"members": [user(bob)]})
    app.patch_json(f"/v1{COLLECTION}", {"permissions": {"read": [f"{BUCKET}/groups/g"]}})
    put(app, RECORD)
    put(app, f"{BUCKET}/collections/other")
    app.delete(f"/v1{RECORD}")
    assert [(one["action"], one["uri"]) for one in entries(bob)] == [
        ("update", COLLECTION),
        ("create", RECORD),
        ("delete", RECORD),
    ]
    put(app, f"{BUCKET}/groups/g", {"members": []})
    bob.get(HISTORY, status=403)


def test_a_history_of_which_one_sees_nothing_is_refused(app: Client) -> None:
    assert app.as_user("bob").get(HISTORY, status=403).json["errno"] == 121
    assert app.anonymous().get(HISTORY, status=401).json["errno"] == 104
    app.as_user("bob").head(HISTORY, status=403)
    put(app, f"{COLLECTION}/records/1", {}, read=["system.Everyone"])
    assert found(app.anonymous(), "") == ["1"]


def test_readers_of_the_bucket_see_all_of_it(app: Client) -> None:
    bob = app.as_user("bob")
    app.patch_json(f"/v1{BUCKET}", {"permissions": {"read": [user(bob)]}})
    assert len(entries(bob)) == 7


@pytest.mark.parametrize("setting", ["bucket_read_principals", "history_read_principals", "bucket_write_principals"])
def test_who_reads_by_a_setting_sees_all_of_it(sharing_settings: dict[str, Any], serve: Serve, setting: str) -> None:
    app = store(sharing_settings, serve, **{setting: "system.Everyone"})
    put(app, BUCKET)
    assert len(entries(app.anonymous())) == 1
    missing = app.anonymous().get("/v1/buckets/zz/history", status=404).json
    assert (missing["errno"], missing["details"]) == (111, {"id": "zz", "resource_name": "bucket"})


def test_without_explicit_permissions_only_readers_of_the_bucket_see_entries(
    sharing_settings: dict[str, Any], serve: Serve
) -> None:
    app = store(sharing_settings, serve, explicit_permissions="false")
    bob = app.as_user("bob")
    put(app, BUCKET)
    put(app, COLLECTION, read=[user(bob)])
    bob.get(HISTORY, status=403)
    assert found(app, "") == ["b", "c"]
