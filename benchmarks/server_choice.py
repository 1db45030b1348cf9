"""Which server ``cliquet start`` should use: what each costs, and whether slow clients silence it.

``make bench-servers`` prints the table.

Each serves examples/kinto on SQLite. Costs are CPU microseconds of the server's processes for each request, over kept
connections, less what the same request costs without a server; rounds are interleaved.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import venv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.environments import CACHE, ROOT
from benchmarks.processes import Server, cpu_seconds, memory_megabytes
from benchmarks.slow_clients import GOOD, SLOW, asked, besiege
from benchmarks.store import OWNER, RECORDS, record
from cliquet.testing.service import free_port

__all__ = ["main"]

#: What is installed beside the dependencies of development.
PACKAGES = ("granian", "gunicorn", "pyuwsgi")
_GRANIAN = ["granian", "--interface", "wsgi", "--no-ws", "--http", "1", "--log-level", "warning"]
_UWSGI = ["pyuwsgi", "--master", "--threads", "8", "--need-app", "--disable-logging", "--die-on-term"]
_MODULE = "benchmarks.application:application"
#: What follows the folder of the programs; ``{port}`` is replaced. Nothing means ``cliquet start``.
COMMANDS: Mapping[str, Sequence[str]] = {
    "cliquet start": (),
    "waitress, its defaults": ("waitress-serve", "--listen", "127.0.0.1:{port}", "--threads", "8", _MODULE),
    "granian, 4 threads": (*_GRANIAN, "--port", "{port}", "--blocking-threads", "4", _MODULE),
    "granian, 4 threads, backpressure 5000": (
        *(*_GRANIAN, "--port", "{port}", "--blocking-threads", "4", "--backpressure", "5000", _MODULE),
    ),
    "granian, 1100 threads, backpressure 5000": (
        *(*_GRANIAN, "--port", "{port}", "--blocking-threads", "1100", "--backpressure", "5000", _MODULE),
    ),
    "gunicorn gthread, 8 threads": (
        *("gunicorn", "--bind", "127.0.0.1:{port}", "--worker-class", "gthread", "--threads", "8"),
        *("--worker-connections", "5000", "--log-level", "error", _MODULE),
    ),
    "uwsgi, http-socket, 8 threads": (*_UWSGI, "--http11-socket", "127.0.0.1:{port}", "--module", _MODULE),
    "uwsgi, its HTTP router, 8 threads": (
        *(*_UWSGI, "--http", "127.0.0.1:{port}", "--http-keepalive", "--module", _MODULE),
    ),
}
CONNECTIONS, REQUESTS = 8, 150
_RECORD = f"{RECORDS}/one"
PATHS = {"hello": "/", "GET record": _RECORD}
_INI = """
[app:main]
use = call:kinto:main
project_name = kinto
storage_backend = cliquet.storage.sqlite
storage_url = sqlite:///bench.sqlite
permission_backend = cliquet.permission.sqlite
permission_url = sqlite:///bench.sqlite
cache_backend = cliquet.cache.memory
multiauth.policies = basicauth
userid_hmac_secret = b4c96a8692291d88fe5a97dd91846eb4
[server:main]
port = {port}
[loggers]
keys = root
[handlers]
keys = none
[formatters]
keys =
[handler_none]
class = NullHandler
args = ()
[logger_root]
level = ERROR
handlers = none
"""


class Cost(NamedTuple):
    """CPU microseconds and seconds of the clock for each request."""

    cpu: float
    clock: float


#: The costs of each path.
Costs = Mapping[str, list[Cost]]


def environment() -> Path:
    """The folder of the programs, installed when they are not there: our own dependencies, and the servers."""
    folder = CACHE / "servers"
    if not (folder / "installed").exists():
        venv.create(folder, with_pip=True)
        wanted = [*PACKAGES, "setuptools<82", "--editable", f"{ROOT}[kinto]"]
        subprocess.run([str(folder / "bin" / "python"), "-m", "pip", "install", "--quiet", *wanted], check=True)
        (folder / "installed").touch()
    return folder / "bin"


def servers(programs: Path, folder: Path, names: Sequence[str]) -> Iterator[Server]:
    """The servers, each with a database of its own."""
    for name in names:
        place = folder / "".join(char if char.isalnum() else "-" for char in name)
        place.mkdir()
        port, ini = free_port(), place / "kinto.ini"
        ini.write_text(_INI.format(port=port))
        program, *rest = COMMANDS[name] or ["cliquet", "start", "--ini", str(ini)]
        command = [str(programs / program), *(word.format(port=port) for word in rest)]
        environ = {"PYTHONPATH": f"{ROOT}:{ROOT / 'examples'}", "CLIQUET_INI": str(ini)}
        yield Server(name, command, f"http://127.0.0.1:{port}/v1", place, environ)


def prepare(server: Server) -> None:
    """Start it, and put a record in it."""
    server.start()
    made = {"/buckets/bench": {}, "/buckets/bench/collections/data": {}, _RECORD: record(1)}
    with socket.create_connection(("127.0.0.1", port_of(server)), timeout=10) as connection:
        for path, data in made.items():
            body = json.dumps({"data": data}).encode()
            sent = head(server, "PUT", path) + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
            assert asked(connection, sent).startswith(b"HTTP/1.1 20"), server.name


def head(server: Server, method: str, path: str) -> bytes:
    """The beginning of a request of the owner."""
    who = base64.b64encode(OWNER.encode()).decode()
    lines = [f"{method} /v1{path} HTTP/1.1", f"Host: 127.0.0.1:{port_of(server)}", f"Authorization: Basic {who}"]
    return "\r\n".join([*lines, "Content-Type: application/json", ""]).encode()


def port_of(server: Server) -> int:
    """Where it listens."""
    return int(server.url.rpartition(":")[2].partition("/")[0])


def cost(server: Server, path: str) -> Cost:
    """What a GET costs."""
    wanted, port = head(server, "GET", path) + b"\r\n", port_of(server)

    def work() -> None:
        with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
            for _ in range(REQUESTS):
                assert asked(connection, wanted).startswith(b"HTTP/1.1 200"), server.name

    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    before, began = cpu_seconds(server.pid), time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    count = CONNECTIONS * REQUESTS
    return Cost((cpu_seconds(server.pid) - before) / count * 1e6, (time.monotonic() - began) / count)


def alone() -> dict[str, float]:
    """What the requests cost without a server, in CPU microseconds."""
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'examples'}", "PYTHONWARNINGS": "ignore"}
    command = [sys.executable, str(Path(__file__).with_name("request_loop.py")), "sqlite", "off"]
    done = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measured(running: Sequence[Server], rounds: int) -> dict[str, dict[str, list[Cost]]]:
    """The costs of each server, in interleaved rounds."""
    found: dict[str, dict[str, list[Cost]]] = {server.name: {name: [] for name in PATHS} for server in running}
    for number in range(rounds):
        for server in running if number % 2 == 0 else reversed(running):
            for name, path in PATHS.items():
                found[server.name][name].append(cost(server, path))
    return found


def row(
    server: Server, costs: Mapping[str, list[Cost]], first: Mapping[str, list[Cost]], bare: Mapping[str, float]
) -> str:
    """The line of a server; its speed is compared with the first one's, round by round."""
    cells = []
    for name, found in costs.items():
        cpu = statistics.median(one.cpu for one in found)
        speed = statistics.median(other.clock / one.clock for one, other in zip(found, first[name], strict=True))
        cells += [f"{cpu:.0f}", f"{cpu - bare[name]:+.0f}", f"{speed:.2f}x"]
    memory = memory_megabytes(server.pid)
    writing = head(server, "POST", RECORDS)
    meanwhile = besiege(port_of(server), writing, head(server, "GET", _RECORD) + b"Connection: close\r\n\r\n")
    besieged = f"{meanwhile.answered} of {GOOD} | {meanwhile.slowest:.0f}"
    return f"| {server.name} | {' | '.join(cells)} | {memory:.0f} | {memory_megabytes(server.pid):.0f} | {besieged} |"


def table(running: Sequence[Server], rounds: int) -> Iterator[str]:
    """The lines of the table."""
    costs, bare = measured(running, rounds), alone()
    columns = [f"{name}: {what}" for name in PATHS for what in ("CPU us", "of the server", "req/s")]
    yield f"| server | {' | '.join(columns)} | MiB | MiB besieged | good ones answered | slowest, ms |"
    yield "|---" * (len(columns) + 5) + "|"
    for server in running:
        yield row(server, costs[server.name], costs[running[0].name], bare)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", action="append", choices=list(COMMANDS), help="may be repeated")
    given = parser.parse_args()
    wanted = 3 * SLOW
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[1])))
    with tempfile.TemporaryDirectory() as folder:
        running = list(servers(environment(), Path(folder), given.only or list(COMMANDS)))
        try:
            for server in running:
                prepare(server)
            for line in table(running, given.rounds):
                print(line, flush=True)
        finally:
            for server in running:
                server.stop()


if __name__ == "__main__":
    main()
