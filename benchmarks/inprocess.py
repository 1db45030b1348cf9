"""What one request costs in CPU time without a server: examples/kinto called as the WSGI application that it is.

``python -m benchmarks.inprocess --against ../before`` compares with another working copy, in interleaved rounds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.environments import ROOT

__all__ = ["main"]

KINDS = ("memory", "sqlite")


def _run(tree: Path, kind: str, *, logging: bool) -> dict[str, float]:
    """Measure a working copy, in a process of its own."""
    environ = {**os.environ, "PYTHONPATH": f"{tree}:{tree / 'examples'}", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, str(Path(__file__).with_name("request_loop.py")), kind, "on" if logging else "off"]
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True, cwd=tree)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _rows(trees: Mapping[str, Path], rounds: int, kind: str, *, logging: bool) -> Iterator[str]:
    """The lines of the table for one backend."""
    found: dict[str, dict[str, list[float]]] = {}
    for number in range(rounds):
        for label, tree in list(trees.items())[:: -1 if number % 2 else 1]:
            for name, time_ in _run(tree, kind, logging=logging).items():
                found.setdefault(name, {}).setdefault(label, []).append(time_)
    for name, times in found.items():
        medians = [statistics.median(times[label]) for label in trees]
        ratio = medians[0] / medians[-1]
        cells = " | ".join(f"{median:.0f}" for median in medians)
        yield f"| {name} | {kind} | {'on' if logging else 'off'} | {cells} | {ratio:.2f}x |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--against", type=Path, help="another working copy")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--logging", action="store_true", help="with a line in the log for each request")
    given = parser.parse_args()
    trees = {"before, us": given.against.resolve()} if given.against else {}
    trees["CPU us"] = ROOT
    print(f"| request | backend | log | {' | '.join(trees)} | ratio |\n|---|---|---|{'---|' * len(trees)}---|")
    for kind in KINDS:
        for line in _rows(trees, given.rounds, kind, logging=given.logging):
            print(line, flush=True)


if __name__ == "__main__":
    main()
