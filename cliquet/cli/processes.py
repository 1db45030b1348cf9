"""Several processes that answer requests at one address, and the one that looks after them."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from typing import NoReturn

import structlog

__all__ = ["keep"]

_log = structlog.get_logger("cliquet")
_ENDS = (signal.SIGTERM, signal.SIGINT)
#: A process that lived for less than this is not replaced at once, in seconds.
_TOO_SHORT, _PAUSE = 5.0, 1.0


def keep(count: int, work: Callable[[int], None], release: Callable[[], None]) -> None:
    """Do the same work in several processes, until SIGTERM or SIGINT; those that die before are replaced.

    Returns when all of them ended.

    :param count: how many.
    :param work: what each does until it gets SIGTERM, given the id of this process.
    :param release: lets go of what this process has to give to new ones, when there will be no more.
    """
    _Kept(count, work, release).run()


class _Kept:
    """The processes, by id, with the time when each began."""

    def __init__(self, count: int, work: Callable[[int], None], release: Callable[[], None]) -> None:
        self._count = count
        self._work = work
        self._release = release
        self._began: dict[int, float] = {}
        self._ending = False

    def run(self) -> None:
        """Start them, wait, and replace those that die."""
        for one in _ENDS:
            signal.signal(one, self._end)
        for _ in range(self._count):
            self._start()
        while self._began:
            pid, status = os.wait()
            began = self._began.pop(pid, None)
            if began is not None and not self._ending:
                self._replace(pid, status, began)

    def _start(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDS)  # until it is clear whose signal it is
        pid = os.fork()
        if pid == 0:
            self._live()
        self._began[pid] = time.monotonic()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        if self._ending:
            os.kill(pid, signal.SIGTERM)

    def _live(self) -> NoReturn:
        """The life of one process."""
        code = 1
        for one in _ENDS:
            signal.signal(one, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDS)
        try:
            self._work(os.getppid())
            code = 0
        except BaseException as error:
            _log.critical("a process of the server failed", exc_info=error)
        finally:
            os._exit(code)

    def _replace(self, pid: int, status: int, began: float) -> None:
        _log.error("a process of the server ended", pid=pid, code=os.waitstatus_to_exitcode(status))
        if time.monotonic() - began < _TOO_SHORT:
            time.sleep(_PAUSE)
        if not self._ending:
            self._start()

    def _end(self, *_: object) -> None:
        self._ending = True
        self._release()
        for pid in list(self._began):
            os.kill(pid, signal.SIGTERM)
