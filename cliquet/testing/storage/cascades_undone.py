"""The tests of cascades that are part of a transaction, or of a block that is undone."""

from __future__ import annotations

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound, UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Head, Scope, Storage
from cliquet.testing.storage.base import START, Contract, ids
from cliquet.testing.storage.cascades import ATTACHMENTS, BUCKET, COLLECTIONS, EDGES, MORE, RECORDS, found, plant

__all__ = ["UndoneCascadesContract"]


def state(storage: Storage, scopes: list[Scope]) -> list[object]:
    """All that can be seen of scopes."""
    return [(storage.head(scope), storage.page(scope, Query(tombstones=True)).documents) for scope in scopes]


class UndoneCascadesContract(Contract):
    """A cascade is kept, or undone, with the rest of its transaction."""

    def test_what_the_transaction_wrote_goes_too(self, storage: Storage) -> None:
        storage.create(COLLECTIONS, {"id": "old"})
        below = Scope("record", f"{BUCKET}/collections/old")
        with Transaction() as transaction:
            scopes = plant(storage, transaction=transaction)
            storage.create(below, {"id": "r"}, transaction=transaction)
            storage.delete(RECORDS, "s", transaction=transaction)
            gone = storage.delete_under(BUCKET, EDGES, transaction=transaction)
        assert [document.id for _, document in gone] == ["c", "d", "old", "g", "r", "r", "r", "a"]
        assert found(storage, below, *scopes) == {}
        assert storage.head(RECORDS) == Head(START + 3, START + 3)

    def test_the_transaction_sees_that_all_is_gone(self, storage: Storage) -> None:
        plant(storage)
        with Transaction() as transaction:
            assert storage.get(RECORDS, "r", transaction=transaction).id == "r"
            storage.replace(RECORDS, "s", {"url": "t"}, unique=("url",), transaction=transaction)
            storage.replace(COLLECTIONS, "c", {}, transaction=transaction)
            storage.delete_under(BUCKET, EDGES, transaction=transaction)
            for scope, record_id in ((RECORDS, "r"), (RECORDS, "s"), (COLLECTIONS, "c")):
                with pytest.raises(RecordNotFound):
                    storage.get(scope, record_id, tombstone=True, transaction=transaction)
            head = Head(START + 3, START + 3)
            assert storage.head(RECORDS, transaction=transaction) == head
            assert storage.page(RECORDS, Query(tombstones=True), transaction=transaction) == ([], head.timestamp, False)
            assert storage.count(COLLECTIONS, Query(), transaction=transaction).total == 0

    def test_what_is_written_afterwards_stays(self, storage: Storage) -> None:
        plant(storage)
        with Transaction() as transaction:
            storage.get(RECORDS, "r", transaction=transaction)
            storage.delete_under(BUCKET, EDGES, transaction=transaction)
            for record_id, url in (("r", "s"), ("new", "r")):
                storage.create(RECORDS, {"id": record_id, "url": url}, unique=("url",), transaction=transaction)
            with pytest.raises(UnicityError):
                storage.create(RECORDS, {"id": "x", "url": "r"}, unique=("url",), transaction=transaction)
        assert found(storage, COLLECTIONS, RECORDS, MORE) == {RECORDS: ["new", "r"]}
        assert storage.head(RECORDS) == Head(START + 4, START + 2)
        with pytest.raises(UnicityError):
            storage.create(RECORDS, {"id": "x", "url": "r"}, unique=("url",))

    def test_nothing_is_gone_when_the_transaction_fails(self, storage: Storage) -> None:
        scopes = plant(storage)
        before = state(storage, scopes)

        def fail(transaction: Transaction) -> None:
            storage.delete_under(BUCKET, EDGES, transaction=transaction)
            storage.create(RECORDS, {"id": "new"}, transaction=transaction)
            raise RuntimeError("boom")

        with pytest.raises(RuntimeError, match="boom"), Transaction() as transaction:
            fail(transaction)
        assert state(storage, scopes) == before

    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    def test_a_cascade_in_an_undone_block_leaves_everything(self, storage: Storage, flushed: bool) -> None:
        scopes = plant(storage)
        with Transaction() as transaction:
            storage.create(RECORDS, {"id": "new", "url": "n"}, unique=("url",), transaction=transaction)
            storage.replace(RECORDS, "s", {"url": "t"}, unique=("url",), transaction=transaction)
            if flushed:
                storage.page(RECORDS, Query(), transaction=transaction)
            with transaction.savepoint() as point:
                storage.create(MORE, {"id": "early"}, transaction=transaction)
                storage.delete_under(BUCKET, EDGES, transaction=transaction)
                storage.create(RECORDS, {"id": "late", "url": "n"}, unique=("url",), transaction=transaction)
                point.undo()
            assert storage.get(RECORDS, "s", transaction=transaction).data["url"] == "t"
            assert storage.head(RECORDS, transaction=transaction) == Head(START + 3)
            with pytest.raises(UnicityError):
                storage.create(RECORDS, {"id": "x", "url": "n"}, unique=("url",), transaction=transaction)
            storage.create(RECORDS, {"id": "last"}, transaction=transaction)
        assert len(found(storage, *scopes)) == 5
        assert ids(storage.page(RECORDS, Query(tombstones=True))) == ["last", "s", "new", "r"]
        assert (storage.head(RECORDS), storage.head(MORE)) == (Head(START + 4), Head(START))
        with pytest.raises(UnicityError):
            storage.create(RECORDS, {"id": "x", "url": "n"}, unique=("url",))

    def test_a_cascade_in_a_block_that_is_kept_is_kept(self, storage: Storage) -> None:
        scopes = plant(storage)
        with Transaction() as transaction:
            storage.create(RECORDS, {"id": "new"}, transaction=transaction)
            with transaction.savepoint():
                storage.delete_under(BUCKET, EDGES, transaction=transaction)
            storage.create(RECORDS, {"id": "later"}, transaction=transaction)
        assert found(storage, *scopes) == {RECORDS: ["later"]}

    @pytest.mark.parametrize("inner", [False, True], ids=["inner kept", "inner undone"])
    @pytest.mark.parametrize("outer", [False, True], ids=["outer kept", "outer undone"])
    def test_cascades_may_be_nested(self, storage: Storage, inner: bool, outer: bool) -> None:
        scopes = plant(storage)
        with Transaction() as transaction:
            storage.create(MORE, {"id": "first"}, transaction=transaction)
            with transaction.savepoint() as outer_point:
                storage.create(MORE, {"id": "outer"}, transaction=transaction)
                with transaction.savepoint() as inner_point:
                    storage.delete_under(MORE.parent, [EDGES[0]._replace(resource="record")], transaction=transaction)
                    storage.create(MORE, {"id": "inner"}, transaction=transaction)
                    if inner:
                        inner_point.undo()
                storage.delete_under(RECORDS.parent + "/records/r", [EDGES[0]], transaction=transaction)
                storage.create(MORE, {"id": "again"}, transaction=transaction)
                if outer:
                    outer_point.undo()
            storage.create(MORE, {"id": "last"}, transaction=transaction)
        kept = ["outer", "r", "first"] if inner else ["inner"]
        expected = {"last"} | ({"r", "first"} if outer else {*kept, "again"})
        assert set(found(storage, MORE)[MORE]) == expected
        assert set(found(storage, *scopes)) == set(scopes)
        assert storage.head(MORE).horizon == (0 if inner or outer else START + 3)

    def test_after_an_undone_cascade_the_next_one_finds_everything(self, storage: Storage) -> None:
        plant(storage)
        with Transaction() as transaction:
            with transaction.savepoint() as point:
                storage.delete_under(BUCKET, EDGES, transaction=transaction)
                point.undo()
            gone = storage.delete_under(BUCKET, EDGES, transaction=transaction)
        assert len(gone) == 7
        assert gone[-1][0] == ATTACHMENTS
        assert storage.head(ATTACHMENTS) == Head(START + 1, START + 1)
