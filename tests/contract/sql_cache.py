"""The contract of a cache in a table, on the database that a migration made and a service would use."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from cliquet.cache.base import Cache
from cliquet.cache.sql import SqlCache, table
from cliquet.database.engine import Database
from cliquet.testing.cache import CacheContract, ManualClock


class SQLCacheContract(CacheContract):
    """What both databases are tested for; a subclass gives a ``database`` that is migrated."""

    @pytest.fixture(scope="class")
    @classmethod
    def clock(cls) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    def pass_time(self, clock: ManualClock) -> Callable[[float], None]:
        return clock.advance

    @pytest.fixture(scope="class")
    @classmethod
    def cache(cls, database: Database, clock: ManualClock) -> Cache:
        return SqlCache(database, "app", now=clock)

    @pytest.fixture(scope="class")
    @classmethod
    def other_cache(cls, database: Database, clock: ManualClock) -> Cache:
        return SqlCache(database, "APP", now=clock)

    def test_expired_rows_are_removed_by_a_later_write_and_never_by_reads(
        self, database: Database, clock: ManualClock
    ) -> None:
        with database.engine.begin() as connection:
            connection.execute(sa.delete(table))
        cache = SqlCache(database, now=clock)
        for number in range(3):
            cache.set(f"old{number}", number, ttl=1)
        clock.advance(3600)
        cache.get("old0")
        cache.ttl("old1")
        assert rows(database) == 3
        cache.set("new", 1)
        assert rows(database) == 1
        assert cache.get("new") == 1


def rows(database: Database) -> int:
    """How many there are, expired ones included."""
    with database.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())
