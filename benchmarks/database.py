"""The PostgreSQL server that both services use: durable, and counting its statements."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import psycopg

from cliquet.testing.servers import Run, postgresql

__all__ = ["PostgreSQL", "start"]

#: As a production server has it, on a small machine.
OPTIONS = {
    "listen_addresses": "",
    "shared_buffers": "512MB",
    "shared_preload_libraries": "pg_stat_statements",
    "pg_stat_statements.track_utility": "on",
    "max_connections": "100",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "autovacuum": "off",
}


@dataclass(frozen=True)
class PostgreSQL:
    """A running server.

    :param host: the folder of its socket.
    """

    host: str

    def url(self, database: str) -> str:
        """The URL of one of its databases."""
        return f"postgresql://postgres@/{database}?host={self.host}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection of our own."""
        return psycopg.connect(host=self.host, user="postgres", dbname=database, autocommit=True)

    def create(self, database: str) -> None:
        """A new, empty database."""
        with self.connect() as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")
            connection.execute(f"CREATE DATABASE {database}")
        with self.connect(database) as connection:
            connection.execute("CREATE EXTENSION pg_stat_statements")

    def settle(self, database: str, *, analyze: bool = False) -> None:
        """Vacuum a database, which nobody does during the rounds, so that no side pays for another one.

        :param analyze: whether to look at all of it, and write all that is to be written.
        """
        with self.connect(database) as connection:
            connection.execute("VACUUM ANALYZE" if analyze else "VACUUM")
            if analyze:
                connection.execute("CHECKPOINT")

    @property
    def version(self) -> str:
        """Such as ``18.1``."""
        with self.connect() as connection:
            ((version,),) = connection.execute("SHOW server_version").fetchall()
        return str(version)

    @property
    def pid(self) -> int:
        """The first of its processes."""
        with self.connect() as connection:
            ((folder,),) = connection.execute("SHOW data_directory").fetchall()
        return int((Path(str(folder)) / "postmaster.pid").read_text().splitlines()[0])

    def statements(self, database: str) -> tuple[int, int]:
        """How many statements were run in a database, and how many of them only begin or end transactions."""
        with self.connect(database) as connection:
            rows = connection.execute(
                "SELECT s.query ~* '^(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|DISCARD)', sum(s.calls)::bigint "
                "FROM pg_stat_statements s JOIN pg_database d ON d.oid = s.dbid WHERE d.datname = %s "
                "AND s.query !~ 'pg_stat_statements' GROUP BY 1",
                (database,),
            ).fetchall()
        counts = {bool(around): int(str(calls)) for around, calls in rows}
        return counts.get(False, 0), counts.get(True, 0)


def start(run: Run) -> PostgreSQL:
    """Start a server that ends with the run."""
    url = run.server("postgresql", lambda place: postgresql.start(place, OPTIONS))
    return PostgreSQL(url.rpartition("host=")[2])
