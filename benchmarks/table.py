"""What was measured, as a table of Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from benchmarks.measure import Goal, Measure, Ratio, Rounds, median, ratio

__all__ = ["Comparison", "markdown"]

#: Columns, in each cell one number for each side.
_COLUMNS: Mapping[str, tuple[Callable[[Measure], float], str]] = {
    "requests/s": (lambda one: one.per_second, ".0f"),
    "p50 ms": (lambda one: one.p50, ".1f"),
    "p99 ms": (lambda one: one.p99, ".1f"),
    "server CPU ms": (lambda one: one.server_ms, ".2f"),
    "PostgreSQL CPU ms": (lambda one: one.database_ms, ".2f"),
}


@dataclass(frozen=True)
class Comparison:
    """Sides that did the same.

    :param sides: by name, what was measured of them.
    :param base: the side that the others are compared with; empty for none.
    :param goals: by workload.
    :param postgresql: whether there is one, whose CPU and statements are worth a column.
    """

    title: str
    sides: Mapping[str, Rounds]
    base: str = ""
    goals: Mapping[str, Goal] = field(default_factory=dict)
    postgresql: bool = True

    @property
    def workloads(self) -> list[str]:
        """In the order in which they were measured."""
        return list(next(iter(self.sides.values())))

    @property
    def compared(self) -> list[str]:
        """The sides other than the base."""
        return [side for side in self.sides if side != self.base] if self.base else []

    def ratio(self, side: str, workload: str) -> Ratio:
        """How many times as many requests in a CPU second a side does as the base."""
        return ratio(self.sides[side][workload], self.sides[self.base][workload], lambda one: one.cpu_ms)

    def tail(self, side: str, workload: str) -> Ratio:
        """How many times sooner 99 of 100 answers come than from the base."""
        return ratio(self.sides[side][workload], self.sides[self.base][workload], lambda one: one.p99)

    def missed(self) -> list[str]:
        """The goals that were not reached, as sentences."""
        return [
            f"{workload}, {side}: {found.median:.2f}x {what} instead of {wanted:g}x"
            for workload in self.workloads
            for side in self.compared
            for what, found, wanted in self._judged(side, workload)
            if not found.reaches(wanted)
        ]

    def _judged(self, side: str, workload: str) -> list[tuple[str, Ratio, float]]:
        goal = self.goals.get(workload, Goal())
        found = [("requests per CPU second", self.ratio(side, workload), goal.cpu)]
        found.append(("p99", self.tail(side, workload), goal.p99))
        return [(what, one, wanted) for what, one, wanted in found if wanted is not None]


def markdown(found: Comparison) -> str:
    """The table: medians over the rounds, and ratios of pairs that were measured one after the other."""
    columns = [column for column in _COLUMNS if found.postgresql or "PostgreSQL" not in column]
    statements = ["statements"] if found.postgresql else []
    measures = [one for side in found.sides.values() for many in side.values() for one in many]
    refused = ["refused"] if any(one.refused for one in measures) else []
    ratios = [title for side in found.compared for title in _ratio_titles(found, side)]
    head = ["workload", *columns, *statements, *refused, *ratios]
    lines = [_line(head), "|---" * len(head) + "|"]
    for workload in found.workloads:
        cells = [_numbers(found, workload, *_COLUMNS[column]) for column in columns]
        cells += [_statements(found, workload)] * len(statements)
        cells += [_numbers(found, workload, lambda one: one.refused, ".0f")] * len(refused)
        cells += [cell for side in found.compared for cell in _ratio_cells(found, side, workload)]
        lines.append(_line([workload, *cells]))
    return "\n".join(lines)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _numbers(found: Comparison, workload: str, what: Callable[[Measure], float], spelled: str) -> str:
    return " / ".join(f"{median(side[workload], what):{spelled}}" for side in found.sides.values())


def _statements(found: Comparison, workload: str) -> str:
    def shown(many: Sequence[Measure]) -> str:
        return f"{median(many, lambda one: one.statements):.1f} + {median(many, lambda one: one.around):.1f}"

    return " / ".join(shown(side[workload]) for side in found.sides.values())


def _ratio_titles(found: Comparison, side: str) -> list[str]:
    name = f"{side} to {found.base}"
    return [f"{name}: requests per CPU second", "goal", f"{name}: p99"]


def _ratio_cells(found: Comparison, side: str, workload: str) -> list[str]:
    goal = found.goals.get(workload, Goal())
    cpu, tail = found.ratio(side, workload), found.tail(side, workload)
    spread = f"**{_times(cpu.median)}** ({_times(cpu.least)}..{_times(cpu.most)})"
    return [spread, _reached(cpu, goal.cpu, shown=True), f"{_times(tail.median)} {_reached(tail, goal.p99)}".strip()]


def _times(ratio: float) -> str:
    return f"{ratio:.2f}x" if ratio < 2 else f"{ratio:.1f}x"


def _reached(found: Ratio, goal: float | None, *, shown: bool = False) -> str:
    if goal is None:
        return ""
    return f"{f'{goal:g}x ' if shown else ''}{'reached' if found.reaches(goal) else 'missed'}"
