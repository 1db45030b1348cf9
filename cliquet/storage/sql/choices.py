"""Lets a statement choose between two indexes when it is run.

How many records a filter lets through, and where among the others they are, databases guess at best. So they are
counted first, up to a bound: few are read by the index of the field, and sorted; of many, a page is soon found in the
order of time.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.storage.sql import entries, indexed
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.declared import BY_ID, DeclaredField, Pin, Reading
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.window import BY_TIME

__all__ = ["readings"]

#: So many records are few.
FEW = 10_000


def readings(dialect: Dialect, found: sa.Select[Any], filters: tuple[Any, ...], pin: Pin) -> list[Reading]:
    """The ways to read what filters let through, of which the statement takes one when it is run.

    :param found: selects live records of the scope.
    :param filters: their shape.
    :returns: none where there is nothing to choose.
    """
    if pin.first is None or not filters[pin.first][1]:
        return []
    by_first = _by_items if filters[pin.first][0] in indexed.ITEMS else _by_key
    return by_first(dialect, found, filters, pin)


def _by_key(dialect: Dialect, found: sa.Select[Any], filters: tuple[Any, ...], pin: Pin) -> list[Reading]:
    """The rows by the index of the keys of a field, and the rows by time: one of them is empty."""
    field: DeclaredField = filters[pin.first or 0][1][0]
    rows = found.where(*compile_filters(dialect, filters))
    is_few, is_many = _counted(entries.keyed(dialect, filters, field)[1])
    few = dialect.pinned(rows, pin.resource, field.name("up"))
    return [Reading(few, is_few, is_sorted=False), Reading(dialect.pinned(rows, pin.resource, BY_TIME), is_many)]


def _by_items(dialect: Dialect, found: sa.Select[Any], filters: tuple[Any, ...], pin: Pin) -> list[Reading]:
    """The rows by the ids of those that have an item, and the rows by time."""
    first = pin.first or 0
    is_few, is_many = _counted(entries.holders(dialect, filters[first], f"f{first}i0"))
    few = found.where(*compile_filters(dialect, filters, by_ids=True))
    many = found.where(*compile_filters(dialect, filters))
    return [
        Reading(dialect.pinned(few, pin.resource, BY_ID), is_few, is_sorted=False),
        Reading(dialect.pinned(many, pin.resource, BY_TIME), is_many),
    ]


def _counted(some: sa.Select[Any]) -> tuple[Expression, Expression]:
    """Whether rows are few, and whether they are many."""
    limited = some.limit(sa.literal_column(str(FEW + 1))).subquery("some")
    # In front of the statement: SQLite's parser does not take everything that deep inside.
    counted = sa.select(sa.func.count().label("number")).select_from(limited).cte()
    number = sa.select(counted.c.number).scalar_subquery()
    bound: Expression = sa.literal_column(str(FEW))
    return number <= bound, number > bound
