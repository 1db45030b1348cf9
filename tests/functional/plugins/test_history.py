"""The history: which changes have an entry, and what is in it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pyramid.config import Configurator

import kinto
from cliquet.errors import raise_invalid
from cliquet.testing.app import Client
from cliquet.web.events import ResourceChanged, note
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


@pytest.fixture
def app(sharing_settings: dict[str, Any], serve: Serve) -> Client:
    """The store, with a bucket and a collection."""
    client = store(sharing_settings, serve)
    put(client, BUCKET)
    put(client, COLLECTION)
    return client


def said(app: Client, query: str = "") -> list[tuple[str, str]]:
    """Action and path of each entry but those about bucket and collection."""
    return [(one["action"], one["uri"].removeprefix(BUCKET)) for one in entries(app, query)[2:]]


def test_an_entry_says_what_happened_to_what_when_and_by_whom(app: Client) -> None:
    made = put(app, RECORD, {"n": 1}, read=["system.Everyone"])
    entry = entries(app)[-1]
    assert {name: entry.pop(name) for name in ("id", "last_modified", "date")}["last_modified"] > 0
    assert entry == {
        "action": "create",
        "uri": RECORD,
        "user_id": user(app),
        "resource_name": "record",
        "collection_id": "c",
        "record_id": "r",
        "target": made,
    }


def test_the_date_is_the_time_of_the_entry_and_the_target_has_its_own(app: Client) -> None:
    made = put(app, RECORD)
    entry = entries(app)[-1]
    assert entry["date"].endswith(f".{entry['last_modified'] % 1000:03}+00:00")
    assert entry["target"]["data"]["last_modified"] == made["data"]["last_modified"]
    assert app.get(f"/v1{BUCKET}/history").headers["ETag"] == f'"{entry["last_modified"]}"'


@pytest.mark.parametrize(
    ("path", "names"),
    [
        (BUCKET, {"bucket_id": "b"}),
        (f"{BUCKET}/groups/g", {"group_id": "g"}),
        (COLLECTION, {"collection_id": "c"}),
        (RECORD, {"collection_id": "c", "record_id": "r"}),
    ],
)
def test_an_entry_names_the_record_and_those_above_it_below_the_root(
    app: Client, path: str, names: dict[str, str]
) -> None:
    put(app, path)
    entry = entries(app)[-1]
    assert {name: value for name, value in entry.items() if name.endswith("_id")} == {"user_id": user(app), **names}


def test_every_change_has_one_entry(app: Client) -> None:
    group, path = f"{BUCKET}/groups/g", "/collections/c/records/r"
    put(app, RECORD)
    put(app, RECORD, {"n": 2})
    app.patch_json(f"/v1{RECORD}", {"data": {"m": 1}})
    app.patch_json(f"/v1{RECORD}", {"permissions": {"read": ["system.Everyone"]}})
    app.put_json(f"/v1{BUCKET}", {"permissions": {"read": ["basicauth:x"]}})
    put(app, group, {"members": ["basicauth:x"]})
    app.delete(f"/v1{group}")
    app.delete(f"/v1{RECORD}")
    made = app.post_json(f"/v1{COLLECTION}/records", {}).json["data"]["id"]
    assert said(app) == [
        ("create", path),
        *[("update", path)] * 3,
        ("update", ""),
        ("create", "/groups/g"),
        ("delete", "/groups/g"),
        ("delete", path),
        ("create", f"/collections/c/records/{made}"),
    ]


def test_the_target_is_the_record_afterwards_with_its_permissions(app: Client) -> None:
    put(app, RECORD, {"n": 1, "text": "é"}, read=["system.Everyone"])
    patched = app.patch_json(f"/v1{RECORD}", {"permissions": {"read": []}}).json
    tombstone = app.delete(f"/v1{RECORD}").json["data"]
    first, second, third = (one["target"] for one in entries(app)[2:])
    assert (first["data"]["text"], first["permissions"]["read"]) == ("é", ["system.Everyone"])
    assert second == patched
    assert third == {"data": tombstone, "permissions": {}}


def test_what_changes_nothing_has_no_entry(app: Client) -> None:
    put(app, RECORD, {"n": 1})
    app.patch_json(f"/v1{RECORD}", {"data": {"n": 1}})
    app.post_json(f"/v1{COLLECTION}/records", {"data": {"id": "r", "n": 2}}, status=200)
    app.get(f"/v1{RECORD}")
    app.put_json(f"/v1{RECORD}", {"data": {}}, headers={"If-Match": '"1"'}, status=412)
    app.put_json(f"/v1{RECORD}", {"data": 1}, status=400)
    app.delete(f"/v1{COLLECTION}/records/nothing", status=404)
    assert len(said(app)) == 1


def test_each_change_of_a_batch_has_an_entry_and_none_that_was_undone(app: Client) -> None:
    parts = [("PUT", f"{COLLECTION}/records/{number}", {"n": number}) for number in range(3)]
    batch(app, *parts, ("PUT", RECORD, 7), ("PATCH", f"{COLLECTION}/records/1", {"n": 9}))
    assert said(app) == [
        *[("create", f"/collections/c/records/{number}") for number in range(3)],
        ("update", "/collections/c/records/1"),
    ]
    times = [one["last_modified"] for one in entries(app)]
    assert times == sorted(set(times))


def test_each_record_of_a_list_that_was_deleted_has_an_entry(app: Client) -> None:
    for number in range(3):
        put(app, f"{COLLECTION}/records/{number}", {"n": number})
    app.delete(f"/v1{COLLECTION}/records?min_n=1")
    assert sorted(one["record_id"] for one in entries(app, "action=delete")) == ["1", "2"]


def test_what_goes_with_a_collection_has_an_entry(app: Client) -> None:
    last = put(app, RECORD)["data"]["last_modified"]
    tombstone = app.delete(f"/v1{COLLECTION}").json["data"]
    assert said(app)[1:] == [("delete", "/collections/c"), ("delete", "/collections/c/records/r")]
    collection, record = (one["target"]["data"] for one in entries(app)[-2:])
    assert collection == tombstone
    assert (record["id"], record["deleted"]) == ("r", True)
    assert record["last_modified"] > last


def test_a_history_ends_with_its_bucket(app: Client) -> None:
    put(app, RECORD)
    app.delete(f"/v1{BUCKET}")
    app.get(f"/v1{BUCKET}/history", status=403)
    put(app, BUCKET)
    assert [(one["action"], one["uri"]) for one in entries(app)] == [("create", BUCKET)]


def test_a_bucket_that_is_deleted_and_made_again_in_a_batch_has_a_new_history(app: Client) -> None:
    put(app, RECORD)
    batch(app, ("PUT", RECORD, {"n": 1}), ("DELETE", BUCKET, {}), ("PUT", BUCKET, {}), ("PUT", COLLECTION, {}))
    assert [one["uri"] for one in entries(app)] == [BUCKET, COLLECTION]
    batch(app, ("PUT", RECORD, {}), ("DELETE", BUCKET, {}))
    put(app, BUCKET)
    assert [one["uri"] for one in entries(app)] == [BUCKET]


def test_each_bucket_has_its_own_history(app: Client) -> None:
    batch(app, ("PUT", "/buckets/b2", {}), ("PUT", "/buckets/b2/groups/g", {}), ("PUT", f"{BUCKET}/groups/g", {}))
    assert [one["uri"] for one in entries(app, path="/buckets/b2")] == ["/buckets/b2", "/buckets/b2/groups/g"]
    assert len(entries(app)) == 3


def test_who_is_nobody_in_particular_is_everybody(app: Client) -> None:
    put(app, COLLECTION, record__create=["system.Everyone"])
    app.anonymous().put_json(f"/v1{RECORD}", {})
    assert entries(app)[-1]["user_id"] == "system.Everyone"


def test_a_change_that_is_refused_at_the_end_has_no_entry(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = store(sharing_settings, serve, includes="cliquet.plugins.history tests.functional.plugins.test_history")
    put(app, BUCKET)
    put(app, COLLECTION)
    app.put_json(f"/v1{RECORD}", {"data": {"n": "refused"}}, status=400)
    put(app, f"{COLLECTION}/records/more", {"n": "more"})
    assert said(app) == [("create", "/collections/c/records/more"), ("create", "/collections/c/records/and")]


def includeme(config: Configurator) -> None:
    """A plugin that refuses some changes, and makes others because of them."""
    config.add_subscriber(_watch, ResourceChanged, for_actions=("create",), for_resources=("record",))


def _watch(event: Any) -> None:
    (change,) = event.changes
    if change.new.data.get("n") == "refused":
        raise_invalid(name="n", description="refused")
    if change.new.data.get("n") == "more":
        records = event.request.registry["cliquet"].contexts["record"].model(COLLECTION, transaction=event.transaction)
        new = records.create({"id": "and"})
        uri = f"{COLLECTION}/records/and"
        note(event.request, event.transaction, [type(change)("create", records.scope, uri, new)])


def test_without_the_plugin_there_is_no_history(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = serve(kinto.main(None, **{**sharing_settings, "project_name": "kinto"}))
    put(app, BUCKET)
    app.get(f"/v1{BUCKET}/history", status=404)
    assert "history" not in app.get("/v1/").json["capabilities"]


def test_a_default_bucket_has_entries_from_its_creation_on(sharing_settings: dict[str, Any], serve: Serve) -> None:
    includes = "cliquet.plugins.history kinto.default_bucket"
    app = store(sharing_settings, serve, includes=includes, default_bucket_hmac_secret="not so secret")
    mine = f"/buckets/{app.get('/v1/').json['user']['bucket']}"
    app.get("/v1/buckets/default/collections/diary/records")
    app.put_json("/v1/buckets/default/collections/diary/records/r", {"data": {"n": 1}})
    found = entries(app, path="/buckets/default")
    assert found == entries(app, path=mine)
    assert [(one["action"], one["uri"]) for one in found] == [
        ("create", mine),
        ("create", f"{mine}/collections/diary"),
        ("create", f"{mine}/collections/diary/records/r"),
    ]
    at = found[-1]["target"]["data"]["last_modified"]
    assert app.get(f"/v1/buckets/default/snapshot/collections/diary@{at}").json["data"] == [found[-1]["target"]["data"]]


def test_the_deepest_record_has_an_entry_that_can_be_read_in_a_batch_too(app: Client) -> None:
    put(app, BUCKET)
    put(app, COLLECTION)
    deep: Any = "bottom"
    for _ in range(125):
        deep = [deep]
    put(app, RECORD, {"deep": deep})
    (entry,) = app.get(f"/v1{BUCKET}/history?uri={RECORD}&target.data.deep={json.dumps(deep)}").json["data"]
    assert entry["target"]["data"]["deep"] == deep
    answers = app.post_json("/v1/batch", {"requests": [{"path": f"{BUCKET}/history"}]}).json["responses"]
    assert answers[0]["status"] == 200
