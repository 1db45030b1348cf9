"""PostgreSQL 13 and later, directly or behind PgBouncer in transaction mode."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL, make_url

from cliquet.database import engine
from cliquet.database.driver import Driver
from cliquet.database.engine import Database
from cliquet.errors import BackendError, Overloaded, Retryable

__all__ = ["PostgreSQL", "from_settings"]

#: Serialisation failure, deadlock, and the race of two statements that insert the same key.
_RETRYABLE = frozenset({"40001", "40P01", "23505"})
#: Cancelled by a timeout, lock not available, too many connections, out of memory, server starting or stopping.
_OVERLOADED = frozenset({"57014", "55P03", "53300", "53200", "57P03"})


@dataclass(frozen=True)
class PostgreSQL(Driver):
    """psycopg 3.

    :param prepared_statements: whether the driver may prepare them; PgBouncer mixes them up before 1.21.
    """

    prepared_statements: bool = False

    name = "postgresql"
    #: A snapshot per statement: what is read after a lock was waited for is what the lock protects.
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    errors = (psycopg.Error,)
    shared_between_servers = True

    def language(self) -> PGDialect_psycopg:
        return PGDialect_psycopg()  # type: ignore[no-untyped-call]  # the constructor is untyped

    def url(self, text: str) -> URL:
        url = make_url(text)
        return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url

    def engine_options(self) -> Mapping[str, Any]:
        threshold = 5 if self.prepared_statements else None
        return {"connect_args": {"prepare_threshold": threshold, "autocommit": True}}

    def connected(self, connection: psycopg.Connection[Any]) -> None:
        connection.autocommit = True

    def translate(self, error: Exception) -> BackendError:
        state = getattr(error, "sqlstate", None)
        if state in _RETRYABLE:
            return Retryable(error)
        return Overloaded(error) if state in _OVERLOADED else BackendError(error)

    def is_lost(self, error: Exception, connection: psycopg.Connection[Any]) -> bool:
        return connection.closed or connection.broken


def from_settings(registry: Any, backend: str) -> Database:
    """The database that the settings of a backend (``storage``, ``cache``, ...) ask for."""
    settings = registry["cliquet.settings"]
    driver = PostgreSQL(settings.storage_prepared_statements)
    return engine.from_settings(registry, backend, driver)
