"""A page, in the order of time, of the records that have one of some entries: the first with each, merged.

Of each entry, no more records are looked at than the page has, and those that other filters do not let through.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql import entries, indexed
from cliquet.storage.sql.bound import text
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.declared import Pin
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD
from cliquet.storage.sql.window import Window

__all__ = ["MergedPage"]


class MergedPage(NamedTuple):
    """Makes the rows of a page.

    :param shape: of the page, which is limited.
    :param pin: names the filter whose entries are asked for.
    :param columns: what is selected of the table of records that it is given.
    """

    dialect: Dialect
    shape: tuple[Any, ...]
    pin: Pin
    columns: Any

    def rows(self) -> sa.Select[Any]:
        """The rows, in their order."""
        first, window = self.pin.first, self._window
        wanted = entries.wanted(self.dialect, self.shape[0][first], f"f{first}i0").subquery("wanted")
        found = self.dialect.first_of_each(wanted, self._first(wanted)).subquery("first")
        # Who has two of the entries is found twice.
        once = sa.select(*found.c).group_by(*found.c).order_by(*window.order(found.c)).limit(window.limit)
        return window.sorted(entries.led_to(self.dialect, once, self.columns(RECORD)))

    def _first(self, wanted: sa.FromClause) -> sa.Select[Any]:
        """Times and ids of the first records that have an entry, and that the other filters let through."""
        held = entries.table(self.shape[0][self.pin.first][1][0])
        here = (held.c.parent == text("parent"), held.c.entry == wanted.c.value, *self._window.after(held.c))
        found = sa.select(held.c.last_modified, held.c.id)
        if conditions := self._others():
            record = entries.by_id((RECORD.c.last_modified, RECORD.c.id))
            same = (RECORD.c.id == held.c.id, RECORD.c.last_modified == held.c.last_modified)
            found = self.dialect.beside(held, record.where(*same, *conditions))
        return found.where(*here).order_by(*self._window.order(held.c)).limit(self._window.limit)

    def _others(self) -> list[Expression]:
        """What the entries do not say."""
        filters = list(self.shape[0])
        filters[self.pin.first or 0] = indexed.answered(filters[self.pin.first or 0])
        return compile_filters(self.dialect, tuple(filters))

    @property
    def _window(self) -> Window:
        return Window(self.dialect, self.shape[1], continued=self.shape[4], tombstones=False)
