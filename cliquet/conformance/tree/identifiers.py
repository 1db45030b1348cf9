"""Cases of docs/protocol/buckets on ids: which there are, and that none of their characters means anything."""

from __future__ import annotations

import uuid

import pytest

from cliquet.conformance.grove import label
from cliquet.conformance.person import Person
from cliquet.conformance.place import KINDS, Place, fresh
from cliquet.conformance.place import bucket as bucket_at
from cliquet.conformance.sections import section

GOOD = ["a", "Z", "0", "a_", "a-", "9__--", "default", "x" * 255]
BAD = ["_a", "-a", "a b", "a.b", "a+b", "a%b", "a*", "*", "é", "a\n", "\na", "a\r\n", "a\0", "a:b", "x" * 256]


def spots(bucket: Place, record_id: str) -> list[Place]:
    """Where an id can be tried without being in somebody's way."""
    below = [bucket.child(kind, record_id) for kind in ("group", "collection")]
    return [*below, bucket.child("collection", "parent").child("record", record_id)]


@section("buckets#identifiers")
@pytest.mark.parametrize("record_id", [*GOOD, str(uuid.uuid4())], ids=label)
def test_an_id_may_be(owner: Person, bucket: Place, record_id: str) -> None:
    owner.create(bucket.child("collection", "parent"))
    for place in spots(bucket, record_id):
        owner.create(place)
        assert owner.data(place)["id"] == record_id
    owner.delete(place).expect(200)
    assert owner.post(place.siblings, {"id": record_id}).expect(201).data["id"] == record_id


@section("buckets#identifiers")
@pytest.mark.parametrize("record_id", BAD, ids=label)
def test_an_id_may_not_be(owner: Person, bucket: Place, record_id: str) -> None:
    owner.create(bucket.child("collection", "parent"))
    for place in [*spots(bucket, record_id), bucket_at(record_id)]:
        answer = owner.put(place, {})
        assert answer.status == 400, f"{answer} where an id of {record_id!r} is due to be a 400"
        answer.envelope()
    for path in ("/buckets", bucket.list("collection")):
        owner.post(path, {"id": record_id}).refused(400, 107)
    assert owner.ids(bucket.list("collection")) == ["parent"]


@section("buckets#identifiers")
@pytest.mark.parametrize("kind", KINDS)
def test_an_id_with_a_line_break_is_no_other_id(owner: Person, bucket: Place, kind: str) -> None:
    parent = owner.create(bucket.child("collection", "parent"))
    here = {"bucket": bucket, "record": parent.child("record", "x")}.get(kind, bucket.child(kind, "x"))
    if kind != "bucket":
        owner.create(here)
    for broken in (here.sibling(here.id + "\n"), here.sibling("\n" + here.id)):
        answer = owner.get(broken)
        assert answer.status in (400, 403, 404), f"{answer}: {broken.id!r} is taken for {here.id!r}"
        owner.delete(broken)
    owner.get(here).expect(200)


@section("buckets#identifiers")
def test_a_parent_whose_id_cannot_be_one_does_not_exist(owner: Person, nobody: Person, bucket: Place) -> None:
    for wrong in ("*", "a+b", bucket.id + "\n", bucket.id + "%"):
        path = bucket_at(wrong).list("collection")
        owner.get(path).expect(403, 404).envelope()
        owner.delete(path).expect(403, 404).envelope()
        nobody.get(path).expect(401, 404).envelope()
        below = bucket.child("collection", wrong).list("record")
        owner.get(below).refused(404, 111)
        owner.post(below, {}).refused(404, 111)


@section("buckets#identifiers")
def test_case_matters(owner: Person, bucket: Place) -> None:
    for kind in ("group", "collection"):
        lower = owner.create(bucket.child(kind, "same"), {"n": 1})
        upper = owner.create(bucket.child(kind, "SAME"), {"n": 2})
        assert (owner.data(lower)["n"], owner.data(upper)["n"]) == (1, 2)
        owner.delete(upper).expect(200)
        owner.get(lower).expect(200)


LOOK_ALIKES = ("{}_", "{}a", "{}-", "{}0", "{}", "{}_a")


def furnished(owner: Person, guest: Person, place: Place) -> Place:
    """A bucket with a collection, a record and a group, which give the guest something."""
    owner.create(place)
    group = owner.create(place.child("group", "g_"), {"members": [guest.id]})
    collection = owner.create(place.child("collection", "c_"), permissions={"read": [str(group)]})
    owner.create(collection.child("record", "r_"), permissions={"write": [guest.id]})
    return place


def check_whole(guest: Person, place: Place) -> None:
    """Fail unless the guest still has everything in a furnished bucket."""
    collection = place.child("collection", "c_")
    assert guest.ids(collection.list("record")) == ["r_"], f"{collection} lost its records or readers"
    guest.patch(collection.child("record", "r_"), {"a": 1}).expect(200)


@section("buckets#identifiers")
@pytest.mark.parametrize("gone", ["{}_", "{}", "{}-"])
def test_deleting_a_bucket_touches_no_look_alike(owner: Person, guest: Person, gone: str) -> None:
    name = fresh()
    places = [furnished(owner, guest, bucket_at(pattern.format(name))) for pattern in LOOK_ALIKES]
    dead = bucket_at(gone.format(name))
    owner.delete(dead).expect(200)
    for place in places:
        if place != dead:
            check_whole(guest, place)
            owner.delete(place).expect(200)


@section("buckets#identifiers")
@pytest.mark.parametrize("gone", ["c_", "c", "c-"])
def test_deleting_a_collection_touches_no_look_alike(owner: Person, guest: Person, bucket: Place, gone: str) -> None:
    names = ("c_", "ca", "c", "c-", "c0", "c_a")
    for name in names:
        collection = owner.create(bucket.child("collection", name))
        owner.create(collection.child("record", "r"), permissions={"read": [guest.id]})
    owner.delete(bucket.child("collection", gone)).expect(200)
    for name in set(names) - {gone}:
        assert guest.ids(bucket.child("collection", name).list("record")) == ["r"]


@section("buckets#identifiers")
def test_a_permission_on_a_look_alike_is_none_here(owner: Person, guest: Person, bucket: Place) -> None:
    for name in ("c_", "ca", "c", "c-", "c_a"):
        owner.create(bucket.child("collection", name))
    owner.share(bucket.child("collection", "c_"), "write", guest.id)
    for name in ("ca", "c", "c-", "c_a"):
        guest.get(bucket.child("collection", name).list("record")).refused(403, 121)
        guest.post(bucket.child("collection", name).list("record"), {}).refused(403, 121)
    assert guest.ids(bucket.list("collection")) == ["c_"]
