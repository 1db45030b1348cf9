"""How a timestamp is written in headers (``docs/protocol/preconditions``)."""

from __future__ import annotations

from email.utils import formatdate
from functools import lru_cache

__all__ = ["etag", "http_date"]


def etag(timestamp: int) -> str:
    """The strong tag of a time in ms.

    >>> etag(1500)
    '"1500"'
    """
    return f'"{timestamp}"'


def http_date(timestamp: int) -> str:
    """The HTTP date of a time in ms, cut to the second.

    >>> http_date(1500)
    'Thu, 01 Jan 1970 00:00:01 GMT'
    """
    return _date(timestamp // 1000)


@lru_cache(maxsize=4096)
def _date(seconds: int) -> str:
    return formatdate(seconds, usegmt=True)
