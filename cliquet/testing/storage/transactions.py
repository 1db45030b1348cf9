"""The tests of transactions: what is kept, and what is undone."""

from __future__ import annotations

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound, UnicityError
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Head, Storage
from cliquet.testing.storage.base import ALICE, BOB, START, Contract, ids, save

__all__ = ["TransactionsContract"]


class TransactionsContract(Contract):
    """A transaction is kept as a whole, or not at all."""

    def test_a_transaction_is_kept_as_a_whole(self, storage: Storage) -> None:
        with Transaction() as transaction:
            storage.create(ALICE, {"id": "a"}, transaction=transaction)
            storage.create(BOB, {"id": "b"}, transaction=transaction)
            storage.delete(ALICE, "a", transaction=transaction)
        assert storage.get(ALICE, "a", tombstone=True).last_modified == START + 1
        assert storage.get(BOB, "b").last_modified == START
        assert (storage.head(ALICE), storage.head(BOB)) == (Head(START + 1), Head(START))

    def test_nothing_is_left_of_a_transaction_that_failed(self, storage: Storage) -> None:
        save(storage, {"title": "A"}, {})
        before = storage.page(ALICE, Query(tombstones=True))

        def fail(transaction: Transaction) -> None:
            storage.replace(ALICE, "a", {"title": "B"}, transaction=transaction)
            storage.delete(ALICE, "b", transaction=transaction)
            storage.create(BOB, {"id": "c"}, transaction=transaction)
            storage.page(ALICE, Query(), transaction=transaction)
            raise RuntimeError("boom")

        with pytest.raises(RuntimeError, match="boom"), Transaction() as transaction:
            fail(transaction)
        assert storage.page(ALICE, Query(tombstones=True)) == before
        assert storage.head(BOB) == Head()
        assert storage.create(ALICE, {"id": "d"}).last_modified == START + 2

    def test_a_transaction_reads_what_it_wrote(self, storage: Storage) -> None:
        save(storage, {"n": 1}, {"n": 2})
        with Transaction() as transaction:
            storage.replace(ALICE, "a", {"n": 3}, transaction=transaction)
            storage.delete(ALICE, "b", transaction=transaction)
            storage.create(ALICE, {"id": "c", "n": 4}, transaction=transaction)
            assert storage.get(ALICE, "a", transaction=transaction).data["n"] == 3
            with pytest.raises(RecordNotFound):
                storage.get(ALICE, "b", transaction=transaction)
            assert storage.head(ALICE, transaction=transaction).timestamp == START + 4
            assert storage.page(ALICE, Query(), transaction=transaction)[1] == START + 4
            found = storage.page(ALICE, Query(filters=(Filter("n", 3, "min"),)), transaction=transaction)
            assert ids(found) == ["c", "a"]
            assert storage.count(ALICE, Query(), transaction=transaction) == (2, START + 4)

    def test_many_changes_of_one_record_are_one_history(self, storage: Storage) -> None:
        with Transaction() as transaction:
            for number in range(3):
                storage.replace(ALICE, "a", {"n": number}, transaction=transaction)
            storage.delete(ALICE, "a", transaction=transaction)
            storage.create(ALICE, {"id": "a", "n": 9}, transaction=transaction)
        assert storage.get(ALICE, "a").data == {"id": "a", "last_modified": START + 4, "n": 9}

    def test_an_id_is_created_once_in_a_transaction(self, storage: Storage) -> None:
        with Transaction() as transaction:
            storage.create(ALICE, {"id": "a"}, transaction=transaction)
            with pytest.raises(UnicityError):
                storage.create(ALICE, {"id": "a"}, transaction=transaction)
        assert ids(storage.page(ALICE, Query())) == ["a"]

    def test_a_locked_scope_is_written_as_usual(self, storage: Storage) -> None:
        with Transaction() as transaction:
            storage.lock([BOB, ALICE, BOB], transaction=transaction)
            storage.lock([ALICE], transaction=transaction)
            storage.create(ALICE, {"id": "a"}, transaction=transaction)
        assert storage.head(ALICE) == Head(START)
        assert storage.head(BOB).timestamp == 0

    def test_a_lock_alone_changes_nothing(self, storage: Storage) -> None:
        save(storage, {})
        with Transaction() as transaction:
            storage.lock([ALICE, BOB], transaction=transaction)
        assert (storage.head(ALICE), storage.head(BOB)) == (Head(START), Head())

    # Blocks that are undone.

    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    def test_an_undone_block_leaves_the_rest(self, storage: Storage, flushed: bool) -> None:
        save(storage, {"n": 1}, {})
        with Transaction() as transaction:
            storage.replace(ALICE, "a", {"n": 2}, transaction=transaction)
            with transaction.savepoint() as point:
                storage.replace(ALICE, "a", {"n": 3}, transaction=transaction)
                storage.delete(ALICE, "b", transaction=transaction)
                storage.create(ALICE, {"id": "c"}, transaction=transaction)
                if flushed:
                    assert storage.count(ALICE, Query(), transaction=transaction).total == 2
                point.undo()
            assert storage.get(ALICE, "a", transaction=transaction).data["n"] == 2
            assert storage.head(ALICE, transaction=transaction).timestamp == START + 2
            storage.create(ALICE, {"id": "d"}, transaction=transaction)
        assert {one.id: one.last_modified for one in storage.page(ALICE, Query()).documents} == {
            "a": START + 2,
            "b": START + 1,
            "d": START + 3,
        }
        assert storage.get(ALICE, "a").data["n"] == 2
        assert storage.head(ALICE) == Head(START + 3)

    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    def test_a_block_that_is_not_undone_is_kept(self, storage: Storage, flushed: bool) -> None:
        with Transaction() as transaction:
            with transaction.savepoint():
                storage.create(ALICE, {"id": "a"}, transaction=transaction)
                if flushed:
                    storage.page(ALICE, Query(), transaction=transaction)
            with transaction.savepoint():
                storage.create(ALICE, {"id": "b"}, transaction=transaction)
        assert ids(storage.page(ALICE, Query())) == ["b", "a"]

    def test_an_error_undoes_its_block(self, storage: Storage) -> None:
        save(storage, {})
        with Transaction() as transaction:
            for record_id in ("x", "a", "y"):
                try:
                    with transaction.savepoint():
                        storage.create(ALICE, {"id": f"before-{record_id}"}, transaction=transaction)
                        storage.create(ALICE, {"id": record_id}, transaction=transaction)
                except UnicityError:
                    assert record_id == "a"
        assert sorted(ids(storage.page(ALICE, Query()))) == ["a", "before-x", "before-y", "x", "y"]

    @pytest.mark.parametrize("inner", [False, True], ids=["inner kept", "inner undone"])
    @pytest.mark.parametrize("outer", [False, True], ids=["outer kept", "outer undone"])
    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    def test_blocks_may_be_nested(self, storage: Storage, inner: bool, outer: bool, flushed: bool) -> None:
        def create(record_id: str) -> None:
            storage.create(ALICE, {"id": record_id}, transaction=transaction)
            if flushed:
                storage.page(ALICE, Query(), transaction=transaction)

        with Transaction() as transaction:
            create("first")
            with transaction.savepoint() as outer_point:
                create("outer")
                with transaction.savepoint() as inner_point:
                    create("inner")
                    if inner:
                        inner_point.undo()
                create("again")
                if outer:
                    outer_point.undo()
            create("last")
        expected = {"first", "last", *([] if outer else ["outer", "again"]), *([] if outer or inner else ["inner"])}
        assert set(ids(storage.page(ALICE, Query()))) == expected
        times = [one.last_modified for one in storage.page(ALICE, Query()).documents]
        assert times == [START + len(expected) - 1 - number for number in range(len(expected))]

    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    def test_a_scope_first_written_in_an_undone_block_may_be_written_after_it(
        self, storage: Storage, flushed: bool
    ) -> None:
        with Transaction() as transaction:
            storage.create(ALICE, {"id": "a"}, transaction=transaction)
            with transaction.savepoint() as point:
                storage.create(BOB, {"id": "b"}, transaction=transaction)
                if flushed:
                    storage.page(BOB, Query(), transaction=transaction)
                point.undo()
            assert storage.head(BOB, transaction=transaction).timestamp == 0
            storage.create(BOB, {"id": "c"}, transaction=transaction)
        assert ids(storage.page(BOB, Query(tombstones=True))) == ["c"]
        assert storage.head(BOB) == Head(START)

    def test_a_transaction_may_begin_with_an_undone_block(self, storage: Storage) -> None:
        with Transaction() as transaction:
            with transaction.savepoint() as point:
                storage.create(ALICE, {"id": "a"}, transaction=transaction)
                point.undo()
            storage.create(ALICE, {"id": "b"}, transaction=transaction)
        assert ids(storage.page(ALICE, Query(tombstones=True))) == ["b"]

    def test_whole_pages_deleted_in_an_undone_block_live(self, storage: Storage) -> None:
        save(storage, {}, {}, {})
        with Transaction() as transaction, transaction.savepoint() as point:
            storage.delete_page(ALICE, Query(), transaction=transaction)
            point.undo()
        assert ids(storage.page(ALICE, Query(tombstones=True))) == ["c", "b", "a"]
        assert storage.head(ALICE) == Head(START + 2)

    # What is done once all is kept.

    def test_callbacks_run_after_the_commit(self, storage: Storage) -> None:
        seen: list[int] = []
        with Transaction() as transaction:
            storage.create(ALICE, {"id": "a"}, transaction=transaction)
            transaction.after_commit(lambda: seen.append(storage.count(ALICE, Query()).total))
            with transaction.savepoint() as point:
                transaction.after_commit(lambda: seen.append(99))
                point.undo()
            assert seen == []
        assert seen == [1]
