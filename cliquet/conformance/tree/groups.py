"""Cases of docs/protocol/sharing on groups: who is a member, and that a group ends with its record."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.conformance.grove import Grow, label
from cliquet.conformance.person import JSON_PATCH, MERGE_PATCH, Person
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.sections import section


@pytest.fixture
def shared(owner: Person, grow: Grow, group: Place) -> Place:
    """A record in another bucket, which members of the group may read."""
    place = grow("record")
    owner.share(place, "read", str(group))
    return place


@section("sharing#groups")
def test_a_group_has_no_members_at_first(owner: Person, bucket: Place) -> None:
    bodies: list[dict[str, Any]] = [{}, {"data": {}}, {"permissions": {}}]
    for body in bodies:
        place = bucket.child("group", fresh())
        assert owner.ask("PUT", place, body=body).expect(201).data.get("members") == [], f"after {body}"
        assert owner.data(place)["members"] == []
    assert owner.ask("PUT", bucket.child("group", fresh())).expect(201).data.get("members") == []


@section("sharing#groups")
def test_members_hold_what_the_group_holds(owner: Person, guest: Person, group: Place, shared: Place) -> None:
    guest.get(shared).refused(403, 121)
    owner.patch(group, {"members": [guest.id]}).expect(200)
    guest.get(shared).expect(200)
    guest.patch(shared, {"a": 1}).refused(403, 121)
    assert guest.ids(shared.siblings) == [shared.id]


@section("sharing#groups")
def test_all_users_may_be_members(owner: Person, guest: Person, nobody: Person, group: Place, shared: Place) -> None:
    owner.put(group, {"members": ["system.Authenticated"]}).expect(200)
    guest.get(shared).expect(200)
    nobody.get(shared).refused(401, 104)


@section("sharing#groups")
def test_membership_follows_every_change(owner: Person, guest: Person, group: Place, shared: Place) -> None:
    changes: list[tuple[Callable[[list[str]], Any], int]] = [
        (lambda members: owner.put(group, {"members": members}), 200),
        (lambda members: owner.patch(group, {"members": members}), 200),
        (lambda members: owner.apply(group, MERGE_PATCH, {"data": {"members": members}}), 200),
        (
            lambda members: owner.apply(group, JSON_PATCH, [{"op": "add", "path": "/data/members", "value": members}]),
            200,
        ),
    ]
    for change, status in changes:
        change(["kit:x", guest.id]).expect(status)
        guest.get(shared).expect(200)
        change(["kit:x"]).expect(status)
        guest.get(shared).refused(403, 121)


@section("sharing#groups")
def test_membership_ends_with_a_put_without_members(owner: Person, guest: Person, group: Place, shared: Place) -> None:
    owner.put(group, {"members": [guest.id]}).expect(200)
    assert owner.put(group, {"name": "x"}).expect(200).data["members"] == []
    guest.get(shared).refused(403, 121)


@section("sharing#groups")
def test_other_changes_keep_the_members(owner: Person, guest: Person, group: Place, shared: Place) -> None:
    owner.put(group, {"members": [guest.id]}).expect(200)
    owner.patch(group, {"name": "Friends"}).expect(200)
    owner.share(group, "read", "kit:somebody")
    owner.ask("PUT", group, body={}).expect(200)
    assert owner.data(group)["members"] == [guest.id]
    guest.get(shared).expect(200)


@section("sharing#groups")
def test_members_have_no_permission_on_the_group(owner: Person, guest: Person, group: Place) -> None:
    owner.put(group, {"members": [guest.id]}).expect(200)
    guest.get(group).refused(403, 121)
    guest.patch(group, {"members": []}).refused(403, 121)
    owner.share(group, "read", str(group))
    assert guest.data(group)["members"] == [guest.id]


@section("sharing#groups")
def test_readers_of_a_group_are_no_members(owner: Person, guest: Person, group: Place, shared: Place) -> None:
    owner.share(group, "write", owner.id, guest.id)
    guest.get(shared).refused(403, 121)
    guest.patch(group, {"members": [guest.id]}).expect(200)
    guest.get(shared).expect(200)


@section("sharing#groups")
@pytest.mark.parametrize(
    "members",
    ["x", 1, None, {}, [1], [None], [[]], ["system.Everyone"], ["/buckets/b/groups/g"], ["kit:a", "/x"]],
    ids=label,
)
def test_who_cannot_be_a_member(owner: Person, group: Place, members: Any) -> None:
    owner.put(group, {"members": ["kit:a"]}).expect(200)
    owner.put(group, {"members": members}).refused(400, 107)
    owner.patch(group, {"members": members}).refused(400, 107)
    owner.post(group.siblings, {"members": members}).refused(400, 107)
    assert owner.data(group)["members"] == ["kit:a"]


@section("sharing#groups")
def test_a_refused_change_keeps_the_members(owner: Person, guest: Person, group: Place, shared: Place) -> None:
    owner.put(group, {"members": [guest.id]}).expect(200)
    owner.patch(group, {"members": []}, If_Match='"1"').refused(412, 114)
    owner.put(group, {"members": []}, headers={"If-None-Match": "*"}).refused(412, 114)
    owner.post(group.siblings, {"id": group.id, "members": []}).expect(200)
    guest.get(shared).expect(200)


ENDS: dict[str, Callable[[Person, Place, Place], Any]] = {
    "by itself": lambda owner, bucket, group: owner.delete(group),
    "with its list": lambda owner, bucket, group: owner.delete(group.siblings),
    "with some of its list": lambda owner, bucket, group: owner.delete(group.siblings, {"id": group.id}),
    "with its bucket": lambda owner, bucket, group: owner.delete(bucket),
    "with a list of buckets": lambda owner, bucket, group: owner.delete("/buckets", {"id": bucket.id}),
    "in a batch": lambda owner, bucket, group: owner.batch({"method": "DELETE", "path": str(group)}),
}


@section("sharing#groups")
@pytest.mark.parametrize("end", ENDS)
def test_a_group_ends_with_its_record(
    owner: Person, guest: Person, bucket: Place, group: Place, shared: Place, end: str
) -> None:
    owner.put(group, {"members": [guest.id]}).expect(200)
    guest.get(shared).expect(200)
    ENDS[end](owner, bucket, group).expect(200)
    guest.get(shared).refused(403, 121)
    assert str(group) not in guest.get("/").expect(200).body["user"].get("principals", [])


@section("sharing#groups")
@pytest.mark.parametrize("end", ENDS)
def test_a_group_that_comes_again_grants_nothing_back(
    owner: Person, guest: Person, bucket: Place, group: Place, shared: Place, end: str
) -> None:
    owner.put(group, {"members": [guest.id]}).expect(200)
    ENDS[end](owner, bucket, group).expect(200)
    if owner.get(bucket).status != 200:
        owner.create(bucket)
    owner.create(group)
    guest.get(shared).refused(403, 121)
    owner.put(group, {"members": [guest.id]}).expect(200)
    guest.get(shared).refused(403, 121)
    assert "read" not in owner.access(shared), "the access list still names the group that ended"
    owner.share(shared, "read", str(group))
    guest.get(shared).expect(200)


@section("sharing#groups")
def test_a_group_may_hold_a_permission_on_what_it_lies_in(owner: Person, guest: Person, bucket: Place) -> None:
    group = owner.create(bucket.child("group", "editors"), {"members": [guest.id]})
    owner.share(bucket, "write", owner.id, str(group))
    collection = guest.create(bucket.child("collection", fresh()))
    guest.create(collection.child("record", fresh()))
    guest.patch(group, {"members": []}).expect(200)
    guest.get(bucket).refused(403, 121)


@section("sharing#groups")
def test_somebody_may_be_in_several_groups(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    groups = [owner.create(bucket.child("group", f"g{n}"), {"members": [guest.id]}) for n in range(2)]
    owner.share(record, "read", *map(str, groups))
    owner.delete(groups[0]).expect(200)
    guest.get(record).expect(200)
    owner.delete(groups[1]).expect(200)
    guest.get(record).refused(403, 121)
