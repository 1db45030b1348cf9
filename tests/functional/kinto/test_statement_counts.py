"""How many statements each request to the store costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.storage.base import Scope
from cliquet.storage.sql.busy import Busy
from cliquet.testing.app import Client
from tests.functional.kinto.costs import (
    BUCKET,
    CHANGE,
    COLLECTION,
    ONE,
    RECORD,
    RECORDS,
    TWO,
    WRITING,
    Store,
    batch,
    start,
)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, serve: Callable[[Any], Client]) -> Store:
    found = start(request, serve)
    found.plant()
    return found


def around(store: Store, name: str) -> int:
    """The statements around one that may take long: PostgreSQL is told how long, with the begin of a transaction."""
    storage: Any = store.alice.storage
    is_long = name.startswith(("total", "sorted and filtered"))
    return 2 if is_long and storage.database.driver.name == "postgresql" else 0


#: What turns out to change nothing once the lock is taken.
IDLE: dict[str, Callable[[Store], Any]] = {
    "POST of what is there": lambda store: store.alice.post_json(RECORDS, {"data": {"id": "0"}}),
    "PATCH of nothing": lambda store: store.alice.patch_json(RECORD, {"data": {"n": 0}}),
    "PUT with a tag of yesterday": lambda store: store.alice.put_json(
        RECORD, {}, headers={"If-Match": '"1"'}, status=412
    ),
}


def test_reading_takes_one_statement(store: Store) -> None:
    found = {name: store.cost(operation) for name, operation in ONE.items()}
    assert found == {name: (1, around(store, name)) for name in ONE}


def test_who_sees_some_records_of_a_list_costs_one_statement_more(store: Store) -> None:
    found = {name: store.cost(operation) for name, operation in TWO.items()}
    # A total is asked for both times: of all, which turn out not to be for them, and of some.
    assert found == {name: (2, 2 * around(store, name)) for name in TWO}


def test_who_is_nobody_costs_nothing_in_hello(store: Store) -> None:
    assert store.cost(lambda store: store.eve.anonymous().get("/v1/")) == (0, 0)


@pytest.mark.parametrize("name", WRITING)
def test_writing_takes_three_statements(store: Store, name: str) -> None:
    assert store.cost(WRITING[name]) == (3, 2), store.sent


class Crowded(Busy):
    """Others write everywhere."""

    def __contains__(self, scope: Scope) -> bool:
        return True


@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize("busy", [Crowded(), Busy()], ids=["where others write", "where nobody else writes"])
def test_writing_takes_two_ways_or_three(store: Store, name: str, busy: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    storage: Any = store.alice.storage
    monkeypatch.setattr(storage, "_busy", busy)
    driver, ways = type(storage.database.driver), []
    run = driver.run

    def counted(driver: Any, cursor: Any, steps: Any, *, begins: bool = False) -> Any:
        ways.append(len(steps))
        return run(driver, cursor, steps, begins=begins)

    monkeypatch.setattr(driver, "run", counted)
    assert store.cost(WRITING[name]) == (3, 2), store.sent
    # What is read before a transaction is on a way of its own.
    assert ways == ([2, 2] if isinstance(busy, Crowded) else [1, 2]), store.sent


def test_the_first_writer_of_a_scope_looks_again(store: Store) -> None:
    path = f"{BUCKET}/collections/e/records/x"
    assert store.cost(lambda store: store.alice.put_json(path, {})) == (4, 2), store.sent
    assert store.cost(lambda store: store.alice.put_json(path, {})) == (3, 2), store.sent


@pytest.mark.parametrize("name", ["POST", "PUT", "PATCH", "DELETE", "batch of 10 PUT"])
def test_who_is_overtaken_looks_again(store: Store, name: str) -> None:
    storage: Any = store.alice.storage

    def overtake(text: str) -> None:
        """Somebody else writes a record between the look and the lock."""
        store.sent.append(text)
        if text.startswith("BEGIN"):
            storage.database.observe = lambda text: None
            store.mary.put_json(f"{RECORDS}/other", {})
            storage.database.observe = store.sent.append

    storage.database.observe = overtake
    assert store.cost(WRITING[name]) == (4, 2), store.sent
    # The next ones take the lock first.
    assert store.cost(lambda store: store.alice.post_json(RECORDS, {})) == (3, 2), store.sent
    assert store.sent[0].startswith("BEGIN")


def test_who_is_refused_after_the_lock_leaves_nothing_behind(store: Store) -> None:
    storage: Any = store.alice.storage
    storage._busy.note([Scope("record", COLLECTION.removeprefix("/v1"))])
    refused: list[Callable[[Store], Any]] = [
        lambda store: store.eve.put_json(RECORD, CHANGE, status=403),
        lambda store: store.eve.post_json(RECORDS, {}, status=403),
        lambda store: store.alice.put_json(RECORD, {"data": "no object"}, status=400),
        lambda store: store.alice.delete(f"{RECORDS}/nope", status=404),
    ]
    for request in refused:
        assert store.cost(request)[1] == 2, store.sent
        assert store.sent[-1] == "ROLLBACK"
        assert storage.database.engine.pool.checkedout() == 0
    store.alice.put_json(RECORD, CHANGE)


@pytest.mark.parametrize("name", IDLE)
def test_a_write_that_changes_nothing_sends_nothing(store: Store, name: str) -> None:
    assert store.cost(IDLE[name]) == (2, 2), store.sent


def test_a_refused_write_begins_nothing(store: Store) -> None:
    assert store.cost(lambda store: store.eve.put_json(RECORD, CHANGE, status=403)) == (1, 0)
    assert store.cost(lambda store: store.eve.post_json(RECORDS, CHANGE, status=403)) == (1, 0)
    # whether it would be a 404 for them
    assert store.cost(lambda store: store.eve.delete(RECORD, status=403)) == (2, 0)


#: Deletion -> statements in a transaction, or before it.
DELETING: dict[str, tuple[str, int]] = {
    "a bucket": (BUCKET, 13),
    "a collection": (COLLECTION, 11),
}


@pytest.mark.parametrize("name", DELETING)
@pytest.mark.parametrize("collections", [0, 6], ids=["few", "many"])
def test_a_cascade_costs_the_same_however_much_goes(store: Store, name: str, collections: int) -> None:
    for number in range(collections):
        path = f"{BUCKET}/collections/more{number}"
        store.alice.put_json(path, {})
        store.alice.put_json(f"{BUCKET}/groups/more{number}", {"data": {"members": ["a", "b"]}})
        batch(store, "PUT", [f"{path if number else COLLECTION}/records/m{one}" for one in range(20)])
    path, statements = DELETING[name]
    assert store.cost(lambda store: store.alice.delete(path)) == (statements, 2), store.sent
