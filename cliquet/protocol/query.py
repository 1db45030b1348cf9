"""What a reader asks of a collection: filters, sort, page."""

from __future__ import annotations

import functools
from collections.abc import Set
from dataclasses import dataclass
from typing import Any, NamedTuple

from cliquet.protocol.operators import OPERATORS
from cliquet.protocol.order import Key, key, lookup, sort_key

__all__ = ["Filter", "Query", "Sort", "total_order"]


class Filter(NamedTuple):
    """One condition; a record has to meet all of them.

    :param field: name of the field; dots lead into objects.
    :param value: the operand: a JSON value, a tuple of them, a text, or a boolean, as the operator wants.
    :param operator: a name of :data:`cliquet.protocol.operators.OPERATORS`.

    >>> Filter("a.b", 1, "min").holds({"a": {"b": 2}})
    True
    """

    field: str
    value: Any
    operator: str = "eq"

    @property
    def path(self) -> tuple[str, ...]:
        """The member names that lead to the field."""
        return tuple(self.field.split("."))

    def holds(self, record: dict[str, Any]) -> bool:
        """Whether a record meets the condition."""
        return OPERATORS[self.operator].holds(lookup(record, self.path), self.value)


class Sort(NamedTuple):
    """One key of the order; a negative ``direction`` is descending.

    >>> first, second = {"title": "A"}, {"title": "B"}
    >>> Sort("title").place(first) < Sort("title").place(second)
    True
    """

    field: str
    direction: int = 1

    @property
    def path(self) -> tuple[str, ...]:
        """The member names that lead to the field."""
        return tuple(self.field.split("."))

    def place(self, record: dict[str, Any]) -> Key:
        """The place of a record by this key alone; ids count in full, so that no two records share a place."""
        return key(record["id"]) if self.field == "id" else sort_key(lookup(record, self.path))


@dataclass(frozen=True)
class Query:
    """Which records of a scope, in which order, from where on.

    :param filters: all of them have to hold.
    :param sort: a total order, as :func:`total_order` completes it.
    :param limit: most records in the page; ``None`` is all.
    :param after: the keys of the last record of the page before.
    :param tombstones: whether deleted records are part of the answer.
    :param since: the time in ms that the reader has seen everything up to, when it says so.
    :param unless: the collection's time in ms at which no rows are wanted, for the reader has them.
    :param only: the ids that count, of records and of tombstones; ``None`` is all.

    >>> Query(sort=total_order([Sort("title")])).position({"title": "A", "last_modified": 5, "id": "x"})
    (Key(rank=1, number=0, text='A'), Key(rank=2, number=5, text=''), Key(rank=1, number=0, text='x'))
    """

    filters: tuple[Filter, ...] = ()
    sort: tuple[Sort, ...] = (Sort("last_modified", -1), Sort("id", -1))
    limit: int | None = None
    after: tuple[Key, ...] | None = None
    tombstones: bool = False
    since: int | None = None
    unless: int | None = None
    only: Set[str] | None = None

    def narrowed(self, *, unless: int | None = None, only: Set[str] | None = None) -> Query:
        """The same of some records alone, and none of them when the reader has them.

        >>> Query().narrowed(only={"a"}).only
        {'a'}
        """
        if unless is self.unless and only is self.only:
            return self
        return Query(self.filters, self.sort, self.limit, self.after, self.tombstones, self.since, unless, only)

    def matches(self, record: dict[str, Any]) -> bool:
        """Whether the filters let a live record or a tombstone through."""
        if record.get("deleted") is True and not self.tombstones:
            return False
        if self.only is not None and record["id"] not in self.only:
            return False
        return all(condition.holds(record) for condition in self.filters)

    def position(self, record: dict[str, Any]) -> tuple[Key, ...]:
        """The place of a record in the order."""
        return tuple(sort.place(record) for sort in self.sort)

    def compare(self, one: tuple[Key, ...], other: tuple[Key, ...]) -> int:
        """Negative, zero or positive, as the first place comes before, at or after the other."""
        for sort, mine, theirs in zip(self.sort, one, other, strict=True):
            if mine != theirs:
                return sort.direction if mine > theirs else -sort.direction
        return 0

    def ordered(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The records after ``after``, in the order, however many."""
        placed = [(self.position(record), record) for record in records]
        if self.after is not None:
            placed = [item for item in placed if self.compare(item[0], self.after) > 0]
        comparable = functools.cmp_to_key(self.compare)
        placed.sort(key=lambda item: comparable(item[0]))
        return [record for _, record in placed]


def total_order(asked: list[Sort]) -> tuple[Sort, ...]:
    """The order asked for, completed so that no two records have the same place.

    >>> total_order([])
    (Sort(field='last_modified', direction=-1), Sort(field='id', direction=-1))
    """
    directions = {sort.field: sort.direction for sort in asked}
    time = directions.get("last_modified", -1)
    completion = (Sort("last_modified", time), Sort("id", time))
    return (*asked, *(sort for sort in completion if sort.field not in directions))
