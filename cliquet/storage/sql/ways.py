"""Decides how the records of a query are found: by which indexes, and whether that may take long."""

from __future__ import annotations

from typing import NamedTuple

from cliquet.protocol.query import Filter, Query, Sort
from cliquet.storage.sql import indexed, sorting
from cliquet.storage.sql.compile import NOTHING_DECLARED, Declared
from cliquet.storage.sql.declared import DeclaredField, Pin
from cliquet.storage.sql.fields import COLUMNS

__all__ = ["Way", "to_count", "to_page"]

_RANGES = frozenset({"lt", "max", "gt", "min", "eq"})


class Way(NamedTuple):
    """How records are found.

    :param declared: the fields whose indexes are of use.
    :param pin: what the statement has to say for that.
    :param is_short: whether not many more records are read than are answered, whatever they are.
    :param is_fixed: whether the statement itself says, with no guess at values, how records are found.
    :param missing: the fields that an index would help, as clients name them.
    """

    declared: Declared = NOTHING_DECLARED
    pin: Pin | None = None
    is_short: bool = True
    is_fixed: bool = False
    missing: tuple[str, ...] = ()


_BY_TIME = Way()


def to_page(query: Query, declared: Declared) -> Way:
    """The way to a page.

    :param declared: the fields that have indexes. These know live records only, and chosen ids are looked up by id.
    """
    if _times(query.sort) is not None and all(map(_is_by_time, query.filters)):
        return _BY_TIME
    usable = NOTHING_DECLARED if query.tombstones or query.only is not None else declared
    order, equal = _order(query, usable), _equal(query, usable)
    name, missing = order or equal, _missing(query, declared)
    pin = _pin(query, usable, name, by_time=_times(query.sort) is not None)
    is_fixed = pin is not None and pin.first is not None and not missing
    return Way(usable, pin, is_short=name is not None, is_fixed=is_fixed, missing=missing)


def to_count(query: Query, declared: Declared) -> Way:
    """The way to a total, which is never short: whatever matches is counted."""
    usable = NOTHING_DECLARED if query.only is not None else declared
    return Way(usable, _pin(query, usable, None), is_short=False, missing=_missing(query, declared))


def paths(query: Query) -> list[tuple[str, ...]]:
    """The fields that a query is about and that are somewhere in the JSON."""
    fields = [one.field for one in query.filters] + [one.field for one in query.sort]
    return [tuple(field.split(".")) for field in fields if field not in COLUMNS]


def _is_by_time(condition: Filter) -> bool:
    return condition.field == "last_modified" and condition.operator in _RANGES


def _times(sort: tuple[Sort, ...]) -> int | None:
    """The direction of an order by time alone."""
    return sorting.TIMES.get(tuple([(field, 1 if direction > 0 else -1) for field, direction in sort]))


def _order(query: Query, usable: Declared) -> str | None:
    """The index that has the order of the query and knows what its filters are about, if there is one."""
    first, *rest = query.sort
    field, time = usable.get(first.path), _times(tuple(rest))
    if field is None or time is None or not all(_is_of(condition, field) for condition in query.filters):
        return None
    return field.name("up" if (first.direction > 0) == (time > 0) else "down")


def _equal(query: Query, usable: Declared) -> str | None:
    """The index in which all records that match are side by side, in the order of time, if there is one."""
    if _times(query.sort) is None or len(query.filters) != 1 or query.filters[0].operator != "eq":
        return None
    field = usable.get(query.filters[0].path)
    return field.name("up") if field is not None else None


def _is_of(condition: Filter, field: DeclaredField) -> bool:
    return condition.path == field.path and condition.operator in _RANGES


def _pin(query: Query, usable: Declared, name: str | None, *, by_time: bool = False) -> Pin | None:
    """What the statement says, when any index is of use."""
    asked = [
        place for place, one in enumerate(query.filters) if one.path in usable and one.operator in indexed.OPERATORS
    ]
    used = [query.filters[place].path for place in asked] or [sort.path for sort in query.sort if sort.path in usable]
    if not used:
        return None
    first = asked[0] if asked and name is None and by_time else None
    return Pin(usable[used[0]].resource, name, first)


def _missing(query: Query, declared: Declared) -> tuple[str, ...]:
    return tuple(dict.fromkeys(".".join(path) for path in paths(query) if path not in declared))
