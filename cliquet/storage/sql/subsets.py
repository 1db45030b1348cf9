"""A page, in the order of time, of those records of a scope whose ids another part of the database knows.

Few ids are looked up, one after the other. When there are many, the page is most often among the records where it
begins: so many of these that it takes no longer than to look up many ids are compared with them, in the order of time.
Only when the page is not full then, all ids are looked up. In any case, no record is read that is not in the page.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql import sorting
from cliquet.storage.sql.bound import in_scope, number
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD

__all__ = ["SubsetPage", "is_by_time"]

#: So many ids are few, and so many records are compared with more than those.
FEW, NEAR = 2_000, 20_000
_RANGES = frozenset({"lt", "max", "gt", "min", "eq"})
_ONE: Any = sa.literal_column("1")
_NONE: Any = sa.literal_column("0")
#: After all times.
_LAST: Any = sa.literal_column(str(2**63 - 1))
_BY_TIME, _BY_ID = "INDEXED BY record_by_time", "INDEXED BY sqlite_autoindex_record_1"


class SubsetPage(NamedTuple):
    """Makes the rows of a page.

    :param shape: of the page, which is limited.
    :param columns: what is selected of the table of records that it is given.
    :param time: of the scope.
    """

    dialect: Dialect
    shape: tuple[Any, ...]
    columns: Any
    time: Expression

    def rows(self) -> sa.Select[Any]:
        """The rows, in their order."""
        held = self._held().cte("held_ids")
        many = self._is_many(held)
        edge = self._edge(many)
        near = self._near(held, many, edge).cte("near")
        full = sa.select(sa.func.count()).select_from(near).scalar_subquery() >= self._limit
        enough = sa.select(sa.and_(many, sa.or_(edge.is_(None), full)).label("enough")).cte("enough")
        is_enough = sa.select(enough.c.enough).scalar_subquery()
        some = sa.select(*near.c).where(is_enough)
        found = sa.union_all(some, self._far(held, is_enough)).subquery("page")
        return sa.select(*found.c).order_by(*self._order(found.c))

    def _held(self) -> sa.Select[Any]:
        """The ids, if there may be a page at all."""
        _, _, _, _, _, conditional, select, _ = self.shape
        # The time of the first record, for PostgreSQL would look anywhere for one that exists.
        first = self._window(sa.select(RECORD.c.last_modified).select_from(RECORD)).limit(_ONE)
        wanted: Expression = first.scalar_subquery().is_not(None)
        if conditional:
            wanted = sa.and_(sa.func.coalesce(self.time, 0) != number("unless"), wanted)
        return self.dialect.provided(sa.select(select().subquery("held").c.id), wanted, None)

    def _is_many(self, held: sa.CTE) -> Expression:
        """Whether there are many ids."""
        some = sa.select(_ONE.label("one")).select_from(held).limit(sa.literal_column(str(FEW + 1))).subquery("some")
        counted = sa.select(sa.func.count().label("number")).select_from(some).cte("counted")
        return sa.select(counted.c.number).scalar_subquery() > sa.literal_column(str(FEW))

    def _edge(self, many: Expression) -> Expression:
        """The time up to which records are compared; nothing when that are all."""
        last = self._window(sa.select(RECORD.c.last_modified).select_from(RECORD))
        last = last.limit(sa.case((many, _ONE), else_=_NONE)).offset(sa.literal_column(str(NEAR)))
        edge = sa.select(last.scalar_subquery().label("time")).cte("edge")
        return sa.select(edge.c.time).scalar_subquery()

    def _near(self, held: sa.CTE, many: Expression, edge: Expression) -> sa.Select[Any]:
        """The page among the records where it begins."""
        row = RECORD.alias("row")
        same = sa.and_(*in_scope(row), row.c.id == RECORD.c.id, *self._living(row))
        row, here = self.dialect.looked_up(row, same, "one")
        found = self._window(sa.select(*self.columns(row)).select_from(RECORD.join(row, here)))
        time: Any = RECORD.c.last_modified
        within = time <= sa.func.coalesce(edge, _LAST) if self._direction > 0 else time >= sa.func.coalesce(edge, _NONE)
        found = found.where(within, self.dialect.among(RECORD.c.id, sa.select(held.c.id)))
        return found.limit(sa.case((many, self._limit), else_=_NONE))

    def _far(self, held: sa.CTE, is_enough: Expression) -> sa.Select[Any]:
        """The page among all ids: their times first, in which the page is found, then its rows."""
        everything: Any = sa.case((is_enough, _NONE), else_=self.dialect.everything)
        times = sa.select(RECORD.c.id, RECORD.c.last_modified).where(*self._conditions(), *self._living(RECORD))
        far = self._chosen(times, sa.select(held.c.id).limit(everything))
        page = sa.select(far.c.id).order_by(*self._order(far.c)).limit(self._limit)
        return sa.select(*self._chosen(sa.select(*self.columns(RECORD)).where(*in_scope(RECORD)), page).c)

    def _chosen(self, found: sa.Select[Any], ids: sa.Select[Any]) -> sa.Subquery:
        return self.dialect.chosen_of(found.with_hint(RECORD, _BY_ID, "sqlite"), ids, recent=False)

    def _window(self, found: sa.Select[Any]) -> sa.Select[Any]:
        """The records that may be in the page, in the order of time."""
        ordered = found.where(*self._conditions()).order_by(*self._order(RECORD.c))
        return ordered.with_hint(RECORD, _BY_TIME, "sqlite")

    def _conditions(self) -> list[Expression]:
        filters, sort, _, _, continued, *_ = self.shape
        after = [one for one, _ in sorting.after(self.dialect, sort)] if continued else []
        return [*in_scope(RECORD), *compile_filters(self.dialect, filters), *after]

    def _living(self, table: Any) -> list[Expression]:
        return [] if self.shape[2] else [sa.not_(table.c.deleted)]

    def _order(self, columns: Any) -> list[Any]:
        keys = (columns.last_modified, self.dialect.column_text(columns.id))
        return [key.asc() if self._direction > 0 else key.desc() for key in keys]

    @property
    def _direction(self) -> int:
        return sorting.TIMES[_times(self.shape[1])]

    @property
    def _limit(self) -> Any:
        return sa.bindparam("limit", type_=sa.Integer())


def is_by_time(filters: tuple[Any, ...], sort: tuple[Any, ...]) -> bool:
    """Whether a page is about times alone, in their order."""
    ranges = (name in _RANGES and scanned and scanned[0] == "last_modified" for name, _, scanned in filters)
    return all(ranges) and _times(sort) in sorting.TIMES


def _times(sort: tuple[Any, ...]) -> tuple[tuple[Any, int], ...]:
    return tuple((kind, direction) for kind, direction, _ in sort)
