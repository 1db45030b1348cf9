"""The contract of a cache, kept by the one in a table of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from tests.contract.sql_cache import SQLCacheContract


class TestPostgreSQLCache(SQLCacheContract):
    @pytest.fixture(scope="class")
    @classmethod
    def database(cls, migrated_postgresql_url: str) -> Iterator[Database]:
        made = Database(migrated_postgresql_url, PostgreSQL())
        yield made
        made.close()
