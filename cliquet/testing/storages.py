"""The pytest fixtures that run a test on every storage: list it in ``pytest_plugins``, after the plugin."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.testing.app import SETTINGS, Client, migrated

__all__ = ["postgresql_settings", "serve", "sharing_settings", "sqlite_settings", "storage_settings"]

_SQLITE = "cliquet.storage.sqlite"
_POSTGRESQL = "cliquet.storage.postgresql"


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated file, which tests copy."""
    path = tmp_path_factory.mktemp("sqlite") / "template.sqlite3"
    migrated({"storage_backend": _SQLITE, "storage_url": f"sqlite:///{path}"})
    return path


@pytest.fixture(scope="session")
def _postgresql_settings(postgresql_url: str) -> dict[str, Any]:
    return migrated({"storage_backend": _POSTGRESQL, "storage_url": postgresql_url, "storage_pool_size": 2})


@pytest.fixture
def sqlite_settings(_sqlite_template: Path, tmp_path: Path) -> dict[str, Any]:
    """Settings of an application on a migrated, empty SQLite file."""
    path = tmp_path / "records.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    return {**SETTINGS, "storage_backend": _SQLITE, "storage_url": f"sqlite:///{path}", "storage_synchronous": "NORMAL"}


@pytest.fixture(scope="session")
def _postgresql_storage(_postgresql_settings: Mapping[str, Any]) -> SQLStorage:
    """What empties the database; made once, but never connected for longer than that, as tests end connections."""
    return SQLStorage(Database(_postgresql_settings["storage_url"], PostgreSQL()), PostgreSQLDialect())


@pytest.fixture
def postgresql_settings(_postgresql_settings: Mapping[str, Any], _postgresql_storage: SQLStorage) -> dict[str, Any]:
    """Settings of an application on a migrated PostgreSQL database, which is empty."""
    _postgresql_storage.flush()
    _postgresql_storage.close()
    return {**SETTINGS, **_postgresql_settings}


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def storage_settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of an application; the test runs once on each storage."""
    if request.param == "memory":
        return dict(SETTINGS)
    found: dict[str, Any] = request.getfixturevalue(f"{request.param}_settings")
    return found


@pytest.fixture
def sharing_settings(storage_settings: dict[str, Any]) -> dict[str, Any]:
    """The same, with the permissions where the records are."""
    backend = storage_settings["storage_backend"].replace("cliquet.storage", "cliquet.permission")
    url = storage_settings.get("storage_url", "")
    return {**storage_settings, "permission_backend": backend, "permission_url": url}


@pytest.fixture
def serve() -> Iterator[Callable[[Any], Client]]:
    """A function that gives a client of a WSGI application, whose storage is empty then, and closed after the test."""
    clients: list[Client] = []

    def client(app: Any) -> Client:
        clients.append(Client(app))
        clients[-1].storage.flush()
        if clients[-1].parts.permission is not None:
            clients[-1].parts.permission.flush()
        return clients[-1]

    yield client
    for one in clients:
        one.storage.close()
        if one.parts.permission is not None:
            one.parts.permission.close()
