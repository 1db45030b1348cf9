"""The tests of transactions: what is kept, what is undone, and what happens at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cliquet.database.question import Inquiry, ask
from cliquet.database.transaction import Transaction
from cliquet.permission.base import Objects, Permission
from cliquet.testing.permission.base import BUCKET, COLLECTION, GROUP, Contract, held

__all__ = ["TransactionsContract"]


class TransactionsContract(Contract):
    """A transaction is kept as a whole, or not at all."""

    def test_a_transaction_is_kept_as_a_whole(self, permission: Permission) -> None:
        with Transaction() as transaction:
            permission.set_members(GROUP, ["alice"], transaction=transaction)
            permission.grant(BUCKET, "read", GROUP, transaction=transaction)
            permission.grant(BUCKET, "write", "bob", transaction=transaction)
            permission.revoke(BUCKET, "write", "bob", transaction=transaction)
        assert held(permission, BUCKET) == {BUCKET: {"read": {GROUP}}}
        assert permission.principals_of("alice") == {GROUP}

    def test_nothing_is_left_of_a_transaction_that_failed(self, permission: Permission) -> None:
        permission.replace(BUCKET, {"read": ["alice"], "write": ["alice"]})
        permission.set_members(GROUP, ["alice"])

        def fail(transaction: Transaction) -> None:
            permission.replace(BUCKET, {"read": ["bob"]}, transaction=transaction)
            permission.delete_under("/buckets", inclusive=True, transaction=transaction)
            permission.set_members(GROUP, ["bob"], transaction=transaction)
            permission.remove_group(GROUP, transaction=transaction)
            permission.erase("alice", transaction=transaction)
            permission.check([(BUCKET, "read")], ["alice"], transaction=transaction)
            raise RuntimeError("boom")

        with pytest.raises(RuntimeError, match="boom"), Transaction() as transaction:
            fail(transaction)
        assert held(permission, BUCKET) == {BUCKET: {"read": {"alice"}, "write": {"alice"}}}
        assert permission.principals_of("alice") == {GROUP}
        assert permission.principals_of("bob") == frozenset()

    def test_a_transaction_reads_what_it_wrote(self, permission: Permission) -> None:
        permission.grant(BUCKET, "write", "alice")
        permission.grant("/buckets/c", "read", "alice")
        with Transaction() as transaction:
            permission.revoke(BUCKET, "write", "alice", transaction=transaction)
            permission.grant(BUCKET, "read", GROUP, transaction=transaction)
            permission.add_member(GROUP, "alice", transaction=transaction)
            permission.grant(COLLECTION, "read", "alice", transaction=transaction)
            assert permission.principals_of("alice", transaction=transaction) == {GROUP}
            wanted = [(BUCKET, "read"), (BUCKET, "write")]
            assert permission.check(wanted, ["alice"], transaction=transaction) is False
            assert permission.check(wanted, ["alice"], user_id="alice", transaction=transaction) is True
            granted = permission.granting(wanted, ["alice"], user_id="alice", transaction=transaction)
            assert granted == [(BUCKET, "read", GROUP)]
            assert held(permission, BUCKET, transaction=transaction) == {BUCKET: {"read": {GROUP}}}
            listed = permission.accessible("/buckets", ["read"], ["alice"], user_id="alice", transaction=transaction)
            assert listed == {BUCKET: {"read"}, "/buckets/c": {"read"}}
            page = permission.objects_of(["alice"], user_id="alice", limit=2, transaction=transaction)
            assert page == Objects([("/buckets/c", frozenset({"read"})), (COLLECTION, frozenset({"read"}))], True)

    def test_what_was_foreseen_counts_until_the_transaction_changes_it(self, permission: Permission) -> None:
        permission.add_member(GROUP, "alice")
        with Transaction() as transaction:
            who: dict[str, Any] = {"principals": ["alice"], "user_id": "alice", "named": [GROUP]}
            found = permission.foresee(transaction, wanted=[(BUCKET, "read")], **who)
            ask(Inquiry(() if found.held is None else (found.held,)))
            changes: list[Callable[[], None]] = [
                lambda: permission.remove_member(GROUP, "alice", transaction=transaction),
                lambda: permission.set_members(GROUP, ["alice"], transaction=transaction),
                lambda: permission.remove_group(GROUP, transaction=transaction),
                lambda: permission.grant(BUCKET, "read", "alice", transaction=transaction),
            ]
            for expected, change in zip((True, False, True, False), changes, strict=True):
                assert permission.check([(BUCKET, "read")], **who, transaction=transaction) is expected
                change()
            assert permission.check([(BUCKET, "read")], **who, transaction=transaction) is True

    def test_nobody_else_sees_what_is_not_kept_yet(self, permission: Permission) -> None:
        permission.grant(BUCKET, "write", "alice")
        with Transaction() as transaction:
            permission.add_member(GROUP, "alice", transaction=transaction)
            permission.replace(BUCKET, {"write": [], "read": [GROUP]}, transaction=transaction)
            assert permission.check([(BUCKET, "write")], ["alice"]) is True
            assert permission.check([(BUCKET, "read")], [GROUP]) is False
            assert permission.principals_of("alice") == frozenset()
        assert permission.check([(BUCKET, "write")], ["alice"]) is False
        assert permission.check([(BUCKET, "read")], [], user_id="alice") is True

    def test_an_undone_block_leaves_the_rest(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        with Transaction() as transaction:
            permission.grant(BUCKET, "read", "bob", transaction=transaction)
            with transaction.savepoint() as point:
                permission.delete(BUCKET, transaction=transaction)
                permission.add_member(GROUP, "alice", transaction=transaction)
                assert held(permission, BUCKET, transaction=transaction) == {}
                point.undo()
            assert held(permission, BUCKET, transaction=transaction) == {BUCKET: {"read": {"alice", "bob"}}}
            with transaction.savepoint():
                permission.grant(COLLECTION, "read", "bob", transaction=transaction)
        assert held(permission, BUCKET, COLLECTION) == {
            BUCKET: {"read": {"alice", "bob"}},
            COLLECTION: {"read": {"bob"}},
        }
        assert permission.principals_of("alice") == frozenset()

    @pytest.mark.parametrize("inner", [False, True], ids=["inner kept", "inner undone"])
    @pytest.mark.parametrize("outer", [False, True], ids=["outer kept", "outer undone"])
    @pytest.mark.parametrize("begun", [False, True], ids=["begun inside", "begun outside"])
    def test_blocks_may_be_nested(self, permission: Permission, inner: bool, outer: bool, begun: bool) -> None:
        with Transaction() as transaction:
            if begun:
                permission.grant(BUCKET, "read", "first", transaction=transaction)
            with transaction.savepoint() as outer_point:
                permission.grant(BUCKET, "read", "outer", transaction=transaction)
                with transaction.savepoint() as inner_point:
                    permission.grant(BUCKET, "read", "inner", transaction=transaction)
                    if inner:
                        inner_point.undo()
                permission.grant(BUCKET, "read", "again", transaction=transaction)
                if outer:
                    outer_point.undo()
            permission.grant(BUCKET, "read", "last", transaction=transaction)
        kept = {"last", *(["first"] if begun else []), *([] if outer else ["outer", "again"])}
        assert held(permission, BUCKET)[BUCKET]["read"] == kept | (set() if outer or inner else {"inner"})

    def test_a_refused_change_leaves_the_transaction_alone(self, permission: Permission) -> None:
        with Transaction() as transaction:
            permission.grant(BUCKET, "read", "alice", transaction=transaction)
            with pytest.raises(Exception, match="cannot be stored"):
                permission.grant(BUCKET, "read", "nul\0", transaction=transaction)
        assert held(permission, BUCKET) == {BUCKET: {"read": {"alice"}}}

    # At once

    def test_what_several_add_at_once_is_all_there(self, permission: Permission) -> None:
        def add(thread: int) -> None:
            for number in range(10):
                permission.grant(BUCKET, "read", f"{thread}-{number}")
                permission.add_member(GROUP, f"{thread}-{number}")
                permission.grant(BUCKET, "write", f"everybody-{number}")
                permission.add_member(f"{GROUP}{number}", "everybody")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(add, range(4)))
        mine = {f"{thread}-{number}" for thread in range(4) for number in range(10)}
        everybodys = {f"everybody-{number}" for number in range(10)}
        assert held(permission, BUCKET) == {BUCKET: {"read": mine, "write": everybodys}}
        assert all(permission.principals_of(user) == {GROUP} for user in mine)
        assert permission.principals_of("everybody") == {f"{GROUP}{number}" for number in range(10)}

    def test_what_several_remove_at_once_is_all_gone(self, permission: Permission) -> None:
        objects = [f"{COLLECTION}/records/{number}" for number in range(20)]
        for object_id in objects:
            permission.replace(object_id, {"read": ["alice", "bob"], "write": ["alice"]})

        def remove(thread: int) -> None:
            for object_id in objects[thread::4]:
                permission.delete(object_id)
            permission.revoke(objects[0], "read", "alice")

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(remove, range(4)))
        assert permission.objects_of(["alice", "bob"]) == ([], False)
        assert permission.accessible(f"{COLLECTION}/records", ["read", "write"], ["alice", "bob"]) == {}
