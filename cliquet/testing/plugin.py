"""The pytest plugin that gives tests real servers: list it in ``pytest_plugins`` of your conftest.

A server is started when a test first asks for it, is shared by all workers of pytest-xdist, and is gone after the run.
``CLIQUET_TEST_POSTGRESQL_URL`` and ``CLIQUET_TEST_REDIS_URL`` name servers to use instead (the user of the first may
create databases; databases of the second are flushed). ``CLIQUET_TEST_SYSTEM=1`` prefers installed servers to wheels.
Where PostgreSQL or Redis cannot be had, the tests that want it are skipped; when ``CI`` is true, they fail.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import pytest
import redis
import sqlalchemy as sa

from cliquet.testing.servers import OwnedRun, Run, ServerUnavailable, pgbouncer, postgresql
from cliquet.testing.servers import redis as redis_server
from cliquet.testing.servers.databases import Databases
from cliquet.testing.servers.process import Place

__all__ = [
    "pgbouncer_url",
    "postgresql_database",
    "postgresql_url",
    "pytest_configure",
    "pytest_configure_node",
    "pytest_unconfigure",
    "redis_url",
    "sqlite_url",
]

RUN = pytest.StashKey[Run]()
RUN_INPUT = "cliquet_servers"


def pytest_configure(config: pytest.Config) -> None:
    """Open a run, or in a worker of pytest-xdist, join the one of the controller."""
    found = worker_input(config).get(RUN_INPUT)
    config.stash[RUN] = Run(Path(found)) if found else OwnedRun.open()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker of pytest-xdist where the servers are."""
    node.workerinput[RUN_INPUT] = str(node.config.stash[RUN].directory)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the servers, if they are ours."""
    run = config.stash.get(RUN, None)
    if isinstance(run, OwnedRun):
        run.close()


@pytest.fixture(scope="session")
def _databases(pytestconfig: pytest.Config) -> Databases:
    url = given_or_started(pytestconfig, "postgresql", postgresql.start)
    return Databases(url, f"cliquet_{worker_name(pytestconfig)}")


@pytest.fixture(scope="session")
def postgresql_url(_databases: Databases) -> Iterator[str]:
    """The URL of a PostgreSQL database that no other worker uses; its tables stay from test to test."""
    url = _databases.create()
    yield url
    _databases.drop(url)


@pytest.fixture
def postgresql_database(_databases: Databases) -> Iterator[Callable[[], str]]:
    """A function that gives the URL of a fresh empty PostgreSQL database at each call."""
    created: list[str] = []

    def create() -> str:
        created.append(_databases.create())
        return created[-1]

    yield create
    for url in created:
        _databases.drop(url)


@pytest.fixture(scope="session")
def pgbouncer_url(pytestconfig: pytest.Config, postgresql_url: str) -> str:
    """The database of ``postgresql_url``, through a PgBouncer in transaction pooling mode."""
    server = given_or_started(pytestconfig, "postgresql", postgresql.start)

    def start(place: Place) -> str:
        return pgbouncer.start(place, server)

    try:
        url = pytestconfig.stash[RUN].server("pgbouncer", start)
    except ServerUnavailable as reason:
        pytest.skip(f"no PgBouncer: {reason}")
    return sa.make_url(url).set(database=sa.make_url(postgresql_url).database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def redis_url(pytestconfig: pytest.Config) -> Iterator[str]:
    """The URL of a numbered database of Redis (or Valkey) that no other worker uses, empty when the run begins."""
    server = given_or_started(pytestconfig, "redis", redis_server.start)
    url = redis_server.numbered(server, int(worker_name(pytestconfig).removeprefix("gw")))
    with redis.Redis.from_url(url) as client:
        client.flushdb()
        yield url
        client.flushdb()


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that does not exist yet."""
    return f"sqlite:///{tmp_path / 'cliquet.sqlite3'}"


def given_or_started(config: pytest.Config, name: str, start: Callable[[Place], str]) -> str:
    """The URL that the environment gives, else the one of a server of this run."""
    given = os.environ.get(f"CLIQUET_TEST_{name.upper()}_URL")
    try:
        return given or config.stash[RUN].server(name, start)
    except ServerUnavailable as reason:
        refuse(f"no server for the tests: {reason}")


def refuse(reason: str) -> NoReturn:
    """Skip the test, or fail it where nobody would read that it was skipped."""
    if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def worker_input(config: pytest.Config) -> dict[str, Any]:
    """What the controller of pytest-xdist told this worker; nothing without workers."""
    return getattr(config, "workerinput", {})


def worker_name(config: pytest.Config) -> str:
    """``gw0``, ``gw1``...; also ``gw0`` without workers."""
    return str(worker_input(config).get("workerid", "gw0"))
