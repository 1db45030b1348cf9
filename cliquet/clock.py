"""The time, in integer milliseconds since the epoch."""

from __future__ import annotations

import time
from collections.abc import Callable

__all__ = ["Clock", "now"]

#: Anything that answers the time in ms; a test passes its own.
Clock = Callable[[], int]


def now() -> int:
    """The system's time in ms since the epoch.

    >>> now() > 1_700_000_000_000
    True
    """
    return time.time_ns() // 1_000_000
