"""The tests of what is found under all parents, and of forgetting everything in a transaction."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Everywhere, Head, Scope, Storage
from cliquet.testing.storage.base import Contract
from cliquet.testing.transactions import undone

__all__ = ["EverywhereContract"]

#: Parents that begin with each other, or come in another order with what is below them.
PARENTS = ("", "/b", "/b-", "/b-1", "/b0", "/B", "/b_", "/%", "/é", "/😀")


def fill(storage: Storage) -> list[tuple[str, str]]:
    """Records and tombstones under all parents; returns the live records in the order of their paths."""
    with Transaction() as transaction:
        for number, parent in enumerate(PARENTS):
            for record_id in ("a", "a-", "b", "é"):
                storage.create(Scope("note", parent), {"id": record_id, "n": number}, transaction=transaction)
                storage.create(Scope("other", parent), {"id": record_id, "n": number}, transaction=transaction)
            storage.delete(Scope("note", parent), "b", transaction=transaction)
    places = [(parent, record_id) for parent in PARENTS for record_id in ("a", "a-", "é")]
    return sorted(places, key=place)


def place(record: tuple[str, str]) -> tuple[str, str]:
    return f"{record[0]}/", record[1]


def walk(storage: Storage, wanted: Everywhere, **options: Any) -> list[tuple[str, str]]:
    """All records, page by page."""
    found = page = storage.everywhere(wanted, **options)
    while page:
        assert len(page) <= wanted.limit
        page = storage.everywhere(wanted._replace(after=place(found[-1])), **options)
        found = found + page
    return found


class EverywhereContract(Contract):
    """Records are found under all parents together."""

    @pytest.mark.parametrize("descending", [True, False])
    @pytest.mark.parametrize("size", [1, 2, 7, 100])
    def test_records_come_in_the_order_of_their_paths(self, storage: Storage, size: int, descending: bool) -> None:
        ordered = fill(storage)
        wanted = Everywhere("note", limit=size, descending=descending)
        assert walk(storage, wanted) == (ordered[::-1] if descending else ordered)
        assert storage.everywhere(Everywhere("nothing")) == []

    def test_a_page_may_begin_after_what_is_not_there(self, storage: Storage) -> None:
        ordered = fill(storage)
        for after in (("/b/", "a0"), ("/b", ""), ("/b!", "zzz"), ("/zzz/", ""), ("", ""), ("/b/", "\U0010ffff")):
            found = storage.everywhere(Everywhere("note", after=after, descending=False))
            assert found == [one for one in ordered if place(one) > after], after
            found = storage.everywhere(Everywhere("note", after=after))
            assert found[::-1] == [one for one in ordered if place(one) < after], after

    def test_filters_select(self, storage: Storage) -> None:
        fill(storage)
        wanted = Everywhere("note", (Filter("n", 3), Filter("id", "a", "not")))
        assert walk(storage, wanted._replace(limit=1)) == [("/b-1", "é"), ("/b-1", "a-")]

    def test_a_transaction_finds_what_it_wrote(self, storage: Storage) -> None:
        fill(storage)
        with Transaction() as transaction:
            storage.create(Scope("note", "/zzz"), {"id": "new"}, transaction=transaction)
            storage.delete(Scope("note", "/😀"), "é", transaction=transaction)
            found = storage.everywhere(Everywhere("note", limit=2), transaction=transaction)
            assert found == [("/😀", "a-"), ("/😀", "a")] or found == [("/zzz", "new"), ("/é", "é")]
            assert ("/zzz", "new") in walk(storage, Everywhere("note"), transaction=transaction)
            assert ("/😀", "é") not in walk(storage, Everywhere("note"), transaction=transaction)

    # Forgetting everything

    def test_flush_is_part_of_a_transaction(self, storage: Storage) -> None:
        scope = Scope("note", "/b")
        storage.create(scope, {"id": "a"})
        with undone() as transaction:
            storage.create(scope, {"id": "b"}, transaction=transaction)
            storage.flush(transaction=transaction)
            assert storage.page(scope, Query(), transaction=transaction) == ([], 0, False)
        assert [one.id for one in storage.page(scope, Query()).documents] == ["a"]
        with Transaction() as transaction:
            storage.create(scope, {"id": "b"}, transaction=transaction)
            storage.flush(transaction=transaction)
            storage.create(scope, {"id": "c"}, transaction=transaction)
        assert [one.id for one in storage.page(scope, Query()).documents] == ["c"]
        storage.flush()
        assert storage.head(scope) == Head()

    def test_an_undone_flush_leaves_the_rest_of_the_transaction(self, storage: Storage) -> None:
        scope = Scope("note", "/b")
        with Transaction() as transaction:
            storage.create(scope, {"id": "a"}, transaction=transaction)
            with transaction.savepoint() as point:
                storage.flush(transaction=transaction)
                with pytest.raises(RecordNotFound):
                    storage.get(scope, "a", transaction=transaction)
                point.undo()
            storage.create(scope, {"id": "b"}, transaction=transaction)
        assert [one.id for one in storage.page(scope, Query()).documents] == ["b", "a"]

    def test_a_flush_takes_along_what_is_being_written(self, storage: Storage) -> None:
        shelf, book = Scope("shelf", ""), Scope("book", "/shelves/s")
        storage.create(shelf, {"id": "s"})
        with ThreadPoolExecutor(1) as thread:
            with Transaction() as transaction:
                storage.lock([book], transaction=transaction)
                storage.get(shelf, "s", transaction=transaction)
                flushing = thread.submit(storage.flush)
                time.sleep(0.3)
                storage.create(book, {"id": "b"}, transaction=transaction)
            flushing.result(10)
        assert storage.tally() == {}
