"""What all modes share: the options, a PostgreSQL server, a folder, and sides that are ready to start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import seeds
from benchmarks.database import PostgreSQL
from benchmarks.environments import Environment
from benchmarks.interleaved import Plan, Side, measured
from benchmarks.seeds import Seed
from benchmarks.servers import Serving
from benchmarks.services import Service
from benchmarks.wire import Place
from benchmarks.workloads import WORKLOADS

__all__ = ["Bench"]


@dataclass(frozen=True)
class Bench:
    """One run.

    :param folder: of files that are gone when it is over.
    """

    options: Any
    folder: Path
    database: PostgreSQL
    ours: Environment

    def url(self, kind: str, name: str) -> str:
        """An empty database."""
        if kind == "postgresql":
            self.database.create(name)
            return self.database.url(name)
        return f"sqlite:///{self.folder / name}.sqlite" if kind == "sqlite" else ""

    def side(self, name: str, service: Service, database: str, fill: Callable[[Place], Place]) -> Side:
        """A service that is ready to start.

        :param database: the name that :meth:`url` was given.
        """
        server, place = service.prepared(self.folder, self.serving(service.kind))
        return Side(name, server, place, fill, database if service.kind == "postgresql" else "")

    def serving(self, kind: str) -> Serving:
        """How both sides are served; what is in memory is in one process."""
        processes = 1 if kind == "memory" else self.options.processes
        threads = self.options.threads or -(-self.options.connections // processes)
        return Serving(self.options.server, processes, threads)

    def measure(self, sides: Sequence[Side], workloads: Sequence[str]) -> None:
        """Start, fill and measure the sides."""
        chosen = [name for name in workloads if name in (self.options.only or WORKLOADS)]
        plan = Plan(chosen, self.options.rounds, self.options.connections, self.options.scale)
        measured(sides, self.database, plan)

    def seed(self, kind: str, url: str, *, records: int = 0, others: int = 0) -> Callable[[Place], Place]:
        """Fills a store, and looks at what is there."""

        def fill(place: Place) -> Place:
            filled = seeds.store(place, Seed(kind, url, records or self.options.records, others))
            seeds.check(filled)
            return filled

        return fill
