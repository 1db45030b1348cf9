"""The contract of a cache, kept by the one in a table of SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.sqlite import SQLite
from tests.contract.sql_cache import SQLCacheContract


class TestSQLiteCache(SQLCacheContract):
    @pytest.fixture(scope="class")
    @classmethod
    def database(cls, migrated_sqlite_url: str) -> Iterator[Database]:
        made = Database(migrated_sqlite_url, SQLite(synchronous="OFF"))
        yield made
        made.close()
