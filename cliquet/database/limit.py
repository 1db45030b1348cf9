"""How long a statement may take that may have to look at very many rows."""

from __future__ import annotations

from typing import NamedTuple

from cliquet.errors import BackendError, SearchTimedOut, TimedOut

__all__ = ["Limit", "named"]


class Limit(NamedTuple):
    """A time in ms, and the fields that no index is for.

    :param guessed: whether how long it takes depends on the values, so that the database should plan for them.
    """

    milliseconds: int
    missing: tuple[str, ...] = ()
    guessed: bool = True


def named(error: BackendError, limit: Limit | None) -> BackendError:
    """The error of a statement; where its time was over, it says what would help."""
    if limit is None or not isinstance(error, TimedOut):
        return error
    return SearchTimedOut(error.original, limit.milliseconds, limit.missing)
