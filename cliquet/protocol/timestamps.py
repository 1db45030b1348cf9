"""Which timestamp a change gets (``docs/protocol/timestamps``)."""

from __future__ import annotations

from typing import Any, NamedTuple

from cliquet.errors import InvalidInput, Problem

__all__ = ["DAY", "Assigned", "assign", "supplied"]

#: A day in ms: how far ahead of the clock a client's timestamp may be.
DAY = 86_400_000


class Assigned(NamedTuple):
    """The time in ms of the record, and the time in ms of its scope after the change."""

    record: int
    scope: int


def assign(scope: int, now: int, *, wanted: int | None = None, current: int | None = None) -> Assigned:
    """The timestamp of a change, decided while the scope is locked.

    :param scope: the scope's time in ms.
    :param now: the clock's time in ms; it may jump.
    :param wanted: the time that the client supplied.
    :param current: the time of the record or tombstone that is replaced. A change that would be dated at or before the
        timeline is dated anew, for whoever polls has passed that time; only what is new may be dated in the past.

    >>> assign(100, 90), assign(100, 200)
    (Assigned(record=101, scope=101), Assigned(record=200, scope=200))
    >>> assign(100, 200, wanted=50), assign(100, 200, wanted=150), assign(100, 200, wanted=70, current=60)
    (Assigned(record=50, scope=100), Assigned(record=150, scope=150), Assigned(record=200, scope=200))
    """
    if wanted is None or (current is not None and wanted <= max(current, scope)):
        fresh = max(now, scope + 1)
        return Assigned(fresh, fresh)
    if wanted == scope:
        return Assigned(scope + 1, scope + 1)
    return Assigned(wanted, max(wanted, scope))


def supplied(value: Any, now: int, *, location: str = "body", name: str = "data.last_modified") -> int | None:
    """The timestamp that a client supplied, ``None`` when it did not.

    :raises InvalidInput: names the field when it is not an integer from 0 to a day ahead.

    >>> supplied(None, 0), supplied(5, 0)
    (None, 5)
    """
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= now + DAY:
        text = "Invalid value for last_modified: milliseconds from 0 to a day from now, as an integer, are expected."
        raise InvalidInput(Problem(location, name, text))
    return value
