"""One test run and the servers it shares between its worker processes, each started when first asked for."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from cliquet.testing.servers.process import Place, ServerUnavailable, give, unprivileged

__all__ = ["OwnedRun", "Run"]

STOP_SECONDS = 20.0
PAUSE_SECONDS = 0.01


class Run:
    """The servers of one test run, as any of its processes sees them: a folder that knows what was started."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def server(self, name: str, start: Callable[[Place], str]) -> str:
        """The URL of a server; the first process that asks starts it, the others wait for that.

        :raises ServerUnavailable: when it did not start, now or for the process that tried first.
        """
        note = self.directory / f"{name}.json"
        with locked(self.directory / f"{name}.lock"):
            if not note.exists():
                note.write_text(json.dumps(self._attempt(name, start)))
        found = json.loads(note.read_text())
        if found["error"]:
            raise ServerUnavailable(found["error"])
        return str(found["url"])

    def _attempt(self, name: str, start: Callable[[Place], str]) -> dict[str, str]:
        place = Place(self.directory / name, self.directory / "owner", unprivileged())
        place.directory.mkdir(mode=0o700)
        give(place.directory, place.account)
        try:
            return {"url": start(place), "error": ""}
        except (ServerUnavailable, OSError) as error:
            return {"url": "", "error": str(error)}


class OwnedRun(Run):
    """The same, for the process that all servers outlive by a moment only."""

    def __init__(self, directory: Path, lock: TextIO) -> None:
        super().__init__(directory)
        self._lock = lock

    @classmethod
    def open(cls) -> OwnedRun:
        """A new run; it is over when :meth:`close` is called, or when this process is no more."""
        directory = Path(tempfile.mkdtemp(prefix="cliquet-", dir=short_temporary_folder()))
        give(directory, unprivileged())
        lock = (directory / "owner").open("w")
        # A POSIX lock, because those are not inherited by forked children, which may live longer than we do.
        fcntl.lockf(lock, fcntl.LOCK_EX)
        return cls(directory, lock)

    def close(self) -> None:
        """Let the servers go, and wait until they are gone."""
        self._lock.close()
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and self._supervised():
            time.sleep(PAUSE_SECONDS)
        shutil.rmtree(self.directory, ignore_errors=True)

    def _supervised(self) -> bool:
        return any((child / "log").exists() for child in self.directory.glob("*/"))


def short_temporary_folder() -> str:
    """A folder whose path leaves room for the name of a socket, which may have about a hundred bytes."""
    return "/tmp" if os.access("/tmp", os.W_OK | os.X_OK) else tempfile.gettempdir()


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep the other processes of the run out meanwhile."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
