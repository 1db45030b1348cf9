"""PostgreSQL behind PgBouncer in transaction mode, which gives a client another connection for each transaction."""

from __future__ import annotations

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cliquet.database.engine import Database, Pool
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.testing.storage.base import ManualClock, following, ordered_by, walk
from cliquet.testing.storage.transactions import TransactionsContract
from cliquet.testing.storage.unicity import UnicityContract
from tests.functional.history import Change, Poll, Write, check_feed
from tests.functional.workload import attempt, everything

SCOPES = [Scope("article", "alice"), Scope("article", "bob")]
THREADS = 6
ROUNDS = 40


@pytest.fixture
def bounced(postgresql_url: str, pgbouncer_url: str) -> Iterator[SQLStorage]:
    """A storage behind PgBouncer; its schema was made without."""
    direct = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect())
    direct.migrate()
    direct.flush()
    direct.close()
    storage = SQLStorage(Database(pgbouncer_url, PostgreSQL(), pool=Pool(size=10)), PostgreSQLDialect())
    yield storage
    storage.close()


class TestPostgreSQLStorageBehindPgBouncer(TransactionsContract, UnicityContract):
    @pytest.fixture
    def storage(self, clock: ManualClock, bounced: SQLStorage) -> SQLStorage:
        bounced.clock = clock
        return bounced


def write(storage: SQLStorage, process: int) -> list[Write]:
    """Creations, alone and by the dozen, in both scopes."""
    chance = random.Random(process)

    def action(transaction: Transaction) -> list[Change]:
        storage.lock(SCOPES, transaction=transaction)
        made = []
        for step in range(chance.choice([1, 1, 12])):
            scope = chance.choice(SCOPES)
            record = {"id": f"{process}-{number}-{step}", "n": number, "url": f"{process}/{number}/{step}"}
            document = storage.create(scope, record, unique=("url",), transaction=transaction)
            made.append(Change(scope, document.id, document.last_modified, False))
        return made

    writes = []
    for number in range(ROUNDS):
        writes.append(attempt(process, action))
        for change in writes[-1].changes[:1]:
            assert storage.get(change.scope, change.id).data["n"] == number
    return writes


def read(storage: SQLStorage, process: int) -> list[Poll]:
    """Follow a scope, and ask other questions in between."""
    polls, since, scope = [], 0, SCOPES[process % 2]
    for number in range(ROUNDS):
        page = storage.page(scope, following(since))
        changes = tuple(Change(scope, one.id, one.last_modified, one.deleted) for one in page.documents)
        polls.append(Poll(process, since, page.timestamp, changes))
        since = page.timestamp
        condition = Filter("n", number, "eq")
        found = storage.page(scope, Query(filters=(condition,), limit=5)).documents
        assert all(condition.holds(document.data) for document in found)
    return polls


def test_threads_do_not_get_each_others_answers(bounced: SQLStorage) -> None:
    with ThreadPoolExecutor(2 * THREADS) as threads:
        writers = [threads.submit(write, bounced, number) for number in range(THREADS)]
        readers = [threads.submit(read, bounced, THREADS + number) for number in range(THREADS)]
        history = [one for writer in writers for one in writer.result(120)]
        polls = [one for reader in readers for one in reader.result(120)]
    for process in range(THREADS, 2 * THREADS):
        mine = [poll for poll in polls if poll.process == process]
        scope = SCOPES[process % 2]
        last = bounced.page(scope, following(mine[-1].timestamp))
        changes = tuple(Change(scope, one.id, one.last_modified, one.deleted) for one in last.documents)
        polls.append(Poll(process, mine[-1].timestamp, last.timestamp, changes))
    final = [change for scope in SCOPES for change in everything(bounced, scope)]
    assert check_feed(history, polls, final) == []


def test_walks_are_the_same_behind_pgbouncer(bounced: SQLStorage) -> None:
    with Transaction() as transaction:
        for number in range(60):
            bounced.create(SCOPES[0], {"id": str(number), "n": number % 7}, transaction=transaction)
    query = ordered_by("-n")
    assert walk(bounced, query, 7, SCOPES[0]) == [one.id for one in bounced.page(SCOPES[0], query).documents]


def prepared(url: str, driver: PostgreSQL) -> int:
    """How many statements are prepared on a connection that has asked the same five times."""
    storage = SQLStorage(Database(url, driver, pool=Pool(size=1, max_overflow=0)), PostgreSQLDialect())
    for _ in range(5):
        storage.page(SCOPES[0], Query(limit=5))
    connection = storage.database.checkout()
    try:
        found: Any = connection.cursor()
        found.execute("SELECT count(*) FROM pg_prepared_statements", prepare=False)
        return int(found.fetchone()[0])
    finally:
        connection.close()
        storage.close()


def test_statements_are_prepared_where_the_server_itself_answers(
    bounced: SQLStorage, postgresql_url: str, pgbouncer_url: str
) -> None:
    assert prepared(postgresql_url, PostgreSQL()) == 1
    assert prepared(postgresql_url, PostgreSQL(prepared_statements=False)) == 0
    assert prepared(pgbouncer_url, PostgreSQL()) == 0
