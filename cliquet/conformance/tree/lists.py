"""Cases of docs/protocol/sharing on lists: who sees which part of one, and who deletes which."""

from __future__ import annotations

import pytest

from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.sections import section


@pytest.fixture
def row(owner: Person, collection: Place) -> list[Place]:
    """Five records, numbered."""
    return [owner.create(collection.child("record", f"r{n}"), {"n": n, "odd": n % 2 == 1}) for n in range(5)]


@pytest.fixture
def seen(owner: Person, guest: Person, row: list[Place]) -> list[Place]:
    """The records with an odd number, which the guest may read."""
    for place in (row[1], row[3]):
        owner.share(place, "read", guest.id)
    return [row[1], row[3]]


@section("sharing#lists")
def test_who_may_read_the_parent_sees_everything(
    owner: Person, guest: Person, collection: Place, row: list[Place]
) -> None:
    owner.share(collection, "read", guest.id)
    before = guest.get(row[0].siblings).expect(200).timestamp
    assert guest.ids(row[0].siblings) == ["r4", "r3", "r2", "r1", "r0"]
    tombstone = owner.delete(row[2]).expect(200).data
    assert guest.get(row[0].siblings, {"_since": str(before)}).expect(200).data == [tombstone]
    assert guest.total(row[0].siblings) == 4


@section("sharing#lists")
def test_others_see_what_is_shared_with_them(owner: Person, guest: Person, seen: list[Place]) -> None:
    path = seen[0].siblings
    assert sorted(guest.ids(path)) == ["r1", "r3"]
    assert guest.total(path) == 2
    assert sorted(owner.ids(path)) == ["r0", "r1", "r2", "r3", "r4"]


@section("sharing#lists")
def test_filters_and_sorting_bear_on_what_is_seen(guest: Person, seen: list[Place]) -> None:
    path = seen[0].siblings
    assert guest.ids(path, {"_sort": "n"}) == ["r1", "r3"]
    assert guest.ids(path, {"_sort": "-n"}) == ["r3", "r1"]
    assert guest.ids(path, {"min_n": "2"}) == ["r3"]
    assert guest.ids(path, {"in_id": "r0,r1,r2"}) == ["r1"]
    assert guest.ids(path, {"id": "r0"}) == []
    assert guest.total(path, {"odd": "false"}) == 0
    assert guest.get(path, {"_fields": "n", "_sort": "n"}).expect(200).data[0]["n"] == 1


@section("sharing#lists")
def test_pages_are_made_of_what_is_seen(guest: Person, seen: list[Place]) -> None:
    pages = guest.walk(seen[0].siblings, {"_sort": "n", "_limit": "1"})
    assert [[record["id"] for record in page] for page in pages] == [["r1"], ["r3"]]


@section("sharing#lists")
def test_the_tag_is_that_of_the_whole_list(owner: Person, guest: Person, seen: list[Place]) -> None:
    path = seen[0].siblings
    newest = owner.patch(seen[0].sibling("r0"), {"a": 1}).expect(200).timestamp
    assert guest.get(path).expect(200).timestamp == newest
    guest.get(path, headers={"If-None-Match": f'"{newest}"'}).expect(304)
    assert guest.ids(path, {"_since": str(newest)}) == []
    owner.patch(seen[0], {"a": 1}).expect(200)
    assert guest.ids(path, {"_since": str(newest)}) == ["r1"]


@section("sharing#lists")
def test_tombstones_are_shown_to_readers_of_the_parent_only(owner: Person, guest: Person, seen: list[Place]) -> None:
    before = owner.get(seen[0].siblings).expect(200).timestamp
    for place in (seen[0], seen[0].sibling("r0")):
        owner.delete(place).expect(200)
    assert guest.ids(seen[0].siblings, {"_since": str(before)}) == []
    assert guest.ids(seen[0].siblings) == ["r3"]
    assert len(owner.ids(seen[0].siblings, {"_since": str(before)})) == 2


@section("sharing#lists")
def test_write_shows_a_record_as_well(owner: Person, guest: Person, row: list[Place]) -> None:
    owner.share(row[4], "write", owner.id, guest.id)
    assert guest.ids(row[0].siblings) == ["r4"]


@section("sharing#lists")
@pytest.mark.parametrize("principal", ["system.Authenticated", "system.Everyone", "group"])
def test_what_is_shared_with_many_is_seen(
    owner: Person, guest: Person, nobody: Person, bucket: Place, row: list[Place], principal: str
) -> None:
    if principal == "group":
        principal = str(owner.create(bucket.child("group", "g"), {"members": [guest.id]}))
    owner.share(row[2], "read", principal)
    assert guest.ids(row[0].siblings) == ["r2"]
    if principal == "system.Everyone":
        assert nobody.ids(row[0].siblings) == ["r2"]
    else:
        nobody.get(row[0].siblings).refused(401, 104)


@section("sharing#lists")
def test_who_may_create_sees_an_empty_list(owner: Person, guest: Person, collection: Place, row: list[Place]) -> None:
    owner.share(collection, "record:create", guest.id)
    answer = guest.get(row[0].siblings).expect(200)
    assert answer.data == []
    assert answer.timestamp == owner.get(row[0].siblings).expect(200).timestamp
    assert guest.total(row[0].siblings) == 0
    owner.delete(row[0]).expect(200)
    assert guest.ids(row[0].siblings, {"_since": str(answer.timestamp)}) == []
    mine = guest.create(collection.child("record", "mine"))
    assert guest.ids(row[0].siblings) == [mine.id]


@section("sharing#lists")
def test_others_see_no_list(owner: Person, guest: Person, nobody: Person, bucket: Place, row: list[Place]) -> None:
    for path in (bucket.list("collection"), bucket.list("group"), row[0].siblings):
        guest.get(path).refused(403, 121)
        guest.head(path).expect(403)
        nobody.get(path).refused(401, 104)
        nobody.head(path).expect(401)


@section("sharing#lists")
def test_buckets_are_listed_for_who_may_read_them(owner: Person, guest: Person, bucket: Place) -> None:
    here = {"id": bucket.id}
    assert owner.ids("/buckets", here) == [bucket.id]
    assert guest.ids("/buckets", here) == []
    owner.share(bucket, "read", guest.id)
    assert guest.ids("/buckets", here) == [bucket.id]
    assert (guest.total("/buckets", here), owner.total("/buckets", here)) == (1, 1)


@section("sharing#lists")
def test_what_is_inside_makes_nothing_outside_appear(
    owner: Person, guest: Person, bucket: Place, record: Place
) -> None:
    owner.share(record, "write", guest.id)
    assert guest.ids("/buckets", {"id": bucket.id}) == []
    guest.get(bucket.list("collection")).refused(403, 121)
    assert guest.ids(record.siblings) == [record.id]


@section("sharing#lists")
def test_a_list_is_deleted_as_far_as_one_may_write(owner: Person, guest: Person, row: list[Place]) -> None:
    for place, permission in ((row[0], "write"), (row[1], "read"), (row[3], "write")):
        owner.patch(place, permissions={permission: [guest.id]}).expect(200)
    answer = guest.delete(row[0].siblings).expect(200)
    assert {record["id"] for record in answer.data} == {"r0", "r3"}
    assert sorted(owner.ids(row[0].siblings)) == ["r1", "r2", "r4"]
    assert guest.ids(row[0].siblings) == ["r1"]


@section("sharing#lists")
def test_the_filters_of_a_deletion_bear_on_what_one_may_write(owner: Person, guest: Person, row: list[Place]) -> None:
    for place in (row[0], row[3]):
        owner.share(place, "write", guest.id)
    assert [record["id"] for record in guest.delete(row[0].siblings, {"odd": "true"}).expect(200).data] == ["r3"]
    assert guest.delete(row[0].siblings, {"id": "r2"}).expect(200).data == []
    assert sorted(owner.ids(row[0].siblings)) == ["r0", "r1", "r2", "r4"]


@section("sharing#lists")
def test_readers_delete_what_is_theirs(owner: Person, guest: Person, collection: Place, row: list[Place]) -> None:
    owner.share(collection, "read", guest.id)
    guest.delete(row[0].siblings).refused(403, 121)
    owner.share(row[2], "write", guest.id)
    assert [record["id"] for record in guest.delete(row[0].siblings).expect(200).data] == ["r2"]
    assert len(owner.ids(row[0].siblings)) == 4


@section("sharing#lists")
def test_who_may_create_deletes_nothing_of_others(
    owner: Person, guest: Person, collection: Place, row: list[Place]
) -> None:
    owner.share(collection, "record:create", guest.id)
    before = owner.get(row[0].siblings).expect(200).timestamp
    assert guest.delete(row[0].siblings).expect(200).data == []
    assert owner.get(row[0].siblings).expect(200).timestamp == before
    guest.create(collection.child("record", "mine"))
    assert [record["id"] for record in guest.delete(row[0].siblings).expect(200).data] == ["mine"]
    assert len(owner.ids(row[0].siblings)) == 5


@section("sharing#lists")
def test_nobody_else_deletes_a_list(owner: Person, guest: Person, nobody: Person, row: list[Place]) -> None:
    guest.delete(row[0].siblings).refused(403, 121)
    nobody.delete(row[0].siblings).refused(401, 104)
    owner.share(row[0], "read", guest.id)
    guest.delete(row[0].siblings).refused(403, 121)
    assert len(owner.ids(row[0].siblings)) == 5


@section("sharing#lists")
def test_a_page_that_is_deleted_leaves_the_rest_as_it_was(owner: Person, guest: Person, row: list[Place]) -> None:
    for place in row:
        owner.share(place, "read", guest.id)
    answer = owner.delete(row[0].siblings, {"_sort": "n", "_limit": "2"}).expect(200)
    assert [record["id"] for record in answer.data] == ["r0", "r1"]
    assert answer.header("Next-Page"), f"{answer}: no Next-Page though records remain"
    assert sorted(guest.ids(row[0].siblings)) == ["r2", "r3", "r4"]
    assert owner.access(row[2]) == {"read": {guest.id}, "write": {owner.id}}


@section("sharing#lists")
def test_deleting_buckets_touches_only_ones_own(owner: Person, guest: Person, bucket: Place) -> None:
    mine = guest.create(bucket.sibling(fresh()))
    owner.share(bucket, "read", guest.id)
    answer = guest.delete("/buckets", {"in_id": f"{bucket.id},{mine.id}"}).expect(200)
    assert [record["id"] for record in answer.data] == [mine.id]
    owner.get(bucket).expect(200)
