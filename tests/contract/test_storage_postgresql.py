"""The contract of a storage, kept by the one in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.storage.base import Storage
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.testing.storage import StorageContract
from cliquet.testing.storage.base import ManualClock
from cliquet.testing.storage.filters import FiltersContract
from cliquet.testing.storage.pages import PagesContract


class TestPostgreSQLStorage(StorageContract):
    @pytest.fixture(scope="class")
    @classmethod
    def storage(cls, clock: ManualClock, migrated_postgresql_url: str) -> Iterator[Storage]:
        database = Database(migrated_postgresql_url, PostgreSQL())
        storage = SQLStorage(database, PostgreSQLDialect(), clock=clock)
        yield storage
        storage.close()


@pytest.fixture(scope="module")
def indexed_url(migrated_postgresql_url: str) -> Iterator[str]:
    """A database that has indexes on fields until the end."""
    storage = SQLStorage(Database(migrated_postgresql_url, PostgreSQL()), PostgreSQLDialect(), freshness=0.0)
    list(storage.index({"article": ("n", "t", "v")}))
    yield migrated_postgresql_url
    list(storage.index({}))
    storage.close()


class TestPostgreSQLStorageWithIndexes(FiltersContract, PagesContract):
    @pytest.fixture(scope="class")
    @classmethod
    def storage(cls, clock: ManualClock, indexed_url: str) -> Iterator[Storage]:
        storage = SQLStorage(Database(indexed_url, PostgreSQL()), PostgreSQLDialect(), clock=clock)
        assert storage.indexed() == {"article": ("n", "t", "v")}
        yield storage
        storage.close()
