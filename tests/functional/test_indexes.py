"""Indexes on fields: how they are built while others write, how they are dropped, and what they never change."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.protocol import order, sortable
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.declared import KINDS, DeclaredField
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import ids, ordered_by

ANN, BEA = Scope("note", "ann"), Scope("note", "bea")
Open = Callable[[], SQLStorage]


@pytest.fixture(params=["sqlite", "postgresql"])
def another(request: pytest.FixtureRequest) -> Iterator[Open]:
    """A function that opens one more storage in the same database."""
    postgresql = request.param == "postgresql"
    url = request.getfixturevalue("postgresql_database")() if postgresql else request.getfixturevalue("sqlite_url")
    opened: list[SQLStorage] = []

    def connect() -> SQLStorage:
        if postgresql:
            opened.append(SQLStorage(Database(url, PostgreSQL()), PostgreSQLDialect(), freshness=0.0))
        else:
            opened.append(SQLStorage(Database(url, SQLite()), SQLiteDialect(), freshness=0.0))
        return opened[-1]

    connect().migrate()
    yield connect
    for one in opened:
        one.close()


@pytest.fixture
def storage(another: Open) -> SQLStorage:
    return another()


def build(storage: SQLStorage, *fields: str) -> list[str]:
    return list(storage.index({"note": fields}))


def names(storage: SQLStorage) -> set[str]:
    return set(storage.dialect.builder(storage.database).present())


def pin(storage: SQLStorage, query: Query) -> Any:
    return storage.searches.of("page", ANN, query).way.pin


TAGGED = Query(filters=(Filter("tags", ("a",), "contains"),))


def test_what_is_wanted_is_built_and_nothing_else_is_left(storage: SQLStorage) -> None:
    storage.create(ANN, {"id": "x", "n": 1, "tags": ["a"]})
    assert [step.rpartition(" in ")[0] for step in build(storage, "n", "tags")] == [
        "note: n indexed",
        "note: tags indexed",
    ]
    assert storage.indexed() == {"note": ("n", "tags")}
    assert build(storage, "n", "tags") == []
    assert len(build(storage, "tags")) == len(KINDS)
    assert storage.indexed() == {"note": ("tags",)}
    assert names(storage) == {DeclaredField("note", ("tags",)).name(kind) for kind in KINDS}
    assert ids(storage.page(ANN, TAGGED)) == ["x"]
    assert len(build(storage)) == len(KINDS)
    assert (storage.indexed(), names(storage)) == ({}, set())
    assert ids(storage.page(ANN, TAGGED)) == ["x"]


def test_a_dry_run_only_tells(storage: SQLStorage) -> None:
    assert list(storage.index({"note": ("n",)}, dry_run=True)) == ["note: n would be indexed"]
    assert (storage.indexed(), names(storage)) == ({}, set())


def test_others_hear_of_an_index(storage: SQLStorage, another: Open) -> None:
    other = another()
    assert pin(other, ordered_by("n")) is None
    build(storage, "n")
    assert pin(other, ordered_by("n")) is not None
    build(storage)
    assert pin(other, ordered_by("n")) is None


def test_a_field_of_one_resource_is_not_one_of_another(storage: SQLStorage) -> None:
    list(storage.index({"article": ("n",)}))
    assert pin(storage, ordered_by("n")) is None


def test_indexes_follow_what_is_written(storage: SQLStorage) -> None:
    build(storage, "n", "tags")
    storage.create(ANN, {"id": "x", "n": 1, "tags": ["a", "b", "a"]})
    storage.create(ANN, {"id": "y", "n": 2, "tags": "a"})
    storage.create(BEA, {"id": "z", "n": 0, "tags": ["a"]})
    assert (ids(storage.page(ANN, TAGGED)), ids(storage.page(ANN, ordered_by("n")))) == (["x"], ["x", "y"])
    storage.replace(ANN, "x", {"n": 3, "tags": ["b"]})
    storage.replace(ANN, "y", {"n": 2, "tags": ["a"]})
    assert (ids(storage.page(ANN, TAGGED)), ids(storage.page(ANN, ordered_by("n")))) == (["y"], ["y", "x"])
    storage.delete(ANN, "y")
    assert (ids(storage.page(ANN, TAGGED)), ids(storage.page(ANN, ordered_by("n")))) == ([], ["x"])
    storage.create(ANN, {"id": "y", "n": 4, "tags": ["a"]})
    storage.trim(ANN, keep=1)
    assert (ids(storage.page(ANN, TAGGED)), ids(storage.page(ANN, ordered_by("n")))) == (["y"], ["y"])
    storage.flush()
    assert ids(storage.page(ANN, TAGGED)) == ids(storage.page(BEA, TAGGED)) == []


def test_what_is_undone_leaves_nothing_in_an_index(storage: SQLStorage) -> None:
    build(storage, "tags")
    transaction = Transaction()
    storage.create(ANN, {"id": "x", "tags": ["a"]}, transaction=transaction)
    assert ids(storage.page(ANN, TAGGED, transaction=transaction)) == ["x"]
    transaction.rollback()
    assert ids(storage.page(ANN, TAGGED)) == []


def test_two_who_build_at_once_build_once(another: Open) -> None:
    told: list[str] = []
    builders = [threading.Thread(target=lambda: told.extend(build(another(), "n", "tags"))) for _ in range(2)]
    for one in builders:
        one.start()
    for one in builders:
        one.join(60)
    assert another().indexed() == {"note": ("n", "tags")}
    if another().database.driver.name == "postgresql":
        assert len(told) == 2, told


@pytest.fixture
def postgresql(postgresql_database: Callable[[], str]) -> Iterator[SQLStorage]:
    made = SQLStorage(Database(postgresql_database(), PostgreSQL()), PostgreSQLDialect(), freshness=0.0)
    made.migrate()
    yield made
    made.close()


def test_nobody_waits_for_an_index_that_is_being_built(postgresql: SQLStorage) -> None:
    connection = postgresql.database.checkout()
    early = connection.cursor()
    early.execute("BEGIN")
    early.execute("DELETE FROM record WHERE id = 'nobody'")
    builder = threading.Thread(target=lambda: build(postgresql, "n"))
    builder.start()
    while not names(postgresql):
        assert builder.is_alive()
    postgresql.create(ANN, {"id": "meanwhile", "n": 1})
    assert builder.is_alive(), "the index did not wait for the one who began to write before it"
    early.execute("COMMIT")
    connection.close()
    builder.join(60)
    assert not builder.is_alive()
    postgresql.create(ANN, {"id": "later", "n": 0})
    assert pin(postgresql, ordered_by("n")) is not None
    assert ids(postgresql.page(ANN, ordered_by("n"))) == ["later", "meanwhile"]


def entries(storage: SQLStorage, name: str) -> list[tuple[Any, ...]]:
    """What the table of a field holds."""
    with storage.database.connect() as connection:
        found = connection.exec_driver_sql(f"SELECT parent, entry, last_modified, id FROM {name} ORDER BY 1, 2, 3, 4")
        return [tuple(row) for row in found]


def expected(storage: SQLStorage, field: str) -> list[tuple[Any, ...]]:
    """What it should hold."""
    return sorted(
        (scope.parent, entry, one.data["last_modified"], one.data["id"])
        for scope in (ANN, BEA)
        for one in storage.page(scope, Query()).documents
        for entry in sortable.entries(one.data.get(field, order.MISSING))
    )


def test_entries_are_those_of_the_records(storage: SQLStorage) -> None:
    values: list[Any] = ["a", "x" * 300, 1, 1.0, -0.5, 12e300, None, True, {}, {"b": 1.5, "a": [2.0]}, [], "7a"]
    values += [["a", "a", 1, 1.0, "1"], [["a"], [0.1, 1e-7], {"b": 2.5}], ["x" * 300, "x" * 301], [None, False]]
    for number, value in enumerate(values):
        storage.create((ANN, BEA)[number % 2], {"id": f"before{number}", "v": value})
    build(storage, "v")
    for number, value in enumerate(values):
        storage.create((ANN, BEA)[number % 2], {"id": f"after{number}", "v": value})
        storage.create(ANN, {"id": f"other{number}", "v": 0})
        storage.replace(ANN, f"other{number}", {"v": value})
    storage.create(ANN, {"id": "without"})
    storage.delete(ANN, "before0")
    storage.delete(ANN, "after2")
    name = DeclaredField("note", ("v",)).name("entries")
    assert entries(storage, name) == expected(storage, "v")
    assert len(entries(storage, name)) > 60


def test_entries_are_right_whatever_is_written_meanwhile(storage: SQLStorage, another: Open) -> None:
    for number in range(300):
        storage.create(ANN, {"id": f"r{number}", "n": number, "last_modified": 1000 + number})
    writer, done = another(), threading.Event()

    def write() -> None:
        for turn in itertools.count():
            for number in range(0, 300, 7):
                # The same time with another value, and another time with the same.
                time = {"last_modified": 1000 + number} if turn % 2 else {}
                writer.replace(ANN, f"r{number}", {"n": turn, **time})
                if done.is_set():
                    return

    thread = threading.Thread(target=write)
    thread.start()
    try:
        build(storage, "n")
        build(storage)
        build(storage, "n")
    finally:
        done.set()
        thread.join(60)
    assert entries(storage, DeclaredField("note", ("n",)).name("entries")) == expected(storage, "n")


def test_nobody_waits_for_a_table_of_entries(postgresql: SQLStorage) -> None:
    field = DeclaredField("note", ("n",))
    builder = postgresql.dialect.builder(postgresql.database)
    builder.build(field, "up")
    for turn, work in enumerate((lambda: builder.build(field, "entries"), lambda: builder.drop(field.name("entries")))):
        connection = postgresql.database.checkout()
        early = connection.cursor()
        early.execute("BEGIN")
        early.execute("DELETE FROM record WHERE id = 'nobody'")
        thread = threading.Thread(target=work)
        thread.start()
        for number in range(20):
            postgresql.create(ANN, {"id": f"r{turn}-{number}", "n": number})
            thread.join(0.05)
        assert thread.is_alive(), "it did not wait for the one who began to write before it"
        early.execute("COMMIT")
        connection.close()
        thread.join(60)
        assert not thread.is_alive()
    assert field.name("entries") not in builder.present()


def test_a_table_that_somebody_did_not_fill_is_made_anew(postgresql: SQLStorage) -> None:
    build(postgresql, "n")
    name = DeclaredField("note", ("n",)).name("entries")
    with postgresql.database.connect() as connection:
        connection.exec_driver_sql(f"COMMENT ON TABLE {name} IS NULL")
        connection.exec_driver_sql(f"INSERT INTO {name} VALUES ('ann', '1a', 1, 'gone')")
    assert len(build(postgresql, "n")) == 1
    assert (entries(postgresql, name), build(postgresql, "n")) == ([], [])


def test_what_somebody_did_not_finish_is_built_anew(postgresql: SQLStorage) -> None:
    build(postgresql, "n")
    name = DeclaredField("note", ("n",)).name("up")
    with postgresql.database.connect() as connection:
        connection.exec_driver_sql(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
    assert len(build(postgresql, "n")) == 1
    assert postgresql.dialect.builder(postgresql.database).present()[name]
    assert build(postgresql, "n") == []
