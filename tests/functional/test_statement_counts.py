"""How many statements each operation costs, and which index each reading statement uses."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.statement import Statement
from cliquet.database.transaction import Transaction
from cliquet.errors import UnicityError
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import following, ids, ordered_by

SCOPE = Scope("article", "alice")
NEW = Scope("article", "nobody yet")
OTHERS = [Scope("article", f"user{number}") for number in range(10)]
EACH = 1800
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


#: Operation -> statements, and statements around them.
COSTS: dict[str, tuple[Callable[[SQLStorage], Any], int, int]] = {
    "get": (lambda storage: storage.get(SCOPE, "a"), 1, 0),
    "head": (lambda storage: storage.head(SCOPE), 1, 0),
    "page": (lambda storage: storage.page(SCOPE, Query(limit=10)), 1, 0),
    "page since": (lambda storage: storage.page(SCOPE, following(5)), 1, 0),
    "page unless": (lambda storage: storage.page(SCOPE, Query(unless=5)), 1, 0),
    "filtered page": (lambda storage: storage.page(SCOPE, ordered_by("title", filters=(Filter("n", 1),))), 1, 0),
    "count": (lambda storage: storage.count(SCOPE, Query()), 1, 0),
    "page of a new scope": (lambda storage: storage.page(NEW, Query()), 1, 0),
    # the lock, what was there, the record, the time
    "create": (lambda storage: storage.create(SCOPE, {"id": "c"}), 4, 2),
    "replace": (lambda storage: storage.replace(SCOPE, "a", {}), 4, 2),
    "delete": (lambda storage: storage.delete(SCOPE, "a"), 4, 2),
    # one more for the row of the scope, whose time is the clock's
    "create in a new scope": (lambda storage: storage.create(NEW, {"id": "c"}), 5, 2),
    # two more for a value that nobody else may have, one more for the one that is given up
    "create unique": (lambda storage: storage.create(SCOPE, {"id": "c", "title": "C"}, unique=("title",)), 6, 2),
    "keep unique": (lambda storage: storage.replace(SCOPE, "a", {"title": "A"}, unique=("title",)), 4, 2),
    "change unique": (lambda storage: storage.replace(SCOPE, "a", {"title": "C"}, unique=("title",)), 7, 2),
    # the lock and a look at each; all records at once, and the time
    "create 25": (lambda storage: several(storage, 25), 28, 2),
    # the lock, the page, all tombstones at once, the time
    "delete page": (lambda storage: storage.delete_page(SCOPE, Query()), 4, 2),
    "undone": (undone, 2, 2),
}


@pytest.mark.parametrize("name", COSTS)
def test_an_operation_costs_what_it_always_did(storage: Counted, name: str) -> None:
    operation, statements, brackets = COSTS[name]
    storage.sent.clear()
    operation(storage)
    around = [text for text in storage.sent if text.startswith(BRACKETS)]
    assert (len(storage.sent) - len(around), len(around)) == (statements, brackets), storage.sent


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


# Which index is used.


@pytest.fixture(scope="module")
def large_postgresql(postgresql_url: str) -> Iterator[SQLStorage]:
    storage = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect())
    storage.migrate()
    storage.flush()
    fill(storage, "(:parent, :resource, :id, :last_modified, :deleted, :body, CAST(:data AS jsonb))")
    with storage.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE record")
    yield storage
    storage.flush()
    storage.close()


@pytest.fixture(scope="module")
def large_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    url = f"sqlite:///{tmp_path_factory.mktemp('large')}/data.sqlite"
    storage = SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect())
    storage.migrate()
    fill(storage, "(:parent, :resource, :id, :last_modified, :deleted, :body)")
    yield storage
    storage.close()


def fill(storage: SQLStorage, values: str) -> None:
    """20 000 records and tombstones, in eleven scopes."""
    rows = []
    for scope in (SCOPE, *OTHERS):
        for number in range(EACH):
            last_modified, deleted = 1_000_000 + 7919 * number % EACH, number % 10 == 0
            body = f'{{"id":"{number}","last_modified":{last_modified},"n":{number}}}'
            row = {"id": str(number), "last_modified": last_modified, "deleted": deleted, "body": body, "data": body}
            rows.append({"parent": scope.parent, "resource": scope.resource, **row})
    with storage.database.engine.begin() as connection:
        connection.execute(sa.text(f"INSERT INTO record VALUES {values}"), rows)
        head = "INSERT INTO timeline VALUES (:parent, :resource, :last_modified, 0)"
        heads = [{"parent": scope.parent, "resource": scope.resource} for scope in (SCOPE, *OTHERS)]
        connection.execute(sa.text(head), [{**one, "last_modified": 1_000_000 + EACH} for one in heads])


def explain(storage: SQLStorage, statement: Statement, values: dict[str, Any]) -> str:
    """What the database says it would do."""
    command = "EXPLAIN QUERY PLAN " if storage.database.driver.name == "sqlite" else "EXPLAIN "
    connection = storage.database.checkout()
    cursor = connection.cursor()
    cursor.execute(command + statement.text, statement.bind(values))
    lines = [str(row[-1]) for row in cursor.fetchall()]
    connection.close()
    return "\n".join(lines)


def continued(query: Query) -> Query:
    """The query for a page in the middle."""
    return dataclasses.replace(query, after=query.position({"id": "5", "last_modified": 1_000_900}))


QUERIES = {
    "default page": Query(limit=100),
    "default page, continued": continued(Query(limit=100)),
    "since": dataclasses.replace(following(1_001_700), limit=100),
    "since, continued": continued(dataclasses.replace(following(1_000_100), limit=100)),
    "since, newest first": Query(filters=(Filter("last_modified", 1_001_700, "gt"),), tombstones=True, limit=100),
    "unless": Query(limit=100, unless=5),
}
_BY_TIME = {
    "sqlite": r"SEARCH record USING (COVERING )?INDEX record_by_time \(parent=\? AND resource=\?",
    "postgresql": r"Index (Only )?Scan (Backward )?using record_by_time on record",
}
_SORTED_AGAIN = re.compile(r"\bSort\b|TEMP B-TREE|Seq Scan on record|SCAN record")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", QUERIES)
def test_pages_in_the_order_of_time_are_read_from_the_index(
    request: pytest.FixtureRequest, kind: str, name: str
) -> None:
    storage: SQLStorage = request.getfixturevalue(f"large_{kind}")
    plan = explain(storage, *storage._page(SCOPE, QUERIES[name]))
    assert re.search(_BY_TIME[kind], plan), plan
    assert not _SORTED_AGAIN.search(plan), plan
    if "since" in name or "continued" in name:
        assert re.search(r"last_modified|\(last_modified,id\)", plan), plan


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_single_records_are_read_by_primary_key(request: pytest.FixtureRequest, kind: str) -> None:
    storage: SQLStorage = request.getfixturevalue(f"large_{kind}")
    values = {"parent": SCOPE.parent, "resource": SCOPE.resource, "id": "5"}
    plan = explain(storage, storage._prepared.get, values)
    assert re.search(r"INDEX sqlite_autoindex_record_1 \(parent=\? AND resource=\? AND id=\?\)|record_pkey", plan), plan
    assert not _SORTED_AGAIN.search(plan), plan


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_large_page_comes_in_its_order(request: pytest.FixtureRequest, kind: str) -> None:
    storage: SQLStorage = request.getfixturevalue(f"large_{kind}")
    page = storage.page(SCOPE, ordered_by("-n", tombstones=True))
    assert ids(page) == [str(number) for number in reversed(range(EACH))]
    times = [document.last_modified for document in storage.page(SCOPE, Query(tombstones=True)).documents]
    assert times == sorted(times, reverse=True)
