"""What SQLite lacks to compare JSON as the protocol does, as functions of its connections."""

from __future__ import annotations

import functools
import sqlite3
from typing import Any

from cliquet.protocol import body, like, order, sortable

__all__ = ["register"]

#: Each index on a field asks for the same values when a record is written: that many are kept, and none that is longer.
_KEPT, _SHORT = 256, 1000


def canonical(text: str | None) -> str | None:
    """The canonical text of an array or object in JSON.

    >>> canonical('{"bb":1.0,"a":2}')
    '{"a": 2, "bb": 1}'
    """
    return None if text is None else order.canonical(body.decode(text.encode(), depth=body.STORED_DEPTH))


def real(text: str | None) -> float | None:
    """The number that a JSON text denotes, rounded as everywhere else.

    >>> real("0.1")
    0.1
    """
    return None if text is None else float(text)


def number_text(value: float | None) -> str | None:
    """The digits of a number."""
    return None if value is None else order.number_text(value)


def pick(record: str, path: str) -> str | None:
    """The JSON at a path that SQLite's own paths cannot express.

    >>> pick('{"a\\\\"b":{"c":[1]}}', '["a\\\\"b","c"]')
    '[1]'
    """
    found = order.lookup(body.decode(record.encode(), depth=body.STORED_DEPTH), tuple(body.decode(path.encode())))
    return None if found is order.MISSING else body.encode(found).decode()


def is_like(text: str | None, value: str) -> bool:
    """Whether a text is like a value, in which ``*`` is the wildcard."""
    return text is not None and like.matches(text, value)


def contains(array: str | None, wanted: str, anything: int) -> bool:
    """Whether a JSON array has all the items wanted, or any of them.

    >>> contains("[1,2]", "[1.0]", 0), contains("[1,2]", "[2,3]", 1), contains('"12"', '["1"]', 0)
    (True, True, False)
    """
    values = body.decode(array.encode(), depth=body.STORED_DEPTH) if array else None
    if not isinstance(values, list):
        return False
    mine = {order.key(value) for value in values}
    theirs = {order.key(value) for value in body.decode(wanted.encode())}
    return bool(mine & theirs) if anything else theirs <= mine


def key(value: str | None) -> str:
    """The text by which a JSON value is ordered, or a missing one.

    >>> key('"abc"'), key(None)
    ('1abc', '6')
    """
    return _key(value) if value is None or len(value) <= _SHORT else _key.__wrapped__(value)


def items(array: str | None) -> str | None:
    """What a JSON array contains, as an array of texts: for the indexes of earlier versions, until they are dropped."""
    if array is None:
        return None
    found = sortable.item_entries(body.decode(array.encode(), depth=body.STORED_DEPTH))
    return body.encode([entry.removeprefix(sortable.ITEM) for entry in found]).decode()


def entries(value: str | None) -> str:
    """The texts by which a JSON value is found, or a missing one, as a JSON array.

    >>> entries("[1]"), entries(None)
    ('["4[1]","7225011"]', '["6"]')
    """
    return _entries(value) if value is None or len(value) <= _SHORT else _entries.__wrapped__(value)


@functools.lru_cache(_KEPT)
def _key(value: str | None) -> str:
    return sortable.encode(order.key(_decoded(value)))


@functools.lru_cache(_KEPT)
def _entries(value: str | None) -> str:
    return body.encode(sortable.entries(_decoded(value))).decode()


def _decoded(value: str | None) -> Any:
    return order.MISSING if value is None else body.decode(value.encode(), depth=body.STORED_DEPTH)


_FUNCTIONS: tuple[tuple[str, int, Any], ...] = (
    ("cliquet_canonical", 1, canonical),
    ("cliquet_real", 1, real),
    ("cliquet_number_text", 1, number_text),
    ("cliquet_pick", 2, pick),
    ("cliquet_like", 2, is_like),
    ("cliquet_contains", 3, contains),
    ("cliquet_key", 1, key),
    ("cliquet_items", 1, items),
    ("cliquet_entries", 1, entries),
)


def register(connection: sqlite3.Connection) -> None:
    """Give the functions to a connection."""
    for name, arguments, function in _FUNCTIONS:
        connection.create_function(name, arguments, function, deterministic=True)
