"""Remembers where many write at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import monotonic

from cliquet.storage.values import Scope

__all__ = ["Busy"]

#: So many scopes are remembered.
_MOST = 1000


class Busy:
    """The scopes in which somebody else was faster, lately.

    :param seconds: how long it is remembered.
    :param clock: seconds that only go up.
    """

    def __init__(self, seconds: float = 1.0, clock: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._until: dict[Scope, float] = {}

    def note(self, scopes: Iterable[Scope]) -> None:
        """Somebody was faster in these scopes."""
        until = self._clock() + self._seconds
        for scope in scopes:
            if len(self._until) >= _MOST:
                self._until.clear()
            self._until[scope] = until

    def __contains__(self, scope: Scope) -> bool:
        return self._until.get(scope, 0.0) > self._clock()
