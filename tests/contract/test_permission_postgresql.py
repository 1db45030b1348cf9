"""The contract of a permission backend, kept by the one in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.permission.base import Permission
from cliquet.permission.postgresql import PostgreSQLDialect
from cliquet.permission.sql.permission import SQLPermission
from cliquet.testing.permission import PermissionContract


class TestPostgreSQLPermission(PermissionContract):
    @pytest.fixture(scope="class")
    @classmethod
    def permission(cls, migrated_postgresql_url: str) -> Iterator[Permission]:
        permission = SQLPermission(Database(migrated_postgresql_url, PostgreSQL()), PostgreSQLDialect())
        yield permission
        permission.close()
