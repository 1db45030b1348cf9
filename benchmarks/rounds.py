"""Requests that are measured in interleaved rounds: one store after the other, then all of them again."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.multitude import Multitude

__all__ = ["Ask", "Asked", "Goal", "markdown", "measured"]

#: One request, as somebody who uses a store sends it.
Ask = Callable[[Multitude], Any]
#: Requests of one kind that follow each other in a round; the best of them counts.
REPEATS = 3


class Asked(NamedTuple):
    """What a request costs: statements, and ms in each round."""

    statements: int
    times: list[float]

    @property
    def median(self) -> float:
        """In ms."""
        return statistics.median(self.times)


class Goal(NamedTuple):
    """At most so many times as long as what it is compared with, which is another request or another store."""

    most: float
    than: str = ""


def measured(stores: Mapping[str, Multitude], asks: Mapping[str, Ask], rounds: int) -> dict[str, dict[str, Asked]]:
    """What each request costs on each store."""
    found = {name: {label: _warm(store, ask) for label, store in stores.items()} for name, ask in asks.items()}
    for number in range(rounds):
        for name, ask in asks.items():
            order = list(stores.items())
            for label, store in order if number % 2 == 0 else reversed(order):
                found[name][label].times.append(min(_timed(store, ask) for _ in range(REPEATS)))
    return found


def markdown(found: Mapping[str, Mapping[str, Asked]], goals: Mapping[str, Goal], base: str) -> str:
    """The table: medians, and their ratios to the store that is the base, or to another request on the same one.

    :param base: the label of a store.
    """
    labels = list(next(iter(found.values())))
    lines = [f"| request | {' | '.join(f'{label}: ms (statements)' for label in labels)} | ratio | goal |"]
    lines.append("|---" * (len(labels) + 3) + "|")
    for name, asked in found.items():
        cells = [f"{one.median:.1f} ({one.statements})" for one in asked.values()]
        ratio = _ratio(found, name, labels[-1], base, goals.get(name))
        lines.append(f"| {name} | {' | '.join(cells)} | {ratio:.2f}x | {_reached(goals.get(name), ratio)} |")
    return "\n".join(lines)


def _ratio(found: Mapping[str, Mapping[str, Asked]], name: str, label: str, base: str, goal: Goal | None) -> float:
    """Of pairs that were measured one after the other, the median."""
    than = found[goal.than][label] if goal is not None and goal.than else found[name][base]
    pairs: Sequence[tuple[float, float]] = list(zip(found[name][label].times, than.times, strict=True))
    return statistics.median(one / other for one, other in pairs)


def _reached(goal: Goal | None, ratio: float) -> str:
    if goal is None:
        return ""
    reached = "reached" if ratio <= goal.most else "missed"
    return f"{goal.most:g}x{f' of {goal.than}' if goal.than else ''} {reached}"


def _warm(store: Multitude, ask: Ask) -> Asked:
    """Ask a few times, so that statements are prepared and pages are read, and count the statements."""
    for _ in range(8):
        ask(store)
    store.observe(on=True)
    store.sent.clear()
    ask(store)
    store.observe(on=False)
    return Asked(len(store.sent), [])


def _timed(store: Multitude, ask: Ask) -> float:
    began = time.perf_counter()
    ask(store)
    return 1000 * (time.perf_counter() - began)
