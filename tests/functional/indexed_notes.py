"""Notes in two lists, with indexes on their fields, beside the same in memory."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import pytest

from cliquet.database import engine
from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.statement import Statements
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope
from cliquet.storage.memory import MemoryStorage
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect

__all__ = ["KINDS", "OTHER", "RECORDS", "SCOPE", "apart", "check_unless", "compare_pages", "filled", "opened"]

KINDS = ("sqlite", "postgresql")
SCOPE, OTHER = Scope("note", "ann"), Scope("note", "bea")
RECORDS = 40


def tags(number: int) -> list[Any]:
    """What a record has."""
    found = ["all", *(["third"] if number % 3 == 0 else [])]
    return [*found, "old" if number < 10 else "new"] if number % 5 else [found]


def opened(kind: str, request: pytest.FixtureRequest, factory: pytest.TempPathFactory) -> SQLStorage:
    """A storage in a database of a kind."""
    if kind == "sqlite":
        url = f"sqlite:///{factory.mktemp('notes')}/data.sqlite"
        return SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect(), freshness=0.0)
    url = request.getfixturevalue("postgresql_url")
    return SQLStorage(Database(url, PostgreSQL()), PostgreSQLDialect(), freshness=0.0)


def filled(storage: SQLStorage) -> Iterator[tuple[MemoryStorage, SQLStorage]]:
    """The notes in memory, and in a storage that is emptied and closed afterwards."""
    storage.migrate()
    storage.flush()
    memory = MemoryStorage()
    for number in range(RECORDS):
        body = {"id": f"r{number}", "n": number, "tags": tags(number), "last_modified": 1000 + number // 2}
        body["color"] = "red" if number % 2 else "blue"
        body["size"] = number * 7 % 13 if number % 9 else "large" + "x" * 300
        for one in (memory, storage):
            one.create(SCOPE if number % 8 else OTHER, body)
    for one in (memory, storage):
        one.delete(SCOPE, "r35", last_modified=3000)
    list(storage.index({"note": ("tags", "n", "size")}))
    yield memory, storage
    storage.flush()
    list(storage.index({}))
    storage.close()


def apart(patch: pytest.MonkeyPatch) -> None:
    """Let databases share no statements: those of this test say something else under the same shape."""
    patch.setattr(engine, "_statements", lambda driver, _: Statements(driver.language))


def compare_pages(storages: tuple[MemoryStorage, SQLStorage], query: Query) -> None:
    """All pages of a query are the same in both."""
    for _ in range(RECORDS):
        expected, found = (one.page(SCOPE, query) for one in storages)
        assert found == expected
        if not expected.more:
            break
        query = dataclasses.replace(query, after=query.position(expected.documents[-1].data))


def check_unless(storage: SQLStorage, query: Query) -> None:
    """Who has the page is given nothing.

    :param query: about all notes.
    """
    time = storage.head(SCOPE).timestamp
    assert len(storage.page(SCOPE, dataclasses.replace(query, unless=time - 1)).documents) == query.limit
    assert len(storage.page(SCOPE, dataclasses.replace(query, unless=time)).documents) == 0
