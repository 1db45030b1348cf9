"""What was measured, as a table of Markdown."""

from __future__ import annotations

import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.workloads import WORKLOADS

__all__ = ["Measure", "markdown"]

_MEASURED = ("req/s", "p50", "p99", "CPU ms", "of it SQL", "statements", "409")


class Measure(NamedTuple):
    """One round of a workload; times in ms, CPU in ms per request."""

    per_second: float
    p50: float
    p99: float
    server_ms: float
    database_ms: float
    statements: float
    around: float
    refused: int = 0

    @property
    def cpu_ms(self) -> float:
        """CPU of the server and of the database, in ms per request."""
        return max(self.server_ms + self.database_ms, 0.001)


Rounds = Mapping[str, Sequence[Measure]]


def markdown(sides: Mapping[str, Rounds], *, records: int) -> str:
    """The table: medians over the rounds; ratios are those of pairs that were measured one after the other."""
    rounds = len(next(iter(next(iter(sides.values())).values())))
    lines = [f"{records} records, {rounds} rounds, {_machine()}", "", _head(list(sides)), _rule(len(sides))]
    lines += [_row(name, {side: found[name] for side, found in sides.items()}) for name in next(iter(sides.values()))]
    return "\n".join(lines)


def _head(sides: Sequence[str]) -> str:
    columns = [f"{side} {what}" for side in sides for what in _MEASURED]
    ratios = ["CPU ratio (least..most)", "goal", "p99 ratio"] if len(sides) == 2 else []
    return "| workload | " + " | ".join([*columns, *ratios]) + " |"


def _rule(sides: int) -> str:
    return "|---" * (1 + 7 * sides + (3 if sides == 2 else 0)) + "|"


def _row(name: str, sides: Mapping[str, Sequence[Measure]]) -> str:
    cells = [cell for found in sides.values() for cell in _cells(found)]
    if len(sides) == 2:
        ours, peer = sides.values()
        ratios = sorted(other.cpu_ms / one.cpu_ms for one, other in zip(ours, peer, strict=True))
        tails = statistics.median(other.p99 / one.p99 for one, other in zip(ours, peer, strict=True))
        goal = WORKLOADS[name].goal
        median = statistics.median(ratios)
        reached = "reached" if median >= goal else "missed"
        cells += [f"{median:.1f}x ({ratios[0]:.1f}..{ratios[-1]:.1f})", f"{goal:g}x {reached}", f"{tails:.1f}x"]
    return f"| {name} | " + " | ".join(cells) + " |"


def _cells(found: Sequence[Measure]) -> list[str]:
    def median(what: Callable[[Measure], float]) -> float:
        return statistics.median(map(what, found))

    return [
        f"{median(lambda one: one.per_second):.0f}",
        f"{median(lambda one: one.p50):.1f}",
        f"{median(lambda one: one.p99):.1f}",
        f"{median(lambda one: one.cpu_ms):.2f}",
        f"{median(lambda one: one.database_ms):.2f}",
        f"{median(lambda one: one.statements):.1f} + {median(lambda one: one.around):.1f}",
        f"{median(lambda one: one.refused):.0f}",
    ]


def _machine() -> str:
    names = [
        line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if "name" in line
    ]
    return f"{len(names)} x {names[0] if names else platform.machine()}, Python {platform.python_version()}"
