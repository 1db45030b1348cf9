"""The one total order over JSON values (``docs/protocol/reading``)."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any, NamedTuple

__all__ = ["MISSING", "SORTED_LENGTH", "Key", "Missing", "canonical", "equal", "key", "lookup", "sort_key", "text"]

#: Sorting looks at that many code points of a text, so that page tokens stay short.
SORTED_LENGTH = 256


class Missing:
    """The value of a field that a record has not."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "MISSING"


MISSING = Missing()


class Key(NamedTuple):
    """What two values are compared by: first the rank of their types, then their number, then their text.

    >>> sorted([key(True), key("b"), key(None), key(2), key(MISSING), key("a"), key([])])[0]
    Key(rank=0, number=0, text='')
    """

    rank: int
    number: int | float = 0
    text: str = ""


def key(value: Any) -> Key:
    """The place of a value: null < text < number < boolean < array < object < missing.

    >>> key("z") < key(1) < key(False) < key([]) < key({}) < key(MISSING)
    True
    >>> key(1) == key(1.0), key(1) == key(True)
    (True, False)
    """
    if value is None:
        return Key(0)
    if isinstance(value, str):
        return Key(1, 0, value)
    if isinstance(value, bool):
        return Key(3, 0, "true" if value else "false")
    if isinstance(value, int | float):
        return Key(2, value)
    if isinstance(value, list | tuple):
        return Key(4, 0, canonical(value))
    return Key(6) if value is MISSING else Key(5, 0, canonical(value))


def sort_key(value: Any) -> Key:
    """The place of a value in a sorted page; long texts count by their beginning.

    >>> len(sort_key("a" * 1000).text)
    256
    """
    found = key(value)
    return found._replace(text=found.text[:SORTED_LENGTH])


def equal(one: Any, other: Any) -> bool:
    """Whether two values are the same JSON value.

    >>> equal([1, {"a": 2}], [1.0, {"a": 2}]), equal(0, False)
    (True, False)
    """
    return key(one) == key(other)


def canonical(value: Any) -> str:
    """The text by which arrays and objects are compared and searched.

    Members are ordered by the length of their name in bytes, then by its bytes; numbers have no exponent and no
    superfluous fraction.

    >>> canonical({"bb": 1.0, "a": ["x", None, 1e3]})
    '{"a": ["x", null, 1000], "bb": 1}'
    """
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(encoded := name.encode()), encoded))
        return "{" + ", ".join(f"{canonical(name)}: {canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(canonical, value)) + "]"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False)


def number_text(value: float) -> str:
    """A number in digits only.

    >>> number_text(1e21), number_text(0.1), number_text(-0.0)
    ('1000000000000000000000', '0.1', '0')
    """
    plain = plain_number(value)
    return str(plain) if isinstance(plain, int) else format(Decimal(repr(plain)), "f")


def plain_number(value: float) -> int | float:
    """A number without a fraction as an integer where 64 bits hold it.

    >>> plain_number(2.0), plain_number(2.5), plain_number(1e30)
    (2, 2.5, 1e+30)
    """
    if isinstance(value, float) and value.is_integer() and -(2**63) <= value < 2**63:
        return int(value)
    return value


def text(value: Any) -> str | None:
    """The text that ``like`` searches in; ``None`` when there is no value.

    >>> text("abc"), text(12), text(True), text(None), text(MISSING)
    ('abc', '12', 'true', 'null', None)
    """
    if value is MISSING:
        return None
    return value if isinstance(value, str) else canonical(value)


def lookup(record: Any, path: tuple[str, ...]) -> Any:
    """The value at a path of member names, or :data:`MISSING`.

    >>> lookup({"a": {"b": 1}}, ("a", "b")), lookup({"a": 1}, ("a", "b"))
    (1, MISSING)
    """
    for name in path:
        if not isinstance(record, dict) or name not in record:
            return MISSING
        record = record[name]
    return record
