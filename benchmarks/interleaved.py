"""Measures sides in interleaved rounds: a workload on one side, at once on the others, then the next workload."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmarks import seeds
from benchmarks.database import PostgreSQL
from benchmarks.environments import ROOT
from benchmarks.load import Found, Orders
from benchmarks.measure import Measure
from benchmarks.processes import Server, cpu_seconds, memory_megabytes
from benchmarks.wire import Place
from benchmarks.workloads import STORE, WORKLOADS

__all__ = ["Plan", "Side", "Start", "measured"]

#: Requests of each connection before a workload is measured. The servers have caches of what they have done before, and
#: PostgreSQL has plans: what it costs to fill them does not depend on how long one measures afterwards.
BEFORE = 2
#: These have other numbers than rounds that are kept, as the names of what they write depend on them.
_UNKEPT = 1_000_000


class Start(NamedTuple):
    """One start of a server: seconds to its first answer, and of CPU until then."""

    seconds: float
    cpu: float


class Plan(NamedTuple):
    """What is measured, and how often.

    :param scale: times the number of requests that each workload has.
    :param seconds: after which no more requests are begun.
    """

    workloads: Sequence[str]
    rounds: int
    connections: int
    scale: float = 1.0
    seconds: float = 60.0
    starts: int = 3


@dataclass
class Side:
    """One of the services, and what was measured of it.

    :param fill: gives it its records, and says where they are.
    :param database: its name in PostgreSQL, if it has one.
    """

    name: str
    server: Server
    place: Place
    fill: Callable[[Place], Place]
    database: str = ""
    rounds: dict[str, list[Measure]] = field(default_factory=dict)
    starts: list[Start] = field(default_factory=list)
    memory: float = 0.0

    def start(self, count: int) -> None:
        """Start it so many times; the last one counts for the rest."""
        for _ in range(count):
            self.server.stop()
            seconds = self.server.start()
            self.starts.append(Start(seconds, cpu_seconds(self.server.pid)))


def measured(sides: Sequence[Side], database: PostgreSQL, plan: Plan) -> None:
    """Start the sides, fill them and measure them; an answer that is wrong ends it."""
    try:
        for side in sides:
            side.start(plan.starts)
            side.place = side.fill(side.place)
            if side.database:
                database.settle(side.database, analyze=True)
        _round(-1, sides, database, plan._replace(scale=plan.scale / 10))
        for number in range(plan.rounds):
            _round(number, sides, database, plan)
        for side in sides:
            side.memory = memory_megabytes(side.server.pid)
    finally:
        for side in sides:
            side.server.stop()


def _round(number: int, sides: Sequence[Side], database: PostgreSQL, plan: Plan) -> None:
    """All workloads; who begins changes from round to round. Those before the first round are not kept."""
    for workload in plan.workloads:
        for side in sides if number % 2 == 0 else reversed(sides):
            _warm(number, side, workload, plan)
            side.place = _ready(side.place._replace(round=number), workload, plan)
            measure = _measure(side, database, workload, plan)
            if number >= 0:
                side.rounds.setdefault(workload, []).append(measure)
            print(f"round {number}, {workload}, {side.name}: {measure}", file=sys.stderr)
    for side in sides:
        if side.database:
            database.settle(side.database)


def _warm(number: int, side: Side, workload: str, plan: Plan) -> None:
    """A few requests that nobody measures, but for their being right."""
    few = BEFORE * plan.connections
    only = plan._replace(scale=few / WORKLOADS[workload].size)
    place = _ready(side.place._replace(round=_UNKEPT + number), workload, only)
    _checked(side, Orders(workload, place, plan.connections, few, place.round, plan.seconds))


def _ready(place: Place, workload: str, plan: Plan) -> Place:
    """What a workload needs before its time begins."""
    if workload == "DELETE":
        seeds.doom(place, plan.connections, plan.scale)
    if workload == "poll" and "DELETE" in plan.workloads:
        seeds.touch(place)
    return seeds.recent(place) if workload in STORE else place


def _measure(side: Side, database: PostgreSQL, workload: str, plan: Plan) -> Measure:
    count = max(1, round(WORKLOADS[workload].size * plan.scale))
    orders = Orders(workload, side.place, plan.connections, count, side.place.round, plan.seconds)
    before = _counters(side, database)
    found = _checked(side, orders)
    spent = [one - other for one, other in zip(_counters(side, database), before, strict=True)]
    return _as_measure(found, spent)


def _checked(side: Side, orders: Orders) -> Found:
    """What the load generator found, when all answers are right."""
    found = _generated(orders)
    if found.wrong or not found.times:
        raise SystemExit(f"{side.name}, {orders.workload}: wrong answers: {found.wrong}")
    return found


def _counters(side: Side, database: PostgreSQL) -> list[float]:
    """CPU seconds of the server and of PostgreSQL, statements, and those that begin and end transactions."""
    if not side.database:
        return [cpu_seconds(side.server.pid), 0.0, 0.0, 0.0]
    # Before the first and after the last measure of CPU, so that asking is not part of it.
    return [cpu_seconds(side.server.pid), cpu_seconds(database.pid), *database.statements(side.database)]


def _generated(orders: Orders) -> Found:
    """What the load generator found."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.load",
        json.dumps({**orders._asdict(), "place": orders.place._asdict()}),
    ]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{orders.workload}: the load generator failed:\n{done.stderr[-3000:]}")
    answer: dict[str, Any] = json.loads(done.stdout)
    return Found(**answer)


def _as_measure(found: Found, spent: Sequence[float]) -> Measure:
    times, count = sorted(found.times), len(found.times)
    return Measure(
        per_second=count / found.seconds,
        p50=statistics.median(times),
        p99=times[min(count - 1, round(0.99 * count))],
        server_ms=1000 * spent[0] / count,
        database_ms=1000 * spent[1] / count,
        statements=spent[2] / count,
        around=spent[3] / count,
        refused=found.refused,
        generator_ms=1000 * found.own / count,
    )
