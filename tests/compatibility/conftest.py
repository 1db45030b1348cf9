"""examples/kinto for the tests of clients: one process on SQLite, and one on PostgreSQL, for each worker.

Tests share the processes, so each of them uses buckets of its own and none flushes.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.testing.servers.databases import Databases
from tests.compatibility.server import Kinto, on_postgresql, on_sqlite, running


@pytest.fixture(scope="session")
def kinto_on_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kinto]:
    """The service on a file of SQLite."""
    folder = tmp_path_factory.mktemp("kinto-on-sqlite")
    yield from running(folder, on_sqlite(folder))


@pytest.fixture(scope="session")
def kinto_on_postgresql(tmp_path_factory: pytest.TempPathFactory, _databases: Databases) -> Iterator[Kinto]:
    """The service on a database of PostgreSQL that no other test uses."""
    url = _databases.create()
    yield from running(tmp_path_factory.mktemp("kinto-on-postgresql"), on_postgresql(url))
    _databases.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def kinto(request: pytest.FixtureRequest) -> Kinto:
    """The service, on each database in turn."""
    found: Kinto = request.getfixturevalue(f"kinto_on_{request.param}")
    return found
