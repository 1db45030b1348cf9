"""The tests of what journals do: they write many records at once, and forget those of some."""

from __future__ import annotations

from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Storage
from cliquet.testing.storage.base import ALICE, BOB, START, Contract, ids, save

__all__ = ["JournalsContract"]


class JournalsContract(Contract):
    """Records are written without a look at what is there."""

    def test_many_records_are_written_in_their_order(self, storage: Storage) -> None:
        made = storage.put_many(ALICE, [{"id": "b", "n": 1}, {"id": "a", "n": 2}])
        assert [one.last_modified for one in made] == [START, START + 1]
        assert storage.page(ALICE, Query()).documents == [made[1], made[0]]
        assert storage.head(ALICE).timestamp == START + 1
        assert storage.head(BOB).timestamp == 0

    def test_they_take_the_place_of_what_was_there(self, storage: Storage) -> None:
        save(storage, {"n": 1, "m": 1}, {"n": 1})
        storage.delete(ALICE, "b")
        storage.put_many(ALICE, [{"id": "a", "n": 2}, {"id": "b", "n": 3}])
        assert [one.data["n"] for one in storage.page(ALICE, Query()).documents] == [3, 2]
        assert "m" not in storage.get(ALICE, "a").data

    def test_they_may_be_dated_after_the_scope(self, storage: Storage) -> None:
        save(storage, {})
        (made,) = storage.put_many(ALICE, [{"id": "x", "last_modified": START + 50}])
        assert made.last_modified == storage.head(ALICE).timestamp == START + 50

    def test_of_no_records_nothing_is_written(self, storage: Storage) -> None:
        assert storage.put_many(ALICE, []) == []
        assert storage.head(ALICE).timestamp == 0

    def test_they_are_undone_with_their_transaction(self, storage: Storage) -> None:
        save(storage, {"n": 1})
        with Transaction() as transaction:
            with transaction.savepoint() as point:
                storage.put_many(ALICE, [{"id": "a", "n": 2}, {"id": "b"}], transaction=transaction)
                assert storage.get(ALICE, "a", transaction=transaction).data["n"] == 2
                point.undo()
            storage.put_many(ALICE, [{"id": "c"}], transaction=transaction)
            assert storage.head(ALICE, transaction=transaction).timestamp == START + 1
        assert ids(storage.page(ALICE, Query())) == ["c", "a"]
        assert storage.get(ALICE, "a").data["n"] == 1

    def test_some_records_are_kept_short_and_others_stay(self, storage: Storage) -> None:
        save(storage, *({"by": by} for by in "xyxyx"))
        mine = [Filter("by", "x")]
        assert storage.trim(ALICE, keep=1, filters=mine) == 2
        assert ids(storage.page(ALICE, Query())) == ["e", "d", "b"]
        assert storage.trim(ALICE, before=START + 4, filters=mine) == 0
        assert storage.trim(ALICE, before=START + 5, keep=9, filters=mine) == 1
        assert ids(storage.page(ALICE, Query(tombstones=True))) == ["d", "b"]
        assert storage.head(ALICE).horizon == START + 4
