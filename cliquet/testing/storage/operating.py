"""The tests of what operators need: flushing, pinging, migrating, keeping secrets."""

from __future__ import annotations

from cliquet.protocol.query import Query
from cliquet.storage.base import Head, Storage
from cliquet.testing.storage.base import ALICE, BOB, START, Contract, ids, save

__all__ = ["OperatingContract"]


class OperatingContract(Contract):
    """A storage can be operated."""

    def test_flush_forgets_everything(self, storage: Storage) -> None:
        for scope in (ALICE, BOB):
            storage.create(scope, {"id": "a", "title": "A"}, unique=("title",))
            storage.create(scope, {"id": "b"})
            storage.delete(scope, "b")
        storage.purge(START + 100, scope=BOB)
        storage.flush()
        for scope in (ALICE, BOB):
            assert storage.head(scope) == Head()
            assert storage.page(scope, Query(tombstones=True)) == ([], 0, False)

    def test_a_flushed_storage_begins_again(self, storage: Storage) -> None:
        storage.create(ALICE, {"id": "a", "title": "A"}, unique=("title",))
        storage.flush()
        storage.create(ALICE, {"id": "b", "title": "A"}, unique=("title",))
        assert ids(storage.page(ALICE, Query())) == ["b"]
        assert storage.head(ALICE) == Head(START)

    def test_times_may_go_on_after_a_flush(self, storage: Storage) -> None:
        for scope in (ALICE, BOB):
            storage.create(scope, {"id": "a", "title": "A"}, unique=("title",))
        storage.delete(BOB, "a")
        storage.purge(START + 100, scope=BOB)
        before = storage.head(BOB).timestamp
        storage.flush(keep_times=True)
        assert storage.head(BOB) == Head(before + 1)
        assert storage.page(ALICE, Query(tombstones=True, since=START)) == ([], START + 1, False)
        assert storage.create(ALICE, {"id": "b", "title": "A"}, unique=("title",)).last_modified == START + 2

    def test_an_empty_storage_may_be_flushed(self, storage: Storage) -> None:
        storage.flush()

    def test_a_working_storage_says_so(self, storage: Storage) -> None:
        save(storage, {})
        assert storage.ping() is True
        assert storage.head(ALICE) == Head(START)

    def test_the_first_text_kept_under_a_name_wins(self, storage: Storage) -> None:
        assert storage.keep("secret", "one") == "one"
        assert storage.keep("secret", "two") == "one"
        assert storage.keep("other", "") == ""

    def test_a_migrated_storage_has_nothing_to_migrate(self, storage: Storage) -> None:
        assert storage.migrate() == []
        assert storage.migrate(dry_run=True) == []
        storage.check()

    def test_a_closed_storage_opens_again(self, storage: Storage) -> None:
        save(storage, {})
        storage.close()
        assert ids(storage.page(ALICE, Query())) == ["a"]

    def test_capabilities_are_known(self, storage: Storage) -> None:
        capabilities = (storage.durable, storage.shared_between_processes, storage.shared_between_servers)
        assert all(isinstance(capability, bool) for capability in capabilities)
        assert not storage.shared_between_servers or storage.shared_between_processes
