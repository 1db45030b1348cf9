"""What is compiled for one database is there for all others of its kind."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.permission import sqlite as permissions
from cliquet.permission.sql.permission import SQLPermission
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect


def one() -> sa.Select[tuple[int]]:
    return sa.select(sa.bindparam("number", 1, sa.Integer()).label("one"))


def nothing() -> sa.Select[tuple[int]]:
    raise AssertionError("it was there already")


def test_databases_with_equal_drivers_compile_a_statement_once() -> None:
    shape = ("test", uuid.uuid4())
    first = Database("sqlite:///first", SQLite(busy_timeout=3)).statements.get(shape, one)
    assert Database("sqlite:///second", SQLite(busy_timeout=3)).statements.get(shape, nothing) is first


class OtherDialect(SQLiteDialect):
    """Says something differently."""


def test_who_says_statements_differently_has_others() -> None:
    shape = ("test", uuid.uuid4())
    ours, same, theirs = (Database("sqlite://", SQLite(busy_timeout=4)) for _ in range(3))
    for database, dialect in ((ours, SQLiteDialect()), (same, SQLiteDialect()), (theirs, OtherDialect())):
        SQLStorage(database, dialect)
    found = ours.statements.get(shape, one)
    assert same.statements.get(shape, nothing) is found
    assert theirs.statements.get(shape, one) is not found


def test_databases_of_different_kinds_speak_different_languages() -> None:
    shape = ("test", uuid.uuid4())
    here = Database("sqlite:///first", SQLite()).statements.get(shape, one)
    there = Database("postgresql://localhost/first", PostgreSQL()).statements.get(shape, one)
    assert (here.text, there.text) == ("SELECT ? AS one", "SELECT $1::INTEGER AS one")


def test_ids_in_different_databases_are_found_by_the_same_statement() -> None:
    def select(database: Database) -> Any:
        permission = SQLPermission(database, permissions.SQLiteDialect())
        shared: Any = permission.accessible_ids("/records", ["read"], ["bob"])
        return shared.select

    first, second = (Database(f"sqlite:///{name}", SQLite(busy_timeout=5)) for name in ("first", "second"))
    number = uuid.uuid4()
    found = first.statements.get(("test", number, select(first)), one)
    assert second.statements.get(("test", number, select(second)), nothing) is found
