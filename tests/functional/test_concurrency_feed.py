"""Nothing that is stored is ever missed by whoever follows the time of its scope (``docs/protocol/timestamps``)."""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from cliquet.database.transaction import Transaction
from cliquet.storage.base import Document, Scope, Storage
from cliquet.storage.memory import MemoryStorage
from tests.functional.history import Change, Write, check_feed
from tests.functional.workload import Place, attempt, everything, follow, follow_in, run

SCOPE = Scope("article", "alice")
WRITERS = 4
#: Sizes of the transactions of one writer.
SIZES = [1] * 40 + [25] * 10


class Author:
    """Writes, changes and deletes records of its own, in transactions."""

    def __init__(self, storage: Storage, process: int) -> None:
        self.storage = storage
        self.process = process
        self.chance = random.Random(process)
        self.live: list[str] = []

    def write(self, name: str, size: int) -> Write:
        """One transaction of several changes."""
        write = attempt(self.process, lambda transaction: self._changes(name, size, transaction))
        gone = {change.id for change in write.changes if change.deleted}
        self.live = sorted({*self.live, *(change.id for change in write.changes)} - gone)
        return write

    def _changes(self, name: str, size: int, transaction: Transaction) -> list[Change]:
        mine = list(self.live)
        documents = [self._change(f"{self.process}-{name}-{step}", mine, transaction) for step in range(size)]
        return [Change(SCOPE, one.id, one.last_modified, one.deleted) for one in documents]

    def _change(self, new: str, mine: list[str], transaction: Transaction) -> Document:
        kind = self.chance.choice(["create", "create", "replace", "delete"]) if mine else "create"
        record_id = new if kind == "create" else mine.pop(self.chance.randrange(len(mine)))
        if kind == "delete":
            return self.storage.delete(SCOPE, record_id, transaction=transaction)
        return self.storage.replace(SCOPE, record_id, {"by": new}, transaction=transaction)


def write(place: Place, process: int, sizes: list[int]) -> list[Write]:
    """Transactions of some sizes, in any order."""
    author = Author(place.open(process), process)
    author.chance.shuffle(sizes)
    writes = [author.write(str(number), size) for number, size in enumerate(sizes)]
    author.storage.close()
    return writes


def observe(place: Place, sizes: list[int]) -> list[str]:
    """What the checker finds after everybody has written and followed."""
    storage = Place(place.url).open()
    storage.migrate()
    storage.create(SCOPE, {"id": "first"})
    writers = [(write, (place, number, sizes)) for number in range(WRITERS)]
    pollers = [(follow, (place, WRITERS + number, SCOPE, limit)) for number, limit in enumerate([None, 10])]
    results = run(*writers, *pollers, background=len(pollers))
    final = everything(storage, SCOPE)
    storage.close()
    history = [one for result in results[:WRITERS] for one in result]
    polls = [one for result in results[WRITERS:] for one in result]
    assert len(history) == WRITERS * len(sizes)
    assert len(polls) > 10
    return check_feed(history, polls, final)


def test_followers_miss_nothing(url: str) -> None:
    assert observe(Place(url), SIZES) == []


def test_followers_miss_nothing_when_clocks_jump(url: str) -> None:
    assert observe(Place(url, jumps=True), SIZES) == []


@pytest.mark.parametrize("jumps", [False, True], ids=["clocks run", "clocks jump"])
def test_control_without_the_lock_the_checker_finds_violations(url: str, jumps: bool) -> None:
    violations = observe(Place(url, locked=False, jumps=jumps), SIZES)
    assert any("changes of" in violation for violation in violations), violations[:5]
    assert any("stored is" in violation for violation in violations), violations[:5]


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql"])
def test_threads_of_one_process_miss_nothing(request: pytest.FixtureRequest, kind: str) -> None:
    storage: Storage = MemoryStorage()
    if kind == "sqlite":
        storage = Place(request.getfixturevalue("sqlite_url")).open()
    if kind == "postgresql":
        storage = Place(request.getfixturevalue("postgresql_database")()).open()
    storage.migrate()
    done = threading.Event()
    with ThreadPoolExecutor(WRITERS + 2) as threads:
        pollers = [threads.submit(follow_in, storage, WRITERS + number, SCOPE, 10, done) for number in range(2)]
        authors = [Author(storage, number) for number in range(WRITERS)]
        writes = [threads.submit(lambda one: [one.write(str(n), 1 + n % 9) for n in range(20)], one) for one in authors]
        history = [write for found in writes for write in found.result(120)]
        done.set()
        polls = [poll for found in pollers for poll in found.result(120)]
    assert check_feed(history, polls, everything(storage, SCOPE)) == []
    storage.close()
