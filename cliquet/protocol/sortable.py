"""Keys of the one total order as texts that compare alike, by code point: what indexes on fields are made of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cliquet.protocol import order
from cliquet.protocol.order import SORTED_LENGTH, Key

__all__ = ["HAS_VALUE", "ITEM", "encode", "entries", "is_exact", "item_entries"]

#: Exponents are counted from here, so that they are three digits: a number has at most 309 before its point.
_MIDDLE = 500
_COMPLEMENT = str.maketrans("0123456789", "9876543210")
#: Every value comes before this, and what is missing is this.
HAS_VALUE = "6"
#: What the entry of an item begins with; the keys of all fields come before it.
ITEM = "7"


def encode(key: Key) -> str:
    """The text of a key; longer texts count by their beginning, as in a sort.

    >>> values = [None, "a", -20, -2.5, 0, 1e-7, 3, 12, True, [1], {}, order.MISSING]
    >>> texts = [encode(order.key(value)) for value in values]
    >>> texts == sorted(texts)
    True
    """
    return f"{key.rank}{_number(key.number) if key.rank == 2 else key.text[:SORTED_LENGTH]}"


def is_exact(key: Key) -> bool:
    """Whether comparing with the text of a key is comparing with the key, also for texts that are longer.

    >>> is_exact(order.key("a" * 255)), is_exact(order.key("a" * 256))
    (True, False)
    """
    return len(key.text) < SORTED_LENGTH


def item_entries(array: Any) -> list[str]:
    """The texts of what an array contains, each once; none when it is no array.

    >>> item_entries([1, 1.0, "1"]), item_entries("abc")
    (['711', '7225011'], [])
    """
    return sorted({f"{ITEM}{encode(order.key(item))}" for item in array}) if isinstance(array, list) else []


def entries(value: Any) -> list[str]:
    """All texts by which a value is found: its own, and those of its items.

    >>> entries("abc"), entries(["abc"]), entries(order.MISSING)
    (['1abc'], ['4["abc"]', '71abc'], ['6'])
    """
    return [encode(order.key(value)), *item_entries(value)]


def _number(value: float) -> str:
    """Zero is ``1``; others have their sign, the place of their point, and their digits.

    >>> _number(250), _number(-250)
    ('250325', '049674~')
    """
    _, digits, exponent = Decimal(repr(order.plain_number(value))).as_tuple()
    text = "".join(map(str, digits)).lstrip("0")
    place = len(text) + int(exponent)
    text = text.rstrip("0")
    if not text:
        return "1"
    if value > 0:
        return f"2{_MIDDLE + place:03d}{text}"
    # The larger a negative number is written, the smaller it is; the end keeps the shorter of two from coming first.
    return f"0{_MIDDLE - 1 - place:03d}{text.translate(_COMPLEMENT)}~"
