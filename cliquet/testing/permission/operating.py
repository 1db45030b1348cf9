"""The tests of what operators need: flushing, pinging, migrating."""

from __future__ import annotations

from cliquet.database.transaction import Transaction
from cliquet.permission.base import Permission
from cliquet.testing.permission.base import BUCKET, COLLECTION, GROUP, Contract, held
from cliquet.testing.transactions import undone

__all__ = ["OperatingContract"]


class OperatingContract(Contract):
    """A permission backend can be operated."""

    def test_flush_forgets_everything(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        permission.grant(COLLECTION, "read", "alice")
        permission.add_member(GROUP, "alice")
        for _ in range(2):
            permission.flush()
        assert held(permission, BUCKET, COLLECTION) == {}
        assert permission.objects_of(["alice"], user_id="alice") == ([], False)
        assert permission.principals_of("alice") == frozenset()
        permission.grant(BUCKET, "read", "bob")
        assert held(permission, BUCKET) == {BUCKET: {"read": {"bob"}}}

    def test_flush_is_part_of_a_transaction(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        permission.add_member(GROUP, "alice")
        with undone() as transaction:
            permission.grant(COLLECTION, "read", "alice", transaction=transaction)
            permission.flush(transaction=transaction)
            assert held(permission, BUCKET, COLLECTION, transaction=transaction) == {}
            assert held(permission, BUCKET) == {BUCKET: {"read": {"alice"}}}
        assert permission.principals_of("alice") == {GROUP}
        with Transaction() as transaction:
            permission.flush(transaction=transaction)
            permission.grant(BUCKET, "read", "bob", transaction=transaction)
        assert held(permission, BUCKET, COLLECTION) == {BUCKET: {"read": {"bob"}}}
        assert permission.principals_of("alice") == frozenset()

    def test_a_working_backend_says_so(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        assert permission.ping() is True
        assert held(permission, BUCKET) == {BUCKET: {"read": {"alice"}}}

    def test_a_migrated_backend_has_nothing_to_migrate(self, permission: Permission) -> None:
        assert permission.migrate() == []
        assert permission.migrate(dry_run=True) == []
        permission.check_schema()

    def test_a_closed_backend_opens_again(self, permission: Permission) -> None:
        permission.grant(BUCKET, "read", "alice")
        permission.close()
        assert permission.check([(BUCKET, "read")], ["alice"]) is True

    def test_capabilities_are_known(self, permission: Permission) -> None:
        capabilities = (permission.durable, permission.shared_between_processes, permission.shared_between_servers)
        assert all(isinstance(capability, bool) for capability in capabilities)
        assert not permission.shared_between_servers or permission.shared_between_processes
