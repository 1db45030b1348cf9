"""A page, in the order of time, of the records whose keys are in a range.

Few records are read by the index of the keys, and sorted. Of more, the page may be soon found in the order of time: an
index that has the key beside the time lets all others be passed over without a look at them. Where it is not, all that
the range has is read and sorted, unless it has very many.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql.choices import keyed
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.declared import DeclaredField, pinned
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD
from cliquet.storage.sql.window import Window

__all__ = ["RangePage"]

#: So many records of a range are few.
FEW = 1_000
#: So many entries are passed over in the order of time at first, and so many before more records are read:
#: to find where they end costs half as much as to pass over them.
NEAR, WIDE = 2_000, 20_000
#: So many are read and sorted rather than looked for among all: to pass over an entry costs a tenth of that.
SOME = 10_000
_NONE: Any = sa.literal_column("0")


class RangePage(NamedTuple):
    """Makes the rows of a page.

    :param shape: of the page, which is limited.
    :param field: whose indexes are asked.
    :param columns: what is selected of the table of records that it is given.
    """

    dialect: Dialect
    shape: tuple[Any, ...]
    field: DeclaredField
    columns: Any

    def rows(self) -> sa.Select[Any]:
        """The rows, in their order."""
        few = self._at_most(FEW)
        near, is_near = self._first(NEAR, sa.not_(few))
        wide, is_wide = self._first(WIDE, sa.not_(sa.or_(few, is_near)))
        soon = sa.or_(is_near, is_wide)
        some = self._at_most(SOME, unless=sa.or_(few, soon))
        read = self._known.limit(
            sa.case((sa.or_(few, sa.and_(sa.not_(soon), some)), self.dialect.everything), else_=_NONE)
        )
        far = self._window.records(self._passed_over(), *self._window.living(RECORD), index=self._by_time)
        far = far.limit(sa.case((sa.or_(few, soon, some), _NONE), else_=self._window.limit))
        looked_at = (sa.select(*near.c).where(is_near), sa.select(*wide.c).where(is_wide))
        return self._window.joined(*looked_at, self._window.sorted(read), far)

    def _first(self, number: int, wanted: Expression) -> tuple[sa.CTE, Expression]:
        """The page among so many entries; and whether it is the page among all."""
        return self._window.first(number, self._passed_over(), wanted=wanted, index=self._by_time)

    def _at_most(self, most: int, *, unless: Expression | None = None) -> Expression:
        """Whether the range has no more records.

        :param unless: whether nobody needs to know.
        """
        limit: Any = sa.literal_column(str(most + 1))
        limit = limit if unless is None else sa.case((unless, _NONE), else_=limit)
        found = keyed(self.dialect, self.shape[0], self.field).where(*self._window.after)
        counted = sa.select(sa.func.count().label("number")).select_from(found.limit(limit).subquery())
        number = counted.cte()
        at_most: Expression = sa.select(number.c.number).scalar_subquery() <= sa.literal_column(str(most))
        return at_most

    def _passed_over(self) -> sa.Select[Any]:
        """What is let through, as the index in the order of time sees it."""
        found = pinned(sa.select(*self.columns(RECORD)), self.field.resource)
        return found.where(*compile_filters(self.dialect, self.shape[0], by_time=self.field))

    @property
    def _known(self) -> sa.Select[Any]:
        """What is let through, by the index of the keys."""
        found = pinned(sa.select(*self.columns(RECORD)), self.field.resource, self.field.name("up"))
        found = found.where(*self._window.place, *self._window.living(RECORD))
        return found.where(*compile_filters(self.dialect, self.shape[0]))

    @property
    def _by_time(self) -> str:
        return self.field.name("time")

    @property
    def _window(self) -> Window:
        return Window(self.dialect, self.shape[1], continued=self.shape[4], tombstones=False)
