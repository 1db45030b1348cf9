"""In which order the parts of a transaction end."""

from __future__ import annotations

import threading
from collections.abc import Callable

from cliquet.database.transaction import Transaction
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
