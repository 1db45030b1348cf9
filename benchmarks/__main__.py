"""``python -m benchmarks``: the table of workloads, ours beside the peer's, in interleaved rounds."""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks import seeds, services, table
from benchmarks.database import PostgreSQL, start
from benchmarks.processes import Server, cpu_seconds, memory_megabytes
from benchmarks.workloads import WORKLOADS
from cliquet.testing.servers import OwnedRun
from cliquet.testing.service import free_port


@dataclass
class Side:
    """One of the two services, and what was measured of it: workload -> one measure per round."""

    name: str
    server: Server
    database: str
    place: dict[str, Any]
    rounds: dict[str, list[table.Measure]] = field(default_factory=dict)
    started: float = 0.0
    memory: float = 0.0


def main() -> int:
    """Measure, and print the table; an answer that is wrong ends it."""
    options = _options()
    run = OwnedRun.open()
    with tempfile.TemporaryDirectory() as folder:
        database = start(run)
        sides = _sides(database, Path(folder), options)
        try:
            for side in sides:
                side.started = side.server.start()
                seeds.seed(side.place)
            for number in range(options.rounds):
                _round(number, sides, database, options)
            for side in sides:
                side.memory = memory_megabytes(side.server.pid)
        finally:
            for side in sides:
                side.server.stop()
            run.close()
    print(table.markdown({side.name: side.rounds for side in sides}, records=options.records))
    for side in sides:
        print(f"* {side.name}: first answer after {side.started:.2f} s, {side.memory:.0f} MiB")
    return 0


def _options() -> Any:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--records", type=int, default=10_000, help="records in the collection")
    parser.add_argument("--rounds", type=int, default=5, help="how often each workload is measured")
    parser.add_argument("--connections", type=int, default=4, help="connections of the load generator")
    parser.add_argument("--only", nargs="*", default=list(WORKLOADS), help="some of the workloads")
    parser.add_argument("--history", action="store_true", help="with the history plugin on both sides")
    parser.add_argument("--alone", action="store_true", help="without the peer")
    return parser.parse_args()


def _sides(database: PostgreSQL, folder: Path, options: Any) -> list[Side]:
    found = []
    for name in ("ours",) if options.alone else ("ours", "peer"):
        database.create(name)
        port = free_port()
        if name == "ours":
            server = services.ours(folder, port, "postgresql", database.url(name), history=options.history)
        else:
            server = services.peer(folder, port, database, name, history=options.history)
        place = {"host": "127.0.0.1", "port": port, "prefix": "/v1", "records": options.records, "round": 0}
        found.append(Side(name, server, name, place))
    return found


def _round(number: int, sides: list[Side], database: PostgreSQL, options: Any) -> None:
    """Each workload on one side and then at once on the other; who begins changes from round to round."""
    for workload in options.only:
        for side in sides if number % 2 == 0 else reversed(sides):
            side.place |= {"round": number, **seeds.state(side.place)}
            if workload == "DELETE":
                seeds.doom(side.place, options.connections, WORKLOADS[workload].size)
            measure = _measure(side, database, workload, options.connections, number)
            side.rounds.setdefault(workload, []).append(measure)
            print(f"round {number} {workload} {side.name}: {measure}", file=sys.stderr)


def _measure(side: Side, database: PostgreSQL, workload: str, connections: int, seed: int) -> table.Measure:
    count = WORKLOADS[workload].size
    orders = {"workload": workload, "place": side.place, "connections": connections, "seed": seed, "requests": count}
    before = (cpu_seconds(side.server.pid), cpu_seconds(database.pid), *database.statements(side.database))
    command = [sys.executable, "-m", "benchmarks.load", json.dumps(orders)]
    done = subprocess.run(command, cwd=services.ROOT, check=True, capture_output=True, text=True)
    after = (cpu_seconds(side.server.pid), cpu_seconds(database.pid), *database.statements(side.database))
    found = json.loads(done.stdout)
    if found["wrong"]:
        raise SystemExit(f"{side.name}, {workload}: wrong answers: {found['wrong']}")
    server, own, statements, around = (one - other for one, other in zip(after, before, strict=True))
    times = sorted(found["times"])
    return table.Measure(
        per_second=len(times) / found["seconds"],
        p50=statistics.median(times),
        p99=times[min(len(times) - 1, round(0.99 * len(times)))],
        server_ms=1000 * server / len(times),
        database_ms=1000 * own / len(times),
        statements=statements / len(times),
        around=around / len(times),
        refused=found["refused"],
    )


if __name__ == "__main__":
    sys.exit(main())
