"""Servers as processes: what they cost in CPU time and memory, and how soon they answer."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Server", "cpu_seconds", "memory_megabytes"]

_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Server:
    """A command that serves HTTP, with all processes that it starts.

    :param url: of the service, with the version.
    """

    name: str
    command: Sequence[str]
    url: str
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 120.0) -> float:
        """Start it; says after how many seconds it gave its first answer."""
        began = time.monotonic()
        log = self.folder / f"{self.name}.log"
        environ = {**os.environ, "PYTHONWARNINGS": "ignore", **self.environ}
        with log.open("ab") as file:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, env=environ, stdout=file, stderr=file, start_new_session=True
            )
        while time.monotonic() - began < timeout and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/"):
                    return time.monotonic() - began
            except OSError:
                time.sleep(0.01)
        self.stop()
        raise RuntimeError(f"{self.name} does not answer:\n{log.read_text(errors='replace')[-3000:]}")

    def stop(self) -> None:
        """End it, and all that it started."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(30)
            while _is_alive(self.process.pid):
                time.sleep(0.01)
            self.process = None

    @property
    def pid(self) -> int:
        """The first of its processes."""
        assert self.process is not None, "the server was not started"
        return self.process.pid


def _is_alive(group: int) -> bool:
    """Whether there is anything left of a group of processes."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def cpu_seconds(pid: int) -> float:
    """The CPU seconds that a process and its living descendants used, and those that they waited for."""
    return sum(_own(one) + sum(map(int, _stat(one)[13:15])) / _TICK for one in _tree(pid))


def memory_megabytes(pid: int) -> float:
    """The largest resident size of one process of a tree, in MiB."""
    pages = max(int(Path(f"/proc/{one}/statm").read_text().split()[1]) for one in _tree(pid))
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _own(pid: int) -> float:
    """What all threads of a process used, in seconds, by the clock that Linux keeps of each process (in ns)."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except OSError:
        return 0.0


def _tree(pid: int) -> Iterator[int]:
    """A process and its living descendants."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            parents[int(entry.name)] = int(fields[1])
    found, level = [pid], [pid]
    while level:
        level = [child for child, parent in parents.items() if parent in level]
        found += level
    return (one for one in found if _stat(one))


def _stat(pid: int) -> list[str]:
    """The fields of a process after its name; nothing when it is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
