"""Transactions over several scopes never wait for each other in a circle."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from functools import partial

from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope
from tests.functional.history import Change, Write
from tests.functional.workload import Place, attempt, run

SCOPES = [
    Scope("article", "alice"),
    Scope("article", "bob"),
    Scope("device", "alice"),
    Scope("a", "z"),
    Scope("z", "a"),
]
CLIENTS = 4
ROUNDS = 30


def write_to_several(place: Place, process: int, careful: bool) -> list[Write]:
    """Transactions that write to several scopes, in any order.

    :param careful: whether all scopes are locked first, as everybody has to.
    """
    storage, chance = place.open(process), random.Random(process)

    def write(name: str, scopes: list[Scope], transaction: Transaction) -> list[Change]:
        if careful:
            storage.lock(scopes, transaction=transaction)
        changes = []
        for scope in scopes:
            document = storage.create(scope, {"id": f"{process}-{name}"}, transaction=transaction)
            changes.append(Change(scope, document.id, document.last_modified, False))
            time.sleep(0.001 if careful else 0.05)
        return changes

    orders = [chance.sample(SCOPES, 3) for _ in range(ROUNDS)] if careful else [SCOPES[:: 1 if process % 2 else -1]]
    writes = [attempt(process, partial(write, str(number), scopes)) for number, scopes in enumerate(orders)]
    storage.close()
    return writes


def waits_in_circles(url: str, *, careful: bool) -> list[str]:
    """What went wrong, or had to be tried again."""
    storage = Place(url).open()
    storage.migrate()
    clients = CLIENTS if careful else 2
    results = run(*((write_to_several, (Place(url), number, careful)) for number in range(clients)))
    history = [write for result in results for write in result]
    stored = sum(storage.count(scope, Query()).total for scope in SCOPES)
    storage.close()
    assert stored == sum(len(write.changes) for write in history)
    return [write.error or "again" for write in history if write.outcome != "ok" or write.attempts > 1]


def test_locks_of_several_scopes_are_taken_without_deadlock(url: str) -> None:
    assert waits_in_circles(url, careful=True) == []


def test_control_scopes_that_are_locked_one_by_one_do_deadlock(postgresql_database: Callable[[], str]) -> None:
    assert waits_in_circles(postgresql_database(), careful=False) != []
