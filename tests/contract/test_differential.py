"""Every storage answers generated questions as the one in memory does, which is the specification.

``CLIQUET_TEST_EXAMPLES=20000`` looks further, and each time elsewhere.
"""

from __future__ import annotations

import dataclasses
import itertools
import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope, Storage
from cliquet.storage.memory import MemoryStorage
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import walk
from tests.contract import generated_cascades
from tests.contract.generated import queries, records

EXAMPLES = int(os.environ.get("CLIQUET_TEST_EXAMPLES", "0"))
NUMBERS = itertools.count()
#: Fields that many of the generated records have, and that many of the questions are about.
INDEXED = ("nobody", "o.v", "v", "w")

lookfor = settings(
    max_examples=EXAMPLES or 150,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def clock() -> int:
    return 1000


@pytest.fixture(scope="module")
def sqlite_storage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Storage]:
    url = f"sqlite:///{tmp_path_factory.mktemp('differential')}/data.sqlite"
    yield from migrated(SQLStorage(Database(url, SQLite(synchronous="OFF")), SQLiteDialect(), clock=clock))


@pytest.fixture(scope="module")
def postgresql_storage(postgresql_url: str) -> Iterator[Storage]:
    """Leaves no indexes behind."""
    yield from migrated(SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect(), clock=clock))
    last = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect(), freshness=0.0)
    list(last.index({}))
    last.close()


def migrated(storage: Storage) -> Iterator[Storage]:
    """An empty storage, with indexes on some fields of one of its resources."""
    storage.migrate()
    storage.flush()
    list(storage.index({"indexed": INDEXED}))
    assert storage.indexed() == {"indexed": INDEXED}
    yield storage
    storage.close()


def fill(storage: Storage, scope: Scope, stored: list[dict[str, Any]], deleted: int) -> None:
    with Transaction() as transaction:
        for record in stored:
            storage.create(scope, record, transaction=transaction)
        for record in stored[:deleted]:
            storage.delete(scope, record["id"], transaction=transaction)


def answers(storage: Storage, scope: Scope, query: Query) -> dict[str, Any]:
    """All that a storage says to one question."""
    page = storage.page(scope, query)
    whole = storage.page(scope, dataclasses.replace(query, limit=None))
    return {
        "page": [document.json for document in page.documents],
        "more": page.more,
        "timestamp": page.timestamp,
        "whole": [document.json for document in whole.documents],
        "walk": walk(storage, query, query.limit or 1, scope),
        "count": storage.count(scope, query),
    }


@lookfor
@given(data=st.data(), stored=records(), deleted=st.integers(0, 3))
def test_every_storage_gives_the_same_answers(
    sqlite_storage: Storage,
    postgresql_storage: Storage,
    data: st.DataObject,
    stored: list[dict[str, Any]],
    deleted: int,
) -> None:
    compare("generated", sqlite_storage, postgresql_storage, data, stored, deleted, queries(stored))


@lookfor
@given(data=st.data(), stored=records(st.sampled_from(["v", "w", "a"])), deleted=st.integers(0, 3))
def test_indexes_change_no_answer(
    sqlite_storage: Storage,
    postgresql_storage: Storage,
    data: st.DataObject,
    stored: list[dict[str, Any]],
    deleted: int,
) -> None:
    compare("indexed", sqlite_storage, postgresql_storage, data, stored, deleted, queries(stored, INDEXED))


def compare(
    resource: str,
    sqlite_storage: Storage,
    postgresql_storage: Storage,
    data: st.DataObject,
    stored: list[dict[str, Any]],
    deleted: int,
    questions: st.SearchStrategy[Query],
) -> None:
    """Ask every storage the same questions about the same records."""
    scope = Scope(resource, str(next(NUMBERS)))
    specification = MemoryStorage(clock=clock)
    storages = {"sqlite": sqlite_storage, "postgresql": postgresql_storage}
    for storage in (specification, *storages.values()):
        fill(storage, scope, stored, deleted)
    for _ in range(4):
        query = data.draw(questions)
        expected = answers(specification, scope, query)
        assert expected["walk"] == [
            document.id for document in specification.page(scope, dataclasses.replace(query, limit=None)).documents
        ]
        for name, storage in storages.items():
            assert answers(storage, scope, query) == expected, name


def everything(storage: Storage, root: str, transaction: Transaction | None = None) -> list[Any]:
    """All that can be seen of a generated tree."""
    query = Query(tombstones=True)
    found = [
        (storage.head(scope, transaction=transaction), storage.page(scope, query, transaction=transaction))
        for scope in generated_cascades.scopes(root)
    ]
    return [(head, [document.json for document in page.documents], page.timestamp) for head, page in found]


def story(storage: Storage, root: str, committed: list[Any], pending: list[Any]) -> Any:
    """What is said and seen in a transaction, after it, in the next one, and after that one was undone."""
    with Transaction() as transaction:
        said = generated_cascades.run(storage, root, committed, transaction)
        within = everything(storage, root, transaction)
    assert everything(storage, root) == within
    transaction = Transaction()
    again = generated_cascades.run(storage, root, pending, transaction)
    undone = everything(storage, root, transaction)
    transaction.rollback()
    assert everything(storage, root) == within
    return said, within, again, undone


@settings(lookfor, max_examples=EXAMPLES or 50)
@given(committed=generated_cascades.blocks, pending=generated_cascades.blocks)
def test_every_storage_changes_a_tree_in_the_same_way(
    sqlite_storage: Storage, postgresql_storage: Storage, committed: list[Any], pending: list[Any]
) -> None:
    root = f"/{next(NUMBERS)}"
    expected = story(MemoryStorage(clock=clock), root, committed, pending)
    for name, storage in {"sqlite": sqlite_storage, "postgresql": postgresql_storage}.items():
        assert story(storage, root, committed, pending) == expected, name
