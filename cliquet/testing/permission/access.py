"""The tests of questions: may somebody do something, why, and with what."""

from __future__ import annotations

import pytest

from cliquet.permission.base import AUTHENTICATED, Permission
from cliquet.testing.permission.base import BUCKET, COLLECTION, GROUP, Contract
from cliquet.testing.permission.holdings import pages

__all__ = ["AccessContract"]

RECORDS = f"{COLLECTION}/records"
WANTED = [(BUCKET, "write"), (BUCKET, "read"), (COLLECTION, "read")]


class AccessContract(Contract):
    """Who may do what is answered for several objects, permissions and principals at once."""

    def test_one_pair_and_one_principal_are_enough(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        permission.grant(COLLECTION, "write", "bob")
        assert permission.check(WANTED, ["carol", "alice"]) is True
        assert permission.check(iter(WANTED), iter(["alice"])) is True
        assert permission.check(WANTED, ["bob"]) is False
        assert permission.check([(COLLECTION, "read")], ["alice"]) is False

    def test_who_wants_nothing_or_is_nobody_may_nothing(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        assert permission.check([], ["alice"], user_id="alice") is False
        assert permission.check(WANTED, []) is False
        assert permission.granting([], ["alice"]) == []

    def test_an_object_and_a_permission_count_as_a_pair(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        permission.grant(COLLECTION, "write", "alice")
        assert permission.check([(BUCKET, "write"), (COLLECTION, "read")], ["alice"]) is False

    def test_the_groups_of_a_user_count(self, permission: Permission) -> None:
        permission.add_member(GROUP, "alice")
        permission.grant(BUCKET, "read", GROUP)
        assert permission.check(WANTED, [], user_id="alice") is True
        assert permission.check(WANTED, ["alice"]) is False
        assert permission.check(WANTED, [], user_id="bob") is False
        assert permission.check(WANTED, [GROUP]) is True

    def test_a_member_of_a_group_that_is_named_may(self, permission: Permission) -> None:
        permission.add_member(GROUP, "alice")
        permission.add_member("/everybody", AUTHENTICATED)
        assert permission.check(WANTED, ["alice"], user_id="alice", named=["/other", GROUP]) is True
        assert permission.check([], [], user_id="alice", named=iter([GROUP])) is True
        assert permission.check([], [], user_id="bob", named=["/everybody"]) is True
        assert permission.check(WANTED, ["alice"], user_id="bob", named=[GROUP]) is False
        assert permission.check(WANTED, ["alice"], named=["/everybody", GROUP]) is False
        permission.grant(BUCKET, "read", "bob")
        assert permission.check(WANTED, ["bob"], user_id="bob", named=[GROUP]) is True

    def test_a_user_id_is_no_principal_by_itself(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        permission.grant(BUCKET, "read", AUTHENTICATED)
        assert permission.check(WANTED, [], user_id="alice") is False

    def test_the_aces_that_grant_explain_why(self, permission: Permission) -> None:
        permission.add_member(GROUP, "alice")
        permission.replace(BUCKET, {"read": [GROUP, "alice", "bob"], "write": ["bob"]})
        permission.grant(COLLECTION, "read", "alice")
        permission.grant(COLLECTION, "write", "alice")
        granted = permission.granting([*WANTED, *WANTED], ["alice", "alice", GROUP], user_id="alice")
        assert granted == [(BUCKET, "read", GROUP), (BUCKET, "read", "alice"), (COLLECTION, "read", "alice")]
        assert granted[0].principal == GROUP
        assert permission.granting(WANTED, ["carol"], user_id="carol") == []

    # Lists

    def test_only_direct_children_are_accessible(self, permission: Permission) -> None:
        for object_id in (BUCKET, "/buckets/c", COLLECTION, f"{RECORDS}/r", f"{RECORDS}/s", GROUP):
            permission.grant(object_id, "read", "alice")
        assert set(permission.accessible("/buckets", ["read"], ["alice"])) == {BUCKET, "/buckets/c"}
        assert set(permission.accessible("/buckets/b/collections", ["read"], ["alice"])) == {COLLECTION}
        assert set(permission.accessible(RECORDS, ["read"], ["alice"])) == {f"{RECORDS}/r", f"{RECORDS}/s"}
        for nowhere in ("/buckets/", "/buckets/b", "/", "", COLLECTION, f"{RECORDS}/r", "/bucket_", "%"):
            assert permission.accessible(nowhere, ["read"], ["alice"]) == {}

    def test_accessible_objects_come_with_the_permissions_asked_for(self, permission: Permission) -> None:
        permission.add_member(GROUP, "alice")
        permission.replace("/buckets/a", {"read": ["alice", GROUP], "write": [GROUP], "x:create": ["alice"]})
        permission.replace("/buckets/b", {"write": ["bob"], "x:create": ["alice"]})
        permission.replace("/buckets/c", {"read": [AUTHENTICATED]})
        principals = ["alice", AUTHENTICATED]
        assert permission.accessible("/buckets", iter(["read", "write"]), iter(principals), user_id="alice") == {
            "/buckets/a": {"read", "write"},
            "/buckets/c": {"read"},
        }
        assert permission.accessible("/buckets", ["x:create"], principals) == {
            "/buckets/a": {"x:create"},
            "/buckets/b": {"x:create"},
        }
        assert permission.accessible("/buckets", [], principals) == {}
        assert permission.accessible("/buckets", ["read"], []) == {}

    @pytest.mark.parametrize("descending", [True, False])
    @pytest.mark.parametrize("size", [1, 2, 3, 7, 100])
    def test_the_objects_of_a_user_come_in_pages(self, permission: Permission, size: int, descending: bool) -> None:
        permission.add_member(GROUP, "alice")
        names = ["/buckets/b", "/buckets/b-", "/buckets/b/groups/g", "/buckets/b0", "/buckets/B", "/buckets/é", "/x/😀"]
        for object_id in names:
            permission.replace(object_id, {"read": ["alice", GROUP], "write": [GROUP, "bob"], "other": ["bob"]})
            permission.grant(f"{object_id}/of-bob", "read", "bob")
        ordered = sorted(names, reverse=descending)
        expected = [(object_id, frozenset({"read", "write"})) for object_id in ordered]
        assert pages(permission, ["alice"], size, user_id="alice", descending=descending) == expected
        whole = permission.objects_of(["alice"], user_id="alice", descending=descending)
        assert whole == (expected, False)
        rest = permission.objects_of(["alice"], after=ordered[2], descending=descending)
        assert rest.entries == [(object_id, frozenset({"read"})) for object_id in ordered[3:]]

    def test_a_page_may_continue_after_an_object_that_is_gone(self, permission: Permission) -> None:
        for name in "abc":
            permission.grant(f"/{name}", "read", "alice")
        permission.delete("/b")
        assert permission.objects_of(["alice"], after="/b", limit=5).entries == [("/a", frozenset({"read"}))]
        assert permission.objects_of(["alice"], after="/a", limit=5) == ([], False)

    def test_nobody_has_no_objects(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        assert permission.objects_of([]) == ([], False)
        assert permission.objects_of(["bob"], user_id="bob", limit=1) == ([], False)
