"""The indexes on fields in SQLite: what they are on, and how they are built.

The entries are in a table of their own, which triggers keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.storage.sql.builder import Builder
from cliquet.storage.sql.declared import PREFIX, DeclaredField, key_columns, quoted
from cliquet.storage.sql.fields import Expression
from cliquet.storage.sql.tables import RECORD

__all__ = ["SQLiteBuilder", "of_resource", "order_key"]

#: What the names of tables end with; earlier versions had one of items.
_TABLES = ("_entries", "_items")
_MASTER = sa.table("sqlite_master", sa.column("name"), sa.column("type"))
#: The statements of a table of entries, and of the triggers that keep it.
_TABLE = """
CREATE TABLE {name} (
    parent TEXT NOT NULL,
    entry TEXT NOT NULL,
    last_modified INTEGER NOT NULL,
    id TEXT NOT NULL,
    PRIMARY KEY (parent, entry, last_modified, id)
) WITHOUT ROWID
"""
#: One for each event: the order of several would not be known.
_TRIGGERS = (
    "CREATE TRIGGER {name}_insert AFTER INSERT ON record WHEN NEW.resource = {resource} BEGIN {insert}; END",
    "CREATE TRIGGER {name}_update AFTER UPDATE ON record WHEN NEW.resource = {resource} BEGIN {delete}; {insert}; END",
    "CREATE TRIGGER {name}_delete AFTER DELETE ON record WHEN OLD.resource = {resource} BEGIN {delete}; END",
)
_MEANT = "{row}.resource = {resource} AND NOT {row}.deleted"
_ENTRIES = "json_each(cliquet_entries({row}.body -> {path}))"
_ADD = "INSERT INTO {name} SELECT {row}.parent, value, {row}.last_modified, {row}.id FROM {entries} WHERE {meant}"
_DELETE = """
DELETE FROM {name} WHERE parent = OLD.parent AND entry IN (SELECT value FROM {entries})
AND last_modified = OLD.last_modified AND id = OLD.id AND {meant}
"""


def order_key(path: tuple[str, ...]) -> Expression:
    """The text by which a field is ordered."""
    return sa.func.cliquet_key(RECORD.c.body.op("->")(quoted(_json_path(path))), type_=sa.Text())


def of_resource(resource: str) -> Expression:
    """Whether a record is of a resource, as nobody else says it.

    Of a statement that asks for ``resource = ?``, SQLite looks at the value to see whether an index with that condition
    is of use, and prepares it anew for each value.
    """
    found: Expression = RECORD.c.resource.is_(quoted(resource))
    return found


def _json_path(path: tuple[str, ...]) -> str:
    return "$" + "".join(f'."{name}"' for name in path)


def index(field: DeclaredField, kind: str) -> sa.Index:
    """An index of a field; it has the live records of the field's resource."""
    meant = sa.and_(of_resource(field.resource), sa.not_(RECORD.c.deleted))
    key = order_key(field.path)
    return sa.Index(
        field.name(kind), *key_columns(kind, key, key), sqlite_where=meant, _table=sa.Table("record", sa.MetaData())
    )


def table(field: DeclaredField) -> Iterator[str]:
    """The statements that make the table of the entries of a field, and keep it."""
    name, path = field.name("entries"), str(quoted(_json_path(field.path)))
    said = {"name": name, "resource": str(quoted(field.resource)), "path": path}
    rows = {row: {"row": row, **said} for row in ("NEW", "OLD", "record")}
    for row in rows.values():
        row |= {"entries": _ENTRIES.format(**row), "meant": _MEANT.format(**row)}
    yield _TABLE.format(**said)
    yield _ADD.format(**{**rows["record"], "entries": f"record, {rows['record']['entries']}"}) + " ORDER BY 1, 2, 3, 4"
    insert, delete = _ADD.format(**rows["NEW"]), _DELETE.format(**rows["OLD"]).strip()
    yield from (trigger.format(insert=insert, delete=delete, **said) for trigger in _TRIGGERS)


class SQLiteBuilder(Builder):
    """Each index is built in a transaction of its own, between which others write; readers never wait.

    :param database: has the records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def alone(self) -> Iterator[None]:
        """There is nothing to do: who builds is the only one who writes."""
        yield

    def present(self) -> dict[str, bool]:
        with self._database.connect() as connection:
            return dict.fromkeys(connection.execute(_names()).scalars(), True)

    def build(self, field: DeclaredField, kind: str) -> None:
        """Build an index, unless somebody else just did."""
        create = map(sa.text, table(field)) if kind == "entries" else [sa.schema.CreateIndex(index(field, kind))]
        with self._writing() as connection:
            if field.name(kind) not in connection.execute(_names()).scalars().all():
                for statement in create:
                    connection.execute(statement)

    def drop(self, name: str) -> None:
        kind = "TABLE" if name.endswith(_TABLES) else "INDEX"
        with self._writing() as connection:
            for event in ("insert", "update", "delete"):
                connection.execute(sa.text(f"DROP TRIGGER IF EXISTS {name}_{event}"))
            connection.execute(sa.text(f"DROP {kind} IF EXISTS {name}"))

    def analyze(self) -> None:
        """There is nothing to do: statements name the index that they want."""

    @contextmanager
    def _writing(self) -> Iterator[sa.Connection]:
        """A transaction, begun when nobody else writes."""
        with self._database.connect() as connection:
            cursor = connection.connection.cursor()
            self._database.driver.start(cursor)
            try:
                yield connection
                cursor.execute("COMMIT")
            except BaseException:
                cursor.execute("ROLLBACK")
                raise


def _names() -> sa.Select[Any]:
    """The names of the indexes, and of the tables that stand for one."""
    mine = _MASTER.c.name.startswith(PREFIX, autoescape=True)
    return sa.select(_MASTER.c.name).where(_MASTER.c.type.in_(["index", "table"]), mine)
