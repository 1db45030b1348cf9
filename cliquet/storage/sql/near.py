"""A page, in the order of time, of the records that conditions let through which an index narrows, but does not count.

The page is most often among the first records where it begins: they are looked at, in the order of time. When it is not
full then, the index is asked. Of what it knows, few records are read and sorted; when there are many, the page may
still be soon found in the order of time, so that some more records are looked at first.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql.bound import text
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.declared import Pin, pinned, said_differently
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD
from cliquet.storage.sql.window import Window

__all__ = ["NearPage"]

#: So many records are looked at in any case, and so many where the index knows of more than a few. To look at one costs
#: a fifth of what it costs to read one by the index.
NEAR, WIDE = 2_000, 20_000
FEW = 2_000
_NONE: Any = sa.literal_column("0")


class NearPage(NamedTuple):
    """Makes the rows of a page.

    :param shape: of the page, which is limited.
    :param pin: names the filter whose index is asked.
    :param likely: what holds for all that the filter lets through, and is soon seen.
    :param columns: what is selected of the table of records that it is given.
    """

    dialect: Dialect
    shape: tuple[Any, ...]
    pin: Pin
    likely: list[Expression]
    columns: Any

    def rows(self) -> sa.Select[Any]:
        """The rows, in their order."""
        near, is_near = self._looked_at(NEAR)
        some = self._known.limit(self._unless(is_near, sa.literal_column(str(FEW + 1)))).subquery("some")
        counted = sa.select(sa.func.count().label("number")).select_from(some).cte()
        many = sa.select(counted.c.number).scalar_subquery() > sa.literal_column(str(FEW))
        wide, is_wide = self._looked_at(WIDE, many)
        read = self._known.limit(self._unless(sa.or_(is_near, is_wide), self.dialect.everything))
        looked_at = (sa.select(*near.c).where(is_near), sa.select(*wide.c).where(is_wide))
        return self._window.joined(*looked_at, self._window.sorted(read))

    def _looked_at(self, number: int, wanted: Any = None) -> tuple[sa.CTE, Expression]:
        """The page among so many records, without the index; and whether it is the page among all."""
        found = sa.select(*self.columns(RECORD)).select_from(RECORD)
        found = found.where(*self.likely, *self._filters(without=self.pin.first))
        return self._window.first(number, found, wanted=wanted)

    @property
    def _known(self) -> sa.Select[Any]:
        """The records that the index knows of.

        It is the only one that can be asked: the plan for all values takes a list for one of many that have few
        records, and would look at all of them.
        """
        found = sa.select(*self.columns(RECORD)).where(said_differently(RECORD.c.parent) == text("parent"))
        found = found.where(*self._window.after, *self._window.living(RECORD), *self._filters())
        return pinned(found, self.pin.resource)

    def _filters(self, *, without: int | None = None) -> list[Expression]:
        return compile_filters(
            self.dialect, self.shape[0], without=frozenset[int]() if without is None else frozenset({without})
        )

    @staticmethod
    def _unless(found: Expression, limit: Any) -> Any:
        return sa.case((found, _NONE), else_=limit)

    @property
    def _window(self) -> Window:
        return Window(self.dialect, self.shape[1], continued=self.shape[4], tombstones=False)
