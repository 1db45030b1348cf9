"""The tests of what somebody holds: pages of objects in some lists, and objects that nobody else may change."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from cliquet.database.transaction import Transaction
from cliquet.permission.base import AUTHENTICATED, Lists, Permission
from cliquet.testing.permission.base import BUCKET, COLLECTION, GROUP, LOOKALIKES, Contract

__all__ = ["HoldingsContract", "pages"]

RECORDS = f"{COLLECTION}/records"
BUCKETS, COLLECTIONS, RECORD_LISTS = (Lists.like(one) for one in (BUCKET, COLLECTION, f"{RECORDS}/r"))
READ = frozenset({"read"})
#: Objects whose order is not that of their parts, and some of whose lists begin with each other.
NAMES = (
    *("/buckets/b", "/buckets/b-", "/buckets/b-1", "/buckets/b0", "/buckets/B"),
    *("/buckets/b/collections/z", "/buckets/b-/collections/a", "/buckets/b0/collections/a", "/buckets/b/groups/g"),
    *("/buckets/b/buckets/c", "/buckets/b/buckets/b-", "/buckets/c/buckets/a"),
    *("/buckets/b/collections/z/records/2", "/buckets/b-/collections/a/records/1", "/buckets/é", "/buckets/😀"),
)


def pages(permission: Permission, principals: list[str], size: int, **options: Any) -> list[tuple[str, frozenset[str]]]:
    """All objects of somebody, page by page."""
    found = permission.objects_of(principals, limit=size, **options)
    entries = found.entries
    while found.more:
        assert len(found.entries) == size, "a page that is not the last is not full"
        assert len(entries) < 10_000, "the walk has no end"
        found = permission.objects_of(principals, limit=size, after=entries[-1][0], **options)
        entries = entries + found.entries
    return entries


def by_id(object_id: str) -> tuple[str, str]:
    return object_id.rpartition("/")[2], object_id


class HoldingsContract(Contract):
    """What somebody holds is found in some lists, in the order of paths or of ids, page by page."""

    @pytest.mark.parametrize("descending", [True, False])
    @pytest.mark.parametrize("size", [1, 2, 3, 100])
    def test_objects_come_in_the_order_of_their_paths(
        self, permission: Permission, size: int, descending: bool
    ) -> None:
        permission.add_member(GROUP, "alice")
        for number, object_id in enumerate(NAMES):
            permission.replace(object_id, {"read": ["alice" if number % 2 else GROUP], "write": ["bob"]})
            permission.grant(f"{object_id}/of-bob", "read", "bob")
        lists = {Lists.like(object_id) for object_id in NAMES}
        options: dict[str, Any] = {"user_id": "alice", "lists": lists, "descending": descending}
        expected = [(object_id, READ) for object_id in sorted(NAMES, reverse=descending)]
        assert pages(permission, ["alice"], size, **options) == expected
        assert permission.objects_of(["alice"], **options) == (expected, False)

    @pytest.mark.parametrize("descending", [True, False])
    @pytest.mark.parametrize("size", [1, 3, 100])
    def test_objects_come_in_the_order_of_their_ids(self, permission: Permission, size: int, descending: bool) -> None:
        for object_id in NAMES:
            permission.replace(object_id, {"read": ["alice"], "write": ["alice", "bob"]})
        lists = {Lists.like(object_id) for object_id in NAMES}
        ordered = sorted(NAMES, key=by_id, reverse=descending)
        expected = [(object_id, frozenset({"read", "write"})) for object_id in ordered]
        for chosen in (lists, None):
            options: dict[str, Any] = {"lists": chosen, "by_id": True, "descending": descending}
            assert pages(permission, ["alice"], size, **options) == expected

    def test_objects_are_counted_by_their_lists(self, permission: Permission) -> None:
        permission.add_member(GROUP, "alice")
        for object_id in NAMES:
            permission.replace(object_id, {"read": ["alice", GROUP], "write": ["alice", "bob"]})
            permission.grant(f"{object_id}/of-bob", "read", "bob")
        permission.grant("/buckets/", "read", "alice")
        lists = [Lists.like(object_id) for object_id in NAMES]
        expected = Counter(object_id[: object_id.rindex("/") + 1] for object_id in NAMES)
        assert permission.numbers_of(["alice"], user_id="alice", lists=lists) == expected
        assert permission.numbers_of(["alice"], lists=[COLLECTIONS]) == {
            path: number for path, number in expected.items() if path.endswith("/collections/")
        }
        assert permission.numbers_of([], user_id="alice", lists=[BUCKETS]) == {"/buckets/": expected["/buckets/"]}
        assert permission.numbers_of(["carol"], user_id="carol", lists=lists) == {}

    def test_only_the_lists_asked_for_count(self, permission: Permission) -> None:
        for object_id in (BUCKET, "/buckets/c", COLLECTION, "/buckets/c/collections/c", f"{RECORDS}/r", GROUP):
            permission.grant(object_id, "read", "alice")

        def found(*lists: Lists) -> list[str]:
            return [object_id for object_id, _ in permission.objects_of(["alice"], lists=lists, limit=9).entries]

        assert found(BUCKETS) == ["/buckets/c", BUCKET]
        assert found(RECORD_LISTS, BUCKETS) == ["/buckets/c", f"{RECORDS}/r", BUCKET]
        assert found(COLLECTIONS) == ["/buckets/c/collections/c", COLLECTION]
        assert found(Lists.like(COLLECTION, under=BUCKET)) == [COLLECTION]
        assert found(Lists.like(f"{RECORDS}/r", under=COLLECTION)) == [f"{RECORDS}/r"]
        assert found(Lists.like(COLLECTION, under="/buckets/nope")) == []
        assert found() == []

    def test_lists_that_look_alike_are_different(self, permission: Permission) -> None:
        for one in LOOKALIKES:
            permission.grant(f"/x/{one}/y/1", "read", "alice")
            permission.grant(f"/x/1/{one}/1", "read", "alice")
        for one in LOOKALIKES:
            under = Lists.like(f"/x/{one}/y/1", under=f"/x/{one}")
            assert permission.objects_of(["alice"], lists=[under], limit=99).entries == [(f"/x/{one}/y/1", READ)]
            named = Lists.like(f"/x/1/{one}/1")
            assert permission.objects_of(["alice"], lists=[named], limit=99).entries == [(f"/x/1/{one}/1", READ)]

    def test_a_page_may_begin_after_an_object_of_another_list(self, permission: Permission) -> None:
        for object_id in NAMES:
            permission.grant(object_id, "read", "alice")
        for after in (*NAMES, "/", "/buckets", "/buckets/b/", "/buckets/b/x", "/zzz/z/z/z/z", ""):
            for descending in (True, False):
                found = permission.objects_of(
                    ["alice"], lists=[BUCKETS, RECORD_LISTS], after=after, limit=99, descending=descending
                )
                wanted = [one for one in NAMES if any(lists.holds(one) for lists in (BUCKETS, RECORD_LISTS))]
                expected = [one for one in wanted if (one < after if descending else one > after)]
                assert [one for one, _ in found.entries] == sorted(expected, reverse=descending), (after, descending)

    # Alone

    def test_what_nobody_else_may_do_is_held_alone(self, permission: Permission) -> None:
        permission.replace(f"{RECORDS}/1", {"write": ["alice"], "read": ["bob"]})
        permission.replace(f"{RECORDS}/2", {"write": ["alice", "bob"]})
        permission.replace(f"{RECORDS}/3", {"write": ["bob"], "read": ["alice"]})
        permission.replace(f"{RECORDS}/4", {"write": ["alice"]})
        permission.replace(COLLECTION, {"write": ["alice"]})
        assert permission.held_alone("alice", "write", lists=RECORD_LISTS) == [f"{RECORDS}/1", f"{RECORDS}/4"]
        assert permission.held_alone("alice", "read", lists=RECORD_LISTS) == [f"{RECORDS}/3"]
        assert permission.held_alone("alice", "write", lists=COLLECTIONS) == [COLLECTION]
        assert permission.held_alone("alice", "write", lists=Lists.like(f"{RECORDS}/1", under="/buckets/x")) == []
        assert permission.held_alone("alice", "x", lists=RECORD_LISTS) == []
        assert permission.held_alone("nul\0", "write", lists=RECORD_LISTS) == []

    @pytest.mark.parametrize("size", [1, 2, 100])
    def test_what_is_held_alone_comes_in_pages(self, permission: Permission, size: int) -> None:
        objects = sorted(f"/buckets/{name}/collections/c{n}" for name in ("b", "b-", "c") for n in range(3))
        for object_id in objects:
            permission.grant(object_id, "write", "alice")
        found: list[str] = []
        while page := permission.held_alone(
            "alice", "write", lists=COLLECTIONS, after=found[-1] if found else None, limit=size
        ):
            assert len(page) <= size
            found += page
        assert found == objects

    def test_a_transaction_sees_what_it_left(self, permission: Permission) -> None:
        permission.grant(COLLECTION, "write", "alice")
        permission.grant(BUCKET, "write", "bob")
        with Transaction() as transaction:
            permission.delete(COLLECTION, transaction=transaction)
            permission.replace(BUCKET, {"write": ["alice"]}, transaction=transaction)
            assert permission.held_alone("alice", "write", lists=COLLECTIONS, transaction=transaction) == []
            assert permission.held_alone("alice", "write", lists=BUCKETS, transaction=transaction) == [BUCKET]
            page = permission.objects_of(["alice"], lists=[BUCKETS, COLLECTIONS], limit=9, transaction=transaction)
            assert page == ([(BUCKET, frozenset({"write"}))], False)

    # Groups

    def test_memberships_are_those_of_the_user_alone(self, permission: Permission) -> None:
        permission.add_member(GROUP, "alice")
        permission.add_member("/buckets/b/groups/all", AUTHENTICATED)
        assert permission.memberships("alice") == {GROUP}
        assert permission.memberships("bob") == permission.memberships("nul\0") == frozenset()
        assert permission.memberships(AUTHENTICATED) == {"/buckets/b/groups/all"}
        with Transaction() as transaction:
            permission.remove_member(GROUP, "alice", transaction=transaction)
            assert permission.memberships("alice", transaction=transaction) == frozenset()
        assert permission.memberships("alice") == frozenset()
