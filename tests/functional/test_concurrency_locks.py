"""PostgreSQL takes the locks of several scopes in one statement, and yet one after the other, in one order for all."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from threading import Thread

import psycopg
import pytest

from cliquet.database.question import Inquiry, ask
from cliquet.database.session import Session
from cliquet.database.transaction import Transaction
from cliquet.storage.base import Edge, Scope
from cliquet.storage.sql.storage import SQLStorage
from tests.functional.waiting import await_waiting, connection
from tests.functional.workload import Place

BUCKET = "/buckets/b"
COLLECTIONS, GROUPS = Scope("collection", BUCKET), Scope("group", BUCKET)
EDGES = (Edge("group", "", ""), Edge("collection", "", ""), Edge("record", "collection", "collections"))
#: Names whose order differs from that of a dictionary; nobody has written to what is below every second one.
NAMES = ("B", "Z", "_", "a", "a b", "b", "ä")
#: In the order of their places.
BELOW = [Scope("record", f"{BUCKET}/collections/{name}") for name in NAMES]
#: What a transaction that wants a row sends, whether it is there or not.
WANT = (
    "INSERT INTO timeline VALUES (%s, %s, 0, 0, 0) "
    "ON CONFLICT (parent, resource) DO UPDATE SET last_modified = timeline.last_modified"
)


@pytest.fixture
def url(postgresql_database: Callable[[], str]) -> str:
    return postgresql_database()


@pytest.fixture
def storage(url: str) -> Iterator[SQLStorage]:
    storage = Place(url).open()
    storage.migrate()
    for name in NAMES:
        storage.create(COLLECTIONS, {"id": name})
    for scope in BELOW[::2]:
        storage.create(scope, {"id": "x"})
    yield storage
    storage.close()


def is_locked(url: str, scope: Scope) -> bool:
    """Whether somebody has the lock of a scope."""
    with connection(url) as other:
        other.execute("SET LOCAL lock_timeout = '50ms'")
        try:
            other.execute(WANT, scope.place)
        except psycopg.errors.LockNotAvailable:
            return True
        return False


def within(work: Callable[[Transaction], object]) -> None:
    with Transaction() as transaction:
        work(transaction)


def locked_before(url: str, blocked: Scope, work: Callable[[Transaction], object], scopes: list[Scope]) -> list[bool]:
    """Which of some scopes are locked by work that has come to a scope that somebody else holds."""
    thread = Thread(target=within, args=(work,))
    with connection(url) as holder:
        holder.execute(WANT, blocked.place)
        thread.start()
        await_waiting(url)
        found = [is_locked(url, scope) for scope in scopes]
    thread.join(30)
    assert not thread.is_alive()
    return found


@pytest.mark.parametrize("position", range(len(BELOW)))
def test_several_scopes_are_locked_in_the_order_of_their_places(url: str, storage: SQLStorage, position: int) -> None:
    assert sorted(BELOW, key=lambda scope: scope.place) == BELOW
    shuffled = [*BELOW[3:], *BELOW[:3]][::-1]
    found = locked_before(url, BELOW[position], lambda mine: storage.lock(shuffled, transaction=mine), BELOW)
    assert found == [index <= position for index in range(len(BELOW))]


@pytest.mark.parametrize("position", range(len(BELOW)))
def test_a_cascade_locks_from_the_top_down_in_the_same_order(url: str, storage: SQLStorage, position: int) -> None:
    every = [COLLECTIONS, GROUPS, *BELOW]

    def work(transaction: Transaction) -> None:
        assert len(storage.delete_under(BUCKET, EDGES, transaction=transaction)) == len(NAMES) + len(BELOW[::2])

    found = locked_before(url, BELOW[position], work, every)
    assert found == [True, True, *(index <= position for index in range(len(BELOW)))]


def test_a_cascade_locks_edge_by_edge(url: str, storage: SQLStorage) -> None:
    def work(transaction: Transaction) -> None:
        storage.delete_under(BUCKET, EDGES, transaction=transaction)

    assert locked_before(url, COLLECTIONS, work, [GROUPS, COLLECTIONS, *BELOW]) == [True, True, *(False for _ in BELOW)]


def test_the_lock_tells_the_time_that_was_written_meanwhile(url: str, storage: SQLStorage) -> None:
    times: list[int] = []

    def work(transaction: Transaction) -> None:
        storage.lock(BELOW, transaction=transaction)
        times.append(storage.create(BELOW[1], {"id": "late"}, transaction=transaction).last_modified)

    thread = Thread(target=within, args=(work,))
    with Transaction() as transaction:
        first = storage.create(BELOW[1], {"id": "early", "last_modified": 9_000_000_000_000}, transaction=transaction)
        storage.head(BELOW[1], transaction=transaction)
        thread.start()
        await_waiting(url)
    thread.join(30)
    assert times == [first.last_modified + 1]


def waiting(url: str) -> int:
    """How many wait for a lock in the database."""
    with connection(url) as other:
        found = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        return int(other.execute(found).fetchall()[0][0])


def test_the_writers_of_a_scope_are_served_in_the_order_in_which_they_come(url: str, storage: SQLStorage) -> None:
    scope, served = BELOW[0], []

    def write(number: int) -> None:
        with Transaction() as transaction:
            storage.lock([scope], transaction=transaction)
            served.append(number)
            storage.replace(scope, "x", {"id": "x", "n": number}, transaction=transaction)

    threads = [Thread(target=write, args=[number]) for number in range(8)]
    with Transaction() as transaction:
        storage.lock([scope], transaction=transaction)
        for number, thread in enumerate(threads):
            thread.start()
            deadline = time.monotonic() + 10
            while waiting(url) <= number and time.monotonic() < deadline:
                time.sleep(0.01)
        storage.replace(scope, "x", {"id": "x", "n": "first"}, transaction=transaction)
    for thread in threads:
        thread.join(10)
    assert served == list(range(8))


def test_what_is_seen_beside_a_lock_counts_if_it_is_what_was_locked(
    storage: SQLStorage, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, found = BELOW[0], []
    # As if nobody had ever written there when the lock was to be taken, so that there was nothing to lock.
    monkeypatch.setattr(Session, "lock_soon", lambda *_: None)
    storage._busy.note([scope])

    def read() -> None:
        with Transaction() as transaction:
            ask(Inquiry(tuple(storage.foresee(transaction, records=[(scope, "x")], scopes=[scope]))))
            storage.lock([scope], transaction=transaction)
            found.append(storage.get(scope, "x", transaction=transaction).data["n"])

    with connection(url) as other:
        other.execute(WANT, scope.place)
        other.execute("UPDATE timeline SET last_modified = last_modified + 1 WHERE parent = %s", [scope.parent])
        other.execute('UPDATE record SET body = \'{"id":"x","n":2}\' WHERE parent = %s', [scope.parent])
        reader = Thread(target=read)
        reader.start()
        await_waiting(url)
        other.commit()
    reader.join(10)
    assert found == [2]


@pytest.mark.parametrize("busy", [True, False])
def test_who_looks_where_others_write_has_the_lock(url: str, storage: SQLStorage, busy: bool) -> None:
    scope = BELOW[0]
    if busy:
        storage._busy.note([scope])
    with Transaction() as transaction:
        ask(Inquiry(tuple(storage.foresee(transaction, records=[(scope, "x")], scopes=[scope]))))
        assert is_locked(url, scope) is busy
        storage.lock([scope], transaction=transaction)
        assert is_locked(url, scope)
    assert not is_locked(url, scope)
