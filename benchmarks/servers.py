"""The kinds of WSGI servers: the command with which each serves the application of an INI file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from benchmarks.environments import Environment

__all__ = ["SERVERS", "Serving", "best"]

_HERE = Path(__file__).parent / "served"


@dataclass(frozen=True)
class Serving:
    """How both sides are served.

    :param threads: of each process.
    """

    kind: str
    processes: int
    threads: int

    def command(self, environment: Environment, ini: Path, port: int) -> Sequence[str]:
        """What to run."""
        return SERVERS[self.kind](self, environment, ini, port)

    def __str__(self) -> str:
        return f"{self.kind}, {self.processes} processes with {self.threads} threads"


def _uwsgi(serving: Serving, environment: Environment, _: Path, port: int) -> Sequence[str]:
    listens = ["--http11-socket", f"127.0.0.1:{port}", "--listen", "100"]
    workers = ["--processes", str(serving.processes), "--threads", str(serving.threads), "--enable-threads"]
    others = ["--master", "--lazy-apps", "--need-app", "--die-on-term", "--disable-logging", "--single-interpreter"]
    return [environment.program("uwsgi"), "--wsgi-file", str(_HERE / "wsgi.py"), *listens, *workers, *others]


def _waitress(serving: Serving, environment: Environment, _: Path, port: int) -> Sequence[str]:
    numbers = map(str, (port, serving.processes, serving.threads))
    return [environment.program("python"), str(_HERE / "workers.py"), *numbers]


def _start(_: Serving, environment: Environment, ini: Path, port: int) -> Sequence[str]:
    """As each side starts by itself, with its own defaults: processes and threads are not asked for."""
    program = "cliquet" if environment.has("cliquet") else "kinto"
    return [environment.program(program), "start", "--ini", str(ini), "--port", str(port)]


#: By the name that ``--server`` takes.
SERVERS: Mapping[str, Callable[[Serving, Environment, Path, int], Sequence[str]]] = MappingProxyType(
    {"uwsgi": _uwsgi, "waitress": _waitress, "start": _start}
)


def best(environments: Sequence[Environment]) -> str:
    """The fastest kind of server that all environments have."""
    return "uwsgi" if all(one.has("uwsgi") for one in environments) else "waitress"
