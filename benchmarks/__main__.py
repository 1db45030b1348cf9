"""``python -m benchmarks``: measures, prints what was found, and writes it into a folder."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import environments, report, servers
from benchmarks.bench import Bench
from benchmarks.database import start
from benchmarks.environments import CACHE
from benchmarks.modes import MODES
from benchmarks.workloads import WORKLOADS
from cliquet.testing.servers import OwnedRun

__all__ = ["main", "options"]


def main() -> int:
    """Measure, and print the tables; an answer that is wrong ends it."""
    chosen = options()
    ours = environments.ours()
    chosen.server = chosen.server or servers.best([ours, environments.peer()] if chosen.mode == "peer" else [ours])
    run = OwnedRun.open()
    try:
        with tempfile.TemporaryDirectory() as folder:
            bench = Bench(chosen, Path(folder), start(run), ours)
            about = _about(bench)
            chapters = MODES[chosen.mode](bench)
    finally:
        run.close()
    print(report.write(chosen.into, f"{chosen.mode}{'-history' if chosen.history else ''}", about, chapters))
    return 0


def options(arguments: Sequence[str] | None = None) -> Any:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    for add in (_what, _how_much, _how):
        add(parser.add_argument)
    return parser.parse_args(arguments)


def _what(add: Callable[..., Any]) -> None:
    backends = ["postgresql", "sqlite", "memory"]
    add("--mode", choices=list(MODES), default="peer", help="what is measured")
    add("--backend", nargs="+", choices=backends, default=backends, help="where the records are")
    add("--only", nargs="+", choices=list(WORKLOADS), metavar="WORKLOAD", help=f"of {', '.join(WORKLOADS)}")
    add("--history", action="store_true", help="with the history plugin on both sides; only what writes")
    add("--alone", action="store_true", help="without the peer")
    add("--into", type=Path, default=CACHE / "results", help="the folder that results are written into")


def _how_much(add: Callable[..., Any]) -> None:
    add("--records", type=int, default=10_000, help="in the collection, at least 200")
    add("--most", type=int, default=1_000_000, help="records of the large collection, in the mode 'flat'")
    add("--rounds", type=int, default=5, help="how often each workload is measured")
    add("--scale", type=float, default=1.0, help="times as many requests in a round")


def _how(add: Callable[..., Any]) -> None:
    add("--connections", type=int, default=16, help="of the load generator")
    add("--server", choices=list(servers.SERVERS), help="of both sides; by default uwsgi where it can be installed")
    add("--processes", type=int, default=2, help="of each server")
    add("--threads", type=int, default=0, help="of each process; by default as many as it gets connections")
    add("--setting", nargs="+", type=_setting, default=[], metavar="NAME=VALUE", help="of our side")


def _setting(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


def _about(bench: Bench) -> dict[str, str]:
    """The machine, the versions and the options."""
    ours, chosen = bench.ours, bench.options
    versions = [f"{name} {ours.version(name)}" for name in ("cliquet", "pyramid", "SQLAlchemy", "psycopg")]
    python = f"Python {sys.version.split()[0]}"
    options = [f"{chosen.rounds} rounds", f"{chosen.connections} connections", f"{chosen.records} records"]
    options += [f"{chosen.scale:g} times as many requests"] if chosen.scale != 1 else []
    others = [f"{name} = {value}" for name, value in chosen.setting]
    return {
        **report.machine(),
        "versions": ", ".join([python, f"PostgreSQL {bench.database.version}", *versions]),
        "servers": str(bench.serving("postgresql")),
        "options": ", ".join([*options, *others]),
    }


if __name__ == "__main__":
    sys.exit(main())
