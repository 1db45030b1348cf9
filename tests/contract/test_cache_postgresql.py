"""The contract of a cache, kept by the one in a table of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from cliquet.cache.sql import table
from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from tests.contract.sql_cache import SQLCacheContract


class TestPostgreSQLCache(SQLCacheContract):
    @pytest.fixture
    def database(self, migrated_postgresql_url: str) -> Iterator[Database]:
        made = Database(migrated_postgresql_url, PostgreSQL())
        with made.engine.begin() as connection:
            connection.execute(sa.delete(table))
        yield made
        made.close()
