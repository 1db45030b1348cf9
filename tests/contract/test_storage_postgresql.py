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


class TestPostgreSQLStorage(StorageContract):
    @pytest.fixture
    def storage(self, clock: ManualClock, postgresql_url: str) -> Iterator[Storage]:
        database = Database(postgresql_url, PostgreSQL())
        storage = SQLStorage(database, PostgreSQLDialect(), clock=clock)
        storage.migrate()
        storage.flush()
        yield storage
        storage.close()
