"""The total order over JSON values, written once more so that a server can be compared with it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cmp_to_key
from typing import Any, Final

__all__ = ["MISSING", "OPERATORS", "canonical", "key", "same"]


class _Missing:
    """The value of a field that a record has not."""


MISSING: Final = _Missing()
_RANKS: Final[Mapping[type, int]] = {
    type(None): 0,
    str: 1,
    int: 2,
    float: 2,
    bool: 3,
    list: 4,
    dict: 5,
    _Missing: 6,
}


def _number(value: float) -> str:
    if isinstance(value, int) or (value.is_integer() and abs(value) < 2**63):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def canonical(value: Any) -> str:
    """The one text of a value.

    >>> canonical({"bb": [1.0, None], "a": "é"})
    '{"a": "é", "bb": [1, null]}'
    """
    if isinstance(value, list):
        return f"[{', '.join(map(canonical, value))}]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (len(name.encode()), name.encode()))
        return "{" + ", ".join(f"{canonical(name)}: {canonical(value[name])}" for name in names) + "}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(value)
    return json.dumps(value, ensure_ascii=False)


def _compared(value: Any) -> Any:
    if isinstance(value, list | dict):
        return canonical(value)
    return 0 if value is None or value is MISSING else value


def _compare(left: Any, right: Any) -> int:
    ranks = _RANKS[type(left)], _RANKS[type(right)]
    a, b = ranks if ranks[0] != ranks[1] else (_compared(left), _compared(right))
    return (a > b) - (a < b)


#: Sorts JSON values and :data:`MISSING`; Python compares strings by code point, as the protocol does.
key: Final = cmp_to_key(_compare)


def same(left: Any, right: Any) -> bool:
    """Whether two values are equal in the order.

    >>> same(1, 1.0), same(1, True)
    (True, False)
    """
    return _compare(left, right) == 0


def _present(test: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    return lambda stored, given: stored is not MISSING and test(_compare(stored, given))


def _any(test: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    return lambda stored, given: test(_compare(stored, given))


#: Prefix of a parameter -> whether a record with the stored value is selected by the given one.
OPERATORS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "": _present(lambda sign: sign == 0),
    "not_": _any(lambda sign: sign != 0),
    "lt_": _present(lambda sign: sign < 0),
    "max_": _present(lambda sign: sign <= 0),
    "gt_": _any(lambda sign: sign > 0),
    "min_": _any(lambda sign: sign >= 0),
    "in_": _present(lambda sign: sign == 0),
    "exclude_": _any(lambda sign: sign != 0),
}
