"""A circuit breaker: leaves a broken server alone, for longer and longer."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

__all__ = ["Breaker"]


class Breaker:
    """Says whether a server may be tried. After a failure it may not for ``first`` seconds, then once; when that
    fails too, the pause doubles, up to ``longest`` seconds.

    A caller asks :meth:`admit` for a ticket, then says with it how the call ended; so that the failures of calls that
    were already under way count as the one failure they are.

    :param first: seconds of the first pause.
    :param longest: seconds of the longest pause.
    :param monotonic: seconds that never go back.

    >>> breaker = Breaker(monotonic=lambda: 0.0)
    >>> ticket = breaker.admit()
    >>> breaker.failed(ticket)
    >>> breaker.admit() is None, breaker.pause_left
    (True, 1.0)
    """

    def __init__(
        self, *, first: float = 1.0, longest: float = 30.0, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._first = first
        self._longest = longest
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._turn = 0
        self._pause = 0.0
        self._closed_at = float("-inf")

    @property
    def pause_left(self) -> float:
        """Seconds until the server may be tried again."""
        return max(0.0, self._closed_at - self._monotonic())

    def admit(self) -> int | None:
        """A ticket for one call, or ``None`` when the server is to be left alone."""
        if not self._pause:
            return self._turn
        with self._lock:
            if self._monotonic() < self._closed_at:
                return None
            self._closed_at = self._monotonic() + self._pause
            return self._turn

    def succeeded(self, ticket: int) -> None:
        """The call did work: everybody may try."""
        if self._pause:
            with self._lock:
                if ticket == self._turn:
                    self._pause = 0.0

    def failed(self, ticket: int) -> None:
        """The call did not work: begin a pause, unless one began since the ticket was given."""
        with self._lock:
            if ticket == self._turn:
                self._turn += 1
                self._pause = min(2 * self._pause or self._first, self._longest)
                self._closed_at = self._monotonic() + self._pause

    def reset(self) -> None:
        """The server was seen to work: everybody may try."""
        with self._lock:
            self._turn += 1
            self._pause = 0.0
