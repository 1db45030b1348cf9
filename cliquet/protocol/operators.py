"""The filter operators, one row each: what they mean for any JSON value (``docs/protocol/reading``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from cliquet.protocol import like, order
from cliquet.protocol.order import MISSING, Key

__all__ = ["OPERATORS", "Operator"]


@dataclass(frozen=True)
class Operator:
    """One operator.

    :param name: the word before the field in a query string; also the name of the row in every backend.
    :param operand: what its value is: one ``value``, a ``list`` of values, ``text``, or a ``flag``.
    :param holds: whether it holds, given the field's value (or ``MISSING``) and the operand.
    """

    name: str
    operand: Literal["value", "list", "text", "flag", "elements"]
    holds: Callable[[Any, Any], bool]


def _eq(value: Any, operand: Any) -> bool:
    return value is not MISSING and order.equal(value, operand)


def _in(value: Any, operands: tuple[Any, ...]) -> bool:
    return value is not MISSING and order.key(value) in _keys(operands)


def _like(value: Any, operand: str) -> bool:
    found = order.text(value)
    return found is not None and like.matches(found, operand)


def _contains(value: Any, operands: tuple[Any, ...]) -> bool:
    return isinstance(value, list) and _keys(operands) <= _keys(value)


def _contains_any(value: Any, operands: tuple[Any, ...]) -> bool:
    return isinstance(value, list) and bool(_keys(operands) & _keys(value))


def _keys(values: Any) -> set[Key]:
    return {order.key(value) for value in values}


_ROWS = (
    Operator("eq", "value", _eq),
    Operator("not", "value", lambda value, operand: not _eq(value, operand)),
    Operator("lt", "value", lambda value, operand: order.key(value) < order.key(operand)),
    Operator("max", "value", lambda value, operand: order.key(value) <= order.key(operand)),
    Operator("gt", "value", lambda value, operand: order.key(value) > order.key(operand)),
    Operator("min", "value", lambda value, operand: order.key(value) >= order.key(operand)),
    Operator("in", "list", _in),
    Operator("exclude", "list", lambda value, operands: not _in(value, operands)),
    Operator("like", "text", _like),
    Operator("has", "flag", lambda value, operand: (value is not MISSING) is operand),
    Operator("contains", "elements", _contains),
    Operator("contains_any", "elements", _contains_any),
)

#: The table, by name.
OPERATORS: Mapping[str, Operator] = MappingProxyType({row.name: row for row in _ROWS})
