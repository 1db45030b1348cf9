"""The records of a scope in the order of time, from where a page begins, up to an edge."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql import sorting
from cliquet.storage.sql.bound import in_scope
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD

__all__ = ["Window", "is_by_time"]

_RANGES = frozenset({"lt", "max", "gt", "min", "eq"})
_ONE: Any = sa.literal_column("1")
_NONE: Any = sa.literal_column("0")
#: After all times.
_LAST: Any = sa.literal_column(str(2**63 - 1))
_BY_TIME = "INDEXED BY record_by_time"


class Window(NamedTuple):
    """Makes the expressions.

    :param sort: the shape of the order, which is by time.
    :param continued: whether the page comes after another one.
    :param tombstones: whether deleted records are in it.
    """

    dialect: Dialect
    sort: tuple[Any, ...]
    continued: bool
    tombstones: bool

    def records(self, found: sa.Select[Any], *conditions: Expression) -> sa.Select[Any]:
        """Of what is selected, the records that may be in the page, in its order."""
        ordered = found.where(*self.place, *conditions).order_by(*self.order(RECORD.c))
        return ordered.with_hint(RECORD, _BY_TIME, "sqlite")

    def edge(self, name: str, many: int, *conditions: Expression, wanted: Expression) -> Expression:
        """The time of the record that comes after so many; nothing where there are not so many, or it is not wanted.

        :param name: of the part of the statement.
        """
        last = self.records(sa.select(RECORD.c.last_modified).select_from(RECORD), *conditions)
        last = last.limit(sa.case((wanted, _ONE), else_=_NONE)).offset(sa.literal_column(str(many)))
        edge = sa.select(last.scalar_subquery().label("time")).cte(name)
        return sa.select(edge.c.time).scalar_subquery()

    def within(self, edge: Expression) -> Expression:
        """Whether a record is not beyond the edge."""
        time: Any = RECORD.c.last_modified
        found: Expression = time <= sa.func.coalesce(edge, _LAST)
        return found if self.direction > 0 else time >= sa.func.coalesce(edge, _NONE)

    @property
    def place(self) -> list[Expression]:
        """Whether a record is in the scope, and after the page before."""
        after = [one for one, _ in sorting.after(self.dialect, self.sort)] if self.continued else []
        return [*in_scope(RECORD), *after]

    def living(self, table: Any) -> list[Expression]:
        """Whether a record is meant at all."""
        return [] if self.tombstones else [sa.not_(table.c.deleted)]

    def order(self, columns: Any) -> list[Any]:
        """What to order by."""
        keys = (columns.last_modified, self.dialect.column_text(columns.id))
        return [key.asc() if self.direction > 0 else key.desc() for key in keys]

    @property
    def direction(self) -> int:
        """Whether the oldest or the newest come first."""
        return sorting.TIMES[_times(self.sort)]


def is_by_time(filters: tuple[Any, ...], sort: tuple[Any, ...]) -> bool:
    """Whether a page is about times alone, in their order."""
    ranges = (name in _RANGES and scanned and scanned[0] == "last_modified" for name, _, scanned in filters)
    return all(ranges) and _times(sort) in sorting.TIMES


def _times(sort: tuple[Any, ...]) -> tuple[tuple[Any, int], ...]:
    return tuple((kind, direction) for kind, direction, _ in sort)
