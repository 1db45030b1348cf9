"""Cases of docs/protocol/buckets on its four resources: each of them is kept like any other record."""

from __future__ import annotations

import re
from typing import Any

import pytest

from cliquet.conformance.grove import Grow, label
from cliquet.conformance.person import JSON_PATCH, MERGE_PATCH, Person
from cliquet.conformance.place import KINDS, Place, fresh
from cliquet.conformance.sections import section

every_kind = pytest.mark.parametrize("kind", KINDS)
ODD = {"text": "é\U0001f600\u2028", "nested": {"a": [1, 2.5, None, {"b": []}]}, "big": 2**53 + 1, "": "", "a.b": 1}


def fields(record: dict[str, Any]) -> dict[str, Any]:
    """What a client wrote."""
    return {name: value for name, value in record.items() if name not in ("id", "last_modified", "members")}


@section("buckets#resources")
@every_kind
def test_put_creates(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    answer = owner.put(place.sibling(fresh()), ODD)
    record = answer.expect(201).data
    assert fields(record) == ODD, f"{answer}: {record}"
    assert answer.timestamp == record["last_modified"]
    owner.delete(place.sibling(record["id"])).expect(200)


@section("buckets#resources")
@every_kind
def test_put_replaces_everything(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    before = owner.put(place, {"a": 1, "b": 2}).expect(200).data
    after = owner.put(place, {"a": 3}).expect(200).data
    assert fields(after) == {"a": 3}
    assert after["last_modified"] > before["last_modified"]
    assert owner.data(place) == after


@section("buckets#resources")
@every_kind
def test_post_makes_an_id(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    record = owner.post(place.siblings, {"a": 1}).expect(201).data
    made = place.sibling(record["id"])
    assert re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}", record["id"]), f"POST {place.siblings}: {record['id']!r}"
    assert owner.data(made) == record
    owner.delete(made).expect(200)


@section("buckets#resources")
@every_kind
def test_post_of_an_id_in_use_changes_nothing(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    before = owner.put(place, {"a": 1}).expect(200)
    answer = owner.post(place.siblings, {"id": place.id, "a": 2}, {"read": [guest.id]}).expect(200)
    assert answer.data == before.data
    assert answer.timestamp == before.timestamp
    assert owner.access(place) == {"write": {owner.id}}


@section("buckets#resources")
@every_kind
def test_head_of_a_record_is_get_without_body(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    answer = owner.head(place).expect(200)
    assert answer.raw == b"", f"{answer}: a body"
    assert answer.timestamp == owner.data(place)["last_modified"]


@section("buckets#resources")
@every_kind
def test_patch_in_three_forms(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.put(place, {"a": {"b": 1, "c": 2}, "d": 1}).expect(200)
    record = owner.patch(place, {"d": None}).expect(200).data
    assert fields(record) == {"a": {"b": 1, "c": 2}, "d": None}
    record = owner.apply(place, MERGE_PATCH, {"data": {"a": {"b": None}, "d": None}}).expect(200).data
    assert fields(record) == {"a": {"c": 2}}
    operations = [{"op": "test", "path": "/data/a/c", "value": 2}, {"op": "add", "path": "/data/e", "value": [1]}]
    record = owner.apply(place, JSON_PATCH, operations).expect(200).data
    assert fields(record) == {"a": {"c": 2}, "e": [1]}
    assert owner.data(place) == record


@section("buckets#resources")
@every_kind
def test_a_patch_that_changes_nothing_keeps_the_timestamp(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    before = owner.put(place, {"a": 1}).expect(200).data
    assert owner.patch(place, {"a": 1}).expect(200).data == before
    assert owner.data(place) == before


@section("buckets#resources")
@every_kind
def test_delete_leaves_a_tombstone(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    before = owner.data(place)["last_modified"]
    answer = owner.delete(place).expect(200)
    stamp = answer.data["last_modified"]
    assert answer.data == {"id": place.id, "last_modified": stamp, "deleted": True}
    assert answer.timestamp == stamp > before
    if kind != "bucket":  # nobody but the server's administrators sees tombstones of buckets
        assert answer.data in owner.get(place.siblings, {"_since": str(before)}).expect(200).data


@section("buckets#resources")
@every_kind
def test_what_is_deleted_may_be_created_again(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.put(place, {"a": 1}).expect(200)
    deleted = owner.delete(place).expect(200).timestamp
    record = owner.put(place, {"b": 2}).expect(201).data
    assert fields(record) == {"b": 2}
    assert record["last_modified"] > deleted


@section("buckets#resources")
@every_kind
def test_a_list_is_deleted_where_the_filters_say(owner: Person, grow: Grow, kind: str) -> None:
    first = grow(kind)
    second, kept = (owner.create(first.sibling(fresh())) for _ in range(2))
    answer = owner.delete(first.siblings, {"in_id": f"{first.id},{second.id}"}).expect(200)
    assert {record["id"] for record in answer.data} == {first.id, second.id}
    assert all(record.get("deleted") is True for record in answer.data), answer.data
    assert owner.ids(first.siblings, {"in_id": f"{first.id},{second.id},{kept.id}"}) == [kept.id]
    owner.delete(kept).expect(200)


@section("buckets#resources")
@every_kind
def test_a_list_is_filtered_sorted_and_counted(owner: Person, grow: Grow, kind: str) -> None:
    first = grow(kind)
    owner.put(first, {"kit": first.id, "n": 2}).expect(200)
    others = [owner.create(first.sibling(fresh()), {"kit": first.id, "n": number}) for number in (3, 1)]
    mine = {"kit": first.id}
    assert owner.ids(first.siblings, mine) == [others[1].id, others[0].id, first.id]
    assert owner.ids(first.siblings, {**mine, "_sort": "n"}) == [others[1].id, first.id, others[0].id]
    assert owner.ids(first.siblings, {**mine, "min_n": "2", "_sort": "-n"}) == [others[0].id, first.id]
    assert owner.total(first.siblings, mine) == 3
    pages = owner.walk(first.siblings, {**mine, "_sort": "n", "_limit": "2"})
    assert [[record["n"] for record in page] for page in pages] == [[1, 2], [3]]
    for other in others:
        owner.delete(other).expect(200)


@section("buckets#resources")
@every_kind
@pytest.mark.parametrize(
    "body", [{"data": 1}, {"data": []}, {"foo": 1}, {"data": {}, "foo": 1}, {"permissions": []}], ids=label
)
def test_a_body_of_the_wrong_shape_is_invalid(owner: Person, grow: Grow, kind: str, body: Any) -> None:
    place = grow(kind)
    before = owner.data(place)
    owner.ask("PUT", place, body=body).refused(400, 107)
    owner.ask("PATCH", place, body=body).refused(400, 107)
    owner.ask("POST", place.siblings, body=body).refused(400, 107)
    assert owner.data(place) == before


@section("buckets#resources")
@every_kind
def test_the_id_in_a_body_is_that_of_the_path(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.put(place, {"id": fresh()}).refused(400, 107)
    owner.put(place.sibling(fresh()), {"id": fresh()}).refused(400, 107)
    owner.patch(place, {"id": fresh()}).refused(400, 107)
    assert owner.put(place, {"id": place.id, "a": 1}).expect(200).data["id"] == place.id


@section("buckets#resources")
def test_a_record_moves_no_timeline_but_its_own(owner: Person, bucket: Place, collection: Place) -> None:
    before = [owner.get(path).expect(200).timestamp for path in (bucket, collection, bucket.list("collection"))]
    owner.create(collection.child("record", fresh()))
    after = [owner.get(path).expect(200).timestamp for path in (bucket, collection, bucket.list("collection"))]
    assert after == before


@section("buckets#resources")
def test_an_id_may_be_used_in_every_list(owner: Person, bucket: Place) -> None:
    owner.create(bucket.child("group", "same"), {"in": "groups"})
    other = owner.create(bucket.child("collection", "other"))
    places = [owner.create(bucket.child("collection", "same"), {"in": "collections"}), other]
    records = [owner.create(place.child("record", "same"), {"in": place.id}) for place in places]
    assert [owner.data(record)["in"] for record in records] == ["same", "other"]
    owner.delete(records[0]).expect(200)
    assert owner.data(records[1])["in"] == "other"
    assert owner.data(bucket.child("group", "same"))["in"] == "groups"


@section("buckets#resources")
@pytest.mark.parametrize(("kind", "below"), [("bucket", "group"), ("bucket", "collection"), ("collection", "record")])
def test_a_list_that_was_never_written_has_the_timestamp_0(owner: Person, grow: Grow, kind: str, below: str) -> None:
    answer = owner.get(grow(kind).list(below)).expect(200)
    assert (answer.header("ETag"), answer.data) == ('"0"', []), f"{answer}: ETag {answer.header('ETag')}"
