"""The records of a scope in the order of time, from where a page begins, up to an edge."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql import sorting
from cliquet.storage.sql.bound import in_scope
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD

__all__ = ["BY_TIME", "Window", "is_by_time"]

_RANGES = frozenset({"lt", "max", "gt", "min", "eq"})
_ONE: Any = sa.literal_column("1")
_NONE: Any = sa.literal_column("0")
#: After all times.
_LAST: Any = sa.literal_column(str(2**63 - 1))
#: The index of all records in the order of time.
BY_TIME = "record_by_time"


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

    def records(self, found: sa.Select[Any], *conditions: Expression, index: str = BY_TIME) -> sa.Select[Any]:
        """Of what is selected, the records that may be in the page, in its order.

        :param index: the name of one that has the order.
        """
        ordered = found.where(*self.place, *conditions).order_by(*self.order(RECORD.c))
        return ordered.with_hint(RECORD, f"INDEXED BY {index}", "sqlite")

    def first(
        self, number: int, found: sa.Select[Any], *, wanted: Any = None, index: str = BY_TIME
    ) -> tuple[sa.CTE, Expression]:
        """The page among so many records; and whether it is the page among all.

        :param found: selects records that are let through, of any time.
        :param wanted: whether it is looked for.
        """
        always = sa.true() if wanted is None else wanted
        # With tombstones, so that no index on a field, which knows of none, is taken for a list of all records.
        edge = self.edge(number, wanted=always)
        page = self.records(found, *self.living(RECORD), self.within(edge), index=index)
        page = page.limit(self.limit if wanted is None else sa.case((wanted, self.limit), else_=_NONE))
        looked_at = page.cte()
        full = sa.select(sa.func.count()).select_from(looked_at).scalar_subquery() >= self.limit
        enough = sa.select(sa.and_(always, sa.or_(edge.is_(None), full)).label("enough")).cte()
        return looked_at, sa.select(enough.c.enough).scalar_subquery()

    def sorted(self, found: sa.Select[Any]) -> sa.Select[Any]:
        """A page of what is read in any order."""
        read = found.subquery()
        return sa.select(*read.c).order_by(*self.order(read.c)).limit(self.limit)

    def joined(self, *parts: sa.Select[Any]) -> sa.Select[Any]:
        """The rows of some parts, in the order of the page."""
        found = sa.union_all(*(sa.select(*part.subquery().c) for part in parts)).subquery()
        return sa.select(*found.c).order_by(*self.order(found.c))

    def edge(self, many: int, *conditions: Expression, wanted: Expression) -> Expression:
        """The time of the record that comes after so many; nothing where there are not so many, or it is not wanted."""
        last = self.records(sa.select(RECORD.c.last_modified).select_from(RECORD), *conditions)
        last = last.limit(sa.case((wanted, _ONE), else_=_NONE)).offset(sa.literal_column(str(many)))
        edge = sa.select(last.scalar_subquery().label("time")).cte()
        return sa.select(edge.c.time).scalar_subquery()

    def within(self, edge: Expression) -> Expression:
        """Whether a record is not beyond the edge."""
        time: Any = RECORD.c.last_modified
        found: Expression = time <= sa.func.coalesce(edge, _LAST)
        return found if self.direction > 0 else time >= sa.func.coalesce(edge, _NONE)

    @property
    def place(self) -> list[Expression]:
        """Whether a record is in the scope, and after the page before."""
        return [*in_scope(RECORD), *self.after(RECORD.c)]

    def after(self, columns: Any) -> list[Expression]:
        """Whether a record is after the page before.

        :param columns: with the time and the id of the record.
        """
        return [sorting.after_time(self.direction, columns)] if self.continued else []

    def living(self, table: Any) -> list[Expression]:
        """Whether a record is meant at all."""
        return [] if self.tombstones else [sa.not_(table.c.deleted)]

    def order(self, columns: Any) -> list[Any]:
        """What to order by."""
        keys = (columns.last_modified, self.dialect.column_text(columns.id))
        return [key.asc() if self.direction > 0 else key.desc() for key in keys]

    @property
    def limit(self) -> Any:
        """How many records are wanted. It is another parameter each time, for one that is shared cannot be copied."""
        return sa.bindparam("limit", type_=sa.Integer())

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
