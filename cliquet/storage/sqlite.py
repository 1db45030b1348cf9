"""Records in an SQLite file: durable, and shared by the processes of one machine."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert

from cliquet.database.engine import Database
from cliquet.database.sqlite import from_settings
from cliquet.protocol import body, like
from cliquet.storage.sql import sqlite_indexes
from cliquet.storage.sql.bound import text
from cliquet.storage.sql.fields import Dialect, Expression, Field, Place
from cliquet.storage.sql.sqlite_indexes import SQLiteBuilder
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sql.tables import RECORD

__all__ = ["SQLiteDialect", "load_from_config"]

#: Names that can be quoted in SQLite's paths.
_QUOTABLE = re.compile(r'[^"\\\x00-\x1f\x7f]+')
_RANKS = {"null": 0, "text": 1, "integer": 2, "real": 2, "true": 3, "false": 3, "array": 4, "object": 5}


class SQLiteDialect(Dialect):
    """JSON functions of SQLite 3.38, and a few of ours (:mod:`cliquet.database.functions`)."""

    everything = sa.literal_column("-1")
    locks_rows = False
    has_data = False

    def place(self, path: tuple[str, ...]) -> Place:
        if all(_QUOTABLE.fullmatch(name) for name in path):
            return "quoted", "$" + "".join(f'."{name}"' for name in path)
        return "picked", body.encode(path).decode()

    def path(self, name: str) -> sa.BindParameter[Any]:
        return sa.bindparam(name, type_=sa.Text())

    def json_field(self, kind: str, path: sa.BindParameter[Any]) -> Field:
        if kind == "quoted":
            raw: Expression = RECORD.c.body.op("->")(path)
            type_, value = sa.func.json_type(RECORD.c.body, path), sa.func.json_extract(RECORD.c.body, path)
        else:
            raw = sa.func.cliquet_pick(RECORD.c.body, path)
            type_, value = sa.func.json_type(raw), sa.func.json_extract(raw, "$")
        return Field(_rank(type_), _number(type_, value, raw), _text(type_, value), raw)

    def builder(self, database: Database) -> SQLiteBuilder:
        return SQLiteBuilder(database)

    def order_key(self, path: tuple[str, ...]) -> Expression:
        return sqlite_indexes.order_key(path)

    def of_resource(self, resource: str) -> Expression:
        return sqlite_indexes.of_resource(resource)

    def has_id(self, found: sa.Select[Any]) -> Expression:
        return RECORD.c.id.in_(found)

    def reached(self, found: sa.Select[Any], known: sa.FromClause) -> sa.Select[Any]:
        return found.where(self.has_id(sa.select(known.c.id)))

    def first_of_each(self, rows: sa.FromClause, found: sa.Select[Any]) -> sa.Select[Any]:
        first = found.correlate(rows).subquery("one")
        collected = sa.select(sa.func.json_group_array(sa.func.json_array(*first.c))).correlate(rows).scalar_subquery()
        each = sa.func.json_each(collected).table_valued("value", name="each")
        time = sa.func.json_extract(each.c.value, sa.literal_column("'$[0]'"), type_=sa.BigInteger())
        id_ = sa.func.json_extract(each.c.value, sa.literal_column("'$[1]'"), type_=sa.Text())
        times: tuple[Any, ...] = (time.label("last_modified"), id_.label("id"))
        return sa.select(*times).select_from(rows, each)

    def number(self, value: float) -> Any:
        return value

    def one_of(self, expression: Expression, name: str, *, numbers: bool) -> Expression:
        values = sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value")
        value: Expression = values.c.value
        if numbers:
            is_text = sa.func.typeof(value) == sa.literal_column("'text'")
            value = sa.case((is_text, sa.func.cliquet_real(value)), else_=value)
        return expression.in_(sa.select(value))

    def list_of(self, values: list[Any]) -> Any:
        # A fraction is sent as text, for SQLite rounds some of them differently than everybody else.
        return body.encode([repr(value) if isinstance(value, float) else value for value in values]).decode()

    def listed(self, name: str) -> sa.FromClause:
        return sa.func.json_each(text(name)).table_valued("value", name="listed")

    def chosen(self, found: sa.Select[Any], name: str, *, recent: bool) -> sa.Subquery:
        chosen = found.where(self.one_of(RECORD.c.id, name, numbers=False))
        # A limit keeps the planner from hoping to meet the chosen records among the first by time.
        return chosen.limit(sa.literal_column("-1")).subquery("chosen")

    def chosen_of(self, found: sa.Select[Any], ids: sa.Select[Any], *, recent: bool) -> sa.Subquery:
        return found.where(self.among(RECORD.c.id, ids)).limit(sa.literal_column("-1")).subquery("chosen")

    def among(self, column: Expression, values: sa.Select[Any]) -> Expression:
        return column.in_(values)

    def looked_up(self, table: sa.FromClause, condition: Expression, name: str) -> tuple[Any, Expression]:
        return table, condition

    def like(self, text: Expression, name: str) -> Expression:
        matched: Expression = sa.func.cliquet_like(text, sa.bindparam(name, type_=sa.Text())) == 1
        return matched

    def digits(self, number: Expression) -> Expression:
        return sa.func.cliquet_number_text(number, type_=sa.Text())

    def pattern(self, value: str) -> str:
        return like.fold(value)

    def contains(self, field: Field, name: str, *, anything: bool) -> Expression:
        wanted = sa.bindparam(name, type_=sa.Text())
        held: Expression = sa.func.cliquet_contains(field.json, wanted, int(anything)) == 1
        return held

    def rows(self, name: str, **columns: sa.types.TypeEngine[Any]) -> sa.FromClause:
        row = sa.func.json_each(sa.bindparam(name, type_=sa.Text())).table_valued("value", name=f"{name}_row").c.value
        found = [
            sa.func.json_extract(row, sa.literal_column(f"'$[{number}]'"), type_=kind).label(column)
            for number, (column, kind) in enumerate(columns.items())
        ]
        return sa.select(*found).subquery(name)

    def of_rows(self, name: str, rows: Iterable[tuple[Any, ...]]) -> Mapping[str, Any]:
        return {name: body.encode(list(rows)).decode()}

    def each(self, found: sa.Select[Any], name: str) -> sa.FromClause:
        rows = found.subquery(f"{name}_found")
        collected = sa.select(sa.func.json_group_array(next(iter(rows.c)))).scalar_subquery()
        return sa.func.json_each(collected).table_valued("value", name=name)

    def provided(self, found: sa.Select[Any], condition: Expression, limit: Expression | None) -> sa.Select[Any]:
        # A condition would be asked of each row, and all rows be read to find that it never holds.
        return found.limit(sa.case((condition, sa.literal_column("-1") if limit is None else limit), else_=0))

    def insert(self, table: sa.TableClause) -> Any:
        return insert(table)

    def column_text(self, column: Expression) -> Expression:
        return column


def _rank(type_: Expression) -> Expression:
    whens: dict[str, Expression] = {name: sa.literal_column(str(rank)) for name, rank in _RANKS.items()}
    return sa.case(whens, value=type_, else_=sa.literal_column("6"))


def _number(type_: Expression, value: Expression, raw: Expression) -> Expression:
    return sa.case(
        (type_ == sa.literal_column("'integer'"), value),
        (type_ == sa.literal_column("'real'"), sa.func.cliquet_real(raw)),
        else_=sa.null(),
    )


def _text(type_: Expression, value: Expression) -> Expression:
    return sa.case(
        (type_ == sa.literal_column("'text'"), value),
        (type_.in_([sa.literal_column("'true'"), sa.literal_column("'false'")]), type_),
        (type_.in_([sa.literal_column("'array'"), sa.literal_column("'object'")]), sa.func.cliquet_canonical(value)),
        else_=sa.null(),
    )


def load_from_config(config: Any) -> SQLStorage:
    """The storage that ``storage_url`` and its other settings ask for; connects when first used."""
    limit = config.registry["cliquet.settings"].storage_statement_timeout_ms
    return SQLStorage(from_settings(config.registry, "storage"), SQLiteDialect(), limit=limit)
