"""A real PgBouncer in transaction pooling mode, in front of the PostgreSQL of a test run."""

from __future__ import annotations

import shutil
import signal
from pathlib import Path

import psycopg
import sqlalchemy as sa

from cliquet.testing.servers import debian
from cliquet.testing.servers.process import Place, give, launch, reachable, wait_until_ready

__all__ = ["PORT", "start"]

PORT = 6432

CONFIGURATION = """\
[databases]
* = {server}
[pgbouncer]
pool_mode = transaction
default_pool_size = 5
max_client_conn = 200
listen_addr =
listen_port = {port}
unix_socket_dir = {directory}
auth_type = any
ignore_startup_parameters = extra_float_digits,options
"""


def start(place: Place, postgresql: str) -> str:
    """Start a pooler in front of a server, and return the URL of the same database behind the pooler."""
    server = sa.make_url(postgresql)
    binary, libraries = program(place)
    configuration = place.directory / "pgbouncer.ini"
    configuration.write_text(CONFIGURATION.format(server=connection(server), port=PORT, directory=place.directory))
    give(configuration, place.account)
    environment = {"LD_LIBRARY_PATH": str(libraries)} if libraries else {}
    launch(place, [binary, configuration], stop=signal.SIGTERM, environment=environment)
    url = pooled(server, place.directory)
    wait_until_ready(place, lambda: ping(url), psycopg.OperationalError)
    return url.render_as_string(hide_password=False)


def program(place: Place) -> tuple[Path, Path | None]:
    """The installed binary, else the one of Debian's package with the folder of its libraries."""
    installed = shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin") or shutil.which("pgbouncer")
    if installed:
        return Path(installed), None
    root = debian.unpacked("pgbouncer", place.directory)
    binary = reachable(root / "usr/sbin/pgbouncer", root, place)
    return binary, debian.libraries(binary.parents[2])


def connection(server: sa.URL) -> str:
    """How the pooler reaches the server: always as the user of the URL, whoever asks.

    >>> connection(sa.make_url("postgresql://joe:it's@db/x"))
    "host='db' port='5432' user='joe' password='it''s'"
    """
    found = {
        "host": server.query.get("host") or server.host,
        "port": server.query.get("port") or server.port or 5432,
        "user": server.username,
        "password": server.password,
    }
    quoted = {name: str(value).replace("'", "''") for name, value in found.items() if value}
    return " ".join(f"{name}='{value}'" for name, value in quoted.items())


def pooled(server: sa.URL, directory: Path) -> sa.URL:
    """The URL of the same database through a pooler that listens in a folder."""
    bare = server.set(host=None, port=None, password=None, query={})
    return bare.set(query={"host": str(directory), "port": str(PORT)})


def ping(url: sa.URL) -> None:
    host, port = str(url.query["host"]), int(str(url.query["port"]))
    psycopg.connect(host=host, port=port, user=url.username, dbname=url.database).close()
