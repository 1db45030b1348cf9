"""Records in PostgreSQL: durable, and shared by the processes of many machines."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert

from cliquet.database.arrays import array, written
from cliquet.database.engine import Database
from cliquet.database.postgresql import from_settings
from cliquet.protocol import like, order
from cliquet.storage.sql import postgresql_indexes
from cliquet.storage.sql.bound import text
from cliquet.storage.sql.declared import quoted
from cliquet.storage.sql.fields import Dialect, Expression, Field, Place
from cliquet.storage.sql.postgresql_indexes import PostgreSQLBuilder
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sql.tables import RECORD, TIMELINE

__all__ = ["PostgreSQLDialect", "load_from_config"]

_RANKS = {"null": 0, "string": 1, "number": 2, "boolean": 3, "array": 4, "object": 5}


class PostgreSQLDialect(Dialect):
    """jsonb, regular expressions and arrays of PostgreSQL 13."""

    def place(self, path: tuple[str, ...]) -> Place:
        return f"json{len(path)}", list(path)

    def path(self, name: str) -> sa.BindParameter[Any]:
        return sa.bindparam(name, type_=ARRAY(sa.Text()))

    def json_field(self, kind: str, path: sa.BindParameter[Any]) -> Field:
        steps = [_step(path, number) for number in range(1, int(kind.removeprefix("json")) + 1)]
        parent: Expression = functools.reduce(_member, steps[:-1], RECORD.c.data)
        value, text = _member(parent, steps[-1]), parent.op("->>", return_type=sa.Text())(steps[-1])
        type_: Expression = sa.func.jsonb_typeof(value)
        number = sa.case((type_ == sa.literal_column("'number'"), sa.cast(value, sa.Numeric())), else_=sa.null())
        other = sa.case((type_ != sa.literal_column("'number'"), text), else_=sa.null())
        return Field(_rank(type_), number, self.column_text(other), value)

    def builder(self, database: Database) -> PostgreSQLBuilder:
        return PostgreSQLBuilder(database)

    def order_key(self, path: tuple[str, ...]) -> Expression:
        return postgresql_indexes.order_key(path)

    def key_by_time(self, path: tuple[str, ...]) -> Expression:
        return postgresql_indexes.key_by_time(path)

    def of_resource(self, resource: str) -> Expression:
        found: Expression = RECORD.c.resource == quoted(resource)
        return found

    def has_id(self, found: sa.Select[Any]) -> Expression:
        # An array, so that it is not turned into a join, whose size the planner would guess.
        return RECORD.c.id == sa.any_(sa.func.array(found.scalar_subquery(), type_=ARRAY(sa.Text())))

    def number(self, value: float) -> Any:
        return Decimal(repr(order.plain_number(value)))

    def one_of(self, expression: Expression, name: str, *, numbers: bool) -> Expression:
        kind: Any = sa.Numeric() if numbers else sa.Text()
        return expression == sa.any_(sa.bindparam(name, type_=ARRAY(kind)))

    def list_of(self, values: list[Any]) -> Any:
        return values

    def listed(self, name: str) -> sa.FromClause:
        values: Any = sa.func.unnest(sa.bindparam(name, type_=ARRAY(sa.Text())))
        table: sa.FromClause = values.table_valued("value", name="listed").render_derived()
        return table

    def chosen(self, found: sa.Select[Any], name: str, *, recent: bool) -> sa.Subquery:
        # OFFSET 0 keeps the planner from hoping to meet the chosen records among the first by time.
        if recent:
            chosen = found.where(self.one_of(RECORD.c.id, name, numbers=False))
            return chosen.offset(sa.literal_column("0")).subquery("chosen")
        ids: Any = sa.func.unnest(sa.bindparam(name, type_=ARRAY(sa.Text())))
        ids = ids.table_valued("value", name="ids").render_derived()
        one = found.where(RECORD.c.id == ids.c.value).offset(sa.literal_column("0")).lateral("one")
        return sa.select(*one.c).select_from(ids.join(one, sa.true())).subquery("chosen")

    def chosen_of(self, found: sa.Select[Any], ids: sa.Select[Any], *, recent: bool) -> sa.Subquery:
        if recent:
            return found.where(self.among(RECORD.c.id, ids)).offset(sa.literal_column("0")).subquery("chosen")
        given = ids.subquery("given")
        each = sa.select(given.c.id).distinct().order_by(given.c.id).subquery("each")
        one = found.where(RECORD.c.id == each.c.id).offset(sa.literal_column("0")).lateral("one")
        return sa.select(*one.c).select_from(each.join(one, sa.true())).subquery("chosen")

    def among(self, column: Expression, values: sa.Select[Any]) -> Expression:
        # Inside of a function, so that it is not turned into a join, whose size the planner would guess.
        return sa.func.coalesce(column.in_(values), sa.false())

    def looked_up(self, table: sa.FromClause, condition: Expression, name: str) -> tuple[Any, Expression]:
        return sa.select(*table.c).where(condition).offset(sa.literal_column("0")).lateral(name), sa.true()

    def like(self, text: Expression, name: str) -> Expression:
        pattern = sa.bindparam(name, type_=sa.Text())
        matched: Expression = self.column_text(text).op("~", is_comparison=True)(pattern)
        return matched

    def digits(self, number: Expression) -> Expression:
        return sa.cast(number, sa.Text())

    def pattern(self, value: str) -> str:
        return "^" + ".*".join("".join(map(_regex, piece)) for piece in like.pieces(value)) + "$"

    def contains(self, field: Field, name: str, *, anything: bool) -> Expression:
        wanted = sa.cast(sa.bindparam(name, type_=sa.Text()), JSONB())
        items = sa.case(
            (sa.func.jsonb_typeof(field.json) == sa.literal_column("'array'"), field.json),
            else_=sa.cast(sa.literal_column("'[]'"), JSONB()),
        )
        mine = sa.func.jsonb_array_elements(items).table_valued("value", name="mine")
        theirs = sa.func.jsonb_array_elements(wanted).table_valued("value", name="theirs")
        found: sa.Select[Any] = (
            sa.select(sa.literal_column("1")).select_from(mine).where(_value(mine) == _value(theirs))
        )
        if anything:
            return sa.exists(found.select_from(theirs))
        return sa.not_(sa.exists(sa.select(sa.literal_column("1")).select_from(theirs).where(~sa.exists(found))))

    def rows(self, name: str, **columns: sa.types.TypeEngine[Any]) -> sa.FromClause:
        kinds = enumerate(columns.values())
        arrays = [array(f"{name}_{number}", kind) for number, kind in kinds]
        named = [sa.column(column, kind) for column, kind in columns.items()]
        return sa.func.unnest(*arrays).table_valued(*named, name=name).render_derived()

    def of_rows(self, name: str, rows: Iterable[tuple[Any, ...]]) -> Mapping[str, Any]:
        return {f"{name}_{number}": written(values) for number, values in enumerate(zip(*rows, strict=True))}

    def each(self, found: sa.Select[Any], name: str) -> sa.FromClause:
        collected = sa.func.array(found.scalar_subquery(), type_=ARRAY(sa.Text()))
        return sa.func.unnest(collected).table_valued("value", name=name).render_derived()

    def in_turn(self, found: sa.Select[Any]) -> sa.Select[Any]:
        # Who waits for a row and finds it changed has to line up again, behind those who come later.
        name = text("parent") + sa.literal_column("'/'", sa.Text()) + text("resource")
        turn = sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(name, sa.literal_column("0")))
        queue = sa.select(turn.label("turn")).offset(sa.literal_column("0")).subquery("queue")
        return self.locked(found.select_from(TIMELINE, queue))

    def locked(self, found: sa.Select[Any]) -> sa.Select[Any]:
        return found.with_for_update(of=TIMELINE)

    def beside(self, rows: sa.FromClause, found: sa.Select[Any]) -> sa.Select[Any]:
        # OFFSET 0 keeps the planner from reading all of a table, where it thinks that there is not much in it.
        return self.first_of_each(rows, found.offset(sa.literal_column("0")))

    def reached(self, found: sa.Select[Any], known: sa.FromClause) -> sa.Select[Any]:
        # With the time, too, so that whatever index is taken knows all of it.
        return self.beside(known, found.where(*(RECORD.c[name] == known.c[name] for name in ("id", "last_modified"))))

    def first_of_each(self, rows: sa.FromClause, found: sa.Select[Any]) -> sa.Select[Any]:
        one = found.correlate(rows).lateral("one")
        return sa.select(*one.c).select_from(rows.join(one, sa.true()))

    def searched_in(self, text: Expression) -> Expression:
        return sa.cast(text, JSONB())

    def insert(self, table: sa.TableClause) -> Any:
        return insert(table)

    def column_text(self, column: Expression) -> Expression:
        return sa.collate(column, "C")


def _step(path: sa.BindParameter[Any], number: int) -> Expression:
    step: Expression = sa.sql.elements.Grouping(path)[sa.literal_column(str(number), sa.Integer())]
    return step


def _member(value: Expression, name: Expression) -> Expression:
    """A member of an object; unlike ``#>``, this operator with text finds nothing in arrays."""
    member: Expression = value.op("->", return_type=JSONB())(name)
    return member


def _value(elements: Any) -> Expression:
    value: Expression = sa.cast(elements.c.value, JSONB())
    return value


def _rank(type_: Expression) -> Expression:
    whens: dict[str, Expression] = {name: sa.literal_column(str(rank)) for name, rank in _RANKS.items()}
    return sa.case(
        *((type_ == sa.literal_column(f"'{name}'"), rank) for name, rank in whens.items()), else_=sa.literal_column("6")
    )


def _regex(char: str) -> str:
    """A regular expression for a character in any case."""
    choices = like.variants(char)
    if len(choices) > 1:
        return f"[{choices}]"
    return char if char.isalnum() or not char.isascii() else f"\\{char}"


def load_from_config(config: Any) -> SQLStorage:
    """The storage that ``storage_url`` and its other settings ask for; connects when first used."""
    limit = config.registry["cliquet.settings"].storage_statement_timeout_ms
    return SQLStorage(from_settings(config.registry, "storage"), PostgreSQLDialect(), limit=limit)
