"""In which order the parts of a transaction end."""

from __future__ import annotations

import functools
import threading
from collections.abc import Callable

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError
from cliquet.storage.base import Scope
from cliquet.storage.memory import MemoryStorage

DOCS = Scope("doc", "")


class Part:
    """A part that tells when it ends."""

    def __init__(self, tell: Callable[[], object], *, ends_last: bool = False) -> None:
        self.tell, self.ends_last = tell, ends_last

    def prepare(self) -> None:
        """Nothing can fail here."""

    def commit(self) -> None:
        self.tell()

    rollback = commit

    def mark(self) -> None:
        """Nothing to come back to."""

    def rewind(self, mark: None) -> None:
        """Nothing to undo."""

    release = rewind


def test_a_storage_in_memory_lets_others_write_when_everything_is_kept() -> None:
    storage = MemoryStorage()
    other = threading.Thread(target=lambda: storage.create(DOCS, {"id": "b"}))
    waiting: list[bool] = []

    def try_to_write() -> None:
        other.start()
        other.join(0.2)
        waiting.append(other.is_alive())

    with Transaction() as transaction:
        storage.create(DOCS, {"id": "a"}, transaction=transaction)
        transaction.join("other", lambda: Part(try_to_write))
    other.join(30)
    assert waiting == [True]
    assert storage.get(DOCS, "b").id == "b"


def test_what_keeps_others_out_ends_last_whenever_it_joined() -> None:
    ended: list[str] = []
    for end in (Transaction.commit, Transaction.rollback):
        transaction = Transaction()
        transaction.join("lock", lambda: Part(lambda: ended.append("lock"), ends_last=True))
        transaction.join("one", lambda: Part(lambda: ended.append("one")))
        end(transaction)
    assert ended == ["one", "lock", "one", "lock"]


class Told(Part):
    """A part that tells what is asked of it, and may refuse to end."""

    def __init__(self, name: str, told: list[str], *, ends_at_once: bool = False, refuses: bool = False) -> None:
        super().__init__(lambda: None)
        self.name, self.told, self.ends_at_once, self.refuses = name, told, ends_at_once, refuses

    def prepare(self) -> None:
        self.told.append(f"prepare {self.name}")

    def commit(self) -> None:
        self.told.append(f"commit {self.name}")
        if self.refuses:
            raise BackendError(ValueError("full"))

    def rollback(self) -> None:
        self.told.append(f"rollback {self.name}")


def ending(*parts: Told) -> Transaction:
    """A transaction of some parts."""
    transaction = Transaction()
    for part in parts:
        transaction.join(part.name, functools.partial(lambda part: part, part))
    return transaction


def test_who_ends_first_may_do_everything_when_it_ends() -> None:
    told: list[str] = []
    ending(Told("a", told), Told("b", told, ends_at_once=True), Told("c", told, ends_at_once=True)).commit()
    assert told == ["prepare c", "prepare a", "commit b", "commit c", "commit a"]


def test_when_the_first_cannot_end_nothing_is_kept() -> None:
    told: list[str] = []
    transaction = ending(Told("a", told), Told("b", told, ends_at_once=True, refuses=True))
    transaction.after_commit(lambda: told.append("kept"))
    with pytest.raises(BackendError):
        transaction.commit()
    assert told == ["prepare a", "commit b", "rollback a"]
