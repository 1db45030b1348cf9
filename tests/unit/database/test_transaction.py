"""In which order the parts of a transaction end."""

from __future__ import annotations

import threading

from cliquet.database.transaction import Transaction
from cliquet.permission.memory import MemoryPermission
from cliquet.storage.base import Scope
from cliquet.storage.memory import MemoryStorage

DOCS = Scope("doc", "")


def test_who_waited_for_a_record_in_memory_finds_its_permissions_kept() -> None:
    storage, permission = MemoryStorage(), MemoryPermission()
    found: list[bool] = []

    def reader() -> None:
        with Transaction() as transaction:
            storage.lock([DOCS], transaction=transaction)
            found.append(permission.check([("/docs/a", "read")], ["alice"]))

    for number in range(50):
        transaction = Transaction()
        storage.create(DOCS, {"id": str(number)}, transaction=transaction)
        permission.flush()
        permission.grant("/docs/a", "read", "alice", transaction=transaction)
        thread = threading.Thread(target=reader)
        thread.start()
        transaction.commit()
        thread.join()
    assert found == [True] * 50


def test_what_keeps_others_out_ends_last_whenever_it_joined() -> None:
    ended: list[str] = []

    class Part:
        def __init__(self, name: str, *, ends_last: bool) -> None:
            self.name, self.ends_last = name, ends_last

        def prepare(self) -> None:
            """Nothing can fail here."""

        def commit(self) -> None:
            ended.append(self.name)

        rollback = commit

        def mark(self) -> None:
            """Nothing to come back to."""

        def rewind(self, mark: None) -> None:
            """Nothing to undo."""

        release = rewind

    for end in ("commit", "rollback"):
        transaction = Transaction()
        for name, last in (("lock", True), ("one", False), ("other", False)):
            transaction.join(name, lambda name=name, last=last: Part(name, ends_last=last))  # type: ignore[misc]
        getattr(transaction, end)()
    assert ended == ["one", "other", "lock"] * 2
