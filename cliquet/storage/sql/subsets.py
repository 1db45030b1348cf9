"""A page, in the order of time, of those records of a scope whose ids another part of the database knows.

Few ids are looked up, one after the other. When there are many, the page is most often among the records where it
begins: so many of these that it takes no longer than to look up many ids are compared with them, in the order of time.
Only when the page is not full then, all ids are looked up. In any case, no record is read that is not in the page.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql.bound import in_scope, number
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD
from cliquet.storage.sql.window import Window

__all__ = ["SubsetPage"]

#: So many ids are few, and so many records are compared with more than those.
FEW, NEAR = 2_000, 20_000
_ONE: Any = sa.literal_column("1")
_NONE: Any = sa.literal_column("0")
_BY_ID = "INDEXED BY sqlite_autoindex_record_1"


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
        held = self._held().cte()
        many = self._is_many(held)
        edge = self._window.edge(NEAR, *self._filters, wanted=many)
        near = self._near(held, many, edge).cte()
        full = sa.select(sa.func.count()).select_from(near).scalar_subquery() >= self._limit
        enough = sa.select(sa.and_(many, sa.or_(edge.is_(None), full)).label("enough")).cte()
        is_enough = sa.select(enough.c.enough).scalar_subquery()
        some = sa.select(*near.c).where(is_enough)
        found = sa.union_all(some, self._far(held, is_enough)).subquery("page")
        return sa.select(*found.c).order_by(*self._window.order(found.c))

    def _held(self) -> sa.Select[Any]:
        """The ids, if there may be a page at all."""
        _, _, _, _, _, conditional, select, _ = self.shape
        # The time of the first record, for PostgreSQL would look anywhere for one that exists.
        first = self._window.records(sa.select(RECORD.c.last_modified).select_from(RECORD), *self._filters)
        wanted: Expression = first.limit(_ONE).scalar_subquery().is_not(None)
        if conditional:
            wanted = sa.and_(sa.func.coalesce(self.time, 0) != number("unless"), wanted)
        return self.dialect.provided(sa.select(select().subquery("held").c.id), wanted, None)

    def _is_many(self, held: sa.CTE) -> Expression:
        """Whether there are many ids."""
        some = sa.select(_ONE.label("one")).select_from(held).limit(sa.literal_column(str(FEW + 1))).subquery("some")
        counted = sa.select(sa.func.count().label("number")).select_from(some).cte()
        return sa.select(counted.c.number).scalar_subquery() > sa.literal_column(str(FEW))

    def _near(self, held: sa.CTE, many: Expression, edge: Expression) -> sa.Select[Any]:
        """The page among the records where it begins."""
        row = RECORD.alias("row")
        same = sa.and_(*in_scope(row), row.c.id == RECORD.c.id, *self._window.living(row))
        row, here = self.dialect.looked_up(row, same, "one")
        found = self._window.records(
            sa.select(*self.columns(row)).select_from(RECORD.join(row, here)),
            *self._filters,
            self._window.within(edge),
            self.dialect.among(RECORD.c.id, sa.select(held.c.id)),
        )
        return found.limit(sa.case((many, self._limit), else_=_NONE))

    def _far(self, held: sa.CTE, is_enough: Expression) -> sa.Select[Any]:
        """The page among all ids: their times first, in which the page is found, then its rows."""
        everything: Any = sa.case((is_enough, _NONE), else_=self.dialect.everything)
        times = sa.select(RECORD.c.id, RECORD.c.last_modified)
        times = times.where(*self._window.place, *self._filters, *self._window.living(RECORD))
        far = self._chosen(times, sa.select(held.c.id).limit(everything))
        page = sa.select(far.c.id).order_by(*self._window.order(far.c)).limit(self._limit)
        return sa.select(*self._chosen(sa.select(*self.columns(RECORD)).where(*in_scope(RECORD)), page).c)

    def _chosen(self, found: sa.Select[Any], ids: sa.Select[Any]) -> sa.Subquery:
        return self.dialect.chosen_of(found.with_hint(RECORD, _BY_ID, "sqlite"), ids, recent=False)

    @property
    def _window(self) -> Window:
        return Window(self.dialect, self.shape[1], continued=self.shape[4], tombstones=self.shape[2])

    @property
    def _filters(self) -> list[Expression]:
        return compile_filters(self.dialect, self.shape[0])

    @property
    def _limit(self) -> Any:
        return sa.bindparam("limit", type_=sa.Integer())
