"""Permissions in the memory of one process: the executable specification of a permission backend."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from cliquet.permission.collected import Collected
from cliquet.permission.pending import Change, Region, apply
from cliquet.permission.state import State

__all__ = ["MemoryPermission", "load_from_config"]

T = TypeVar("T")


class MemoryPermission(Collected):
    """Keeps permissions in dicts. Its lock is held for the moment of an answer or a commit, never while something else
    is waited for; so that it gets into nobody's way, in whatever order a transaction needs its backends.

    >>> permission = MemoryPermission()
    >>> permission.grant("/buckets/b", "read", "alice")
    >>> permission.check([("/buckets/b", "write"), ("/buckets/b", "read")], ["alice"])
    True
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = State()

    def ask(self, region: Region, question: Callable[[State], T], changes: Sequence[Change]) -> T:
        with self._lock:
            if not changes:
                return question(self._state)
            state = self._state.copy()
        return question(apply(changes, state))

    def keep(self, changes: list[Change]) -> None:
        with self._lock:
            apply(changes, self._state)

    def ping(self) -> bool:
        return True


def load_from_config(config: Any) -> MemoryPermission:
    """The backend that the settings ask for."""
    return MemoryPermission()
