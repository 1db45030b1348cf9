"""The contract of a permission backend, kept by the one in memory."""

from __future__ import annotations

import threading

import pytest

from cliquet.database.transaction import Transaction
from cliquet.permission.base import Permission
from cliquet.permission.memory import MemoryPermission
from cliquet.storage.base import Scope
from cliquet.storage.memory import MemoryStorage
from cliquet.testing.permission import PermissionContract


class TestMemoryPermission(PermissionContract):
    @pytest.fixture(scope="class")
    @classmethod
    def permission(cls) -> Permission:
        return MemoryPermission()


def test_two_transactions_that_need_their_backends_in_another_order_get_through() -> None:
    storage, permission, both = MemoryStorage(), MemoryPermission(), threading.Barrier(2, timeout=10)

    def record_first() -> None:
        with Transaction() as transaction:
            storage.create(Scope("bucket", ""), {"id": "a"}, transaction=transaction)
            both.wait()
            permission.grant("/buckets/a", "read", "alice", transaction=transaction)

    def permission_first() -> None:
        with Transaction() as transaction:
            permission.grant("/buckets/b", "read", "alice", transaction=transaction)
            both.wait()
            storage.create(Scope("bucket", ""), {"id": "b"}, transaction=transaction)

    threads = [threading.Thread(target=target, daemon=True) for target in (record_first, permission_first)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert not any(thread.is_alive() for thread in threads)
    assert set(permission.accessible("/buckets", ["read"], ["alice"])) == {"/buckets/a", "/buckets/b"}
