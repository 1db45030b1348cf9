"""The tests of queries for chosen ids, as somebody asks who may see only those."""

from __future__ import annotations

import dataclasses

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import HorizonPassed
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Storage
from cliquet.testing.storage.base import ALICE, BOB, START, Contract, following, ids, ordered_by, save, walk
from cliquet.testing.storage.scopes import LOOKALIKES

__all__ = ["ChosenContract"]


def only(*chosen: str, query: Query | None = None) -> Query:
    """A query for chosen ids."""
    return dataclasses.replace(query or ordered_by("id"), only=frozenset(chosen))


class ChosenContract(Contract):
    """Of a query for chosen ids, all other records are no part."""

    def test_a_page_has_the_chosen_records(self, storage: Storage) -> None:
        save(storage, {}, {}, {})
        save(storage, {}, {}, scope=BOB)
        assert ids(storage.page(ALICE, only("c", "a", "nobody"))) == ["a", "c"]
        assert ids(storage.page(ALICE, Query(only=frozenset("ac")))) == ["c", "a"]

    def test_of_no_chosen_ids_there_is_an_empty_page_with_the_right_time(self, storage: Storage) -> None:
        save(storage, {}, {})
        assert storage.page(ALICE, only()) == ([], START + 1, False)
        assert storage.page(ALICE, only(query=Query(limit=3, tombstones=True))) == ([], START + 1, False)
        assert storage.count(ALICE, only()) == (0, START + 1)
        assert storage.page(BOB, only("a")) == ([], 0, False)

    def test_the_chosen_records_are_counted(self, storage: Storage) -> None:
        save(storage, {"n": 1}, {"n": 2}, {"n": 2}, {"n": 2})
        storage.delete(ALICE, "d")
        assert storage.count(ALICE, only("a", "c", "d", "nobody", query=Query(limit=1))) == (2, START + 4)
        assert storage.count(ALICE, only("a", "c", query=Query(filters=(Filter("n", 2),)))).total == 1

    def test_filters_and_chosen_ids_both_hold(self, storage: Storage) -> None:
        save(storage, {"n": 1}, {"n": 2}, {"n": 2}, {"n": 2})
        query = ordered_by("id", filters=(Filter("n", 2), Filter("id", ("a", "b", "c"), "in")))
        assert ids(storage.page(ALICE, only("a", "c", "d", query=query))) == ["c"]

    def test_a_walk_shows_the_chosen_records_once(self, storage: Storage) -> None:
        save(storage, *({"n": number % 3} for number in range(9)))
        query = only("a", "c", "d", "g", "i", query=ordered_by("-n"))
        assert walk(storage, query, 2) == ids(storage.page(ALICE, query)) == ["i", "c", "g", "d", "a"]
        assert [storage.page(ALICE, dataclasses.replace(query, limit=size)).more for size in (4, 5)] == [True, False]

    def test_a_tombstone_counts_when_its_id_was_chosen(self, storage: Storage) -> None:
        save(storage, {}, {}, {}, {})
        for record_id in ("a", "b"):
            storage.delete(ALICE, record_id)
        assert ids(storage.page(ALICE, only("b", "c"))) == ["c"]
        assert ids(storage.page(ALICE, only("b", "c", query=following(0)))) == ["c", "b"]

    def test_chosen_ids_do_not_hide_that_tombstones_are_gone(self, storage: Storage) -> None:
        save(storage, {}, {})
        horizon = storage.delete(ALICE, "a").last_modified
        storage.purge(horizon + 1)
        with pytest.raises(HorizonPassed):
            storage.page(ALICE, only("b", query=following(horizon - 1)))

    def test_nothing_is_read_of_chosen_records_when_nothing_changed(self, storage: Storage) -> None:
        save(storage, {}, {})
        assert storage.page(ALICE, only("a", query=Query(unless=START + 1))) == ([], START + 1, False)
        assert ids(storage.page(ALICE, only("a", query=Query(unless=START)))) == ["a"]

    def test_only_chosen_records_are_deleted(self, storage: Storage) -> None:
        save(storage, {}, {}, {}, {})
        page, gone = storage.delete_page(ALICE, only("a", "c", "d", query=ordered_by("id", limit=2)))
        assert (ids(page), page.more) == (["a", "c"], True)
        assert [one.id for one in gone] == ["a", "c"]
        assert storage.delete_page(ALICE, only()) == (([], START + 5, False), [])
        assert ids(storage.page(ALICE, ordered_by("id"))) == ["b", "d"]

    def test_ids_are_chosen_as_they_are(self, storage: Storage) -> None:
        save(storage, *({"id": record_id} for record_id in LOOKALIKES))
        for record_id in LOOKALIKES:
            assert ids(storage.page(ALICE, only(record_id))) == [record_id]
        some = LOOKALIKES[::3]
        assert ids(storage.page(ALICE, only(*some))) == sorted(some)

    def test_thousands_of_ids_may_be_chosen(self, storage: Storage) -> None:
        save(storage, {"id": "4999"}, {"id": "5000"}, {"id": "x"})
        assert ids(storage.page(ALICE, only(*map(str, range(5000)), "x"))) == ["4999", "x"]

    def test_a_transaction_chooses_among_what_it_wrote(self, storage: Storage) -> None:
        save(storage, {}, {})
        with Transaction() as transaction:
            storage.create(ALICE, {"id": "c"}, transaction=transaction)
            storage.delete(ALICE, "a", transaction=transaction)
            assert ids(storage.page(ALICE, only("a", "c"), transaction=transaction)) == ["c"]
            assert storage.count(ALICE, only("a", "c"), transaction=transaction).total == 1
