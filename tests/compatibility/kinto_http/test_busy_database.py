"""A client that may try again gets through a time in which the database takes no writes."""

from __future__ import annotations

import dataclasses
import sqlite3
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from typing import Any

import kinto_http
import psycopg.sql
import pytest
import sqlalchemy as sa
from kinto_http import KintoException

from cliquet.testing.servers.databases import Databases
from tests.compatibility.kinto_http.wire import Wire
from tests.compatibility.server import PASSWORD, Kinto, backends, on_postgresql, on_sqlite, running

#: Seconds that a service waits for its database, and seconds that the database is busy.
PATIENCE, OCCUPIED = 0.7, 2.0


@dataclass(frozen=True)
class Fragile:
    """A service that these tests alone use, and a block in which nobody else writes to its database.

    :param bucket: one that does not exist yet.
    """

    kinto: Kinto
    busy: Callable[[], AbstractContextManager[None]]
    bucket: str = ""

    def client(self, url: str, retry: int) -> Any:
        """Alice's client, which tries that many times again."""
        login = ("alice", PASSWORD)
        return kinto_http.Client(server_url=url, auth=login, bucket=self.bucket, collection="notes", retry=retry)


@pytest.fixture(scope="module")
def on_a_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fragile]:
    """A service that does not wait long for its file of SQLite."""
    folder = tmp_path_factory.mktemp("file")
    environ = on_sqlite(folder)
    path = environ["KINTO_STORAGE_URL"].removeprefix("sqlite:///")
    for kinto in running(folder, {**environ, "KINTO_STORAGE_BUSY_TIMEOUT_SECONDS": str(PATIENCE)}):
        yield Fragile(kinto, lambda: held_file(path))


@pytest.fixture(scope="module")
def on_a_server(tmp_path_factory: pytest.TempPathFactory, _databases: Databases) -> Iterator[Fragile]:
    """A service whose statements on PostgreSQL may not take long."""
    url = _databases.create()
    on_postgresql(url)
    hasty = sa.make_url(url).update_query_dict({"options": f"-c statement_timeout={PATIENCE * 1000:.0f}"})
    environ = backends("postgresql", hasty.render_as_string(hide_password=False))
    for kinto in running(tmp_path_factory.mktemp("server"), environ):
        yield Fragile(kinto, lambda: held_tables(url))
    _databases.drop(url)


@pytest.fixture(params=["on_a_file", "on_a_server"])
def fragile(request: pytest.FixtureRequest) -> Fragile:
    """The service, on each database in turn."""
    found: Fragile = request.getfixturevalue(request.param)
    return dataclasses.replace(found, bucket=f"b{uuid.uuid4().hex[:12]}")


@contextmanager
def held_file(path: str) -> Iterator[None]:
    """Be the one that writes to a file of SQLite."""
    with closing(sqlite3.connect(path, isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


@contextmanager
def held_tables(url: str) -> Iterator[None]:
    """Be the one that writes to the tables of a database of PostgreSQL."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        for (table,) in tables:
            connection.execute(psycopg.sql.SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(psycopg.sql.Identifier(table)))
        yield
        connection.rollback()


def prepared(fragile: Fragile) -> Any:
    """A client that does not try again; its bucket and its collection exist."""
    found = fragile.client(fragile.kinto.url, retry=0)
    found.create_bucket()
    found.create_collection()
    return found


def test_a_client_that_may_not_try_again_is_told_when(fragile: Fragile) -> None:
    impatient = prepared(fragile)
    with fragile.busy(), pytest.raises(KintoException) as refused:
        impatient.create_record(id="r1")
    response = refused.value.response
    assert (response.status_code, response.json()["errno"]) == (503, 201)
    assert response.headers["Retry-After"] == "1"
    assert impatient.create_record(id="r1")["data"]["id"] == "r1"


def test_a_client_that_may_try_again_gets_through(fragile: Fragile) -> None:
    prepared(fragile)
    begun = threading.Event()

    def occupy() -> None:
        with fragile.busy():
            begun.set()
            time.sleep(OCCUPIED)

    with Wire(fragile.kinto.url) as wire:
        other = threading.Thread(target=occupy)
        other.start()
        assert begun.wait(30)
        created = fragile.client(wire.url, retry=10).create_record(id="r1", data={"n": 1})
        other.join()
    statuses = [exchange.answer.status for exchange in wire.exchanges]
    assert (statuses[0], statuses[-1]) == (503, 201)
    assert set(statuses) == {503, 201}
    assert fragile.client(fragile.kinto.url, retry=0).get_record(id="r1") == created
