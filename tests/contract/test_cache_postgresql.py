"""The contract of a cache, kept by the one in a table of PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cliquet.database import migrations
from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from tests.contract.sql_cache import SQLCacheContract


class TestPostgreSQLCache(SQLCacheContract):
    @pytest.fixture
    def database(self, postgresql_database: Callable[[], str]) -> Iterator[Database]:
        made = Database(postgresql_database(), PostgreSQL())
        migrations.upgrade(made)
        yield made
        made.close()
