"""ACEs of an older database are found in the order of their paths after a migration."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.database.migrations import HEAD
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.permission.base import Lists, parent_of
from cliquet.permission.postgresql import PostgreSQLDialect
from cliquet.permission.sql.permission import SQLPermission
from cliquet.permission.sqlite import SQLiteDialect
from cliquet.permission.values import kind_of, list_of

OBJECTS = (
    *("/buckets/b", "/buckets/b/collections/c", "/buckets/b-/collections/c", "/buckets/b/collections/c/records/%"),
    *("/x/", "/x//y/", "/x//", "//", "/", "", "x", "/é/😀/ü", "/a_b/c'd/e"),
)
#: What the second version had instead.
OLDER = (
    "DROP VIEW IF EXISTS effect",
    "ALTER TABLE timeline DROP COLUMN cascades",
    "DROP INDEX timeline_by_path",
    "DROP TABLE ace",
    "CREATE TABLE ace (object_id TEXT{c} NOT NULL, permission TEXT{c} NOT NULL, principal TEXT{c} NOT NULL, "
    "parent TEXT{c} NOT NULL, PRIMARY KEY (object_id, permission, principal))",
    "CREATE INDEX ace_by_principal ON ace (principal, parent, object_id, permission)",
    "UPDATE cliquet_version SET version_num = '0002'",
)


@pytest.fixture
def older(url: str) -> Iterator[SQLPermission]:
    """A database of the second version, with ACEs."""
    sqlite = url.startswith("sqlite")
    database = Database(url, SQLite(synchronous="NORMAL") if sqlite else PostgreSQL())
    permission = SQLPermission(database, SQLiteDialect() if sqlite else PostgreSQLDialect())
    permission.migrate()
    with database.engine.begin() as connection:
        for statement in OLDER:
            connection.exec_driver_sql(statement.format(c="" if sqlite else ' COLLATE "C"'))
        insert = sa.text("INSERT INTO ace (object_id, permission, principal, parent) VALUES (:o, 'read', 'alice', :p)")
        connection.execute(insert, [{"o": one, "p": parent_of(one)} for one in OBJECTS])
    yield permission
    permission.close()


def test_every_object_has_its_list_and_its_kind(older: SQLPermission) -> None:
    assert older.migrate() == [f"0002 -> {HEAD}"]
    with older.database.engine.begin() as connection:
        rows = connection.execute(sa.text("SELECT object_id, kind, list FROM ace")).all()
    assert {row[0]: tuple(row[1:]) for row in rows} == {one: (kind_of(one), list_of(one)) for one in OBJECTS}


def test_they_are_found_as_if_they_were_new(older: SQLPermission) -> None:
    older.migrate()
    before = older.objects_of(["alice"], lists=[Lists.like(one) for one in OBJECTS], limit=99)
    assert [object_id for object_id, _ in before.entries] == sorted(OBJECTS, reverse=True)
    older.flush()
    for object_id in OBJECTS:
        older.grant(object_id, "read", "alice")
    assert older.objects_of(["alice"], lists=[Lists.like(one) for one in OBJECTS], limit=99) == before
    assert older.accessible("/buckets/b/collections", ["read"], ["alice"]) == {"/buckets/b/collections/c": {"read"}}


def test_a_dry_run_says_what_would_be_done(older: SQLPermission) -> None:
    lines = older.migrate(dry_run=True)
    assert any("CREATE INDEX ace_by_principal" in line for line in lines)
    with older.database.engine.begin() as connection:
        assert len(connection.execute(sa.text("SELECT parent FROM ace")).all()) == len(OBJECTS)
