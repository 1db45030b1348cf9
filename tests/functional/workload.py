"""Processes that write to one storage, and follow it, at the same time; each notes what happened."""

from __future__ import annotations

import dataclasses
import multiprocessing
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from typing import Any, Protocol

from cliquet.clock import now
from cliquet.database.engine import Database, Pool
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError, PreconditionFailed, Retryable, UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope, Storage
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import following
from tests.functional.history import Change, Poll, Write
from tests.functional.unlocked import Deferred, UnlockedStorage

__all__ = ["Place", "attempt", "everything", "follow", "follow_in", "run"]

#: As often the web floor tries a transaction that the database wants to see again.
ATTEMPTS = 5
HOUR = 3_600_000
#: How long an unlocked storage dawdles, in seconds.
GAP = 0.004


class Flag(Protocol):
    """Whether something has happened."""

    def is_set(self) -> bool: ...


Action = Callable[[Transaction], list[Change]]


@dataclass(frozen=True)
class Place:
    """Where a storage is, in words that other processes understand.

    :param locked: without it, everything that makes writers wait for each other is taken away.
    :param jumps: whether each process has a clock that jumps an hour back and forth.
    """

    url: str
    locked: bool = True
    jumps: bool = False

    def open(self, seed: int = 0) -> SQLStorage:
        """The storage, for one process."""
        kind = SQLStorage if self.locked else UnlockedStorage
        pool = Pool(size=5, timeout=60)
        clock = self._clock(random.Random(seed))
        if self.url.startswith("sqlite"):
            driver = SQLite(synchronous="NORMAL") if self.locked else Deferred(synchronous="NORMAL")
            return kind(Database(self.url, driver, pool=pool), SQLiteDialect(), clock=clock)
        return kind(Database(self.url, PostgreSQL(), pool=pool), PostgreSQLDialect(), clock=clock)

    def _clock(self, chance: random.Random) -> Callable[[], int]:
        def clock() -> int:
            if not self.locked:
                time.sleep(GAP)
            return now() + (chance.choice([-HOUR, 0, 0, HOUR]) if self.jumps else 0)

        return clock


def run(*jobs: tuple[Callable[..., Any], tuple[Any, ...]], background: int = 0) -> list[Any]:
    """What each job returns; every job is a process, and all begin together.

    :param background: that many jobs at the end are told when the others have finished, as their argument ``done``.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.functional.workload"])
    barrier, done = context.Barrier(len(jobs)), context.Event()
    pipes = []
    for number, (function, arguments) in enumerate(jobs):
        mine, theirs = context.Pipe(duplex=False)
        extra = (done,) if number >= len(jobs) - background else ()
        process = context.Process(target=_job, args=(theirs, barrier, function, arguments + extra), daemon=True)
        process.start()
        theirs.close()
        pipes.append(mine)
    results = [_result(pipe) for pipe in pipes[: len(jobs) - background]]
    done.set()
    return results + [_result(pipe) for pipe in pipes[len(jobs) - background :]]


def attempt(process: int, action: Action, subject: str = "") -> Write:
    """Do something in a transaction, as the web floor does, and note what came of it."""
    start = time.monotonic()
    for number in range(1, ATTEMPTS + 1):
        try:
            with Transaction() as transaction:
                changes = tuple(action(transaction))
            return Write(process, "ok", subject, start, time.monotonic(), changes, number)
        except (UnicityError, PreconditionFailed) as refused:
            return Write(process, "fail", subject, start, time.monotonic(), (), number, str(refused))
        except Retryable as again:
            error = str(again)
        except BackendError as failed:
            return Write(process, "info", subject, start, time.monotonic(), (), number, str(failed))
    return Write(process, "info", subject, start, time.monotonic(), (), ATTEMPTS, error)


def follow(place: Place, process: int, scope: Scope, limit: int | None, done: Flag) -> list[Poll]:
    """Follow a scope in a process of its own."""
    storage = place.open()
    polls = follow_in(storage, process, scope, limit, done)
    storage.close()
    return polls


def follow_in(storage: Storage, process: int, scope: Scope, limit: int | None, done: Flag) -> list[Poll]:
    """Follow a scope by its time, page by page, until the writers have finished."""
    polls: list[Poll] = []
    since, last = 0, False
    while not last:
        last = done.is_set()
        pages = list(_pages(storage, scope, dataclasses.replace(following(since), limit=limit)))
        changes = tuple(change for _, found in pages for change in found)
        polls.append(Poll(process, since, max(timestamp for timestamp, _ in pages), changes))
        since = pages[0][0]
    return polls


def everything(storage: Storage, scope: Scope) -> list[Change]:
    """All records and tombstones of a scope."""
    documents = storage.page(scope, Query(tombstones=True)).documents
    return [Change(scope, document.id, document.last_modified, document.deleted) for document in documents]


def _pages(storage: Storage, scope: Scope, query: Query) -> Iterator[tuple[int, list[Change]]]:
    """Time and changes of each page."""
    while True:
        page = storage.page(scope, query)
        found = [Change(scope, one.id, one.last_modified, one.deleted) for one in page.documents]
        yield page.timestamp, found
        if not page.more:
            return
        query = dataclasses.replace(query, after=query.position(page.documents[-1].data))


def _job(pipe: Connection, barrier: Barrier, function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    barrier.wait(60)
    try:
        result: Any = function(*arguments)
    except BaseException as error:
        result = _Died(f"{type(error).__name__}: {error}")
    pipe.send(result)


def _result(pipe: Connection) -> Any:
    result = pipe.recv()
    assert not isinstance(result, _Died), result.reason
    return result


@dataclass(frozen=True)
class _Died:
    reason: str
