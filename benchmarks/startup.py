"""How long examples/kinto takes from its command to its first answer, and how much memory it has then.

``python -m benchmarks.startup --against ../before`` compares with another working copy.
Started on a SQLite file that is new, and on one that is there. CPU time is what a machine that does nothing else would
show as time of the clock.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.request import urlopen

from benchmarks.environments import ROOT
from benchmarks.processes import Server, cpu_seconds
from cliquet.testing.service import free_port

__all__ = ["Started", "main", "started"]

REQUESTS = 1000


class Started(NamedTuple):
    """Seconds until the first answer, and MiB then and after many requests; shared pages count in part."""

    clock: float
    cpu: float
    memory: float
    later: float


def started(folder: Path, tree: Path) -> Started:
    """Start it once.

    :param folder: where the SQLite file is, or will be.
    :param tree: the working copy.
    """
    port = free_port()
    ini = tree / "examples" / "kinto" / "kinto.ini"
    command = [sys.executable, "-m", "cliquet", "start", "--ini", str(ini), "--port", str(port)]
    environ = {"PYTHONPATH": os.pathsep.join([str(tree), str(tree / "examples")])}
    server = Server("startup", command, f"http://127.0.0.1:{port}/v1", folder, environ)
    try:
        clock = server.start()
        cpu, memory = cpu_seconds(server.pid), proportional_megabytes(server.pid)
        for _ in range(REQUESTS):
            urlopen(f"{server.url}/").read()
        return Started(clock, cpu, memory, proportional_megabytes(server.pid))
    finally:
        server.stop()


def proportional_megabytes(pid: int) -> float:
    """The memory of a process; what it shares with others counts for its part (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _rows(trees: Mapping[str, Path], rounds: int) -> Iterator[str]:
    found: dict[tuple[str, str], list[Started]] = {}
    for number in range(rounds):
        for label, tree in list(trees.items())[:: -1 if number % 2 else 1]:
            with tempfile.TemporaryDirectory() as folder:
                for kind in ("new", "there"):
                    found.setdefault((label, kind), []).append(started(Path(folder), tree))
    for (label, kind), all_ in found.items():
        medians = [statistics.median(values) for values in zip(*all_, strict=True)]
        yield f"| {label} | {kind} | {medians[0]:.2f} | {medians[1]:.2f} | {medians[2]:.0f} | {medians[3]:.0f} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="another working copy")
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    trees = {"before": given.against.resolve()} if given.against else {}
    trees["now"] = ROOT
    print("| | SQLite file | first answer, s | CPU, s | MiB | MiB after 1 000 requests |\n|---|---|---|---|---|---|")
    for line in _rows(trees, given.rounds):
        print(line, flush=True)


if __name__ == "__main__":
    main()
