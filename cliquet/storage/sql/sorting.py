"""Compiles the sort of a query, and the place where a page begins."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import sqlalchemy as sa

from cliquet.protocol.order import SORTED_LENGTH
from cliquet.protocol.query import Query
from cliquet.storage.sql.compile import (
    Compiled,
    beyond_rank,
    field_of,
    is_rank,
    key_values,
    operand_of,
    place_of,
)
from cliquet.storage.sql.fields import COLUMNS, Dialect, Expression, Field
from cliquet.storage.sql.tables import RECORD

__all__ = ["after", "order_by", "split"]

#: What of a column is to be compared; the rest is the same for all records.
_COLUMN_KEYS = {"id": ("text",), "last_modified": ("number",), "deleted": ("rank",)}
_LAST = (("last_modified", 1), ("id", 1)), (("last_modified", -1), ("id", -1))


def split(dialect: Dialect, query: Query) -> Compiled:
    """The shape and the values of a sort and of the position after which the page begins."""
    shape: list[Hashable] = []
    values: dict[str, Any] = {}
    for index, sort in enumerate(query.sort):
        kind, path = place_of(dialect, sort.path)
        if path is not None:
            values[f"s{index}p"] = path
        rank = None
        if query.after is not None:
            rank = query.after[index].rank
            values |= {f"s{index}k": value for value in key_values(dialect, query.after[index])}
        shape.append((kind, 1 if sort.direction > 0 else -1, rank))
    return Compiled(tuple(shape), values)


def order_by(dialect: Dialect, shape: tuple[Any, ...]) -> list[tuple[Expression, int]]:
    """The expressions to order by, each with its direction."""
    found: list[tuple[Expression, int]] = []
    for index, (kind, direction, _) in enumerate(shape):
        field = _field(dialect, kind, index)
        keys = _COLUMN_KEYS.get(kind, ("rank", "number", "text"))
        found += [(getattr(field, key), direction) for key in keys]
    return found


def after(dialect: Dialect, shape: tuple[Any, ...]) -> Expression:
    """Whether a record comes after the position.

    It is beyond in the first key, or the same in the first and beyond in the second, and so on. Nested, this would be
    shorter; but SQLite's parser takes no more than 100 levels.
    """
    choices: list[Expression] = []
    same: list[Expression] = []
    for index, (kind, direction, rank) in enumerate(shape):
        if tuple((kind, direction) for kind, direction, _ in shape[index:]) in _LAST:
            choices.append(sa.and_(*same, _after_columns(direction, index)))
            break
        field, name = _field(dialect, kind, index), f"s{index}k"
        choices.append(sa.and_(*same, _beyond(field, rank, name, above=direction > 0)))
        same.append(_same(field, rank, name))
    return sa.or_(*choices)


def _after_columns(direction: int, start: int) -> Expression:
    """The row comparison that an index on time and id serves."""
    here: Any = sa.tuple_(RECORD.c.last_modified, RECORD.c.id)
    there: Any = sa.tuple_(
        sa.bindparam(f"s{start}k", type_=sa.BigInteger()), sa.bindparam(f"s{start + 1}k", type_=sa.Text())
    )
    compared: Expression = here > there if direction > 0 else here < there
    return compared


def _field(dialect: Dialect, kind: str, index: int) -> Field:
    field = field_of(dialect, kind, f"s{index}p")
    if kind in COLUMNS:
        return field
    text = sa.func.substr(field.text, 1, SORTED_LENGTH, type_=sa.Text())
    return Field(field.rank, field.number, dialect.column_text(text), field.json)


def _beyond(field: Field, rank: int, name: str, *, above: bool) -> Expression:
    other = beyond_rank(field, rank, above=above)
    if rank in (0, 6):
        return other
    side, bound = operand_of(field, rank, name)
    return sa.or_(other, sa.and_(is_rank(field, rank), side > bound if above else side < bound))


def _same(field: Field, rank: int, name: str) -> Expression:
    if rank in (0, 6):
        return is_rank(field, rank)
    side, bound = operand_of(field, rank, name)
    return sa.and_(is_rank(field, rank), side == bound)
