"""Statements that go along with others: when one of them fails, nobody relies on any."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.errors import BackendError
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from tests.functional.backends import connect

SCOPE = Scope("article", "alice")


@pytest.fixture
def storage(postgresql_url: str) -> Iterator[SQLStorage]:
    found = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect())
    found.migrate()
    found.flush()
    found.create(SCOPE, {"id": "first"})
    yield found
    found.close()


def test_what_waits_to_be_sent_fails_with_the_commit(storage: SQLStorage, postgresql_url: str) -> None:
    with connect(postgresql_url) as other:
        other.execute("ALTER TABLE record ADD CONSTRAINT never CHECK (id <> 'second')")
        with pytest.raises(BackendError):
            storage.create(SCOPE, {"id": "second"})
        other.execute("ALTER TABLE record DROP CONSTRAINT never")
    assert storage.count(SCOPE, Query()).total == 1
    assert storage.create(SCOPE, {"id": "second"}).id == "second"
