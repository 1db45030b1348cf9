"""Cases of docs/protocol/history: who changed what."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.grove import label, needs
from cliquet.conformance.person import Person, Record
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.sections import section

MEMBERS = {"id", "last_modified", "date", "action", "user_id", "uri", "resource_name", "target"}
FORBIDDEN = [("POST", 405), ("PUT", 405), ("PATCH", 405)]


@pytest.fixture(autouse=True)
def _offered(hello: dict[str, Any]) -> None:
    needs(hello, "history")


def path(bucket: Place) -> str:
    """Where the entries of a bucket are."""
    return f"{bucket}/history"


def entries(person: Person, bucket: Place, **query: str) -> list[Record]:
    """The entries, oldest first."""
    return list(reversed(person.get(path(bucket), query).expect(200).data))


def told(found: list[Record]) -> list[tuple[str, str]]:
    """What happened to what."""
    return [(entry["action"], entry["uri"]) for entry in found]


@section("history#entries")
def test_every_change_has_an_entry(owner: Person, bucket: Place, group: Place, collection: Place) -> None:
    record = owner.create(collection.child("record", fresh()), {"a": 1})
    owner.patch(record, {"a": 2}).expect(200)
    owner.put(record, {"a": 3}).expect(200)
    owner.delete(record).expect(200)
    made = [("create", str(place)) for place in (bucket, group, collection, record)]
    assert told(entries(owner, bucket)) == [
        *made,
        ("update", str(record)),
        ("update", str(record)),
        ("delete", str(record)),
    ]


@section("history#entries")
def test_an_entry_says_what_happened(owner: Person, guest: Person, bucket: Place, collection: Place) -> None:
    place = owner.create(collection.child("record", fresh()), {"a": 1}, {"read": [guest.id]})
    entry = entries(owner, bucket)[-1]
    assert set(entry) == MEMBERS | {"collection_id", "record_id"}, sorted(entry)
    assert (entry["user_id"], entry["resource_name"]) == (owner.id, "record")
    assert (entry["collection_id"], entry["record_id"]) == (collection.id, place.id)
    assert entry["target"]["data"] == owner.data(place)
    shown = {name: set(principals) for name, principals in entry["target"]["permissions"].items()}
    assert shown == {"read": {guest.id}, "write": {owner.id}}
    moment = datetime.fromisoformat(entry["date"]).timestamp() * 1000
    assert abs(moment - entry["last_modified"]) < 2000, f"{entry['date']} is not {entry['last_modified']}"


@section("history#entries")
def test_an_entry_names_what_it_is_about(owner: Person, bucket: Place, group: Place, collection: Place) -> None:
    found = entries(owner, bucket)
    for entry, place in zip(found, (bucket, group, collection), strict=True):
        assert set(entry) == MEMBERS | {f"{place.kind}_id"}, f"of a {place.kind}: {sorted(entry)}"
        assert (entry[f"{place.kind}_id"], entry["resource_name"]) == (place.id, place.kind)


@section("history#entries")
def test_a_deletion_shows_the_tombstone(owner: Person, bucket: Place, record: Place) -> None:
    tombstone = owner.delete(record).expect(200).data
    assert entries(owner, bucket)[-1]["target"] == {"data": tombstone, "permissions": {}}


@section("history#entries")
def test_a_change_of_the_access_list_has_an_entry(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(record, "read", guest.id)
    entry = entries(owner, bucket)[-1]
    assert (entry["action"], entry["uri"]) == ("update", str(record))
    assert entry["target"]["permissions"]["read"] == [guest.id]


@section("history#entries")
def test_what_does_not_happen_has_no_entry(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    before = entries(owner, bucket)
    owner.patch(record, {"title": "First"}).expect(200)
    owner.patch(record, {"a": 1}, If_Match='"1"').refused(412, 114)
    owner.put(record, {}, headers={"If-None-Match": "*"}).refused(412, 114)
    owner.post(record.siblings, {"id": record.id}).expect(200)
    guest.patch(record, {"a": 1}).refused(403, 121)
    undone = {"method": "PATCH", "path": str(record), "body": {"data": {"a": 1}}}
    owner.batch(undone, {"path": str(record.sibling(fresh()))}, atomic=True).refused(409, 122)
    assert entries(owner, bucket) == before


@section("history#entries")
def test_each_change_of_a_batch_has_an_entry(owner: Person, bucket: Place, collection: Place) -> None:
    places = [collection.child("record", f"r{n}") for n in range(5)]
    owner.batch(*({"method": "PUT", "path": str(place)} for place in places)).expect(200)
    owner.batch({"method": "PATCH", "path": str(places[0]), "body": {"data": {"a": 1}}}).expect(200)
    expected = [("create", str(place)) for place in places] + [("update", str(places[0]))]
    assert told(entries(owner, bucket, resource_name="record")) == expected
    owner.delete(places[0].siblings).expect(200)
    deleted = told(entries(owner, bucket, action="delete"))
    assert sorted(deleted) == sorted(("delete", str(place)) for place in places)


@section("history#entries")
def test_records_that_go_with_their_collection_have_an_entry(
    owner: Person, bucket: Place, collection: Place, record: Place
) -> None:
    owner.delete(collection).expect(200)
    assert set(told(entries(owner, bucket, action="delete"))) == {("delete", str(collection)), ("delete", str(record))}


@section("history#entries")
def test_the_history_ends_with_the_bucket(owner: Person, bucket: Place, group: Place) -> None:
    owner.delete(bucket).expect(200)
    owner.get(path(bucket)).refused(403, 121)
    owner.create(bucket)
    assert told(entries(owner, bucket)) == [("create", str(bucket))]


@section("history#entries")
def test_others_are_named(owner: Person, guest: Person, nobody: Person, bucket: Place, collection: Place) -> None:
    owner.share(collection, "write", owner.id, "system.Everyone")
    for person in (guest, nobody):
        person.create(collection.child("record", fresh()))
    users = [entry["user_id"] for entry in entries(owner, bucket, resource_name="record")]
    assert users == [guest.id, "system.Everyone"]


@section("history#list")
def test_the_newest_entry_comes_first(owner: Person, bucket: Place, record: Place) -> None:
    answer = owner.get(path(bucket)).expect(200)
    stamps = [entry["last_modified"] for entry in answer.data]
    assert stamps == sorted(set(stamps), reverse=True)
    assert answer.timestamp == stamps[0]


@section("history#list")
def test_entries_are_filtered(owner: Person, bucket: Place, group: Place, collection: Place, record: Place) -> None:
    newest = owner.patch(record, {"title": "Second"}).expect(200).timestamp
    uri = str(record)
    assert told(entries(owner, bucket, resource_name="group")) == [("create", str(group))]
    assert len(entries(owner, bucket, record_id=record.id, collection_id=collection.id)) == 2
    assert told(entries(owner, bucket, uri=uri, action="update")) == [("update", uri)]
    assert len(entries(owner, bucket, exclude_resource_name="record,group")) == 2
    assert told(entries(owner, bucket, **{"target.data.title": "Second"})) == [("update", uri)]
    assert told(entries(owner, bucket, **{"gt_target.data.last_modified": str(newest - 1)})) == [("update", uri)]
    assert len(entries(owner, bucket, like_user_id=owner.id.partition(":")[0] + ":*")) == 5
    assert entries(owner, bucket, exclude_user_id=owner.id) == []
    assert [entry["action"] for entry in entries(owner, bucket, _fields="action", uri=uri)] == ["create", "update"]


@section("history#list")
def test_ids_that_look_like_numbers_are_found(owner: Person, bucket: Place) -> None:
    collection = owner.create(bucket.child("collection", "12"))
    owner.create(collection.child("record", "34"))
    assert len(entries(owner, bucket, record_id="34")) == 1
    assert len(entries(owner, bucket, collection_id="12")) == 2


@section("history#list")
def test_entries_are_counted_and_paged(owner: Person, bucket: Place, group: Place, record: Place) -> None:
    assert owner.total(path(bucket)) == 4
    assert owner.total(path(bucket), {"resource_name": "group"}) == 1
    pages = owner.walk(path(bucket), {"_limit": "3", "_sort": "last_modified"})
    assert [len(page) for page in pages] == [3, 1]
    assert told([entry for page in pages for entry in page]) == told(entries(owner, bucket))


@section("history#list")
def test_newer_entries_are_asked_for(owner: Person, bucket: Place, record: Place) -> None:
    before = owner.get(path(bucket)).expect(200).timestamp
    owner.patch(record, {"a": 1}).expect(200)
    assert told(entries(owner, bucket, _since=f'"{before}"')) == [("update", str(record))]
    owner.get(path(bucket), headers={"If-None-Match": f'"{before}"'}).expect(200)
    now = owner.get(path(bucket)).expect(200).timestamp
    owner.get(path(bucket), headers={"If-None-Match": f'"{now}"'}).expect(304)


@section("history#list")
@pytest.mark.parametrize("query", [{"foo": "1"}, {"_sort": "foo"}, {"_fields": "foo"}, {"_since": "abc"}], ids=label)
def test_what_entries_do_not_have_is_invalid(owner: Person, bucket: Place, query: dict[str, str]) -> None:
    owner.get(path(bucket), query).refused(400, 107)


@section("history#list")
def test_readers_of_the_bucket_see_everything(
    owner: Person, guest: Person, nobody: Person, bucket: Place, record: Place
) -> None:
    guest.get(path(bucket)).refused(403, 121)
    nobody.get(path(bucket)).refused(401, 104)
    owner.share(bucket, "read", guest.id)
    assert entries(guest, bucket) == entries(owner, bucket)


@section("history#list")
def test_readers_of_a_record_see_what_they_could_read_then(
    owner: Person, guest: Person, bucket: Place, group: Place, record: Place
) -> None:
    owner.patch(record, {"secret": 1}).expect(200)
    owner.share(record, "read", guest.id)
    owner.patch(record, {"secret": None}).expect(200)
    owner.patch(group, {"name": "x"}).expect(200)
    found = entries(guest, bucket)
    assert told(found) == [("update", str(record))] * 2
    assert guest.total(path(bucket)) == 2


@section("history#list")
def test_readers_of_a_collection_see_its_records(
    owner: Person, guest: Person, bucket: Place, collection: Place
) -> None:
    owner.share(collection, "read", guest.id)
    record = owner.create(collection.child("record", fresh()))
    owner.create(bucket.child("group", fresh()))
    assert told(entries(guest, bucket)) == [("update", str(collection)), ("create", str(record))]


@section("history#list")
def test_entries_are_deleted_by_who_may_write_the_bucket(
    owner: Person, guest: Person, bucket: Place, record: Place
) -> None:
    owner.share(bucket, "read", guest.id)
    before = owner.get(path(bucket)).expect(200).timestamp
    guest.delete(path(bucket)).refused(403, 121)
    answer = owner.delete(path(bucket), {"resource_name": "record"}).expect(200)
    assert [set(entry) for entry in answer.data] == [{"id", "last_modified", "deleted"}]
    assert owner.total(path(bucket), {"resource_name": "record"}) == 0
    assert owner.total(path(bucket)) == 3
    assert owner.get(path(bucket), {"_since": str(before)}).expect(200).data == answer.data


@section("history#list")
@pytest.mark.parametrize(("method", "status"), FORBIDDEN)
def test_nobody_writes_history(owner: Person, bucket: Place, method: str, status: int) -> None:
    owner.ask(method, path(bucket), body={"data": {}}).refused(status, 115)


@section("history#snapshot")
def test_a_snapshot_shows_what_was(owner: Person, bucket: Place, collection: Place) -> None:
    first = owner.create(collection.child("record", "first"), {"a": 1})
    second = owner.create(collection.child("record", "second"), {"a": 1})
    changes: list[Callable[[], Answer]] = [
        lambda: owner.patch(first, {"a": 2}),
        lambda: owner.delete(second),
        lambda: owner.put(second, {}),
    ]
    states = [owner.get(first.siblings).expect(200)]
    for change in changes:
        change().expect(200, 201)
        states.append(owner.get(first.siblings).expect(200))
    for stamp, records in ((answer.timestamp, answer.data) for answer in states):
        found = owner.get(f"{bucket}/snapshot/collections/{collection.id}@{stamp}").expect(200).data
        assert found == records, f"at {stamp}: {found}"


@section("history#snapshot")
def test_a_snapshot_before_everything_is_empty(owner: Person, bucket: Place, record: Place) -> None:
    collection = record.siblings.split("/")[4]
    assert owner.get(f"{bucket}/snapshot/collections/{collection}@0").expect(200).data == []


@section("history#snapshot")
def test_a_snapshot_needs_to_read_the_collection(
    owner: Person, guest: Person, nobody: Person, bucket: Place, collection: Place, record: Place
) -> None:
    where = f"{bucket}/snapshot/collections/{collection.id}@{owner.data(record)['last_modified']}"
    guest.get(where).refused(403, 121)
    nobody.get(where).refused(401, 104)
    owner.share(collection, "read", guest.id)
    assert [each["id"] for each in guest.get(where).expect(200).data] == [record.id]


@section("history#snapshot")
@pytest.mark.parametrize("stamp", ["x", "-1", "1.5", ""])
def test_a_snapshot_has_a_time(owner: Person, bucket: Place, collection: Place, stamp: str) -> None:
    answer = owner.get(f"{bucket}/snapshot/collections/{collection.id}@{stamp}")
    answer.expect(400, 404).envelope()
