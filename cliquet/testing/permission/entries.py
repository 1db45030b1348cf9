"""The tests of ACEs: who has which permission on an object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.errors import BackendError
from cliquet.permission.base import Objects, Permission
from cliquet.testing.permission.base import BUCKET, COLLECTION, GROUP, LOOKALIKES, Contract, held

__all__ = ["EntriesContract"]

IMPOSSIBLE = ("nul\0", "\ud800", "a\udfffb", "é\0")


class EntriesContract(Contract):
    """ACEs are added, replaced and removed."""

    def test_an_object_without_aces_has_none(self, permission: Permission) -> None:
        assert permission.permissions_of(BUCKET, COLLECTION) == {BUCKET: {}, COLLECTION: {}}
        assert permission.permissions_of() == {}

    def test_aces_are_read_for_many_objects(self, permission: Permission) -> None:
        permission.grant(BUCKET, "write", "alice")
        permission.grant(BUCKET, "record:create", "bob")
        permission.grant(COLLECTION, "read", "alice")
        permission.grant(COLLECTION, "read", "bob")
        permission.grant("/buckets/c", "read", "alice")
        assert permission.permissions_of(COLLECTION, BUCKET, "/x", BUCKET) == {
            BUCKET: {"write": frozenset({"alice"}), "record:create": frozenset({"bob"})},
            COLLECTION: {"read": frozenset({"alice", "bob"})},
            "/x": {},
        }

    def test_granting_and_revoking_twice_is_as_good_as_once(self, permission: Permission) -> None:
        for _ in range(2):
            permission.grant(BUCKET, "read", "alice")
        assert held(permission, BUCKET) == {BUCKET: {"read": {"alice"}}}
        for _ in range(2):
            permission.revoke(BUCKET, "read", "alice")
        assert held(permission, BUCKET) == {}

    def test_only_what_is_revoked_goes(self, permission: Permission) -> None:
        permission.replace(BUCKET, {"read": ["alice", "bob"], "write": ["alice"]})
        permission.grant(COLLECTION, "read", "alice")
        permission.revoke(BUCKET, "read", "alice")
        permission.revoke(BUCKET, "write", "bob")
        assert held(permission, BUCKET, COLLECTION) == {
            BUCKET: {"read": {"bob"}, "write": {"alice"}},
            COLLECTION: {"read": {"alice"}},
        }

    def test_only_the_permissions_named_are_replaced(self, permission: Permission) -> None:
        permission.replace(BUCKET, {"read": ["alice", "bob"], "write": ["alice"], "group:create": ["bob"]})
        permission.replace(BUCKET, {"read": iter(["bob", "carol", "bob"]), "group:create": []})
        assert held(permission, BUCKET) == {BUCKET: {"read": {"bob", "carol"}, "write": {"alice"}}}

    def test_to_replace_nothing_changes_nothing(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        permission.replace(BUCKET, {})
        permission.replace(BUCKET, {"write": []})
        assert held(permission, BUCKET) == {BUCKET: {"read": {"alice"}}}

    def test_a_permission_may_have_many_principals(self, permission: Permission) -> None:
        many = [f"user{number}" for number in range(3000)]
        permission.replace(BUCKET, {"read": many})
        permission.replace(BUCKET, {"read": many[1:]})
        assert held(permission, BUCKET) == {BUCKET: {"read": set(many[1:])}}
        assert permission.check([(BUCKET, "read")], many[:1]) is False
        assert permission.check([(BUCKET, "read")], many) is True

    def test_the_aces_on_deleted_objects_go(self, permission: Permission) -> None:
        for object_id in (BUCKET, COLLECTION, GROUP):
            permission.replace(object_id, {"read": ["alice"], "write": ["alice", "bob"]})
        permission.delete(BUCKET, GROUP, "/x")
        permission.delete()
        assert list(held(permission, BUCKET, COLLECTION, GROUP)) == [COLLECTION]
        assert permission.objects_of(["alice"]) == Objects([(COLLECTION, frozenset({"read", "write"}))])

    @pytest.mark.parametrize("inclusive", [False, True])
    def test_what_is_below_an_ancestor_is_a_range(self, permission: Permission, inclusive: bool) -> None:
        others = {
            "/buckets/b_",
            "/buckets/b0",
            "/buckets/b-/x",
            "/buckets/b.",
            "/buckets/bb/x",
            "/bucketsXb/x",
            "/buckets",
        }
        below = {COLLECTION, GROUP, "/buckets/b/", "/buckets/b/😀", f"{COLLECTION}/records/%"}
        for object_id in [*others, *below, BUCKET]:
            permission.grant(object_id, "read", "alice")
        permission.delete_under(BUCKET, inclusive=inclusive)
        assert set(held(permission, *others, *below, BUCKET)) == others | (set() if inclusive else {BUCKET})
        permission.delete_under("/nothing", inclusive=inclusive)
        assert others <= {object_id for object_id, _ in permission.objects_of(["alice"]).entries}

    def test_a_cascade_has_no_limit(self, permission: Permission) -> None:
        for number in range(30):
            permission.replace(f"{COLLECTION}/records/{number}", {"read": [f"user{n}" for n in range(400)]})
        permission.delete_under(BUCKET)
        assert permission.objects_of([f"user{n}" for n in range(400)]) == ([], False)

    @pytest.mark.parametrize("name", LOOKALIKES)
    def test_names_that_look_alike_are_different(self, permission: Permission, name: str) -> None:
        for one in LOOKALIKES:
            permission.replace(f"/x/{one}", {"read": ["alice"], one: [one]})
            permission.grant(f"/x/{one}/y", "read", "alice")
        assert permission.check([(f"/x/{name}", name)], [name]) is True
        assert permission.granting([(f"/x/{name}", one) for one in LOOKALIKES], LOOKALIKES) == [
            (f"/x/{name}", name, name)
        ]
        permission.revoke(f"/x/{name}", name, name)
        assert permission.check([(f"/x/{name}", name)], LOOKALIKES) is False
        assert set(permission.accessible("/x", ["read"], ["alice"])) == {f"/x/{one}" for one in LOOKALIKES}
        permission.delete_under(f"/x/{name}")
        permission.delete(f"/x/{name}")
        others = set(LOOKALIKES) - {name}
        expected = {f"/x/{one}" for one in others} | {f"/x/{one}/y" for one in others}
        assert {one for one, _ in permission.objects_of(["alice"]).entries} == expected
        assert permission.accessible("/x", LOOKALIKES, LOOKALIKES) == {f"/x/{one}": {one} for one in others}

    @pytest.mark.parametrize("text", IMPOSSIBLE, ids=ascii)
    def test_what_no_backend_can_keep_is_refused(self, permission: Permission, text: str) -> None:
        writes: list[Callable[[], Any]] = [
            lambda: permission.grant(text, "read", "alice"),
            lambda: permission.grant(BUCKET, text, "alice"),
            lambda: permission.grant(BUCKET, "read", text),
            lambda: permission.replace(BUCKET, {"read": ["alice", text]}),
            lambda: permission.replace(BUCKET, {text: []}),
            lambda: permission.add_member(text, "alice"),
            lambda: permission.set_members(GROUP, ["alice", text]),
        ]
        for write in writes:
            with pytest.raises(BackendError, match="cannot be stored"):
                write()
        assert held(permission, BUCKET) == {}
        assert permission.principals_of("alice") == frozenset()

    @pytest.mark.parametrize("text", IMPOSSIBLE, ids=ascii)
    def test_what_no_backend_can_keep_is_not_found(self, permission: Permission, text: str) -> None:
        permission.grant(BUCKET, "read", "alice")
        assert permission.principals_of(text) == frozenset()
        assert permission.permissions_of(text, BUCKET)[text] == {}
        assert permission.check([(text, "read"), (BUCKET, text)], ["alice"]) is False
        assert permission.check([(BUCKET, "read"), (text, text)], [text], user_id=text) is False
        assert permission.check([(BUCKET, "read")], [text, "alice"]) is True
        assert permission.accessible(text, ["read"], ["alice"]) == {}
        assert permission.accessible("/buckets", ["read", text], ["alice", text]) == {BUCKET: {"read"}}
        assert permission.objects_of([text], user_id=text) == ([], False)
        permission.revoke(BUCKET, "read", text)
        permission.remove_member(GROUP, text)
        permission.remove_group(text)
        permission.remove_groups_under(text)
        permission.delete(text)
        permission.delete_under(text, inclusive=True)
        permission.erase(text)
        assert held(permission, BUCKET) == {BUCKET: {"read": {"alice"}}}
