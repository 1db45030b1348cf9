"""The contract of a cache, kept by the one in a table of SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.database import migrations
from cliquet.database.engine import Database
from cliquet.database.sqlite import SQLite
from tests.contract.sql_cache import SQLCacheContract


class TestSQLiteCache(SQLCacheContract):
    @pytest.fixture
    def database(self, sqlite_url: str) -> Iterator[Database]:
        made = Database(sqlite_url, SQLite())
        migrations.upgrade(made)
        yield made
        made.close()
