"""The part that memory has in a transaction: what it takes to undo it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

__all__ = ["Undo"]


class Undo:
    """Holds the lock, and what it takes to undo everything, until the end of a transaction.

    >>> kept, undo = [], Undo(threading.RLock())
    >>> kept.append(1)
    >>> undo.undo.append(kept.pop)
    >>> undo.rollback()
    >>> kept
    []
    """

    #: Whoever waits for the lock finds everything kept, also what other backends keep.
    ends_last = True

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self.undo: list[Callable[[], Any]] = []
        lock.acquire()

    def prepare(self) -> None:
        """Nothing can fail here."""

    def commit(self) -> None:
        self._lock.release()

    def rollback(self) -> None:
        self.rewind(0)
        self.commit()

    def mark(self) -> int:
        return len(self.undo)

    def rewind(self, mark: int) -> None:
        while len(self.undo) > mark:
            self.undo.pop()()

    def release(self, mark: int) -> None:
        """There is nothing to forget."""
