"""PostgreSQL 13 and later, directly or behind PgBouncer in transaction mode."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL, make_url

from cliquet.database import arrays, effect, engine
from cliquet.database.driver import Driver
from cliquet.database.effect import Effect, Key, Kind
from cliquet.database.engine import Database
from cliquet.database.limit import Limit
from cliquet.database.prepared_cursor import PreparedCursor
from cliquet.database.statement import Rows, Statement, Statements, Step
from cliquet.errors import BackendError, Overloaded, Retryable, TimedOut

__all__ = ["PostgreSQL", "from_settings"]

#: Serialisation failure, deadlock, and the race of two statements that insert the same key.
_RETRYABLE = frozenset({"40001", "40P01", "23505"})
#: By a timeout, or by a person.
_CANCELLED = "57014"
#: Lock not available, too many connections, out of memory, server starting or stopping.
_OVERLOADED = frozenset({"55P03", "53300", "53200", "57P03"})
#: A plan is made once and serves all values: the statements say by which index they go. An empty table is read by its
#: index, too, for it will not stay empty. To compile a plan costs more than to run it.
_SETTINGS = (
    "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET jit = off; "
    "SET max_parallel_workers_per_gather = 0"
)
#: For what may look at very many rows, a plan is made each time.
_SEARCHING = "SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_seqscan = on"
_FOUND = "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"


@dataclass(frozen=True)
class PostgreSQL(Driver):
    """psycopg 3.

    :param prepared_statements: whether the driver may prepare them; PgBouncer mixes them up before 1.21. ``None`` is
        wherever the server itself is at the other end of a connection.
    """

    prepared_statements: bool | None = None

    name = "postgresql"
    #: A snapshot per statement: what is read after a lock was waited for is what the lock protects.
    begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"
    errors = (psycopg.Error,)
    shared_between_servers = True
    plans_last = 10.0

    def language(self) -> PGDialect_psycopg:
        # As the server writes them: the driver has no need to read a statement before it sends it.
        return PGDialect_psycopg(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]  # it is untyped

    def url(self, text: str) -> URL:
        url = make_url(text)
        return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgresql", "postgres") else url

    def engine_options(self) -> Mapping[str, Any]:
        # Nobody gives a connection back in the middle of a transaction, so that there is nothing to reset.
        return {"pool_reset_on_return": None, "connect_args": {"prepare_threshold": None, "autocommit": True}}

    def connected(self, connection: psycopg.Connection[Any]) -> None:
        connection.autocommit = True

    def cursor(self, connection: psycopg.Connection[Any]) -> PreparedCursor | psycopg.RawCursor[Any]:
        direct = _is_direct(connection)
        if direct:
            connection.execute(_SETTINGS)
        wanted = direct if self.prepared_statements is None else self.prepared_statements
        return PreparedCursor(connection) if wanted else psycopg.RawCursor(connection)

    def run(self, cursor: Any, steps: Sequence[Step], *, begins: bool = False) -> list[Rows]:
        """Sent together where the cursor can do that: most of what a short statement costs is the way."""
        if not isinstance(cursor, PreparedCursor):
            return super().run(cursor, steps, begins=begins)
        return cursor.run([Step(self.begin), *steps])[1:] if begins else cursor.run(steps)

    def plan_again(self, cursor: Any) -> None:
        """A plan that was made when there was little in a table would go on reading all of it."""
        cursor.execute("DISCARD PLANS")

    def insert(self, table: sa.TableClause) -> Any:
        return postgresql.insert(table)

    def provided(self, found: Any, condition: Any) -> Any:
        return found.where(condition)

    @contextmanager
    def limited(self, connection: Any, limit: Limit, observe: Callable[[str], None], *, within: bool) -> Iterator[None]:
        """SET LOCAL, for behind PgBouncer a connection is ours for a transaction only; it goes along with BEGIN."""
        cursor = connection.cursor()
        first, last = f"SET LOCAL statement_timeout = {limit.milliseconds:d}", "SET LOCAL statement_timeout TO DEFAULT"
        if limit.guessed:
            first, last = f"{first}; {_SEARCHING}", f"{last}; {_FOUND}"
        if not within:
            first, last = f"{self.begin}; {first}", "COMMIT"
        observe(first)
        cursor.execute(first, prepare=False)
        try:
            yield
        except BaseException:
            if not within and not connection.driver_connection.closed:
                cursor.execute("ROLLBACK")
            raise
        observe(last)
        cursor.execute(last)

    def sending(
        self, statements: Statements, effects: Mapping[Key, Effect]
    ) -> Sequence[tuple[Statement, Sequence[Mapping[str, Any]]]]:
        """One statement makes all changes: its parts, each for another row, do not see each other's."""
        rows = effect.by_kind(effects)
        shape = [(kind, len(one) > 1) for kind, one in rows.items()]
        names = [(kind.name, many) for kind, many in shape]
        statement = statements.get(("effects", *names), lambda: _together(shape))
        return [(statement, [effect.bound(rows, arrays.written)])]

    def translate(self, error: Exception) -> BackendError:
        state = getattr(error, "sqlstate", None)
        if state in _RETRYABLE:
            return Retryable(error)
        if state == _CANCELLED:
            return TimedOut(error)
        return Overloaded(error) if state in _OVERLOADED else BackendError(error)

    def is_lost(self, error: Exception, connection: psycopg.Connection[Any]) -> bool:
        return connection.closed or connection.broken


def from_settings(registry: Any, backend: str) -> Database:
    """The database that the settings of a backend (``storage``, ``cache``, ...) ask for."""
    settings = registry["cliquet.settings"]
    driver = PostgreSQL(settings.storage_prepared_statements)
    return engine.from_settings(registry, backend, driver)


def _is_direct(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server is at the other end: a pooler says who it is itself, and not which process it lends."""
    found = connection.execute("SELECT pg_backend_pid()").fetchone()
    return found is not None and found[0] == connection.info.backend_pid


def _together(shape: Sequence[tuple[Kind, bool]]) -> Any:
    parts = [kind.build(_rows(kind) if many else effect.one_row(kind)).cte(kind.name) for kind, many in shape]
    return sa.select(sa.literal_column("1")).add_cte(*parts)


def _rows(kind: Kind) -> sa.FromClause:
    """A table of many rows, whose columns are bound as arrays."""
    columns = [arrays.array(kind.named(name), type_) for name, type_ in kind.columns.items()]
    named = [sa.column(name, type_) for name, type_ in kind.columns.items()]
    return sa.func.unnest(*columns).table_valued(*named, name=f"new_{kind.name}").render_derived()
