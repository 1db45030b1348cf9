"""How many statements each operation costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.errors import UnicityError
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Edge, Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import following, ordered_by

SCOPE = Scope("article", "alice")
NEW = Scope("article", "nobody yet")
EDGES = [Edge("collection", "", ""), Edge("group", "", ""), Edge("record", "collection", "collections")]
#: What only the begin and the end of a transaction say.
BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Counted(SQLStorage):
    """A storage that remembers the statements it sends."""

    sent: list[str]


def counted(database: Database, dialect: Any, sent: list[str]) -> Iterator[Counted]:
    storage = Counted(database, dialect)
    storage.sent = sent
    storage.migrate()
    storage.flush()
    storage.create(SCOPE, {"id": "a", "title": "A"}, unique=("title",))
    storage.create(SCOPE, {"id": "b", "title": "B"}, unique=("title",))
    yield storage
    storage.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest) -> Iterator[Counted]:
    sent: list[str] = []
    if request.param == "sqlite":
        url = request.getfixturevalue("sqlite_url")
        yield from counted(Database(url, SQLite(synchronous="NORMAL"), observe=sent.append), SQLiteDialect(), sent)
    else:
        url = request.getfixturevalue("postgresql_url")
        yield from counted(Database(url, PostgreSQL(), observe=sent.append), PostgreSQLDialect(), sent)


def several(storage: SQLStorage, number: int) -> None:
    """Create several records in one transaction."""
    with Transaction() as transaction:
        for step in range(number):
            storage.create(SCOPE, {"id": f"new{step}"}, transaction=transaction)


def undone(storage: SQLStorage) -> None:
    """Create a record in a block that is undone before anything was sent."""
    with Transaction() as transaction, transaction.savepoint() as point:
        storage.create(SCOPE, {"id": "c"}, transaction=transaction)
        point.undo()


def plant_shelves(storage: SQLStorage, collections: int, transaction: Transaction) -> int:
    """Create collections, each second one with records; says how many there are of both."""
    for number in range(collections):
        storage.create(Scope("collection", "/buckets/b"), {"id": f"c{number}"}, transaction=transaction)
        for record in range(5 * (number % 2)):
            scope = Scope("record", f"/buckets/b/collections/c{number}")
            storage.create(scope, {"id": f"r{record}"}, transaction=transaction)
    return collections + collections // 2 * 5


#: Operation -> statements, and statements around them.
COSTS: dict[str, tuple[Callable[[SQLStorage], Any], int, int]] = {
    "get": (lambda storage: storage.get(SCOPE, "a"), 1, 0),
    "head": (lambda storage: storage.head(SCOPE), 1, 0),
    "page": (lambda storage: storage.page(SCOPE, Query(limit=10)), 1, 0),
    "page since": (lambda storage: storage.page(SCOPE, following(5)), 1, 0),
    "page unless": (lambda storage: storage.page(SCOPE, Query(unless=5)), 1, 0),
    "filtered page": (lambda storage: storage.page(SCOPE, ordered_by("title", filters=(Filter("n", 1),))), 1, 0),
    "count": (lambda storage: storage.count(SCOPE, Query()), 1, 0),
    "page of chosen ids": (lambda storage: storage.page(SCOPE, Query(limit=10, only=frozenset("abc"))), 1, 0),
    "count of chosen ids": (lambda storage: storage.count(SCOPE, Query(only=frozenset("abc"))), 1, 0),
    "tally": (lambda storage: storage.tally(), 1, 0),
    "page of a new scope": (lambda storage: storage.page(NEW, Query()), 1, 0),
    # the lock, what was there, all that changes
    "create": (lambda storage: storage.create(SCOPE, {"id": "c"}), 3, 2),
    "replace": (lambda storage: storage.replace(SCOPE, "a", {}), 3, 2),
    "delete": (lambda storage: storage.delete(SCOPE, "a"), 3, 2),
    # one more for the row of the scope
    "create in a new scope": (lambda storage: storage.create(NEW, {"id": "c"}), 4, 2),
    # who has a value that nobody else may have is asked along with what was there
    "create unique": (lambda storage: storage.create(SCOPE, {"id": "c", "title": "C"}, unique=("title",)), 3, 2),
    "keep unique": (lambda storage: storage.replace(SCOPE, "a", {"title": "A"}, unique=("title",)), 3, 2),
    "change unique": (lambda storage: storage.replace(SCOPE, "a", {"title": "C"}, unique=("title",)), 3, 2),
    # the lock and a look at each; all records at once
    "create 25": (lambda storage: several(storage, 25), 27, 2),
    # the lock, all records at once
    "put many": (lambda storage: storage.put_many(SCOPE, [{"id": str(number)} for number in range(25)]), 2, 2),
    # the lock, the page, all tombstones at once
    "delete page": (lambda storage: storage.delete_page(SCOPE, Query()), 3, 2),
    "undone": (undone, 2, 2),
    # the lock, the records, their values, the horizon
    "trim": (lambda storage: storage.trim(SCOPE, before=5, keep=1), 4, 2),
    "trim nothing": (lambda storage: storage.trim(SCOPE, keep=9), 2, 2),
}


@pytest.mark.parametrize("name", COSTS)
def test_an_operation_costs_what_it_always_did(storage: Counted, name: str) -> None:
    operation, statements, brackets = COSTS[name]
    storage.sent.clear()
    operation(storage)
    around = [text for text in storage.sent if text.startswith(BRACKETS)]
    assert (len(storage.sent) - len(around), len(around)) == (statements, brackets), storage.sent


@pytest.mark.parametrize("scopes", [2, 50])
def test_several_scopes_are_locked_at_once(storage: Counted, scopes: int) -> None:
    wanted = [Scope("article", f"user{number}") for number in range(scopes)]
    for known in (False, True):
        storage.sent.clear()
        with Transaction() as transaction:
            storage.lock(wanted, transaction=transaction)
            storage.lock(wanted[::-1], transaction=transaction)
        # SQLite reads the rows of all, then writes those that are missing; PostgreSQL does both in one.
        both = storage.database.driver.name == "sqlite" and not known
        assert len(storage.sent) == 2 + (2 if both else 1), storage.sent


@pytest.mark.parametrize("collections", [1, 30])
@pytest.mark.parametrize("pending", [False, True], ids=["stored", "pending"])
def test_a_cascade_costs_the_same_however_much_goes(storage: Counted, collections: int, pending: bool) -> None:
    with Transaction() as transaction:
        planted = plant_shelves(storage, collections, transaction)
    storage.sent.clear()
    with Transaction() as transaction:
        if pending:
            storage.create(Scope("collection", "/buckets/b"), {"id": "late"}, transaction=transaction)
        before = len(storage.sent)
        gone = storage.delete_under("/buckets/b", EDGES, transaction=transaction)
        # locks: collections, groups, records; values, records, times; and the begin, or the write that was pending
        assert len(storage.sent) - before == 7, storage.sent
    assert len(gone) == planted + pending


def test_a_refused_write_costs_no_more(storage: Counted) -> None:
    storage.sent.clear()
    with pytest.raises(UnicityError):
        storage.create(SCOPE, {"id": "a"})
    assert len(storage.sent) == 4, storage.sent
    assert storage.sent[-1] == "ROLLBACK"


def test_a_statement_is_built_once_whatever_is_asked(storage: Counted) -> None:
    for number in range(3):
        storage.page(SCOPE, following(number))
        storage.page(SCOPE, Query(filters=(Filter("n", number), Filter(f"o{number}", "x"))))
    assert len(set(storage.sent[-6:])) == 2
