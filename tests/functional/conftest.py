"""What the functional tests share."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from cliquet.testing.servers.databases import Databases


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, sqlite_url: str) -> str:
    """The URL of an empty database, of each kind in turn."""
    if request.param == "sqlite":
        return sqlite_url
    fresh: Callable[[], str] = request.getfixturevalue("postgresql_database")
    return fresh()


@pytest.fixture(scope="module")
def database_of_module(_databases: Databases) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, which the tests of a module share."""
    url = _databases.create()
    yield url
    _databases.drop(url)
