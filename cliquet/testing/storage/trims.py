"""The tests of forgetting records by age and by number, and of counting what there is."""

from __future__ import annotations

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import HorizonPassed, RecordNotFound, UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Head, Scope, Storage, Tally
from cliquet.testing.storage.base import ALICE, BOB, START, Contract, following, ids, save

__all__ = ["TrimsContract"]


def everything(storage: Storage) -> list[str]:
    """The ids of all records and tombstones, newest first."""
    return ids(storage.page(ALICE, Query(tombstones=True)))


class TrimsContract(Contract):
    """A scope can be kept short."""

    @pytest.mark.parametrize(("keep", "left"), [(0, ""), (1, "e"), (2, "ed"), (4, "edcb"), (5, "edcba"), (9, "edcba")])
    def test_the_newest_records_stay(self, storage: Storage, keep: int, left: str) -> None:
        save(storage, {}, {}, {}, {}, {})
        assert storage.trim(ALICE, keep=keep) == 5 - len(left)
        assert everything(storage) == list(left)

    def test_records_of_one_time_go_by_id(self, storage: Storage) -> None:
        save(storage, {}, *({"last_modified": 50} for _ in range(4)))
        assert storage.trim(ALICE, keep=3) == 2
        assert everything(storage) == ["a", "e", "d"]

    def test_tombstones_are_not_among_those_kept(self, storage: Storage) -> None:
        save(storage, {}, {}, {}, {})
        for record_id in ("b", "d"):
            storage.delete(ALICE, record_id)
        assert storage.trim(ALICE, keep=1) == 1
        assert everything(storage) == ["d", "b", "c"]

    @pytest.mark.parametrize(
        ("before", "left", "gone"),
        [(0, "bdca", 0), (1, "bdc", 1), (2, "bdc", 1), (3, "bd", 2), (5, "b", 2), (9, "", 2)],
    )
    def test_what_is_from_before_a_time_goes(self, storage: Storage, before: int, left: str, gone: int) -> None:
        save(storage, {}, {}, {}, {})
        storage.delete(ALICE, "d")
        storage.delete(ALICE, "b")
        assert storage.trim(ALICE, before=START + before) == gone
        assert everything(storage) == list(left)

    @pytest.mark.parametrize(("before", "keep", "left"), [(1, 3, "edc"), (3, 4, "ed"), (0, 9, "edcba"), (9, 9, "")])
    def test_age_and_number_both_count(self, storage: Storage, before: int, keep: int, left: str) -> None:
        save(storage, {}, {}, {}, {}, {})
        assert storage.trim(ALICE, before=START + before, keep=keep) == 5 - len(left)
        assert everything(storage) == list(left)

    def test_without_a_wish_everything_stays(self, storage: Storage) -> None:
        save(storage, {}, {})
        assert storage.trim(ALICE) == 0
        assert everything(storage) == ["b", "a"]

    def test_what_is_trimmed_is_gone_for_good(self, storage: Storage) -> None:
        for number in range(3):
            storage.create(ALICE, {"id": f"r{number}", "url": str(number)}, unique=("url",))
        assert storage.trim(ALICE, keep=1) == 2
        with pytest.raises(RecordNotFound):
            storage.get(ALICE, "r0", tombstone=True)
        storage.create(ALICE, {"id": "r0", "url": "1"}, unique=("url",))
        with pytest.raises(UnicityError):
            storage.create(ALICE, {"id": "new", "url": "2"}, unique=("url",))

    def test_a_trim_moves_the_horizon_and_not_the_time(self, storage: Storage) -> None:
        save(storage, {}, {}, {})
        assert storage.trim(ALICE, keep=1) == 2
        assert storage.head(ALICE) == Head(START + 2, START + 1)
        with pytest.raises(HorizonPassed):
            storage.page(ALICE, following(START))
        assert ids(storage.page(ALICE, following(START + 1))) == ["c"]
        storage.trim(ALICE, before=START + 1)
        assert storage.head(ALICE) == Head(START + 2, START + 1)
        storage.delete(ALICE, "c")
        assert storage.trim(ALICE, before=START + 100) == 0
        assert storage.head(ALICE) == Head(START + 3, START + 3)

    def test_the_horizon_never_goes_back(self, storage: Storage) -> None:
        save(storage, {}, {})
        storage.trim(ALICE, keep=1)
        storage.create(ALICE, {"id": "old", "last_modified": 50})
        assert storage.trim(ALICE, before=100) == 1
        assert storage.head(ALICE) == Head(START + 1, START)

    def test_a_trim_of_nothing_moves_nothing(self, storage: Storage) -> None:
        save(storage, {}, {})
        assert storage.trim(ALICE, before=START, keep=2) == 0
        assert storage.trim(BOB, before=START + 100, keep=0) == 0
        assert (storage.head(ALICE), storage.head(BOB)) == (Head(START + 1), Head())

    def test_other_scopes_stay_as_they_are(self, storage: Storage) -> None:
        for scope in (ALICE, BOB):
            save(storage, {}, {}, scope=scope)
        storage.trim(ALICE, before=START + 100, keep=0)
        assert ids(storage.page(BOB, Query())) == ["b", "a"]
        assert storage.head(BOB) == Head(START + 1)

    def test_a_trim_sees_what_its_transaction_wrote(self, storage: Storage) -> None:
        save(storage, {}, {})
        with Transaction() as transaction:
            storage.create(ALICE, {"id": "c"}, transaction=transaction)
            assert storage.get(ALICE, "b", transaction=transaction).id == "b"
            storage.replace(ALICE, "a", {"again": True}, transaction=transaction)
            assert storage.trim(ALICE, keep=2, transaction=transaction) == 1
            with pytest.raises(RecordNotFound):
                storage.get(ALICE, "b", tombstone=True, transaction=transaction)
            storage.create(ALICE, {"id": "d"}, transaction=transaction)
            assert storage.trim(ALICE, keep=2, transaction=transaction) == 1
        assert everything(storage) == ["d", "a"]
        assert storage.head(ALICE) == Head(START + 4, START + 2)

    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    def test_a_trim_in_an_undone_block_leaves_everything(self, storage: Storage, flushed: bool) -> None:
        save(storage, {}, {})
        with Transaction() as transaction:
            storage.create(ALICE, {"id": "c"}, transaction=transaction)
            if flushed:
                storage.page(ALICE, Query(), transaction=transaction)
            with transaction.savepoint() as point:
                assert storage.trim(ALICE, keep=0, transaction=transaction) == 3
                storage.create(ALICE, {"id": "a"}, transaction=transaction)
                point.undo()
            assert storage.head(ALICE, transaction=transaction) == Head(START + 2)
        assert everything(storage) == ["c", "b", "a"]
        assert storage.head(ALICE) == Head(START + 2)

    # Counting.

    def test_records_and_tombstones_are_counted_by_resource(self, storage: Storage) -> None:
        assert storage.tally() == {}
        for scope in (ALICE, BOB, Scope("note", "alice"), Scope("Article", "alice")):
            save(storage, {}, {}, {}, scope=scope)
        storage.delete(ALICE, "a")
        storage.delete_page(Scope("note", "alice"), Query())
        assert storage.tally() == {"Article": Tally(3, 0), "article": Tally(5, 1), "note": Tally(0, 3)}
        storage.purge(START + 1000)
        assert storage.tally() == {"Article": Tally(3, 0), "article": Tally(5, 0)}
