"""How PostgreSQL plans what a service sends: once for all values, and again from time to time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cliquet.database import dialogue
from cliquet.database.engine import Database, Pool
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage

SCOPE = Scope("article", "alice")
SETTINGS = ("plan_cache_mode", "enable_seqscan", "jit", "max_parallel_workers_per_gather")
HOT = ("force_generic_plan", "off", "off", "0")


def open_storage(url: str, driver: PostgreSQL | None = None) -> SQLStorage:
    """A storage whose statements all go over one connection."""
    database = Database(url, driver or PostgreSQL(), pool=Pool(size=1, max_overflow=0))
    return SQLStorage(database, PostgreSQLDialect(), limit=10_000)


@pytest.fixture
def storage(postgresql_url: str) -> Iterator[SQLStorage]:
    found = open_storage(postgresql_url)
    found.migrate()
    found.flush()
    found.create(SCOPE, {"id": "one", "n": 1})
    yield found
    found.close()


def rows(storage: SQLStorage, text: str) -> list[Any]:
    """What a statement finds on the connection."""
    connection: Any = storage.database.checkout()
    try:
        return list(connection.driver_connection.execute(text, prepare=False).fetchall())
    finally:
        connection.close()


def settings(storage: SQLStorage) -> tuple[str, ...]:
    """How the connection plans."""
    return tuple(rows(storage, f"SHOW {name}")[0][0] for name in SETTINGS)


def plans(storage: SQLStorage, word: str) -> list[tuple[int, int]]:
    """Of the prepared statements with a word in them, how often a plan for all values was used, and one for some."""
    found = "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
    return rows(storage, f"{found} WHERE statement LIKE '%{word}%'")


def test_a_statement_is_planned_for_all_values(storage: SQLStorage) -> None:
    for _ in range(5):
        storage.page(SCOPE, Query(limit=5))
    assert plans(storage, "LIMIT $") == [(5, 0)]
    assert settings(storage) == HOT


def test_a_search_that_no_index_serves_is_planned_for_its_values(storage: SQLStorage) -> None:
    query = Query(filters=(Filter("n", 1),), limit=5)
    for _ in range(5):
        storage.page(SCOPE, query)
    assert plans(storage, "jsonb_typeof") == [(0, 5)]
    assert settings(storage) == HOT


def test_what_follows_such_a_search_in_a_transaction_is_planned_for_all_values(storage: SQLStorage) -> None:
    with Transaction() as transaction:
        storage.lock([SCOPE], transaction=transaction)
        for _ in range(2):
            storage.page(SCOPE, Query(filters=(Filter("n", 1),), limit=5), transaction=transaction)
            storage.page(SCOPE, Query(limit=5), transaction=transaction)
    assert plans(storage, "jsonb_typeof") == [(0, 2)]
    assert (2, 0) in plans(storage, "LIMIT $")


def test_behind_a_pooler_connections_are_left_as_they_are(storage: SQLStorage, pgbouncer_url: str) -> None:
    pooled = open_storage(pgbouncer_url)
    pooled.page(SCOPE, Query(limit=5))
    assert settings(pooled)[:2] == ("auto", "on")
    pooled.close()


class Counting(PostgreSQL):
    """Counts how often it plans again."""

    times = 0

    def plan_again(self, cursor: Any) -> None:
        type(self).times += 1
        super().plan_again(cursor)


def test_plans_are_made_again_from_time_to_time(
    storage: SQLStorage, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    moment = [100.0]
    monkeypatch.setattr(dialogue, "monotonic", lambda: moment[0])
    counting = open_storage(postgresql_url, Counting())
    # Each time they are kept twice as long.
    for pause, times in [
        (0, 0),
        (11, 1),
        (11, 1),
        (11, 2),
        (21, 2),
        (21, 3),
        (700, 4),
        (100, 4),
        (61, 5),
        (321, 6),
        (599, 6),
        (2, 7),
    ]:
        moment[0] += pause
        assert len(counting.page(SCOPE, Query(limit=5)).documents) == 1
        assert Counting.times == times
    counting.close()
