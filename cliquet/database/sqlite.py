"""SQLite: one file, several processes, every commit on the disk."""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.sqlite.base import SQLiteCompiler
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine import URL, make_url

from cliquet.database import engine, functions
from cliquet.database.driver import Driver
from cliquet.database.effect import Effect, Key
from cliquet.database.engine import Database
from cliquet.database.limit import Limit
from cliquet.database.statement import Statement, Statements
from cliquet.errors import BackendError, ConfigurationError, Overloaded, TimedOut

__all__ = ["SQLite", "from_settings", "is_empty"]

_OLDEST = (3, 38, 0)
#: Shortest and longest time, in seconds, between two attempts to begin.
_POLLING = (0.0005, 0.003)

#: The columns of the view for texts and for integers: each kind fills as many as it needs.
_TEXTS, _NUMBERS = ("t1", "t2", "t3", "t4", "t5"), ("n1", "n2")
_NAMES = ("kind", *_TEXTS, *_NUMBERS)
_EFFECT = sa.table("effect", *map(sa.column, _NAMES))
_CELLS: dict[str, Any] = {name: sa.bindparam(name) for name in _NAMES}


class _Compiler(SQLiteCompiler):
    """Knows hints: ``INDEXED BY`` behind the name of a table."""

    def get_from_hint_text(self, table: Any, text: str | None) -> str | None:
        return text


class _Language(SQLiteDialect_pysqlite):
    statement_compiler = _Compiler


#: Steps of SQLite's machine between two looks at the clock: less than a millisecond.
_STEPS = 10_000


@dataclass(frozen=True)
class SQLite(Driver):
    """The driver of the standard library.

    :param synchronous: ``FULL`` or ``NORMAL``, as SQLite means it; ``OFF`` for the files of tests.
    :param busy_timeout: seconds to wait for another writer.
    """

    synchronous: Literal["FULL", "NORMAL", "OFF"] = "FULL"
    busy_timeout: float = 30.0

    name = "sqlite"
    #: Takes the one write lock at once: a transaction that reads first and writes later would fail instead of waiting.
    begin = "BEGIN IMMEDIATE"
    errors = (sqlite3.Error,)
    shared_between_servers = False

    def language(self) -> SQLiteDialect_pysqlite:
        return _Language()

    def url(self, text: str) -> URL:
        url = make_url(text)
        if not url.database or url.database == ":memory:":
            raise ConfigurationError(
                "Setting 'storage_url': SQLite needs a file, such as sqlite:///data.sqlite; "
                "for records in memory set storage_backend = cliquet.storage.memory."
            )
        if sqlite3.sqlite_version_info < _OLDEST:
            raise ConfigurationError(f"SQLite {sqlite3.sqlite_version} is too old, 3.38 is the oldest that will do.")
        return url.set(drivername="sqlite+pysqlite")

    def engine_options(self) -> Mapping[str, Any]:
        # Nobody gives a connection back in the middle of a transaction, so that there is nothing to reset.
        return {
            "pool_reset_on_return": None,
            "connect_args": {"check_same_thread": False, "isolation_level": None, "timeout": self.busy_timeout},
        }

    def connected(self, connection: sqlite3.Connection) -> None:
        connection.execute(self._patience)
        # Of several processes that turn a new file to WAL at once, SQLite refuses all but one without waiting.
        self._insist(connection.cursor(), "PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {self.synchronous}")
        functions.register(connection)

    def start(self, cursor: sqlite3.Cursor) -> None:
        """Begin, once no other writer is at it.

        SQLite itself would ask ten times a second, and hardly ever in the instant between two transactions of a process
        that does nothing but write: that one would starve all others.
        """
        cursor.execute("PRAGMA busy_timeout = 0")
        try:
            self._insist(cursor, self.begin)
        finally:
            cursor.execute(self._patience)

    def _insist(self, cursor: sqlite3.Cursor, statement: str) -> None:
        """Run a statement as soon as nobody else is in its way."""
        deadline = time.monotonic() + self.busy_timeout
        while True:
            try:
                cursor.execute(statement)
                return
            except sqlite3.OperationalError as error:
                if not _is_busy(error) or time.monotonic() > deadline:
                    raise
            time.sleep(random.uniform(*_POLLING))

    @property
    def _patience(self) -> str:
        return f"PRAGMA busy_timeout = {int(self.busy_timeout * 1000)}"

    def plan_again(self, cursor: sqlite3.Cursor) -> None:
        """It does so by itself, when the schema or the statistics have changed."""

    def insert(self, table: sa.TableClause) -> Any:
        return sqlite.insert(table)

    def provided(self, found: Any, condition: Any) -> Any:
        # A condition would be asked of each row, once it was found.
        some = found.limit(sa.case((condition, -1), else_=0)).subquery()
        return sa.select(*some.c)

    @contextmanager
    def limited(self, connection: Any, limit: Limit, observe: Callable[[str], None], *, within: bool) -> Iterator[None]:
        """SQLite asks now and then whether it should stop."""
        deadline = time.monotonic() + limit.milliseconds / 1000
        connection.driver_connection.set_progress_handler(lambda: time.monotonic() > deadline, _STEPS)
        try:
            yield
        finally:
            connection.driver_connection.set_progress_handler(None, 0)

    def sending(
        self, statements: Statements, effects: Mapping[Key, Effect]
    ) -> Sequence[tuple[Statement, Sequence[Mapping[str, Any]]]]:
        """All changes are rows of one view, whose triggers make them."""
        statement = statements.get(("effects",), lambda: sa.insert(_EFFECT).values(_CELLS))
        return [(statement, [_cells(one) for one in effects.values()])]

    def translate(self, error: Exception) -> BackendError:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return TimedOut(error)
        return Overloaded(error) if _is_busy(error) else BackendError(error)

    def is_lost(self, error: Exception, connection: Any) -> bool:
        return isinstance(error, sqlite3.ProgrammingError)


def from_settings(registry: Any, backend: str) -> Database:
    """The database that the settings of a backend (``storage``, ``cache``, ...) ask for."""
    settings = registry["cliquet.settings"]
    driver = SQLite(settings.storage_synchronous, settings.storage_busy_timeout_seconds)
    return engine.from_settings(registry, backend, driver)


def _is_busy(error: Exception) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def _cells(effect: Effect) -> dict[str, Any]:
    """A row of the view."""
    texts, numbers = iter(_TEXTS), iter(_NUMBERS)
    cells: dict[str, Any] = {**dict.fromkeys(_NAMES), "kind": effect.kind.name}
    for type_, value in zip(effect.kind.columns.values(), effect.row, strict=True):
        cells[next(texts if isinstance(type_, sa.Text) else numbers)] = value
    return cells


def is_empty(engine: sa.Engine) -> bool:
    """Whether the file has no tables yet, or does not exist."""
    if not Path(engine.url.database or "").exists():
        return True
    with engine.connect() as connection:
        return not connection.exec_driver_sql("SELECT 1 FROM sqlite_master LIMIT 1").all()
