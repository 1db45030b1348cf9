"""The statements that forget records and tombstones."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.storage.sql.bound import in_scope, number
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import RECORD, TIMELINE, UNIQUE

__all__ = ["Removals"]

_AGE: Any = sa.tuple_(RECORD.c.last_modified, RECORD.c.id)


class Removals:
    """Makes the expressions for one dialect.

    :param dialect: what the database says differently.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def old_tombstones(self) -> Any:
        """The scopes that have tombstones from before a time."""
        old = RECORD.c.deleted & (RECORD.c.last_modified < number("before"))
        return sa.select(RECORD.c.parent, RECORD.c.resource).where(old).distinct()

    def purge(self) -> Any:
        """Forget the tombstones of a scope from before a time."""
        return self._forget(RECORD.c.deleted & (RECORD.c.last_modified < number("before")))

    def trim(self, shape: tuple[Any, ...]) -> Any:
        """Forget what a scope has from before a time, or all live records but the newest, or both."""
        aged, crowded, filters = shape
        meant = compile_filters(self._dialect, filters)
        old = [RECORD.c.last_modified < number("before")] if aged else []
        surplus = [sa.not_(RECORD.c.deleted) & _AGE.__le__(self._first_to_go(meant))] if crowded else []
        return self._forget(sa.and_(sa.or_(*old, *surplus), *meant))

    def forget_values(self) -> Any:
        """Forget the unique values that forgotten records of a scope left behind."""
        theirs = self._dialect.one_of(UNIQUE.c.record, "records", numbers=False)
        return sa.delete(UNIQUE).where(*in_scope(UNIQUE), theirs)

    def remove(self) -> Any:
        """Forget everything in some scopes."""
        return sa.delete(RECORD).where(self._dialect.among_scopes(RECORD)).returning(*list(RECORD.c)[:6])

    def remove_values(self) -> Any:
        """Forget the unique values of some scopes."""
        return sa.delete(UNIQUE).where(self._dialect.among_scopes(UNIQUE))

    def stop_writers(self) -> list[Any]:
        """Wait until all who write have ended; who begins to write waits, also in new scopes."""
        return [sa.text("LOCK TABLE timeline IN EXCLUSIVE MODE")] if self._dialect.locks_rows else []

    def flush(self) -> list[Any]:
        """Forget all records."""
        return [sa.delete(table) for table in (RECORD, UNIQUE)]

    def forget_times(self) -> Any:
        """Forget the timelines."""
        return sa.delete(TIMELINE)

    def go_on(self) -> Any:
        """Let all timelines go on from a time, without a horizon."""
        now, later = sa.bindparam("now", type_=sa.BigInteger()), TIMELINE.c.last_modified + 1
        return sa.update(TIMELINE).values(last_modified=sa.case((later > now, later), else_=now), horizon=0)

    def _forget(self, which: Any) -> Any:
        gone = sa.delete(RECORD).where(*in_scope(RECORD), which)
        return gone.returning(RECORD.c.id, RECORD.c.last_modified, RECORD.c.deleted)

    def _first_to_go(self, meant: list[Expression]) -> Any:
        """Time and id of the newest live record that is one too many."""
        live = sa.select(RECORD.c.last_modified, RECORD.c.id).where(
            *in_scope(RECORD), sa.not_(RECORD.c.deleted), *meant
        )
        ordered = live.order_by(RECORD.c.last_modified.desc(), RECORD.c.id.desc())
        return ordered.offset(number("keep")).limit(sa.literal_column("1")).correlate(None).scalar_subquery()
