"""What is said to a database again when the connection breaks, and what never is."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest

from cliquet.database.dialogue import Dialogue
from cliquet.database.statement import Step
from cliquet.errors import BackendError

LOCK, ASK, WRITE = Step("lock"), Step("ask", fetch=True), Step("write")


class Lost(Exception):
    """The connection is gone."""


class Database:
    """Notes what is said on which connection, and loses the connection where it is told to."""

    begin, errors, plans_last, statements = "BEGIN", (Lost,), 0.0, None

    def __init__(self, *losses: str) -> None:
        #: The connection is lost on a way with one of these; each happens once.
        self.losses = list(losses)
        self.ways: list[str] = []
        self.closed = self.connections = 0
        self.driver: Any = self

    def checkout(self) -> Any:
        self.connections += 1
        return SimpleNamespace(
            info={"cursor": self}, driver_connection=None, invalidate=lambda error: None, close=self._returned
        )

    def run(self, cursor: Any, steps: Sequence[Step], *, begins: bool = False) -> list[Any]:
        said = [*([self.begin] if begins else []), *(step.text for step in steps)]
        self.ways.append(" ".join(said))
        if self.losses and self.losses[0] in said:
            del self.losses[0]
            raise Lost
        return [step.text for step in steps]

    def execute(self, text: str) -> None:
        self.ways.append(text)

    def observe(self, text: str) -> None:
        """Nobody counts."""

    def close(self) -> None:
        """Nobody waits in the pool."""

    def is_lost(self, error: Exception, connection: Any) -> bool:
        return True

    def translate(self, error: Exception) -> BackendError:
        return BackendError(error)

    def _returned(self) -> None:
        self.closed += 1


def begin(database: Any) -> Dialogue:
    """A dialogue with it."""
    return Dialogue(database)


def test_a_transaction_begins_with_what_is_said_first_and_ends_with_what_is_said_last() -> None:
    database = Database()
    dialogue = begin(database)
    dialogue.say_first(LOCK)
    assert dialogue.is_open
    said: Any = dialogue.say(ASK)
    assert said == ["ask"]
    dialogue.commit([WRITE])
    assert database.ways == ["BEGIN lock ask", "write COMMIT"]
    assert (database.connections, database.closed) == (1, 1)


def test_a_lost_connection_is_replaced_once_before_anything_was_answered() -> None:
    database = Database("BEGIN")
    dialogue = begin(database)
    dialogue.say_first(LOCK)
    said: Any = dialogue.say(ASK)
    assert said == ["ask"]
    dialogue.commit([WRITE])
    assert database.ways == ["BEGIN lock ask", "BEGIN lock ask", "write COMMIT"]
    assert (database.connections, database.closed) == (2, 2)


def test_who_loses_two_connections_is_told() -> None:
    database = Database("BEGIN", "lock")
    dialogue = begin(database)
    dialogue.say_first(LOCK)
    with pytest.raises(BackendError):
        dialogue.say(ASK)
    with pytest.raises(BackendError):
        dialogue.say(ASK)
    dialogue.rollback()
    assert database.ways == ["BEGIN lock ask", "BEGIN lock ask"]
    assert (database.connections, database.closed) == (2, 2)


@pytest.mark.parametrize("before", [[], [ASK]], ids=["nothing was said", "something was said"])
def test_what_says_commit_is_never_said_again(before: list[Step]) -> None:
    database = Database("COMMIT")
    dialogue = begin(database)
    if before:
        dialogue.say(*before)
    with pytest.raises(BackendError):
        dialogue.commit([WRITE])
    assert database.ways == ["BEGIN ask" if before else "BEGIN", "write COMMIT"]
    assert (database.connections, database.closed) == (1, 1)


def test_nothing_is_said_when_there_is_nothing_to_keep() -> None:
    database = Database()
    dialogue = begin(database)
    dialogue.say_first(LOCK)
    dialogue.commit([])
    assert database.ways == []
    assert database.connections == 0


def test_after_a_failure_nothing_is_kept() -> None:
    database = Database()
    dialogue = begin(database)
    dialogue.say(ASK)
    dialogue.failed = BackendError(Lost())
    with pytest.raises(BackendError):
        dialogue.commit([WRITE])
    assert database.ways == ["BEGIN ask", "ROLLBACK"]
    assert (database.connections, database.closed) == (1, 1)
