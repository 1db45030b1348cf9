"""Statements that go along with others: when one of them fails, nobody relies on any."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.question import Inquiry, ask
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError, UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.busy import Busy
from cliquet.storage.sql.storage import SQLStorage
from tests.functional.backends import connect, kill_backends

SCOPE = Scope("article", "alice")


@pytest.fixture
def storage(postgresql_url: str) -> Iterator[SQLStorage]:
    found = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect())
    found.migrate()
    found.flush()
    found.create(SCOPE, {"id": "first"})
    yield found
    found.close()


def test_a_lock_that_went_along_with_a_failure_is_not_relied_on(storage: SQLStorage, postgresql_url: str) -> None:
    def look() -> None:
        ask(Inquiry(tuple(storage.foresee(transaction, records=[(SCOPE, "first")], scopes=[SCOPE]))))

    storage._busy.note([SCOPE])
    with connect(postgresql_url) as other, ThreadPoolExecutor(1) as threads, Transaction() as transaction:
        other.execute("BEGIN")
        other.execute("SELECT * FROM timeline FOR UPDATE")
        waiting = threads.submit(look)
        for _ in range(2):
            time.sleep(0.2)
            assert kill_backends(postgresql_url, "wait_event_type = 'Lock'") == 1
        with pytest.raises(BackendError):
            waiting.result(timeout=10)
        other.execute("ROLLBACK")
        # Nobody is busy any more: what is seen now is not locked, and what is locked later is seen again.
        storage._busy = storage._work(transaction)._busy = Busy()
        look()
        storage.replace(SCOPE, "first", {"by": "somebody else"})
        assert storage.get(SCOPE, "first", transaction=transaction).data.get("by") is None
        with pytest.raises(UnicityError) as existing:
            storage.create(SCOPE, {"id": "first"}, transaction=transaction)
    assert existing.value.record["by"] == "somebody else"


def test_what_waits_to_be_sent_fails_with_the_commit(storage: SQLStorage, postgresql_url: str) -> None:
    with connect(postgresql_url) as other:
        other.execute("ALTER TABLE record ADD CONSTRAINT never CHECK (id <> 'second')")
        with pytest.raises(BackendError):
            storage.create(SCOPE, {"id": "second"})
        other.execute("ALTER TABLE record DROP CONSTRAINT never")
    assert storage.count(SCOPE, Query()).total == 1
    assert storage.create(SCOPE, {"id": "second"}).id == "second"
