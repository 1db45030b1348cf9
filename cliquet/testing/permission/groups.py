"""The tests of groups: who is a member, and what becomes of a group that goes."""

from __future__ import annotations

import pytest

from cliquet.permission.base import AUTHENTICATED, Permission
from cliquet.testing.permission.base import BUCKET, GROUP, LOOKALIKES, Contract, held

__all__ = ["GroupsContract"]

OTHER = "/buckets/b/groups/h"


class GroupsContract(Contract):
    """Users are members of groups."""

    def test_nobody_is_in_a_group_at_first(self, permission: Permission) -> None:
        assert permission.principals_of("alice") == frozenset()

    def test_a_user_may_be_in_several_groups(self, permission: Permission) -> None:
        for group in (GROUP, OTHER, GROUP):
            permission.add_member(group, "alice")
        permission.add_member(GROUP, "bob")
        assert permission.principals_of("alice") == {GROUP, OTHER}
        assert permission.principals_of("bob") == {GROUP}

    def test_a_group_of_everybody_who_is_somebody_has_every_user(self, permission: Permission) -> None:
        permission.add_member(GROUP, AUTHENTICATED)
        permission.add_member(OTHER, "alice")
        permission.grant(BUCKET, "read", GROUP)
        assert permission.principals_of("alice") == {GROUP, OTHER}
        assert permission.principals_of("bob") == {GROUP}
        assert permission.check([(BUCKET, "read")], [], user_id="bob") is True
        assert permission.check([(BUCKET, "read")], []) is False

    def test_a_member_can_be_removed(self, permission: Permission) -> None:
        permission.set_members(GROUP, ["alice", "bob"])
        for _ in range(2):
            permission.remove_member(GROUP, "alice")
        permission.remove_member(OTHER, "bob")
        assert permission.principals_of("alice") == frozenset()
        assert permission.principals_of("bob") == {GROUP}

    def test_exactly_the_members_set_are_members(self, permission: Permission) -> None:
        permission.set_members(GROUP, ["alice", "bob"])
        permission.set_members(OTHER, ["alice"])
        permission.set_members(GROUP, iter(["bob", "carol", "bob"]))
        assert [sorted(permission.principals_of(user)) for user in ("alice", "bob", "carol")] == [
            [OTHER],
            [GROUP],
            [GROUP],
        ]
        permission.set_members(GROUP, [])
        assert permission.principals_of("bob") == frozenset()
        assert permission.principals_of("alice") == {OTHER}

    def test_a_group_that_comes_back_grants_nothing_back(self, permission: Permission) -> None:
        permission.set_members(GROUP, ["alice", "bob"])
        permission.set_members(OTHER, ["alice"])
        permission.replace(BUCKET, {"read": [GROUP, OTHER, "carol"], "write": [GROUP]})
        permission.remove_group(GROUP)
        assert permission.principals_of("alice") == {OTHER}
        assert held(permission, BUCKET) == {BUCKET: {"read": {OTHER, "carol"}}}
        permission.add_member(GROUP, "alice")
        assert permission.check([(BUCKET, "write")], [], user_id="alice") is False

    def test_the_aces_on_a_removed_group_are_those_of_an_object(self, permission: Permission) -> None:
        permission.grant(GROUP, "read", "alice")
        permission.remove_group(GROUP)
        assert held(permission, GROUP) == {GROUP: {"read": {"alice"}}}

    def test_the_groups_below_an_ancestor_go_with_it(self, permission: Permission) -> None:
        others = ["/buckets/b_/groups/g", "/buckets/b0/groups/g", "/buckets/b", "/buckets/b-/g", "/bucketsXb/g"]
        mine = [GROUP, OTHER, "/buckets/b/", "/buckets/b/😀"]
        for group in [*others, *mine]:
            permission.add_member(group, "alice")
        permission.replace("/x", {"read": [*others, *mine, "alice"]})
        permission.remove_groups_under("/buckets/b")
        assert permission.principals_of("alice") == set(others)
        assert held(permission, "/x") == {"/x": {"read": {*others, "alice"}}}

    def test_a_group_without_members_loses_its_aces_as_well(self, permission: Permission) -> None:
        permission.replace("/x", {"read": [GROUP, OTHER, "alice"]})
        permission.remove_group(GROUP)
        assert held(permission, "/x") == {"/x": {"read": {OTHER, "alice"}}}
        permission.remove_groups_under(BUCKET)
        assert held(permission, "/x") == {"/x": {"read": {"alice"}}}

    @pytest.mark.parametrize("name", LOOKALIKES)
    def test_names_that_look_alike_are_different(self, permission: Permission, name: str) -> None:
        others = [other for other in LOOKALIKES if other != name]
        for one in LOOKALIKES:
            permission.add_member(f"/{one}/group", one)
        permission.set_members("all", LOOKALIKES)
        assert permission.principals_of(name) == {f"/{name}/group", "all"}
        permission.remove_member("all", name)
        assert permission.principals_of(name) == {f"/{name}/group"}
        permission.remove_group(f"/{name}/group")
        permission.add_member(f"/{name}/group", name)
        permission.remove_groups_under(f"/{name}")
        assert permission.principals_of(name) == frozenset()
        assert {one: permission.principals_of(one) for one in others} == {
            one: {f"/{one}/group", "all"} for one in others
        }

    def test_an_erased_principal_is_nowhere(self, permission: Permission) -> None:
        permission.set_members(GROUP, ["alice", "bob"])
        permission.set_members("alice", ["carol"])
        permission.replace(BUCKET, {"read": ["alice", "bob"], "write": ["alice"]})
        permission.replace("/buckets/c", {"write": ["alice"]})
        permission.erase("alice")
        assert permission.principals_of("alice") == frozenset()
        assert permission.principals_of("bob") == {GROUP}
        assert permission.principals_of("carol") == frozenset()
        assert held(permission, BUCKET, "/buckets/c") == {BUCKET: {"read": {"bob"}}}
        assert permission.objects_of(["alice"]) == ([], False)
