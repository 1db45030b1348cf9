"""No update that was checked is lost, and of several who want the same exactly one gets it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import PreconditionFailed, UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Document, Scope, Storage
from tests.functional.history import Change, Write, check_increments, check_winners
from tests.functional.workload import Place, attempt, run

SCOPE = Scope("article", "alice")
CLIENTS = 4
ROUNDS = 40


def change_of(document: Document) -> Change:
    return Change(SCOPE, document.id, document.last_modified, document.deleted)


# Updates that depend on what was read.


def increment_if_match(place: Place, process: int) -> list[Write]:
    """Read a counter, then write it under the condition that nobody else has."""
    storage = place.open(process)

    def action(transaction: Transaction) -> list[Change]:
        storage.lock([SCOPE], transaction=transaction)
        current = storage.get(SCOPE, "counter", transaction=transaction)
        if current.last_modified != read.last_modified:
            raise PreconditionFailed(current.last_modified)
        return [change_of(storage.replace(SCOPE, "counter", {"n": read.data["n"] + 1}, transaction=transaction))]

    writes = []
    for _ in range(ROUNDS):
        read = storage.get(SCOPE, "counter")
        writes.append(attempt(process, action))
    storage.close()
    return writes


def increment_after_a_look(place: Place, process: int) -> list[Write]:
    """Look at a counter before its scope is locked, and again, to write it, when it is."""
    storage = place.open(process)

    def action(transaction: Transaction) -> list[Change]:
        storage.get(SCOPE, "counter", transaction=transaction)
        storage.lock([SCOPE], transaction=transaction)
        n = storage.get(SCOPE, "counter", transaction=transaction).data["n"]
        return [change_of(storage.replace(SCOPE, "counter", {"n": n + 1}, transaction=transaction))]

    writes = [attempt(process, action) for _ in range(ROUNDS)]
    storage.close()
    return writes


def count(place: Place, increment: Callable[[Place, int], list[Write]]) -> list[str]:
    """What the checker finds after everybody has counted."""
    storage = Place(place.url).open()
    storage.migrate()
    storage.create(SCOPE, {"id": "counter", "n": 0})
    results = run(*((increment, (place, number)) for number in range(CLIENTS)))
    final = storage.get(SCOPE, "counter").data["n"]
    storage.close()
    assert final > 0
    return check_increments([one for result in results for one in result], final)


@pytest.mark.parametrize("increment", [increment_if_match, increment_after_a_look])
def test_no_update_is_lost(url: str, increment: Callable[[Place, int], list[Write]]) -> None:
    assert count(Place(url), increment) == []


@pytest.mark.parametrize("increment", [increment_if_match, increment_after_a_look])
def test_control_without_the_lock_updates_are_lost(url: str, increment: Callable[[Place, int], list[Write]]) -> None:
    violations = count(Place(url, locked=False), increment)
    assert any("the counter says" in violation for violation in violations)


# Races for an id, or a value.


def create_one_id(storage: Storage, process: int, number: int, transaction: Transaction) -> Document:
    return storage.create(SCOPE, {"id": f"round-{number}", "by": process}, transaction=transaction)


def create_one_value(storage: Storage, process: int, number: int, transaction: Transaction) -> Document:
    record = {"id": f"{process}-{number}", "url": f"round-{number}"}
    return storage.create(SCOPE, record, unique=("url",), transaction=transaction)


def take_one_value(storage: Storage, process: int, number: int, transaction: Transaction) -> Document:
    """Give up a value of one's own for one that all want."""
    return storage.replace(SCOPE, str(process), {"url": f"round-{number}"}, unique=("url",), transaction=transaction)


Race = Callable[[Storage, int, int, Transaction], Document]


def race(place: Place, process: int, one: Race) -> list[Write]:
    """The rounds of one process, one after the other; the others are never far away."""
    storage = place.open(process)

    def run_round(number: int, transaction: Transaction) -> list[Change]:
        return [change_of(one(storage, process, number, transaction))]

    writes = [attempt(process, partial(run_round, number), f"round {number}") for number in range(ROUNDS)]
    storage.close()
    return writes


def compete(place: Place, one: Race) -> list[str]:
    """What the checker finds after everybody has tried to be the first."""
    storage = Place(place.url).open()
    storage.migrate()
    storage.create(SCOPE, {"id": "first"})
    results = run(*((race, (place, number, one)) for number in range(CLIENTS)))
    history = [one for result in results for one in result]
    acknowledged = sum(one.outcome == "ok" for one in history)
    stored = storage.count(SCOPE, Query()).total - 1
    storage.close()
    return check_winners(history) + ([] if stored == acknowledged else [f"{acknowledged} winners, {stored} records"])


@pytest.mark.parametrize("one", [create_one_id, create_one_value])
def test_of_several_creators_one_wins(url: str, one: Race) -> None:
    assert compete(Place(url), one) == []


@pytest.mark.parametrize("one", [create_one_id, create_one_value])
def test_control_without_the_lock_several_creators_win(url: str, one: Race) -> None:
    violations = compete(Place(url, locked=False), one)
    assert any("winners" in violation for violation in violations)


def test_a_value_that_is_given_up_for_another_is_held_once(url: str) -> None:
    storage = Place(url).open()
    storage.migrate()
    results = run(*((race, (Place(url), number, take_one_value)) for number in range(CLIENTS)))
    assert not [one.error for result in results for one in result if one.outcome == "info"]
    documents = storage.page(SCOPE, Query()).documents
    values = [document.data["url"] for document in documents]
    assert len(set(values)) == len(values)
    with pytest.raises(UnicityError):
        storage.create(SCOPE, {"id": "late", "url": values[0]}, unique=("url",))
    storage.close()
