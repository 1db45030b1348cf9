"""The contract of a storage, kept by the one in SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.sqlite import SQLite
from cliquet.storage.base import Storage
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage import StorageContract
from cliquet.testing.storage.base import ManualClock
from cliquet.testing.storage.filters import FiltersContract
from cliquet.testing.storage.pages import PagesContract


class TestSQLiteStorage(StorageContract):
    @pytest.fixture(scope="class")
    @classmethod
    def storage(cls, clock: ManualClock, migrated_sqlite_url: str) -> Iterator[Storage]:
        database = Database(migrated_sqlite_url, SQLite(synchronous="OFF"))
        storage = SQLStorage(database, SQLiteDialect(), clock=clock)
        yield storage
        storage.close()


class TestSQLiteStorageWithIndexes(FiltersContract, PagesContract):
    @pytest.fixture(scope="class")
    @classmethod
    def storage(cls, clock: ManualClock, migrated_sqlite_url: str) -> Iterator[Storage]:
        storage = SQLStorage(Database(migrated_sqlite_url, SQLite(synchronous="OFF")), SQLiteDialect(), clock=clock)
        list(storage.index({"article": ("n", "t", "v")}))
        yield storage
        storage.close()
