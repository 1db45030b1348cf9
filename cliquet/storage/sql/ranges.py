"""A page, in the order of time, of the records whose keys are in a range.

The entries of few records are sorted. Of more, the page may be soon found in the order of time: an index that has the
key beside the time lets all others be passed over without a look at them. Where it is not, all entries of the range are
sorted, unless they are very many.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql import entries, indexed
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.declared import DeclaredField, Pin
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD
from cliquet.storage.sql.window import Window

__all__ = ["RangePage"]

#: So many records of a range are sorted; of more, so many entries are passed over in the order of time; and so on.
STAGES = ((1_000, 2_000), (20_000, 20_000), (200_000, None))
_NONE: Any = sa.literal_column("0")


class RangePage(NamedTuple):
    """Makes the rows of a page.

    :param shape: of the page, which is limited.
    :param pin: names the filter whose field is asked.
    :param columns: what is selected of the table of records that it is given.
    """

    dialect: Dialect
    shape: tuple[Any, ...]
    pin: Pin
    columns: Any

    def rows(self) -> sa.Select[Any]:
        """The rows, in their order."""
        few: list[Expression] = []
        done: list[Expression] = []
        parts: list[sa.Select[Any]] = []
        for most, number in STAGES:
            few.append(self._at_most(most, sa.not_(sa.or_(sa.false(), *done))))
            done.append(few[-1])
            if number is not None:
                near, is_near = self._first(number, sa.not_(sa.or_(*done)))
                parts.append(sa.select(*near.c).where(is_near))
                done.append(is_near)
        return self._window.joined(*parts, self._known(sa.or_(*few)), self._far(sa.not_(sa.or_(*done))))

    def _first(self, number: int, wanted: Expression) -> tuple[sa.CTE, Expression]:
        """The page among so many entries; and whether it is the page among all."""
        return self._window.first(number, self._passed_over(), wanted=wanted, index=self._by_time)

    def _far(self, wanted: Expression) -> sa.Select[Any]:
        """The page among all entries."""
        far = self._window.records(self._passed_over(), *self._window.living(RECORD), index=self._by_time)
        return far.limit(sa.case((wanted, self._window.limit), else_=_NONE))

    def _at_most(self, most: int, wanted: Expression) -> Expression:
        """Whether the range has no more records.

        :param wanted: whether somebody needs to know.
        """
        limit: Any = sa.case((wanted, sa.literal_column(str(most + 1))), else_=_NONE)
        counted = sa.select(sa.func.count().label("number")).select_from(self._entries.limit(limit).subquery()).cte()
        number = sa.select(counted.c.number).scalar_subquery()
        at_most = sa.select(sa.and_(wanted, number <= sa.literal_column(str(most))).label("enough")).cte()
        return sa.select(at_most.c.enough).scalar_subquery()

    def _passed_over(self) -> sa.Select[Any]:
        """What is let through, as the index in the order of time sees it."""
        found = self.dialect.pinned(sa.select(*self.columns(RECORD)), self._field.resource)
        return found.where(*compile_filters(self.dialect, self.shape[0], by_time=self._field))

    def _known(self, wanted: Expression) -> sa.Select[Any]:
        """What is let through, by the entries of the range.

        :param wanted: whether it is looked for.
        """
        others = compile_filters(self.dialect, tuple(map(self._left_of, self.shape[0])))
        found, window = self._entries.subquery("found"), self._window
        limit = self.dialect.everything if others else window.limit
        known = sa.select(*found.c).order_by(*window.order(found.c)).limit(sa.case((wanted, limit), else_=_NONE))
        return window.sorted(entries.led_to(self.dialect, known, self.columns(RECORD), *others))

    def _left_of(self, condition: tuple[Any, ...]) -> tuple[Any, ...]:
        """What of a condition the entries do not say."""
        mine = condition[1] and condition[1][0] == self._field and condition[0] not in indexed.ITEMS
        return indexed.answered(condition) if mine else condition

    @property
    def _entries(self) -> sa.Select[Any]:
        """Times and ids of the records in the range."""
        table, known = entries.keyed(self.dialect, self.shape[0], self._field)
        return known.where(*self._window.after(table.c))

    @property
    def _field(self) -> DeclaredField:
        field: DeclaredField = self.shape[0][self.pin.first][1][0]
        return field

    @property
    def _by_time(self) -> str:
        return self._field.name("time")

    @property
    def _window(self) -> Window:
        return Window(self.dialect, self.shape[1], continued=self.shape[4], tombstones=False)
