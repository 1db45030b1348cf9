"""Lets only so much expensive work happen at a time in one process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Generic, TypeVar

from cliquet.errors import Overloaded

__all__ = ["Gate", "Together"]

T = TypeVar("T")


class Gate:
    """Some may work, some may wait, and everybody else is told at once to come back later.

    So a flood of wrong passwords holds neither all threads of a server nor all of its memory.

    :param working: most threads that work at a time.
    :param waiting: most threads that wait for their turn.

    >>> gate = Gate(working=1, waiting=0)
    >>> with gate.turn():
    ...     with gate.turn():
    ...         pass
    Traceback (most recent call last):
      ...
    cliquet.errors.Overloaded: Too many passwords are being checked at this moment.
    """

    def __init__(self, *, working: int, waiting: int) -> None:
        self._admitted = threading.BoundedSemaphore(working + waiting)
        self._working = threading.BoundedSemaphore(working)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """A block that runs when it is its turn.

        :raises Overloaded: when too many wait already.
        """
        if not self._admitted.acquire(blocking=False):
            raise Overloaded(message="Too many passwords are being checked at this moment.")
        try:
            with self._working:
                yield
        finally:
            self._admitted.release()


class Together(Generic[T]):
    """Lets threads that want the same answer at the same moment wait for the one that works it out.

    >>> Together[int]().answer("2 + 2", lambda: 4)
    4
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked: dict[Hashable, Future[T]] = {}

    def answer(self, question: Hashable, work: Callable[[], T]) -> T:
        """What ``work`` returns or raises, for everybody who asks meanwhile."""
        with self._lock:
            first = question not in self._asked
            future = self._asked.setdefault(question, Future())
        if first:
            self._run(question, future, work)
        return future.result()

    def _run(self, question: Hashable, future: Future[T], work: Callable[[], T]) -> None:
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)
        finally:
            with self._lock:
                del self._asked[question]
