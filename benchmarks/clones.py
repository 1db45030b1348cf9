"""Multiplies what a service wrote for one object, in its database, whatever its tables look like.

The object is made over HTTP. Then every row whose key mentions it is written again as often as one wants, with other
texts and times. So the million is there in a minute, and is what the service itself would have written; but its
history, whose keys are its own, is not.
"""

from __future__ import annotations

import datetime
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from typing import Any, NamedTuple

import psycopg
from psycopg import sql

from cliquet.database.sqlite import SQLite

__all__ = ["Clone", "Tables", "multiply", "tables"]


class Clone(NamedTuple):
    """What is different in one copy.

    :param texts: old and new, wherever they are.
    :param moved: by how many ms all times of the object are moved.
    """

    texts: Mapping[str, str]
    moved: int


class Column(NamedTuple):
    """One column, its type as the database calls it, and whether it is part of the primary key."""

    name: str
    type: str
    key: bool


class Tables(ABC):
    """The tables of a database."""

    @abstractmethod
    def columns(self) -> dict[str, list[Column]]:
        """The columns of each table that can be written."""

    @abstractmethod
    def mentioning(self, table: str, columns: Sequence[Column], text: str) -> list[Sequence[Any]]:
        """The rows with a text in their key; those of tables without a key, with the text anywhere."""

    @abstractmethod
    def write(self, table: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
        """Add rows; nothing that the database does by itself when rows come is done."""


def tables(kind: str, url: str) -> Tables:
    """Those of one database."""
    return _SQLite(url.removeprefix("sqlite:///")) if kind == "sqlite" else _PostgreSQL(url)


def multiply(kind: str, url: str, marker: str, times: Sequence[int], clones: Callable[[], Iterable[Clone]]) -> None:
    """Write every row about an object again for each clone.

    :param marker: a text that occurs in the keys of all rows about the object, and in no other.
    :param times: of the object and what is below it, in ms.
    """
    found = tables(kind, url)
    for table, columns in found.columns().items():
        for row in found.mentioning(table, columns, marker):
            found.write(table, columns, _copies(row, columns, times, clones()))


def _copies(
    row: Sequence[Any], columns: Sequence[Column], times: Sequence[int], clones: Iterable[Clone]
) -> Iterator[list[Any]]:
    for clone in clones:
        changes = [*clone.texts.items(), *((str(time), str(time + clone.moved)) for time in times)]
        yield [_changed(value, column.type, changes, clone.moved) for value, column in zip(row, columns, strict=True)]


def _changed(value: Any, kind: str, changes: Iterable[tuple[str, str]], moved: int) -> Any:
    if value is None or isinstance(value, bytes):
        return value
    if kind.startswith("timestamp"):
        return str(datetime.datetime.fromisoformat(value) + datetime.timedelta(milliseconds=moved))
    text = str(value)
    for old, new in changes:
        text = text.replace(old, new)
    return type(value)(text)


def _by_table(rows: Iterable[Sequence[Any]]) -> dict[str, list[Column]]:
    found: dict[str, list[Column]] = {}
    for table, name, kind, key in rows:
        found.setdefault(table, []).append(Column(name, kind, bool(key)))
    return found


def _searched(columns: Sequence[Column]) -> list[Column]:
    """The key; without one, all columns."""
    return [column for column in columns if column.key] or list(columns)


class _PostgreSQL(Tables):
    """All values as text, as the database reads and writes them."""

    def __init__(self, url: str) -> None:
        self._url = url

    def columns(self) -> dict[str, list[Column]]:
        query = (
            "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnum = ANY(i.indkey) "
            "FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND a.attgenerated = '' "
            "LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "
            "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND NOT a.attisdropped "
            "ORDER BY 1, a.attnum"
        )
        return _by_table(self._rows(sql.SQL(query)))

    def mentioning(self, table: str, columns: Sequence[Column], text: str) -> list[Sequence[Any]]:
        names, searched = ([_as_text(column) for column in one] for one in (columns, _searched(columns)))
        query = sql.SQL("SELECT {} FROM {} WHERE strpos(concat_ws(' ', {}), {}) > 0").format(
            sql.SQL(", ").join(names), sql.Identifier(table), sql.SQL(", ").join(searched), sql.Literal(text)
        )
        return self._rows(query)

    def write(self, table: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
        names = sql.SQL(", ").join(sql.Identifier(column.name) for column in columns)
        with psycopg.connect(self._url) as connection:
            connection.execute("SET session_replication_role = replica")
            statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
            with connection.cursor().copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)

    def _rows(self, query: sql.SQL | sql.Composed) -> list[Sequence[Any]]:
        with psycopg.connect(self._url) as connection:
            return list(connection.execute(query).fetchall())


def _as_text(column: Column) -> sql.Composed:
    return sql.SQL("{}::text").format(sql.Identifier(column.name))


class _SQLite(Tables):
    """Values as they are."""

    def __init__(self, path: str) -> None:
        self._path = path

    def columns(self) -> dict[str, list[Column]]:
        with closing(self._connect()) as connection:
            rows = connection.execute(
                "SELECT m.name, c.name, c.type, c.pk FROM sqlite_master m, pragma_table_info(m.name) c "
                "WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' ORDER BY m.name, c.cid"
            ).fetchall()
        return _by_table(rows)

    def mentioning(self, table: str, columns: Sequence[Column], text: str) -> list[Sequence[Any]]:
        searched = _searched(columns)
        where = " OR ".join(f'instr("{column.name}", ?)' for column in searched)
        listed = ", ".join(f'"{column.name}"' for column in columns)
        with closing(self._connect()) as connection:
            return connection.execute(
                f'SELECT {listed} FROM "{table}" WHERE {where}', [text] * len(searched)
            ).fetchall()

    def write(self, table: str, columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> None:
        listed, marks = ", ".join(f'"{column.name}"' for column in columns), ", ".join("?" * len(columns))
        with closing(self._connect()) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(f'INSERT INTO "{table}" ({listed}) VALUES ({marks})', rows)
            connection.execute("COMMIT")

    def _connect(self) -> sqlite3.Connection:
        """With the functions that indexes may use."""
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=60)
        SQLite(synchronous="NORMAL").connected(connection)
        return connection
