"""What happened in a bucket, to be read and to be purged."""

from __future__ import annotations

from typing import Any

import pytest
from kinto_http import KintoException

from tests.compatibility.kinto_http.kinds import Object


def test_every_change_of_an_object_is_an_entry(thing: Object) -> None:
    thing.create(data={"title": "One"}, permissions={"read": ["account:bob"]})
    thing.update(data={"title": "Two"})
    thing.patch(data={"title": "Three"})
    last = thing.patch(data={"colour": "red"})
    entries = entries_of(thing)
    assert [entry["action"] for entry in entries] == ["update", "update", "update", "create"]
    assert [entry["target"]["data"]["title"] for entry in entries] == ["Three", "Three", "Two", "One"]
    assert {entry["user_id"] for entry in entries} == {"account:alice"}
    assert {entry[f"{thing.kind}_id"] for entry in entries} == {thing.id}
    assert entries[0]["target"] == last


@pytest.mark.parametrize("kind", ["collection", "group", "record"])
def test_a_deletion_is_an_entry_with_its_tombstone(alice: Any, kind: str) -> None:
    thing = Object(kind, alice, "one")
    thing.create()
    tombstone = thing.delete()
    newest = entries_of(thing)[0]
    assert (newest["action"], newest["target"]["data"]) == ("delete", tombstone)


def entries_of(thing: Object) -> Any:
    """The entries of an object, newest first."""
    bucket = {"bucket": thing.id} if thing.kind == "bucket" else {}
    return [
        entry
        for entry in thing.client.get_history(**bucket, resource_name=thing.kind)
        if entry.get(f"{thing.kind}_id") == thing.id
    ]


def test_an_entry_has_all_its_attributes(alice: Any, bucket: str) -> None:
    alice.create_record(id="r1", data={"n": 1})
    entry = alice.get_history(_limit=1)[0]
    assert set(entry) == {
        "id",
        "last_modified",
        "date",
        "action",
        "uri",
        "user_id",
        "resource_name",
        "collection_id",
        "record_id",
        "target",
    }
    assert entry["uri"] == f"/buckets/{bucket}/collections/notes/records/r1"


def test_the_operations_of_a_batch_are_entries(alice: Any) -> None:
    with alice.batch() as batch:
        for number in range(5):
            batch.create_record(id=f"r{number}")
        batch.delete_records()
    found = alice.get_history(resource_name="record")
    assert [entry["action"] for entry in found] == ["delete"] * 5 + ["create"] * 5
    assert {entry["record_id"] for entry in found} == {f"r{number}" for number in range(5)}


def test_a_history_is_filtered_sorted_and_cut(alice: Any) -> None:
    for number in range(4):
        alice.create_record(id=f"r{number}", data={"n": number})
    alice.update_record(id="r1", data={"n": 7})
    assert [entry["record_id"] for entry in alice.get_history(action="update")] == ["r1"]
    assert {entry["action"] for entry in alice.get_history(record_id="r1")} == {"create", "update"}
    oldest = alice.get_history(resource_name="record", _sort="last_modified", _limit=2)
    assert [entry["record_id"] for entry in oldest] == ["r0", "r1"]
    nested = alice.get_history(**{"target.data.n": 7})
    assert [entry["record_id"] for entry in nested] == ["r1"]
    assert len(alice.get_history(_limit=2, pages=float("inf"))) == 7


def test_a_history_is_read_from_a_point_in_time(alice: Any) -> None:
    alice.create_record(id="r1")
    middle = alice.get_history(_limit=1)[0]["last_modified"]
    alice.create_record(id="r2")
    assert [entry["record_id"] for entry in alice.get_history(_since=str(middle))] == ["r2"]
    assert [entry["resource_name"] for entry in alice.get_history(_before=f'"{middle}"')] == ["collection", "bucket"]


def test_a_part_of_a_history_is_purged(alice: Any) -> None:
    alice.create_record(id="r1")
    newest = alice.get_history(_limit=1)[0]
    assert alice.purge_history(user_id="account:bob") == []
    assert len(alice.purge_history(_before=f'"{newest["last_modified"]}"', user_id="account:alice")) == 2
    assert alice.get_history() == [newest]


def test_readers_of_a_bucket_read_its_history_and_do_not_purge_it(alice: Any, bob: Any) -> None:
    with pytest.raises(KintoException, match="403"):
        bob.get_history()
    alice.patch_bucket(permissions={"read": ["account:bob"]})
    assert bob.get_history()[0]["action"] == "update"
    with pytest.raises(KintoException, match="403"):
        bob.purge_history()


def test_the_history_of_the_default_bucket_is_read(alice: Any) -> None:
    alice.create_record(bucket="default", collection="diary", id="r1", safe=False)
    assert alice.get_history(bucket="default", resource_name="record")[0]["record_id"] == "r1"
