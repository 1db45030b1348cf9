"""Compiles the sort of a query, and the place where a page begins."""

from __future__ import annotations

import functools
from collections.abc import Hashable, Mapping
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from cliquet.protocol import sortable
from cliquet.protocol.order import SORTED_LENGTH, Key
from cliquet.protocol.query import Query, Sort
from cliquet.storage.sql.compile import (
    NOTHING_DECLARED,
    Compiled,
    Declared,
    beyond_rank,
    field_of,
    is_rank,
    key_values,
    operand_of,
    place_of,
)
from cliquet.storage.sql.declared import DeclaredField
from cliquet.storage.sql.fields import COLUMNS, Dialect, Expression, Field
from cliquet.storage.sql.tables import RECORD

__all__ = ["TIMES", "after", "after_time", "follows_index", "order_by", "split"]

#: What of a column is to be compared; the rest is the same for all records.
_COLUMN_KEYS = {"id": ("text",), "last_modified": ("number",), "deleted": ("rank",)}
#: The orders that an index has behind the field that it is about: oldest first, and newest first.
TIMES: Mapping[tuple[tuple[Any, int], ...], int] = MappingProxyType(
    {(("last_modified", direction), ("id", direction)): direction for direction in (1, -1)}
)


def split(dialect: Dialect, query: Query, declared: Declared = NOTHING_DECLARED) -> Compiled:
    """The shape and the values of a sort and of the position after which the page begins.

    :param declared: the fields that have indexes, by their paths.
    """
    return _split(dialect, query, declared) if declared or query.after else _first(dialect, query.sort)


@functools.lru_cache(1024)
def _first(dialect: Dialect, sort: tuple[Sort, ...]) -> Compiled:
    """The same of a first page, without indexes: clients ask for few orders."""
    return _split(dialect, Query(sort=sort), NOTHING_DECLARED)


def _split(dialect: Dialect, query: Query, declared: Declared) -> Compiled:
    shape: list[Hashable] = []
    values: dict[str, Any] = {}
    for index, sort in enumerate(query.sort):
        field = declared.get(sort.path)
        kind, path = (field, None) if field else place_of(dialect, sort.path)
        if path is not None:
            values[f"s{index}p"] = path
        rank = None
        if query.after is not None:
            rank = query.after[index].rank
            values |= {f"s{index}k": value for value in _bound(dialect, field, query.after[index])}
        shape.append((kind, 1 if sort.direction > 0 else -1, rank))
    return Compiled(tuple(shape), values)


def order_by(dialect: Dialect, shape: tuple[Any, ...]) -> list[tuple[Expression, int]]:
    """The expressions to order by, each with its direction."""
    found: list[tuple[Expression, int]] = []
    for index, (kind, direction, _) in enumerate(shape):
        if isinstance(kind, DeclaredField):
            found.append((dialect.order_key(kind.path), direction))
            continue
        field = _field(dialect, kind, index)
        keys = _COLUMN_KEYS.get(kind, ("rank", "number", "text"))
        found += [(getattr(field, key), direction) for key in keys]
    return found


def follows_index(shape: tuple[Any, ...]) -> str | None:
    """The kind of the index of the first field that has exactly this order, if there is one."""
    (kind, direction, _), *rest = shape
    time = TIMES.get(tuple((kind, direction) for kind, direction, _ in rest))
    if not isinstance(kind, DeclaredField) or time is None:
        return None
    return "up" if time == direction else "down"


def after(dialect: Dialect, shape: tuple[Any, ...]) -> list[tuple[Expression, int]]:
    """Whether a record comes after the position: conditions of which one holds.

    Where an index has the order, each of them is one piece of it: first the rest of those that are the same in the
    field. Each condition comes with how many keys are the same in all that it lets through.
    """
    choices = _choices(dialect, shape)
    if follows_index(shape):
        beyond, rest = choices
        return [(rest, 1), (beyond, 0)]
    kind, direction, _ = shape[0]
    beyond = sa.or_(*choices)
    if not isinstance(kind, DeclaredField):
        return [(beyond, 0)]
    key: Any = dialect.order_key(kind.path)
    return [(sa.and_(key >= _place(0) if direction > 0 else key <= _place(0), beyond), 0)]


def _choices(dialect: Dialect, shape: tuple[Any, ...]) -> list[Expression]:
    """A record is beyond in the first key, or the same in the first and beyond in the second, and so on.

    Nested, this would be shorter; but SQLite's parser takes no more than 100 levels.
    """
    choices: list[Expression] = []
    same: list[Expression] = []
    for index, (kind, direction, rank) in enumerate(shape):
        if tuple((kind, direction) for kind, direction, _ in shape[index:]) in TIMES:
            choices.append(sa.and_(*same, after_time(direction, RECORD.c, index)))
            break
        beyond, equal = _compared(dialect, kind, index, rank, above=direction > 0)
        choices.append(sa.and_(*same, beyond))
        same.append(equal)
    return choices


def _compared(dialect: Dialect, kind: Any, index: int, rank: int, *, above: bool) -> tuple[Expression, Expression]:
    """Whether a record is beyond the position in a key, and whether it is the same."""
    if isinstance(kind, DeclaredField):
        key: Any = dialect.order_key(kind.path)
        return key > _place(index) if above else key < _place(index), key == _place(index)
    field, name = _field(dialect, kind, index), f"s{index}k"
    return _beyond(field, rank, name, above=above), _same(field, rank, name)


def _bound(dialect: Dialect, field: DeclaredField | None, key: Key) -> list[Any]:
    return key_values(dialect, key) if field is None else [sortable.encode(key)]


def _place(index: int) -> Expression:
    return sa.bindparam(f"s{index}k", type_=sa.Text())


def after_time(direction: int, columns: Any, start: int = 0) -> Expression:
    """The row comparison that an index on time and id serves.

    :param columns: with the time and the id of a record.
    :param start: how many keys come before them.
    """
    here: Any = sa.tuple_(columns.last_modified, columns.id)
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
