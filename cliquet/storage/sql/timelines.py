"""The statements about the state of scopes, whose rows are their locks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.storage.sql.bound import in_scope, number, text
from cliquet.storage.sql.fields import Dialect
from cliquet.storage.sql.tables import RECORD, TIMELINE

__all__ = ["Timelines"]

_ZERO: Any = sa.literal_column("0")
_ONE: Any = sa.literal_column("1")
_SLASH = sa.literal_column("'/'", sa.Text())


class Timelines:
    """Makes the expressions for one dialect. The rows of a lock are those of :data:`TIMELINE`.

    :param dialect: what the database says differently.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def head(self) -> Any:
        """The state of a scope."""
        return sa.select(TIMELINE.c.last_modified, TIMELINE.c.horizon).where(*in_scope(TIMELINE))

    def lock(self) -> Any:
        """The row of a scope that has one, locked; SQLite has locked everything already."""
        return self._dialect.in_turn(sa.select(*TIMELINE.c).where(*in_scope(TIMELINE)))

    def heads(self) -> Any:
        """The rows of those of some scopes that have one."""
        return sa.select(*TIMELINE.c).where(self._dialect.among_scopes(TIMELINE))

    def states(self) -> Any:
        """The rows of those of some scopes that have one, in the columns of a question."""
        count = sa.cast(TIMELINE.c.cascades, sa.Text())
        columns = (TIMELINE.c.parent, TIMELINE.c.resource, count, TIMELINE.c.last_modified, TIMELINE.c.horizon)
        return sa.select(*columns).where(self._dialect.among_scopes(TIMELINE))

    def state(self) -> Any:
        """The same for one scope."""
        count = sa.cast(TIMELINE.c.cascades, sa.Text())
        columns = (TIMELINE.c.parent, TIMELINE.c.resource, count, TIMELINE.c.last_modified, TIMELINE.c.horizon)
        return sa.select(*columns).where(*in_scope(TIMELINE))

    def held(self) -> Any:
        """The same, locked."""
        return sa.select(*self._dialect.locked(self.state()).subquery("held").c)

    def begin(self) -> Any:
        """The rows of scopes that may have none, locked one after the other, in one order for everybody."""
        return self._locked(self._scopes(_ZERO), TIMELINE.c.cascades)

    def stop(self) -> Any:
        """The same, because something above the scopes is deleted."""
        return self._locked(self._scopes(_ONE), TIMELINE.c.cascades + _ONE)

    def stop_below(self) -> Any:
        """The same for the scopes below the records of some scopes, locked in the same order.

        What is below a record that was deleted alone has its row already, if it has anything.
        """
        parent = RECORD.c.parent + _SLASH + text("segment") + _SLASH + RECORD.c.id
        known = TIMELINE.alias("known")
        begun = sa.exists().where(known.c.parent == parent, known.c.resource == text("resource"))
        above = (self._dialect.one_of(RECORD.c.parent, "parents", numbers=False), RECORD.c.resource == text("above"))
        names = sa.select(self._dialect.column_text(parent).label("below"), text("resource"), _ZERO, _ZERO, _ONE)
        below = names.where(*above, sa.not_(RECORD.c.deleted) | begun).distinct().order_by("below")
        return self._locked(below, TIMELINE.c.cascades + _ONE)

    def move_horizon(self) -> Any:
        """Set the horizon of a scope that is locked."""
        return sa.update(TIMELINE).where(*in_scope(TIMELINE)).values(horizon=number("horizon"))

    def move_on(self) -> Any:
        """Set the times of scopes that are locked, and their horizons to the same."""
        moved = self._dialect.rows("moved", parent=sa.Text(), resource=sa.Text(), time=sa.BigInteger())
        same = (TIMELINE.c.parent == moved.c.parent, TIMELINE.c.resource == moved.c.resource)
        return sa.update(TIMELINE).where(*same).values(last_modified=moved.c.time, horizon=moved.c.time)

    def scopes_of(self) -> Any:
        """The parents that a resource has records under."""
        return sa.select(TIMELINE.c.parent).where(TIMELINE.c.resource == text("resource"))

    def _scopes(self, cascades: Any) -> sa.Select[Any]:
        wanted = self._dialect.rows("scopes", parent=sa.Text(), resource=sa.Text())
        columns = [self._dialect.column_text(column) for column in (wanted.c.parent, wanted.c.resource)]
        # SQLite wants a condition here, for otherwise it takes ON CONFLICT for one.
        return sa.select(*columns, _ZERO, _ZERO, cascades).where(_ZERO == _ZERO).order_by(*columns)

    def _locked(self, scopes: sa.Select[Any], cascades: Any) -> Any:
        """The rows of scopes: when its turn comes, each is written, or waited for and locked."""
        insert = self._dialect.insert(TIMELINE).from_select([column.name for column in TIMELINE.c], scopes)
        kept = {"cascades": cascades}
        return insert.on_conflict_do_update(index_elements=["parent", "resource"], set_=kept).returning(*TIMELINE.c)
