"""Cases of docs/protocol/sharing on access lists: what they hold, who is shown them, to whom records belong."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.conformance.grove import Grow, label
from cliquet.conformance.person import Person, access_of
from cliquet.conformance.place import KINDS, Place, fresh
from cliquet.conformance.sections import section

KNOWN = {
    "bucket": ("read", "write", "collection:create", "group:create"),
    "group": ("read", "write"),
    "collection": ("read", "write", "record:create"),
    "record": ("read", "write"),
}
STRANGE = ("list", "READ", "", "read:attributes", "delete", "bucket:create", "records:create")
every_kind = pytest.mark.parametrize("kind", KINDS)


@section("sharing#access-lists")
@every_kind
def test_each_permission_is_kept(owner: Person, grow: Grow, kind: str) -> None:
    wanted = {name: {f"kit:{name}", "system.Everyone", "/buckets/x/groups/y"} for name in KNOWN[kind]}
    place = grow(kind).sibling(fresh())
    shown = access_of(owner.put(place, {}, wanted).expect(201))
    assert shown == {**wanted, "write": wanted["write"] | {owner.id}}
    assert owner.access(place) == shown
    owner.delete(place).expect(200)


@section("sharing#access-lists")
@every_kind
def test_another_permission_is_invalid(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    foreign = {name for names in KNOWN.values() for name in names} - set(KNOWN[kind])
    for name in (*STRANGE, *foreign):
        owner.put(place, permissions={name: [owner.id]}).refused(400, 107)
    owner.patch(place, permissions={name: [owner.id]}).refused(400, 107)
    owner.post(place.siblings, permissions={name: [owner.id]}).refused(400, 107)
    assert owner.access(place) == {"write": {owner.id}}


@section("sharing#access-lists")
@pytest.mark.parametrize(
    "value", ["x", 1, True, {}, {"a": 1}, [1], [None], [[]], [""], ["x" * 1025], ["a", 1]], ids=label
)
def test_principals_are_a_list_of_texts(owner: Person, record: Place, value: Any) -> None:
    owner.ask("PUT", record, body={"permissions": {"read": value}}).refused(400, 107)
    owner.ask("PATCH", record, body={"permissions": {"read": value}}).refused(400, 107)
    owner.ask("POST", record.siblings, body={"permissions": {"read": value}}).refused(400, 107)
    assert owner.access(record) == {"write": {owner.id}}


@section("sharing#access-lists")
def test_repetition_means_nothing(owner: Person, record: Place) -> None:
    answer = owner.put(record, permissions={"read": ["kit:b", "kit:a", "kit:b"]}).expect(200)
    assert sorted(answer.body["permissions"]["read"]) == ["kit:a", "kit:b"]


@section("sharing#access-lists")
@pytest.mark.parametrize(
    "principal", ["x" * 1024, "kit:é\U0001f600", "a b", "kit:%_*", "kit:a/b~c", "kit:\n"], ids=label
)
def test_any_text_may_be_a_principal(owner: Person, record: Place, principal: str) -> None:
    owner.share(record, "read", principal)
    assert owner.access(record)["read"] == {principal}


@section("sharing#access-lists")
@pytest.mark.parametrize("principal", ["kit:\0", "kit:\ud800"], ids=label)
def test_what_no_body_may_hold_is_no_principal(owner: Person, record: Place, principal: str) -> None:
    owner.put(record, permissions={"read": [principal]}).refused(400, 106, 107)


@section("sharing#access-lists")
@pytest.mark.parametrize("kind", ["group", "collection", "record"])
def test_an_access_list_ends_with_its_record(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.share(place, "read", guest.id)
    owner.delete(place).expect(200)
    owner.create(place)
    assert owner.access(place) == {"write": {owner.id}}
    guest.get(place).refused(403, 121)


@section("sharing#access-lists")
def test_an_access_list_ends_with_a_list_deletion(owner: Person, guest: Person, record: Place) -> None:
    owner.share(record, "read", guest.id)
    owner.delete(record.siblings).expect(200)
    owner.create(record)
    guest.get(record).refused(403, 121)


@section("sharing#access-lists")
def test_a_new_owner_owes_nothing_to_the_old_one(owner: Person, guest: Person, collection: Place) -> None:
    owner.share(collection, "record:create", guest.id)
    record = guest.create(collection.child("record", fresh()), permissions={"read": ["system.Everyone"]})
    guest.delete(record).expect(200)
    owner.create(record)
    assert owner.access(record) == {"write": {owner.id}}
    guest.get(record).refused(403, 121)


@section("sharing#answers")
@every_kind
def test_writers_are_shown_the_access_list(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.share(place, "write", owner.id, guest.id)
    wanted = {"write": {owner.id, guest.id}}
    answers = [guest.get(place), guest.put(place, {"a": 1}), guest.patch(place, {"a": 2})]
    answers += [owner.post(place.siblings, {"id": place.id}), guest.patch(place, {"a": 2})]
    for answer in answers:
        assert access_of(answer.expect(200)) == wanted, f"{answer}: {answer.body['permissions']}"


@section("sharing#answers")
@every_kind
def test_readers_are_shown_no_access_list(owner: Person, guest: Person, nobody: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.share(place, "read", guest.id, "system.Everyone")
    for person in (guest, nobody):
        assert person.access(place) == {}, "a reader sees who may do what"


@section("sharing#answers")
def test_who_inherits_write_is_shown_no_access_list(
    owner: Person, guest: Person, bucket: Place, group: Place, record: Place
) -> None:
    owner.share(bucket, "write", owner.id, guest.id)
    for place in (group, record):
        assert guest.access(place) == {}
    assert guest.access(bucket) == {"write": {owner.id, guest.id}}


@section("sharing#answers")
def test_writers_by_a_group_are_shown_the_access_list(
    owner: Person, guest: Person, record: Place, group: Place
) -> None:
    owner.patch(group, {"members": [guest.id]}).expect(200)
    owner.share(record, "write", owner.id, str(group))
    assert guest.access(record) == {"write": {owner.id, str(group)}}


@section("sharing#answers")
@pytest.mark.parametrize("principal", ["system.Authenticated", "system.Everyone"])
def test_writers_by_a_system_principal_are_shown_the_access_list(
    owner: Person, guest: Person, record: Place, principal: str
) -> None:
    owner.share(record, "write", owner.id, principal)
    assert guest.access(record) == {"write": {owner.id, principal}}


@section("sharing#answers")
def test_lists_and_tombstones_have_no_permissions(owner: Person, record: Place) -> None:
    owner.share(record, "read", "system.Everyone")
    for answer in (owner.get(record.siblings), owner.delete(record), owner.delete(record.siblings)):
        assert set(answer.expect(200).body) == {"data"}, f"{answer}: {sorted(answer.body)}"
        assert "permissions" not in answer.raw.decode(), f"{answer}: a record in a list has permissions"


@section("sharing#answers")
def test_a_part_of_a_record_comes_without_permissions(owner: Person, record: Place) -> None:
    assert "permissions" not in owner.get(record, {"_fields": "title"}).expect(200).body
    for value in ("light", "diff"):
        answer = owner.patch(record, {"title": value}, Response_Behavior=value).expect(200)
        assert "permissions" not in answer.body, f"{answer}: {value} shows permissions"
    assert "permissions" in owner.patch(record, {"title": "x"}, Response_Behavior="full").expect(200).body


@section("sharing#creators-and-editors")
@every_kind
def test_the_creator_may_write(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    assert owner.access(place) == {"write": {owner.id}}
    new = place.sibling(fresh())
    assert access_of(owner.put(new, {}, {"write": [guest.id]}).expect(201)) == {"write": {owner.id, guest.id}}
    owner.delete(new).expect(200)
    made = owner.post(place.siblings, {}, {"write": []}).expect(201)
    assert access_of(made) == {"write": {owner.id}}
    owner.delete(place.sibling(made.data["id"])).expect(200)


@section("sharing#creators-and-editors")
def test_who_creates_by_a_group_owns_what_they_create(
    owner: Person, guest: Person, bucket: Place, group: Place
) -> None:
    owner.patch(group, {"members": [guest.id]}).expect(200)
    owner.share(bucket, "collection:create", str(group))
    collection = guest.create(bucket.child("collection", fresh()))
    assert guest.access(collection) == {"write": {guest.id}}
    owner.share(bucket, "collection:create")
    guest.create(collection.child("record", "r"))


@section("sharing#creators-and-editors")
def test_what_nobody_creates_belongs_to_everyone(owner: Person, nobody: Person, collection: Place) -> None:
    owner.share(collection, "record:create", "system.Everyone")
    answer = nobody.post(collection.list("record"), {"a": 1}).expect(201)
    assert access_of(answer) == {"write": {"system.Everyone"}}
