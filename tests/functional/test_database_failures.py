"""A storage whose database is gone, busy or full says so in our words, soon, and recovers by itself."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import LiteralString

import pytest
import sqlalchemy as sa

from cliquet.database.engine import Database, Pool
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.statement import Statement
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError, Overloaded, RecordNotFound
from cliquet.protocol.query import Filter, Query, Sort
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from tests.functional.waiting import await_waiting, connect

SCOPE = Scope("article", "alice")
SMALL = Pool(size=2, max_overflow=0, timeout=0.2)


@pytest.fixture
def postgresql(postgresql_url: str) -> Iterator[SQLStorage]:
    yield from fresh(SQLStorage(Database(postgresql_url, PostgreSQL(), pool=SMALL), PostgreSQLDialect()))


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[SQLStorage]:
    driver = SQLite(synchronous="NORMAL", busy_timeout=0.3)
    yield from fresh(SQLStorage(Database(sqlite_url, driver, pool=SMALL), SQLiteDialect()))


@pytest.fixture(params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest) -> SQLStorage:
    found: SQLStorage = request.getfixturevalue(request.param)
    return found


def fresh(storage: SQLStorage) -> Iterator[SQLStorage]:
    """A storage with one record, which has all its connections back at the end."""
    storage.migrate()
    storage.flush()
    storage.create(SCOPE, {"id": "first"})
    yield storage
    assert storage.database.engine.pool.checkedout() == 0, "a connection was not given back"  # type: ignore[attr-defined]
    assert storage.count(SCOPE, Query()).total >= 1
    storage.close()


def kill_backends(url: str, condition: LiteralString = "true") -> int:
    """End other connections to a database, as a restart of the server does."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with connect(url) as connection:
        row = connection.execute(
            f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others} AND {condition}"
        ).fetchone()
    time.sleep(0.1)
    assert row is not None
    return int(row[0])


# Connections that are lost.


def test_reads_survive_the_loss_of_pooled_connections(postgresql: SQLStorage, postgresql_url: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        assert len(list(threads.map(lambda _: postgresql.get(SCOPE, "first").id, range(4)))) == 4
    assert kill_backends(postgresql_url) >= 1
    assert postgresql.get(SCOPE, "first").id == "first"
    kill_backends(postgresql_url)
    assert postgresql.ping() is True


def test_writes_survive_the_loss_of_pooled_connections(postgresql: SQLStorage, postgresql_url: str) -> None:
    assert kill_backends(postgresql_url) >= 1
    assert postgresql.create(SCOPE, {"id": "second"}).id == "second"
    assert postgresql.count(SCOPE, Query()).total == 2


@pytest.mark.parametrize("step", ["before a statement", "before the commit"])
def test_a_transaction_that_is_cut_off_fails_as_a_whole(postgresql: SQLStorage, postgresql_url: str, step: str) -> None:
    def write(transaction: Transaction) -> None:
        postgresql.create(SCOPE, {"id": "second"}, transaction=transaction)
        postgresql.page(SCOPE, Query(), transaction=transaction)
        kill_backends(postgresql_url)
        if step == "before a statement":
            postgresql.create(SCOPE, {"id": "third"}, transaction=transaction)

    with pytest.raises(BackendError), Transaction() as transaction:
        write(transaction)
    with pytest.raises(RecordNotFound):
        postgresql.get(SCOPE, "second")
    assert postgresql.create(SCOPE, {"id": "second"}).id == "second"


def test_a_transaction_that_is_cut_off_in_a_block_fails_as_a_whole(postgresql: SQLStorage, postgresql_url: str) -> None:
    def write(transaction: Transaction) -> None:
        postgresql.create(SCOPE, {"id": "second"}, transaction=transaction)
        with transaction.savepoint():
            postgresql.page(SCOPE, Query(), transaction=transaction)
            kill_backends(postgresql_url)
            postgresql.page(SCOPE, Query(), transaction=transaction)

    with pytest.raises(BackendError), Transaction() as transaction:
        write(transaction)
    assert postgresql.count(SCOPE, Query()).total == 1


def test_who_waits_for_a_lock_when_the_server_goes_waits_once_more_and_is_told(
    postgresql: SQLStorage, postgresql_url: str
) -> None:
    with ThreadPoolExecutor(1) as threads, connect(postgresql_url) as other:
        other.execute("BEGIN")
        other.execute("SELECT * FROM timeline FOR UPDATE")
        waiting = threads.submit(postgresql.create, SCOPE, {"id": "second"})
        for _ in range(2):
            await_waiting(postgresql_url)
            assert not waiting.done()
            assert kill_backends(postgresql_url, "wait_event_type = 'Lock'") == 1
        with pytest.raises(BackendError):
            waiting.result(timeout=10)


# Databases that are busy.


def test_a_pool_without_a_free_connection_is_overloaded(storage: SQLStorage) -> None:
    held = [storage.database.checkout() for _ in range(2)]
    begun = time.monotonic()
    with pytest.raises(Overloaded):
        storage.get(SCOPE, "first")
    with pytest.raises(Overloaded):
        storage.create(SCOPE, {"id": "second"})
    assert time.monotonic() - begun < 5
    for connection in held:
        connection.close()
    storage.create(SCOPE, {"id": "second"})


def test_a_file_that_somebody_else_holds_is_overloaded(sqlite: SQLStorage, sqlite_url: str) -> None:
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(3):
            with pytest.raises(Overloaded):
                sqlite.create(SCOPE, {"id": "second"})
        assert sqlite.get(SCOPE, "first").id == "first"
        assert sqlite.page(SCOPE, Query()).more is False
        other.execute("ROLLBACK")
    other.close()
    sqlite.create(SCOPE, {"id": "second"})


def test_a_writer_that_never_rests_does_not_keep_others_out(sqlite_url: str) -> None:
    storage = SQLStorage(Database(sqlite_url, SQLite(synchronous="NORMAL", busy_timeout=20)), SQLiteDialect())
    storage.migrate()
    stop = threading.Event()

    def write_without_rest() -> int:
        number = 0
        while not stop.is_set():
            with Transaction() as transaction:
                storage.create(SCOPE, {"id": f"busy-{number}"}, transaction=transaction)
                time.sleep(0.02)
            number += 1
        return number

    with ThreadPoolExecutor(1) as threads:
        busy = threads.submit(write_without_rest)
        for number in range(5):
            storage.create(SCOPE, {"id": f"patient-{number}"})
        stop.set()
        assert busy.result(timeout=30) > 0
    storage.close()


def test_a_statement_that_takes_too_long_is_overloaded(postgresql: SQLStorage, postgresql_url: str) -> None:
    url = sa.make_url(postgresql_url).update_query_dict({"options": "-c statement_timeout=200"})
    hasty = SQLStorage(
        Database(url.render_as_string(hide_password=False), PostgreSQL(), pool=SMALL), PostgreSQLDialect()
    )
    with Transaction() as transaction:
        postgresql.lock([SCOPE], transaction=transaction)
        with pytest.raises(Overloaded):
            hasty.create(SCOPE, {"id": "second"})
    assert hasty.create(SCOPE, {"id": "second"}).id == "second"
    hasty.close()


# Databases that are full.


def test_a_full_disk_loses_nothing_that_was_acknowledged(sqlite: SQLStorage) -> None:
    pages = most_pages(sqlite, 40)
    acknowledged = ["first"]

    def write_on() -> None:
        for number in range(1000):
            acknowledged.append(sqlite.create(SCOPE, {"id": f"{number}", "text": "x" * 3000}).id)

    with pytest.raises(BackendError, match="full"):
        write_on()
    assert len(acknowledged) > 3
    assert {one.id for one in sqlite.page(SCOPE, Query()).documents} == set(acknowledged)
    pages(1_000_000)
    assert sqlite.create(SCOPE, {"id": "second"}).id == "second"


def most_pages(storage: SQLStorage, number: int) -> Callable[[int], None]:
    """Limit the size of the file; returns how to change the limit."""

    def limit(number: int) -> None:
        sa.event.listen(
            storage.database.engine,
            "checkout",
            lambda connection, *_: connection.execute(f"PRAGMA max_page_count = {number}").close(),
        )

    limit(number)
    return limit


def test_a_database_that_refuses_to_store_leaves_nothing_half_done(postgresql_database: Callable[[], str]) -> None:
    url = postgresql_database()
    storage = SQLStorage(Database(url, PostgreSQL(), pool=SMALL), PostgreSQLDialect())
    storage.migrate()
    storage.create(SCOPE, {"id": "first"})
    before = storage.page(SCOPE, Query())
    with connect(url) as connection:
        connection.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'No space left on device' USING ERRCODE = '53100'; END$$"
        )
        connection.execute("CREATE TRIGGER full_disk BEFORE UPDATE ON timeline EXECUTE FUNCTION full_disk()")
        with pytest.raises(BackendError, match="No space left"):
            storage.create(SCOPE, {"id": "second"})
        assert storage.page(SCOPE, Query()) == before
        connection.execute("DROP TRIGGER full_disk ON timeline")
    assert storage.create(SCOPE, {"id": "second"}).id == "second"
    assert storage.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    storage.close()


# Statements that fail inside of a transaction.


def broken(storage: SQLStorage, transaction: Transaction) -> None:
    """Run a statement that the database refuses."""
    statement = Statement(sa.select(sa.literal_column("1 / nothing")), storage.database.driver.language())
    storage.database.session(transaction).read(statement, {})


def test_an_error_that_somebody_swallowed_is_not_taken_for_a_success(storage: SQLStorage) -> None:
    transaction = Transaction()
    storage.create(SCOPE, {"id": "second"}, transaction=transaction)
    storage.page(SCOPE, Query(), transaction=transaction)
    with pytest.raises(BackendError), transaction.savepoint():
        broken(storage, transaction)
    with pytest.raises(BackendError, match="nothing"):
        transaction.commit()
    assert storage.count(SCOPE, Query()).total == 1


def test_an_error_in_a_block_that_wrote_something_is_undone_with_it(storage: SQLStorage) -> None:
    def write_and_break(transaction: Transaction) -> None:
        storage.create(SCOPE, {"id": "third"}, transaction=transaction)
        storage.page(SCOPE, Query(), transaction=transaction)
        broken(storage, transaction)

    with Transaction() as transaction:
        storage.create(SCOPE, {"id": "second"}, transaction=transaction)
        with pytest.raises(BackendError), transaction.savepoint():
            write_and_break(transaction)
        storage.create(SCOPE, {"id": "fourth"}, transaction=transaction)
    assert {one.id for one in storage.page(SCOPE, Query()).documents} == {"first", "second", "fourth"}


@pytest.mark.parametrize("joined", [False, True], ids=["alone", "in a transaction"])
def test_a_record_that_is_no_json_is_told_in_our_words(sqlite: SQLStorage, sqlite_url: str, *, joined: bool) -> None:
    sqlite.create(SCOPE, {"id": "second"})
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as other:
        other.execute("UPDATE record SET body = '{' WHERE id = 'first'")
    other.close()
    query = Query(filters=(Filter("title", 1, "not"),), sort=(Sort("id", -1),))
    with pytest.raises(BackendError, match="JSON"), Transaction() as transaction:
        sqlite.page(SCOPE, query, transaction=transaction if joined else None)
