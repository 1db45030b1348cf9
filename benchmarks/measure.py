"""What one round of a workload on one side has shown."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

__all__ = ["Goal", "Measure", "Ratio", "Rounds", "median", "ratio"]


class Measure(NamedTuple):
    """One round of a workload.

    :param p50: half of the answers came within so many ms.
    :param server_ms: CPU of all processes of the server, per request.
    :param database_ms: CPU of all processes of PostgreSQL, per request.
    :param statements: of SQL, per request, without
    :param around: those that begin and end transactions.
    :param refused: answers that said that somebody else was writing.
    :param generator_ms: CPU of the load generator, per request.
    """

    per_second: float
    p50: float
    p99: float
    server_ms: float
    database_ms: float
    statements: float
    around: float
    refused: int = 0
    generator_ms: float = 0.0

    @property
    def cpu_ms(self) -> float:
        """CPU of the server and of the database, per request."""
        return max(self.server_ms + self.database_ms, 0.001)


#: Workload -> one measure for each round.
Rounds = Mapping[str, Sequence[Measure]]


class Goal(NamedTuple):
    """What a ratio should be.

    :param cpu: least ratio of requests per CPU second.
    :param p99: least ratio of the time within which 99 of 100 answers came.
    """

    cpu: float | None = None
    p99: float | None = None


class Ratio(NamedTuple):
    """The median over the rounds, and the least and the most of them."""

    median: float
    least: float
    most: float

    def reaches(self, goal: float) -> bool:
        """Whether the median does."""
        return self.median >= goal


def median(found: Sequence[Measure], what: Callable[[Measure], float]) -> float:
    """Of all rounds."""
    return statistics.median(map(what, found))


def ratio(found: Sequence[Measure], other: Sequence[Measure], what: Callable[[Measure], float]) -> Ratio:
    """How many times as much the other one takes, of pairs that were measured one after the other."""
    ratios = [what(second) / what(first) for first, second in zip(found, other, strict=True)]
    return Ratio(statistics.median(ratios), min(ratios), max(ratios))
