"""The indexes on fields in PostgreSQL: what they are on, and how they are built while others write."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB

from cliquet.database.engine import Database
from cliquet.storage.sql import postgresql_entries
from cliquet.storage.sql.builder import Builder
from cliquet.storage.sql.declared import PREFIX, DeclaredField, key_columns, quoted, said_differently
from cliquet.storage.sql.fields import Expression
from cliquet.storage.sql.tables import RECORD

__all__ = ["PostgreSQLBuilder", "key_by_time", "order_key"]

#: Any number, the same for everybody who builds.
_LOCK = 7_284_562
#: Seconds between two looks at whether somebody else still builds.
_PAUSE = 0.5
#: The first version of PostgreSQL that counts the values of expressions.
_WITH_STATISTICS = (14,)
_CLASS = sa.table("pg_class", sa.column("oid"), sa.column("relname"))
_INDEX = sa.table("pg_index", sa.column("indexrelid"), sa.column("indrelid"), sa.column("indisvalid"))
#: :func:`cliquet.protocol.sortable.encode`, as the database has to say it.
_KEY = """
CREATE OR REPLACE FUNCTION cliquet_key(value jsonb) RETURNS text LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    kind text := jsonb_typeof(value);
    digits text;
    place integer;
BEGIN
    IF kind IS NULL THEN RETURN '6'; END IF;
    IF kind = 'string' THEN RETURN '1' || left(value #>> '{}', 256); END IF;
    IF kind = 'null' THEN RETURN '0'; END IF;
    IF kind = 'boolean' THEN RETURN '3' || value::text; END IF;
    IF kind = 'array' THEN RETURN '4' || left(value::text, 256); END IF;
    IF kind = 'object' THEN RETURN '5' || left(value::text, 256); END IF;
    digits := abs(value::numeric)::text;
    place := length(split_part(digits, '.', 1));
    digits := replace(digits, '.', '');
    place := place - (length(digits) - length(ltrim(digits, '0')));
    digits := trim(both '0' from digits);
    IF digits = '' THEN RETURN '21'; END IF;
    IF value::numeric > 0 THEN RETURN '22' || lpad((500 + place)::text, 3, '0') || digits; END IF;
    RETURN '20' || lpad((499 - place)::text, 3, '0') || translate(digits, '0123456789', '9876543210') || '~';
END $$
"""


def order_key(path: tuple[str, ...]) -> Expression:
    """The text by which a field is ordered."""
    return sa.collate(sa.func.cliquet_key(_member(path), type_=sa.Text()), "C")


def key_by_time(path: tuple[str, ...]) -> Expression:
    """The same text, said differently: for this one no other index is thought of, whatever the planner hopes."""
    return said_differently(order_key(path))


def _member(path: tuple[str, ...]) -> Expression:
    found: Expression = functools.reduce(
        lambda value, name: value.op("->", return_type=JSONB())(quoted(name)), path, RECORD.c.data
    )
    return found


def index(field: DeclaredField, kind: str) -> sa.Index:
    """An index of a field; it has the live records of the field's resource."""
    table = sa.Table("record", sa.MetaData())
    meant = sa.and_(RECORD.c.resource == quoted(field.resource), sa.not_(RECORD.c.deleted))
    options: dict[str, Any] = {"_table": table, "postgresql_concurrently": True}
    columns = key_columns(kind, order_key(field.path), key_by_time(field.path))
    return sa.Index(field.name(kind), *columns, postgresql_where=meant, **options)


class PostgreSQLBuilder(Builder):
    """CREATE INDEX CONCURRENTLY.

    :param database: has the records.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold a lock that everybody tries for now and then.

        Building waits until nobody has an old snapshot: who waits for a lock in a statement has one, and so has a
        transaction whose last statement had bound values.
        """
        connection = self._database.checkout()
        cursor: Any = connection.cursor()
        try:
            cursor.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
            while cursor.execute(f"SELECT pg_try_advisory_xact_lock({_LOCK:d})", prepare=False).fetchone() != (True,):
                time.sleep(_PAUSE)
            yield
        finally:
            cursor.execute("ROLLBACK")
            connection.close()

    def present(self) -> dict[str, bool]:
        named = sa.select(sa.cast(_CLASS.c.relname, sa.Text()), _INDEX.c.indisvalid)
        found = named.select_from(sa.join(_INDEX, _CLASS, _CLASS.c.oid == _INDEX.c.indexrelid)).where(
            _INDEX.c.indrelid == sa.func.to_regclass("record"), sa.func.starts_with(_CLASS.c.relname, PREFIX)
        )
        comment = sa.func.coalesce(sa.func.obj_description(_CLASS.c.oid, sa.literal("pg_class")), sa.literal(""))
        tables = sa.select(sa.cast(_CLASS.c.relname, sa.Text()), comment == sa.literal(postgresql_entries.COMPLETE))
        tables = tables.where(
            _CLASS.c.oid == sa.func.to_regclass(sa.cast(_CLASS.c.relname, sa.Text())),
            sa.func.starts_with(_CLASS.c.relname, PREFIX),
            _CLASS.c.relname.endswith(postgresql_entries.SUFFIX, autoescape=True),
        )
        with self._database.connect() as connection:
            return {str(row[0]): bool(row[1]) for row in connection.execute(sa.union_all(found, tables))}

    def build(self, field: DeclaredField, kind: str) -> None:
        self._run(sa.text(_KEY))
        if kind == "entries":
            postgresql_entries.make(self._database, field)
            return
        self._run(sa.schema.CreateIndex(index(field, kind)))
        if kind == "up":
            self._count(field.name(kind), order_key(field.path))

    def drop(self, name: str) -> None:
        if name.endswith(postgresql_entries.SUFFIX):
            postgresql_entries.drop(self._database, name)
            return
        table = sa.Table("record", sa.MetaData())
        self._run(
            sa.text(f"DROP STATISTICS IF EXISTS {name}_known"),
            sa.schema.DropIndex(sa.Index(name, _table=table, postgresql_concurrently=True)),
        )

    def _count(self, name: str, expression: Expression) -> None:
        """Let the database know how often which values are there: a partial index does not tell it."""
        with self._database.connect() as connection:
            if connection.dialect.server_version_info >= _WITH_STATISTICS:  # type: ignore[operator]  # connected
                said = expression.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
                connection.exec_driver_sql(f"CREATE STATISTICS IF NOT EXISTS {name}_known ON ({said}) FROM record")

    def analyze(self) -> None:
        self._run(sa.text("ANALYZE record"))

    def _run(self, *statements: Any) -> None:
        with self._database.connect() as connection:
            for statement in statements:
                connection.execute(statement)
