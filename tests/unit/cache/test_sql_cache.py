"""What the cache in a table does when its database fails, and how settings make one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cliquet.cache import postgresql, sqlite
from cliquet.cache.base import Cache
from cliquet.cache.sql import SqlCache
from cliquet.database.registry import KEY, Databases
from cliquet.errors import BackendError
from cliquet.settings import Settings


def config(url: str) -> Any:
    settings = Settings(cache_url=url, cache_prefix="app", cache_pool_size=2)
    return SimpleNamespace(registry={"cliquet.settings": settings, KEY: Databases()})


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return sqlite.load_from_config(config(f"sqlite:///{tmp_path}/cache.sqlite3"))


@pytest.mark.parametrize(
    "use",
    [
        lambda cache: cache.get("key"),
        lambda cache: cache.set("key", 1, ttl=60),
        lambda cache: cache.delete("key"),
        lambda cache: cache.take("key"),
        lambda cache: cache.ttl("key"),
        lambda cache: cache.expire("key", 60),
        lambda cache: cache.flush(),
    ],
)
def test_a_missing_table_is_an_error_of_the_backend(cache: Cache, use: Callable[[Cache], Any]) -> None:
    with pytest.raises(BackendError, match="no such table"):
        use(cache)


def test_a_heartbeat_sees_the_missing_table(cache: Cache) -> None:
    assert cache.ping() is False


def test_making_a_cache_connects_to_nothing() -> None:
    made = postgresql.load_from_config(config("postgresql+psycopg://nobody@nowhere.invalid/none"))
    assert isinstance(made, SqlCache)
