"""The indexes on fields in SQLite: what they are on, and how they are built.

What arrays contain is in a table of its own, which triggers keep.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.storage.sql.bound import text
from cliquet.storage.sql.builder import Builder
from cliquet.storage.sql.declared import PREFIX, DeclaredField, key_columns, quoted
from cliquet.storage.sql.fields import Expression
from cliquet.storage.sql.tables import RECORD

__all__ = ["SQLiteBuilder", "holders", "order_key"]

_MASTER = sa.table("sqlite_master", sa.column("name"), sa.column("type"))
#: Entries that are counted to find the rarest of some items.
_COUNTED = 1000
#: The statements of a table of items, and of the triggers that keep it.
_TABLE = """
CREATE TABLE {name} (parent TEXT NOT NULL, item TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (parent, item, id))
WITHOUT ROWID
"""
#: One for each event: the order of several would not be known.
_TRIGGERS = (
    "CREATE TRIGGER {name}_insert AFTER INSERT ON record WHEN NEW.resource = {resource} BEGIN {insert}; END",
    "CREATE TRIGGER {name}_update AFTER UPDATE ON record WHEN NEW.resource = {resource} BEGIN {delete}; {insert}; END",
    "CREATE TRIGGER {name}_delete AFTER DELETE ON record WHEN OLD.resource = {resource} BEGIN {delete}; END",
)
_MEANT = "{row}.resource = {resource} AND NOT {row}.deleted AND json_type({row}.body, {path}) = 'array'"
_ITEMS = "json_each(cliquet_items({row}.body -> {path}))"
_INSERT = "INSERT INTO {name} SELECT NEW.parent, value, NEW.id FROM {items} WHERE {meant}"
_DELETE = """
DELETE FROM {name} WHERE parent = OLD.parent AND item IN (SELECT value FROM {items}) AND id = OLD.id AND {meant}
"""
_FILL = "INSERT INTO {name} SELECT record.parent, value, record.id FROM record, {items} WHERE {meant}"


def order_key(path: tuple[str, ...]) -> Expression:
    """The text by which a field is ordered."""
    return sa.func.cliquet_key(RECORD.c.body.op("->")(quoted(_json_path(path))), type_=sa.Text())


def holders(field: DeclaredField, name: str, *, anything: bool) -> sa.Select[Any]:
    """The ids of the records with any of the items that are bound, or with the rarest of them."""
    items = sa.table(field.name("items"), *(sa.column(column, sa.Text()) for column in ("parent", "item", "id")))
    wanted = sa.func.json_each(text(name)).table_valued("value", name="wanted")
    found = sa.select(wanted.c.value)
    if not anything:
        same = (items.c.parent == text("parent"), items.c.item == wanted.c.value)
        some: sa.Select[Any] = (
            sa.select(sa.literal_column("1")).select_from(items).where(*same).limit(sa.literal_column(str(_COUNTED)))
        )
        count = sa.select(sa.func.count()).select_from(some.correlate(wanted).subquery()).scalar_subquery()
        found = found.order_by(count).limit(sa.literal_column("1"))
    return sa.select(items.c.id).where(items.c.parent == text("parent"), items.c.item.in_(found))


def _json_path(path: tuple[str, ...]) -> str:
    return "$" + "".join(f'."{name}"' for name in path)


def index(field: DeclaredField, kind: str) -> sa.Index:
    """An index of a field; it has the live records of the field's resource."""
    meant = sa.and_(RECORD.c.resource == quoted(field.resource), sa.not_(RECORD.c.deleted))
    key = order_key(field.path)
    return sa.Index(
        field.name(kind), *key_columns(kind, key, key), sqlite_where=meant, _table=sa.Table("record", sa.MetaData())
    )


def table(field: DeclaredField) -> Iterator[str]:
    """The statements that make the table of what the arrays in a field contain, and keep it."""
    name, path = field.name("items"), str(quoted(_json_path(field.path)))
    said = {"name": name, "resource": str(quoted(field.resource)), "path": path}
    meant = {row: _MEANT.format(row=row, **said) for row in ("NEW", "OLD", "record")}
    items = {row: _ITEMS.format(row=row, **said) for row in meant}
    insert = _INSERT.format(items=items["NEW"], meant=meant["NEW"], **said)
    delete = _DELETE.format(items=items["OLD"], meant=meant["OLD"], **said).strip()
    yield _TABLE.format(**said)
    yield _FILL.format(items=items["record"], meant=meant["record"], **said)
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
        create = map(sa.text, table(field)) if kind == "items" else [sa.schema.CreateIndex(index(field, kind))]
        with self._writing() as connection:
            if field.name(kind) not in connection.execute(_names()).scalars().all():
                for statement in create:
                    connection.execute(statement)

    def drop(self, name: str) -> None:
        kind = "TABLE" if name.endswith("_items") else "INDEX"
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
