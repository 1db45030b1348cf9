"""Cases of docs/protocol/sharing on who principals are, and how far what they hold reaches."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.sections import section

EVERYONE, AUTHENTICATED = "system.Everyone", "system.Authenticated"


@section("sharing#principals")
def test_hello_names_the_principals_of_the_user(owner: Person, hello: dict[str, Any]) -> None:
    principals = hello.get("user", {}).get("principals")
    assert isinstance(principals, list), f"user.principals is {principals!r}"
    assert {owner.id, EVERYONE, AUTHENTICATED} <= set(principals), f"user.principals is {principals!r}"


@section("sharing#principals")
def test_hello_names_the_groups_of_the_user(owner: Person, guest: Person, bucket: Place) -> None:
    group = owner.create(bucket.child("group", "g"), {"members": [guest.id]})
    assert str(group) in guest.get("/").expect(200).body["user"]["principals"]
    owner.delete(group).expect(200)
    assert str(group) not in guest.get("/").expect(200).body["user"]["principals"]


@section("sharing#principals")
def test_the_id_of_a_user_is_that_user(owner: Person, guest: Person, nobody: Person, record: Place) -> None:
    owner.share(record, "read", guest.id)
    guest.get(record).expect(200)
    nobody.get(record).refused(401, 104)


@section("sharing#principals")
def test_authenticated_is_every_user(owner: Person, guest: Person, nobody: Person, record: Place) -> None:
    owner.share(record, "read", AUTHENTICATED)
    guest.get(record).expect(200)
    nobody.get(record).refused(401, 104)
    guest.patch(record, {"a": 1}).refused(403, 121)


@section("sharing#principals")
def test_everyone_is_everybody(owner: Person, guest: Person, nobody: Person, record: Place) -> None:
    owner.share(record, "read", EVERYONE)
    for person in (guest, nobody):
        assert person.data(record)["title"] == "First"
    guest.patch(record, {"a": 1}).refused(403, 121)
    nobody.patch(record, {"a": 1}).refused(401, 104)


@section("sharing#principals")
def test_everybody_may_be_allowed_to_write(owner: Person, nobody: Person, collection: Place) -> None:
    owner.share(collection, "write", EVERYONE)
    record = nobody.create(collection.child("record", fresh()), {"a": 1})
    nobody.patch(record, {"a": 2}).expect(200)
    assert nobody.ids(collection.list("record")) == [record.id]
    nobody.delete(record).expect(200)


@section("sharing#principals")
@pytest.mark.parametrize(
    "alter",
    [
        lambda text: text[:-1],
        lambda text: text + "0",
        lambda text: text.partition(":")[2],
        lambda text: text.partition(":")[0] + ":",
        lambda text: " " + text,
        lambda text: text.partition(":")[0] + ":%",
        lambda text: "*",
        lambda text: "system.authenticated",
        lambda text: "system.",
        lambda text: "/" + text,
    ],
    ids=["shorter", "longer", "bare", "method", "blank", "pattern", "star", "lower", "system", "path"],
)
def test_a_text_like_a_principal_is_another(
    owner: Person, guest: Person, record: Place, alter: Callable[[str], str]
) -> None:
    owner.share(record, "read", alter(guest.id))
    guest.get(record).refused(403, 121)
    assert owner.access(record)["read"] == {alter(guest.id)}


@section("sharing#inheritance")
def test_nothing_is_inherited_from_beside(owner: Person, guest: Person, bucket: Place) -> None:
    places = [owner.create(bucket.child("collection", name)) for name in ("one", "two")]
    owner.share(places[0], "write", guest.id)
    guest.create(places[0].child("record", "r"))
    guest.put(places[1].child("record", "r"), {}).refused(403, 121)
    guest.get(places[1]).refused(403, 121)
    guest.get(bucket).refused(403, 121)


@section("sharing#inheritance")
def test_nothing_is_inherited_upwards(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(record, "write", guest.id)
    for path in (bucket, bucket.list("collection"), bucket.list("group")):
        guest.get(path).refused(403, 121)
    guest.put(record.sibling(fresh()), {}).refused(403, 121)


@section("sharing#inheritance")
def test_a_permission_reaches_what_is_created_later(owner: Person, guest: Person, bucket: Place) -> None:
    owner.share(bucket, "read", guest.id)
    collection = owner.create(bucket.child("collection", "later"))
    record = owner.create(collection.child("record", "later"), {"a": 1})
    assert guest.data(record)["a"] == 1
    assert guest.ids(collection.list("record")) == ["later"]


@section("sharing#inheritance")
def test_a_permission_ends_at_once(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(bucket, "read", guest.id)
    guest.get(record).expect(200)
    owner.share(bucket, "read")
    guest.get(record).refused(403, 121)


@section("sharing#inheritance")
def test_nobody_can_be_excluded_below(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(bucket, "write", owner.id, guest.id)
    owner.put(record, permissions={"write": [owner.id], "read": [owner.id]}).expect(200)
    guest.patch(record, {"by": "guest"}).expect(200)


@section("sharing#inheritance")
def test_a_permission_may_come_from_several_sides(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(bucket, "read", guest.id)
    owner.share(record, "read", guest.id, EVERYONE)
    owner.share(record, "read")
    guest.get(record).expect(200)
    owner.share(bucket, "read")
    guest.get(record).refused(403, 121)
