"""What an application sends to its database, with all values, and how the database goes about it."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import sqlalchemy as sa

from cliquet.database.engine import Database

__all__ = ["PostgreSQLRecorder", "Recorder", "SQLiteRecorder", "Sent", "Work"]

_AROUND = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
_EXPLAIN = "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON)"
#: After how many instructions SQLite says that it is at work.
_STEP = 100


@dataclass(frozen=True)
class Sent:
    """A statement, and one set of its values."""

    text: str
    values: Any


@dataclass(frozen=True)
class Work:
    """What a database does for a statement.

    :param plan: how it says so.
    :param scanned: the tables that it reads from the beginning to the end.
    :param effort: blocks that PostgreSQL touches, or hundreds of instructions of SQLite's.
    """

    plan: str
    scanned: frozenset[str]
    effort: int


class _Cursor:
    """A cursor that remembers what it is given."""

    def __init__(self, cursor: Any, sent: list[Sent]) -> None:
        self._cursor = cursor
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._cursor, name)

    def execute(self, text: str, *values: Any) -> None:
        self._sent += [Sent(text, one) for one in values]
        self._cursor.execute(text, *values)

    def executemany(self, text: str, many: Any) -> None:
        self._sent += [Sent(text, values) for values in many]
        self._cursor.executemany(text, many)


class Recorder(ABC):
    """Listens to a database.

    :param database: has not been used yet.
    """

    def __init__(self, database: Database) -> None:
        url, options = database.driver.url(database.url), database.driver.engine_options()
        self._others = sa.create_engine(url, poolclass=sa.NullPool, **options)
        self._driver = database.driver
        self._sent: list[Sent] = []
        sa.event.listen(database.engine, "checkout", self._watch)

    def sent(self, call: Callable[[], Any]) -> list[Sent]:
        """The statements with values that a call sends."""
        self._sent.clear()
        call()
        return list(self._sent)

    @abstractmethod
    def works(self, sent: Sent) -> Iterator[Work]:
        """The ways in which the database may go about a statement; nothing is changed."""

    @contextmanager
    def _undone(self) -> Iterator[Any]:
        """A new connection, for what is not to be kept."""
        pooled = self._others.raw_connection()
        connection: Any = pooled.driver_connection
        self._driver.connected(connection)
        connection.execute("BEGIN")
        try:
            yield connection
        finally:
            connection.execute("ROLLBACK")
            pooled.close()

    def _watch(self, connection: Any, record: Any, _: Any) -> None:
        if not isinstance(record.info.get("cursor"), _Cursor):
            record.info["cursor"] = _Cursor(self._driver.cursor(connection), self._sent)


class SQLiteRecorder(Recorder):
    """The plan is the same whatever the values; the instructions are those of triggers as well."""

    def works(self, sent: Sent) -> Iterator[Work]:
        with self._undone() as connection:
            plan = "\n".join(row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {sent.text}", sent.values))
            ticks: list[None] = []
            connection.set_progress_handler(lambda: ticks.append(None), _STEP)
            try:
                connection.execute(sent.text, sent.values).fetchall()
            finally:
                connection.set_progress_handler(None, _STEP)
        yield Work(plan, frozenset(re.findall(r"\bSCAN (\w+)", plan)), len(ticks))


class PostgreSQLRecorder(Recorder):
    """Plans for the values, or when a statement is prepared, for whichever values there will be."""

    def works(self, sent: Sent) -> Iterator[Work]:
        with self._undone() as connection:
            yield _work(psycopg.RawCursor(connection).execute(f"{_EXPLAIN} {sent.text}", sent.values))
            connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            yield _work(self._executed(connection, sent))

    def _executed(self, connection: psycopg.Connection[Any], sent: Sent) -> Any:
        """The statement, prepared by the driver, and executed once more to explain it."""
        connection.prepare_threshold = 0
        psycopg.RawCursor(connection).execute(sent.text, sent.values)
        connection.prepare_threshold = None
        ((name,),) = connection.execute("SELECT name FROM pg_prepared_statements").fetchall()
        marks = ", ".join(["%s"] * len(sent.values))
        return psycopg.ClientCursor(connection).execute(f"{_EXPLAIN} EXECUTE {name}({marks})", sent.values)


def _work(cursor: Any) -> Work:
    ((explained,),) = cursor.fetchall()
    root = explained[0]["Plan"]
    scanned = {node["Relation Name"] for node in _nodes(root) if _is_scan(node)}
    lines = [f"{node['Node Type']} {node.get('Index Name', '')} {node.get('Index Cond', '')}" for node in _nodes(root)]
    # What a statement changes on the side, nobody but itself accounts for.
    counted = [root, *(node for node in _nodes(root) if node["Node Type"] == "ModifyTable" and node is not root)]
    blocks = sum(node["Shared Hit Blocks"] + node["Shared Read Blocks"] for node in counted)
    return Work("\n".join(lines), frozenset(scanned), blocks)


def _is_scan(node: Mapping[str, Any]) -> bool:
    return bool(node["Node Type"] == "Seq Scan" and node["Actual Loops"] > 0)


def _nodes(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)
