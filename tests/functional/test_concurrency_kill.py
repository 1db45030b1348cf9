"""What SQLite acknowledged outlives the process that wrote it, however that ended."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope
from tests.functional.workload import Place

SCOPE = Scope("article", "alice")
WRITERS = 3
KILLS = 4


def write_forever(place: Place, process: int, round_number: int, pipe: Connection) -> None:
    """Acknowledge every transaction once it is kept."""
    storage = place.open(process)
    number = 0
    while True:
        made = [f"{round_number}-{process}-{number}-{step}" for step in range(1 + 24 * (number % 2))]
        with Transaction() as transaction:
            for record_id in made:
                storage.create(SCOPE, {"id": record_id, "text": "x" * 500}, transaction=transaction)
        pipe.send(made)
        number += 1


def boast_forever(place: Place, process: int, round_number: int, pipe: Connection) -> None:
    """Acknowledge what is not kept yet."""
    storage = place.open(process)
    number = 0
    while True:
        record_id = f"{round_number}-{process}-{number}"
        with Transaction() as transaction:
            storage.create(SCOPE, {"id": record_id}, transaction=transaction)
            storage.count(SCOPE, Query(), transaction=transaction)
            pipe.send([record_id])
            pipe.poll(0.02)
        number += 1


def kill_in_the_middle(place: Place, write: Callable[..., None], round_number: int) -> set[str]:
    """The ids that were acknowledged by writers that were killed right after one of them had said so."""
    context = multiprocessing.get_context("forkserver")
    pipes, processes = [], []
    for number in range(WRITERS):
        mine, theirs = context.Pipe()
        processes.append(context.Process(target=write, args=(place, number, round_number, theirs), daemon=True))
        processes[-1].start()
        theirs.close()
        pipes.append(mine)
    acknowledged: set[str] = set()
    for _ in range(5 + 7 * round_number):
        acknowledged.update(pipes[round_number % WRITERS].recv())
    for process in processes:
        process.kill()
    for pipe, process in zip(pipes, processes, strict=True):
        process.join(30)
        acknowledged.update(_rest(pipe))
    return acknowledged


def _rest(pipe: Connection) -> list[str]:
    """What is still in a pipe whose other end is gone."""
    found: list[str] = []
    try:
        while pipe.poll(0):
            found += pipe.recv()
    except (EOFError, ConnectionResetError):
        pass
    return found


def missing_after_kills(url: str, write: Callable[..., None]) -> set[str]:
    place = Place(url)
    storage = place.open()
    storage.migrate()
    acknowledged: set[str] = set()
    for round_number in range(KILLS):
        acknowledged |= kill_in_the_middle(place, write, round_number)
    stored = {document.id for document in storage.page(SCOPE, Query()).documents}
    assert (
        storage.create(SCOPE, {"id": "after"}).last_modified > storage.page(SCOPE, Query()).documents[-1].last_modified
    )
    times = [document.last_modified for document in storage.page(SCOPE, Query()).documents]
    assert len(set(times)) == len(times)
    storage.close()
    assert len(acknowledged) > KILLS
    return acknowledged - stored


def integrity(url: str) -> str:
    with closing(sqlite3.connect(Path(url.removeprefix("sqlite:///")))) as connection:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])


def test_what_was_acknowledged_outlives_a_killed_process(sqlite_url: str) -> None:
    assert missing_after_kills(sqlite_url, write_forever) == set()
    assert integrity(sqlite_url) == "ok"


def test_control_what_was_acknowledged_too_early_is_missing(sqlite_url: str) -> None:
    assert missing_after_kills(sqlite_url, boast_forever) != set()
    assert integrity(sqlite_url) == "ok"


def test_a_transaction_that_was_killed_is_there_as_a_whole_or_not_at_all(sqlite_url: str) -> None:
    missing_after_kills(sqlite_url, write_forever)
    storage = Place(sqlite_url).open()
    sizes: dict[str, int] = {}
    for document in storage.page(SCOPE, Query()).documents:
        transaction = document.id.rpartition("-")[0]
        sizes[transaction] = sizes.get(transaction, 0) + 1
    storage.close()
    sizes.pop("", None)
    assert set(sizes.values()) == {1, 25}


@pytest.fixture(autouse=True)
def preloaded() -> None:
    """New processes have everything imported already."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(["tests.functional.workload"])
