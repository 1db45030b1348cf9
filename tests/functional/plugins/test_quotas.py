"""Quotas: what is counted, and what is refused."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

import kinto
from cliquet.errors import ConfigurationError
from cliquet.testing.app import Client
from tests.functional.plugins.history_service import BUCKET, COLLECTION, RECORD, Serve, batch, put, user
from tests.functional.plugins.quotas_service import counted, limited, recounted, usage

RECORDS = f"{COLLECTION}/records"


@pytest.fixture
def app(sharing_settings: dict[str, Any], serve: Serve) -> Client:
    """The store without limits, with a bucket and a collection."""
    return begin(limited(sharing_settings, serve))


def begin(app: Client) -> Client:
    put(app, BUCKET)
    put(app, COLLECTION)
    return app


def size(record: Any) -> int:
    """The length of a record's canonical JSON, in bytes."""
    return len(json.dumps(record["data"], sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


def refused(answer: Any) -> str:
    assert answer["code"] == 507
    assert (answer["errno"], answer["error"]) == (121, "Insufficient Storage")
    message: str = answer["message"]
    return message


def write(app: Client, path: str, data: Any = None, *, status: int | None = None) -> Any:
    return app.put_json(f"/v1{path}", {"data": data or {}}, status=status).json


def test_bytes_are_those_of_the_canonical_json(app: Client) -> None:
    before = usage(app)[COLLECTION]["storage_size"]
    made = put(app, RECORD, {"b": 1, "a": "é\n", "c": [1.5, None, {"z": 1, "y": True}]})
    assert usage(app)[COLLECTION]["storage_size"] - before == size(made)


def test_all_that_is_below_a_record_counts_with_it(app: Client) -> None:
    assert usage(app) == recounted(app.storage)
    sizes = [size(put(app, path)) for path in (f"{BUCKET}/groups/g", COLLECTION, RECORD, f"{RECORDS}/x")]
    assert usage(app) == recounted(app.storage)
    assert usage(app)[COLLECTION] == {"record_count": 2, "storage_size": sum(sizes[1:])}
    assert usage(app)[BUCKET] == {
        "collection_count": 1,
        "group_count": 1,
        "record_count": 2,
        "storage_size": sum(sizes) + size(app.get(f"/v1{BUCKET}").json),
    }


def test_what_is_less_is_given_back(app: Client) -> None:
    empty = usage(app)
    put(app, RECORD, {"text": "x" * 100})
    put(app, RECORD, {"text": "x"})
    assert usage(app)[COLLECTION]["storage_size"] < empty[COLLECTION]["storage_size"] + 100
    app.delete(f"/v1{RECORD}")
    assert usage(app) == empty
    for number in range(5):
        put(app, f"{RECORDS}/{number}")
    app.delete(f"/v1{RECORDS}?_limit=3")
    assert usage(app)[BUCKET]["record_count"] == 2
    app.delete(f"/v1{RECORDS}")
    assert usage(app) == empty


def test_a_collection_gives_back_all_that_was_in_it(app: Client) -> None:
    for number in range(5):
        put(app, f"{RECORDS}/{number}")
    app.delete(f"/v1{COLLECTION}")
    assert usage(app) == recounted(app.storage)
    assert list(usage(app)) == [BUCKET]
    put(app, COLLECTION)
    assert usage(app)[COLLECTION]["record_count"] == 0


def test_a_bucket_begins_with_nothing_after_it_was_deleted(app: Client) -> None:
    put(app, RECORD)
    app.delete(f"/v1{BUCKET}")
    app.get(f"/v1{BUCKET}/quota", status=403)
    assert counted(app.storage) == {}
    begin(app)
    assert usage(app) == recounted(app.storage)
    batch(app, ("PUT", RECORD, {}), ("DELETE", BUCKET, {}), ("PUT", BUCKET, {"n": 1}), ("PUT", COLLECTION, {}))
    assert usage(app) == recounted(app.storage)


@pytest.mark.parametrize("seed", range(2))
def test_counts_are_right_after_any_changes(app: Client, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(60):
        parts: list[tuple[str, str, Any]] = []
        for _ in range(chance.choice([1, 1, 5])):
            collection = f"{BUCKET}/collections/{chance.choice('cde')}"
            path = chance.choice([BUCKET, f"{BUCKET}/groups/g", *[collection] * 2, *[f"{collection}/records/r"] * 6])
            path += str(chance.randrange(3)) if path.endswith("r") else ""
            method = chance.choice(["PUT", "PUT", "PATCH", "DELETE"]) if path != BUCKET else "PATCH"
            parts.append((method, path, {"text": "é" * chance.randrange(9)}))
        batch(app, *parts)
        assert counted(app.storage) == recounted(app.storage)


# Limits


def test_there_is_a_most_of_records(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = begin(limited(sharing_settings, serve, bucket_max_items=3, collection_max_items=2))
    put(app, f"{BUCKET}/groups/g")
    write(app, f"{RECORDS}/1", status=201)
    write(app, f"{RECORDS}/2", status=201)
    message = refused(write(app, f"{RECORDS}/3", status=507))
    assert message == "Collection maximum number of objects exceeded (3 > 2 objects)."
    put(app, f"{BUCKET}/collections/d")
    write(app, f"{BUCKET}/collections/d/records/1", status=201)
    message = refused(write(app, f"{BUCKET}/collections/d/records/2", status=507))
    assert message == "Bucket maximum number of objects exceeded (4 > 3 objects)."
    app.delete(f"/v1{RECORDS}/1")
    write(app, f"{BUCKET}/collections/d/records/2", status=201)
    assert counted(app.storage) == recounted(app.storage)


def test_there_is_a_most_of_bytes(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = begin(limited(sharing_settings, serve, bucket_max_bytes=400, collection_max_bytes=200))
    used, inside = usage(app)[BUCKET]["storage_size"], usage(app)[COLLECTION]["storage_size"]
    exactly = 200 - inside - size({"data": {"id": "r", "last_modified": 10**12, "text": ""}})
    message = refused(write(app, RECORD, {"text": "x" * (exactly + 1)}, status=507))
    assert message == "Collection maximum size exceeded (201 > 200 Bytes)."
    write(app, RECORD, {"text": "x" * exactly}, status=201)
    left = 400 - used - 200 + inside
    record = {"data": {"id": "g", "last_modified": 10**12, "members": [], "text": ""}}
    message = refused(write(app, f"{BUCKET}/groups/g", {"text": "x" * (left - size(record) + 1)}, status=507))
    assert message == "Bucket maximum total size exceeded (401 > 400 Bytes). "
    write(app, f"{BUCKET}/groups/g", {"text": "x" * (left - size(record))}, status=201)
    assert usage(app)[BUCKET]["storage_size"] == 400


def test_there_is_a_most_of_bytes_of_each_record(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = begin(limited(sharing_settings, serve, bucket_max_bytes_per_item=90, collection_b_c_max_bytes_per_item=80))
    empty = size({"data": {"id": "r", "last_modified": 10**12, "text": ""}})
    message = refused(write(app, RECORD, {"text": "x" * (81 - empty)}, status=507))
    assert message == "Maximum bytes per object exceeded (81 > 80 Bytes)."
    write(app, RECORD, {"text": "x" * (80 - empty)}, status=201)
    app.patch_json(f"/v1{RECORD}", {"data": {"text": "x" * 100}}, status=507)
    put(app, f"{BUCKET}/collections/d")
    write(app, f"{BUCKET}/collections/d/records/r", {"text": "x" * (90 - empty)}, status=201)
    write(app, f"{BUCKET}/collections/d/records/r", {"text": "x" * (91 - empty)}, status=507)
    write(app, f"{BUCKET}/collections/d", {"text": "x" * 100}, status=507)
    put(app, BUCKET, {"text": "x" * 100})


def test_the_most_specific_limit_counts(sharing_settings: dict[str, Any], serve: Serve) -> None:
    limits = {"collection_max_items": 0, "collection_b_max_items": 1, "collection_b_c_max_items": 2}
    app = begin(limited(sharing_settings, serve, **limits))
    put(app, "/buckets/b2")
    for bucket, collection, most in ((BUCKET, "c", 2), (BUCKET, "d", 1), ("/buckets/b2", "c", 0)):
        put(app, f"{bucket}/collections/{collection}")
        for number in range(most):
            write(app, f"{bucket}/collections/{collection}/records/{number}", status=201)
        write(app, f"{bucket}/collections/{collection}/records/more", status=507)


def test_a_write_that_is_refused_leaves_nothing(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = begin(limited(sharing_settings, serve, bucket_max_items=1))
    put(app, RECORD)
    before, etag = usage(app), app.get(f"/v1{RECORDS}").headers["ETag"]
    for _ in range(2):
        refused(write(app, f"{RECORDS}/2", status=507))
        refused(app.post_json(f"/v1{RECORDS}", {"data": {}}, status=507).json)
    assert usage(app) == before == recounted(app.storage)
    assert app.get(f"/v1{RECORDS}").headers["ETag"] == etag
    app.get(f"/v1{RECORDS}/2", status=404)


def test_a_batch_is_counted_as_a_whole_and_undone_as_a_whole(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = begin(limited(sharing_settings, serve, bucket_max_items=2))
    put(app, RECORD)
    parts: list[tuple[str, str, Any]] = [("PUT", f"{RECORDS}/{number}", {}) for number in range(2)]
    refused(batch(app, *parts, status=507))
    assert [one["id"] for one in app.get(f"/v1{RECORDS}").json["data"]] == ["r"]
    found = batch(app, *parts, ("DELETE", RECORD, {}))
    assert [one["status"] for one in found["responses"]] == [201, 201, 200]
    assert usage(app) == recounted(app.storage)


def test_readers_of_a_bucket_see_how_much_is_in_it(app: Client) -> None:
    bob = app.as_user("bob")
    bob.get(f"/v1{BUCKET}/quota", status=403)
    app.patch_json(f"/v1{COLLECTION}", {"permissions": {"read": [user(bob)]}})
    bob.get(f"/v1{BUCKET}/quota", status=403)
    app.patch_json(f"/v1{BUCKET}", {"permissions": {"read": [user(bob)]}})
    assert usage(bob) == usage(app)
    assert usage(bob)[BUCKET]["collection_count"] == 1
    assert [row["resource_name"] for row in app.get(f"/v1{BUCKET}/quota?uri={COLLECTION}").json["data"]] == [
        "collection"
    ]
    for method in ("POST", "DELETE"):
        app.request(f"/v1{BUCKET}/quota", method=method, status=405)


def test_the_capability_is_announced(app: Client) -> None:
    assert sorted(app.get("/v1/").json["capabilities"]["quotas"]) == ["description", "url"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("bucket_max_byte", "Unknown setting 'quotas.bucket_max_byte'"),
        ("record_max_bytes", "quotas are those of bucket, collection"),
    ],
)
def test_a_limit_that_makes_no_sense_stops_the_start(
    sharing_settings: dict[str, Any], serve: Serve, name: str, expected: str
) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        limited(sharing_settings, serve, **{name: 1})
    with pytest.raises(ConfigurationError, match="at least 0"):
        limited(sharing_settings, serve, bucket_max_bytes=-1)


def test_limits_may_come_from_the_environment(
    sharing_settings: dict[str, Any], serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLIQUET_QUOTAS_BUCKET_MAX_ITEMS", "0")
    monkeypatch.setenv("KINTO_QUOTAS_BUCKET_B_MAX_ITEMS", "1")
    app = begin(limited(sharing_settings, serve))
    write(app, RECORD, status=201)
    write(app, f"{RECORDS}/more", status=507)


def test_a_default_bucket_is_counted_from_its_creation_on(sharing_settings: dict[str, Any], serve: Serve) -> None:
    plugins = {"includes": "cliquet.plugins.quotas kinto.default_bucket", "project_name": "kinto"}
    plugins |= {"default_bucket_hmac_secret": "not so secret"}
    app = serve(kinto.main(None, **{**sharing_settings, **plugins, "quotas.collection_max_items": "1"}))
    mine = f"/buckets/{app.get('/v1/').json['user']['bucket']}"
    path = "/buckets/default/collections/diary/records"
    write(app, f"{path}/1", status=201)
    write(app, f"{path}/2", status=507)
    assert usage(app, mine) == recounted(app.storage, mine)
    assert usage(app, mine)[f"{mine}/collections/diary"]["record_count"] == 1
