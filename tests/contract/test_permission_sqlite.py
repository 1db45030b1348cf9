"""The contract of a permission backend, kept by the one in SQLite."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.sqlite import SQLite
from cliquet.permission.base import Permission
from cliquet.permission.sql.permission import SQLPermission
from cliquet.permission.sqlite import SQLiteDialect
from cliquet.testing.permission import PermissionContract


class TestSQLitePermission(PermissionContract):
    @pytest.fixture(scope="class")
    @classmethod
    def permission(cls, migrated_sqlite_url: str) -> Iterator[Permission]:
        permission = SQLPermission(Database(migrated_sqlite_url, SQLite(synchronous="OFF")), SQLiteDialect())
        yield permission
        permission.close()
