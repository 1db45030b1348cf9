"""The contract of a cache, kept by the one in a table of PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa

from cliquet.cache.base import Cache
from cliquet.cache.sql import EngineConnects, SqlCache, table
from cliquet.testing.cache import CacheContract, ManualClock


@pytest.fixture
def engine(postgresql_url: str) -> Iterator[sa.Engine]:
    engine = sa.create_engine(postgresql_url)
    table.create(engine, checkfirst=True)
    yield engine
    table.drop(engine)
    engine.dispose()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


class TestPostgreSQLCache(CacheContract):
    @pytest.fixture
    def pass_time(self, clock: ManualClock) -> Callable[[float], None]:
        return clock.advance

    @pytest.fixture
    def cache(self, engine: sa.Engine, clock: ManualClock) -> Cache:
        return SqlCache(EngineConnects(engine), "app", now=clock)

    @pytest.fixture
    def other_cache(self, engine: sa.Engine, clock: ManualClock) -> Cache:
        return SqlCache(EngineConnects(engine), "APP", now=clock)


def rows(engine: sa.Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def test_expired_rows_are_removed_by_a_later_write_and_never_by_reads(engine: sa.Engine, clock: ManualClock) -> None:
    cache = SqlCache(EngineConnects(engine), now=clock)
    for number in range(3):
        cache.set(f"old{number}", number, ttl=1)
    clock.advance(3600)
    cache.get("old0")
    cache.ttl("old1")
    assert rows(engine) == 3
    cache.set("new", 1)
    assert rows(engine) == 1
    assert cache.get("new") == 1
