"""Lets a statement choose between two indexes when it is run.

How many records a filter lets through, and where among the others they are, databases guess at best. So they are
counted first, up to a bound: few are read by the index of the field, and sorted; of many, a page is soon found in the
order of time.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.storage.sql import indexed, sqlite_indexes
from cliquet.storage.sql.bound import in_scope
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.declared import DeclaredField, Pin, Reading, pinned
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD
from cliquet.storage.sql.window import BY_TIME

__all__ = ["by_items", "by_key", "key_asked", "keyed"]

#: So many records are few.
FEW = 10_000
_BY_ID = "sqlite_autoindex_record_1"
_ITEMS = frozenset({"contains", "contains_any"})


def by_key(dialect: Dialect, found: sa.Select[Any], filters: tuple[Any, ...], pin: Pin) -> list[Reading]:
    """The rows by the index of the keys of a field, and the rows by time: one of them is empty.

    :param found: selects live records of the scope.
    :param filters: the shape of the filters.
    :returns: nothing when the keys of no field are asked.
    """
    if (field := key_asked(filters, pin)) is None:
        return []
    rows = found.where(*compile_filters(dialect, filters))
    is_few, is_many = _counted(keyed(dialect, filters, field))
    few = pinned(rows, pin.resource, field.name("up"))
    return [Reading(few, is_few, is_sorted=False), Reading(pinned(rows, pin.resource, BY_TIME), is_many)]


def key_asked(filters: tuple[Any, ...], pin: Pin) -> DeclaredField | None:
    """The field whose keys are asked first, if they are."""
    if pin.first is None or not (asked := filters[pin.first][1]) or filters[pin.first][0] in _ITEMS:
        return None
    field: DeclaredField = asked[0]
    return field


def by_items(dialect: Dialect, found: sa.Select[Any], filters: tuple[Any, ...], pin: Pin) -> list[Reading]:
    """The same for what arrays contain, in SQLite: the rows by their ids, and the rows by time."""
    if pin.first is None or not (asked := filters[pin.first][1]) or filters[pin.first][0] not in _ITEMS:
        return []
    held = sqlite_indexes.holders(asked[0], f"f{pin.first}i0", anything=filters[pin.first][0] == "contains_any")
    is_few, is_many = _counted(held)
    few = found.where(*compile_filters(dialect, filters))
    many = found.where(*compile_filters(dialect, filters, without=frozenset({pin.first})))
    return [
        Reading(pinned(few, pin.resource, _BY_ID), is_few, is_sorted=False),
        Reading(pinned(many, pin.resource, BY_TIME), is_many),
    ]


def _counted(some: sa.Select[Any]) -> tuple[Expression, Expression]:
    """Whether rows are few, and whether they are many."""
    limited = some.limit(sa.literal_column(str(FEW + 1))).subquery("some")
    # In front of the statement: SQLite's parser does not take everything that deep inside.
    counted = sa.select(sa.func.count().label("number")).select_from(limited).cte()
    number = sa.select(counted.c.number).scalar_subquery()
    bound: Expression = sa.literal_column(str(FEW))
    return number <= bound, number > bound


def keyed(dialect: Dialect, filters: tuple[Any, ...], field: DeclaredField) -> sa.Select[Any]:
    """The records that all filters on one field let through, as far as its index knows."""
    conditions = []
    for place, (operator, asked, _) in enumerate(filters):
        if asked and asked[0] == field and operator not in _ITEMS:
            conditions.append(indexed.condition(dialect, operator, asked, place))
    live: sa.Select[Any] = sa.select(sa.literal_column("1").label("one")).select_from(RECORD)
    live = pinned(live, field.resource, field.name("up"))
    return live.where(*in_scope(RECORD), sa.not_(RECORD.c.deleted), *conditions)
