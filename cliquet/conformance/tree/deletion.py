"""Cases of docs/protocol/buckets on deletion: what lies below goes as well, for good, and timelines go on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.sections import section

Delete = Callable[[Person, Place], Answer]
DELETIONS: dict[str, Delete] = {
    "by itself": lambda owner, place: owner.delete(place),
    "with a list": lambda owner, place: owner.delete(place.siblings, {"id": place.id}),
    "in a batch": lambda owner, place: owner.batch({"method": "DELETE", "path": str(place)}),
}
each_deletion = pytest.mark.parametrize("how", DELETIONS)


def many(owner: Person, collection: Place, count: int = 60) -> None:
    """Records in a collection, by the batch."""
    for start in range(0, count, 20):
        requests = [{"method": "PUT", "path": str(collection.child("record", f"r{start + n}"))} for n in range(20)]
        owner.batch(*requests).expect(200)
    assert owner.total(collection.list("record")) == count


def horizon_of(answer: Answer) -> int:
    """The horizon that a 410 names."""
    found: Any = answer.refused(410, 118).body.get("details", {}).get("horizon")
    assert type(found) is int, f"{answer}: details.horizon is {found!r}"
    return found


@section("buckets#deletion")
@each_deletion
def test_records_go_with_their_collection(owner: Person, bucket: Place, collection: Place, how: str) -> None:
    many(owner, collection)
    DELETIONS[how](owner, collection).expect(200)
    owner.get(collection.child("record", "r1")).refused(404, 111)
    owner.create(collection)
    assert owner.ids(collection.list("record")) == []
    assert owner.total(collection.list("record")) == 0
    owner.get(collection.child("record", "r1")).refused(404, 110)


@section("buckets#deletion")
@each_deletion
def test_everything_goes_with_a_bucket(
    owner: Person, bucket: Place, collection: Place, record: Place, group: Place, how: str
) -> None:
    DELETIONS[how](owner, bucket).expect(200)
    for place in (bucket, collection, record, group):
        owner.get(place).refused(403, 121)
    owner.create(bucket)
    assert owner.ids(bucket.list("collection")) == owner.ids(bucket.list("group")) == []
    owner.get(record).refused(404, 111)
    owner.create(collection)
    assert owner.ids(collection.list("record")) == []


@section("buckets#deletion")
@pytest.mark.parametrize("kind", ["bucket", "collection"])
@each_deletion
def test_what_goes_does_not_come_back(
    owner: Person, guest: Person, bucket: Place, collection: Place, record: Place, kind: str, how: str
) -> None:
    for place in (bucket, collection, record):
        owner.share(place, "read", guest.id)
    DELETIONS[how](owner, bucket if kind == "bucket" else collection).expect(200)
    if kind == "bucket":
        owner.create(bucket)
    else:
        owner.share(bucket, "read")
    for place in (collection, record):
        owner.create(place)
    for place in (bucket, collection, record):
        guest.get(place).refused(403, 121)
        assert owner.access(place) == {"write": {owner.id}}


@section("buckets#deletion")
def test_what_lies_beside_stays(owner: Person, guest: Person, bucket: Place, collection: Place, group: Place) -> None:
    other = owner.create(bucket.child("collection", collection.id + "0"))
    record = owner.create(other.child("record", "r"), permissions={"read": [str(group)]})
    owner.patch(group, {"members": [guest.id]}).expect(200)
    owner.delete(collection).expect(200)
    assert owner.ids(bucket.list("collection")) == [other.id]
    assert owner.ids(bucket.list("group")) == [group.id]
    guest.get(record).expect(200)


@section("buckets#deletion")
def test_the_collection_leaves_a_tombstone_and_its_records_none(
    owner: Person, bucket: Place, collection: Place, record: Place
) -> None:
    before = owner.data(collection)["last_modified"]
    tombstone = owner.delete(collection).expect(200).data
    assert owner.get(bucket.list("collection"), {"_since": str(before)}).expect(200).data == [tombstone]
    owner.create(collection)
    now = owner.get(record.siblings).expect(200).timestamp
    assert owner.get(record.siblings, {"_since": str(now)}).expect(200).data == []


@section("buckets#deletion")
@pytest.mark.parametrize("kind", ["bucket", "collection"])
def test_timelines_go_on(
    owner: Person, bucket: Place, collection: Place, record: Place, group: Place, kind: str
) -> None:
    paths = [record.siblings] if kind == "collection" else [record.siblings, group.siblings, collection.siblings]
    before = {path: owner.get(path).expect(200).timestamp for path in paths}
    owner.delete(bucket if kind == "bucket" else collection).expect(200)
    if kind == "bucket":
        owner.create(bucket)
    owner.create(collection)
    for path in paths:
        assert owner.get(path).expect(200).timestamp > before[path], f"the timestamp of {path} went back"
    assert owner.put(record, {}).expect(201).timestamp > before[record.siblings]
    if kind == "bucket":
        assert owner.put(group, {}).expect(201).timestamp > before[group.siblings]


@section("buckets#deletion")
@pytest.mark.parametrize("kind", ["bucket", "collection"])
def test_who_knows_an_older_state_has_to_start_over(
    owner: Person, bucket: Place, collection: Place, record: Place, kind: str
) -> None:
    known = owner.get(record.siblings).expect(200).timestamp
    owner.delete(bucket if kind == "bucket" else collection).expect(200)
    if kind == "bucket":
        owner.create(bucket)
    owner.create(collection)
    for query in ({"_since": f'"{known}"'}, {"gt_last_modified": str(known)}):
        horizon = horizon_of(owner.get(record.siblings, query))
        assert horizon > known, f"the horizon {horizon} is not above what a client has seen, {known}"
    answer = owner.get(record.siblings).expect(200)
    assert answer.data == []
    assert owner.ids(record.siblings, {"_since": str(answer.timestamp)}) == []
    owner.create(record)
    assert owner.ids(record.siblings, {"_since": str(answer.timestamp)}) == [record.id]


@section("buckets#deletion")
def test_a_horizon_outlives_further_deletions(owner: Person, collection: Place, record: Place) -> None:
    known = [owner.get(record.siblings).expect(200).timestamp]
    for _ in range(2):
        owner.delete(collection).expect(200)
        owner.create(collection)
        owner.create(record)
        known.append(owner.get(record.siblings).expect(200).timestamp)
    assert known == sorted(set(known))
    for stamp in known[:-1]:
        horizon_of(owner.get(record.siblings, {"_since": str(stamp)}))
    assert owner.ids(record.siblings, {"_since": str(known[-1])}) == []


@section("buckets#deletion")
def test_tombstones_go_as_well(owner: Person, collection: Place, record: Place) -> None:
    owner.delete(record).expect(200)
    owner.delete(collection).expect(200)
    owner.create(collection)
    now = owner.get(record.siblings).expect(200).timestamp
    assert owner.get(record.siblings, {"_since": str(now)}).expect(200).data == []
    assert owner.get(record.siblings, {"last_modified": str(now)}).expect(200).data == []


@section("buckets#deletion")
def test_many_collections_go_at_once(owner: Person, bucket: Place) -> None:
    places = [owner.create(bucket.child("collection", f"c{n}")) for n in range(5)]
    for place in places:
        owner.create(place.child("record", "r"))
    kept = owner.create(bucket.child("collection", "kept"))
    owner.create(kept.child("record", "r"))
    answer = owner.delete(bucket.list("collection"), {"like_id": "c*"}).expect(200)
    assert len(answer.data) == 5
    for place in places:
        owner.create(place)
        assert owner.ids(place.list("record")) == []
    assert owner.ids(kept.list("record")) == ["r"]


@section("buckets#deletion")
def test_a_refused_deletion_deletes_nothing(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(bucket, "read", guest.id)
    guest.delete(bucket).refused(403, 121)
    owner.delete(bucket, headers={"If-Match": '"1"'}).refused(412, 114)
    assert guest.ids(record.siblings) == [record.id]


@section("buckets#deletion")
def test_a_record_is_not_revived_by_who_was_allowed_before(
    owner: Person, guest: Person, bucket: Place, collection: Place
) -> None:
    owner.share(collection, "write", owner.id, guest.id)
    owner.delete(collection).expect(200)
    guest.put(collection.child("record", fresh()), {}).refused(403, 121)
    guest.put(collection, {}).refused(403, 121)
