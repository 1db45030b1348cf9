"""Compiles conditions on declared fields, for which there are indexes: on their keys, and on the items of arrays.

Where the key of a long text says less than the operator asks for, the condition is an addition to the exact one.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.protocol import order, sortable
from cliquet.storage.sql.declared import quoted
from cliquet.storage.sql.fields import Dialect, Expression

__all__ = ["ITEMS", "LISTED", "OPERATORS", "Operand", "Operator", "answered", "condition"]

#: The operators on the items of arrays.
ITEMS = frozenset({"contains", "contains_any"})
#: The operators for which one of some entries is enough.
LISTED = ITEMS | {"in"}


class Operand(NamedTuple):
    """What of an operand the text of a statement depends on, what is bound, and whether the condition is enough."""

    form: Hashable
    values: list[Any]
    exact: bool


@dataclass(frozen=True)
class Operator:
    """How an index is asked.

    :param split: given the operand; nothing when an index is of no use.
    :param build: the expression, given the key of the field, the form and the names of the bound values; nothing where
        it is not about the key.
    """

    split: Callable[[Dialect, Any], Operand | None]
    build: Callable[[Dialect, Expression, Any, list[str]], Expression] | None = None


def _split_value(dialect: Dialect, value: Any) -> Operand:
    key = order.key(value)
    exact = sortable.is_exact(key)
    return Operand(exact, [sortable.encode(key)], exact)


def _split_list(dialect: Dialect, values: tuple[Any, ...]) -> Operand:
    keys = [order.key(value) for value in values]
    return Operand(None, [dialect.list_of([sortable.encode(key) for key in keys])], all(map(sortable.is_exact, keys)))


def _split_items(dialect: Dialect, values: tuple[Any, ...], *, most: int | None = None) -> Operand | None:
    """Its form says whether it is enough that a record has one of the entries.

    :param most: of how many items one is enough.
    """
    says_all = len(values) <= (most or len(values)) and all(sortable.is_exact(order.key(value)) for value in values)
    return Operand(says_all, [dialect.list_of(sortable.item_entries(list(values)))], False) if values else None


def _bound(name: str) -> Expression:
    return sa.bindparam(name, type_=sa.Text())


def _eq(dialect: Dialect, key: Expression, form: Any, names: list[str]) -> Expression:
    return key == _bound(names[0])


def _in(dialect: Dialect, key: Expression, form: Any, names: list[str]) -> Expression:
    return dialect.one_of(key, names[0], numbers=False)


def _beyond(*, above: bool, equal: bool) -> Callable[[Dialect, Any, bool, list[str]], Expression]:
    def build(dialect: Dialect, key: Any, exact: bool, names: list[str]) -> Expression:
        if equal or not exact:
            compared: Expression = key >= _bound(names[0]) if above else key <= _bound(names[0])
            return compared
        beyond: Expression = key > _bound(names[0]) if above else key < _bound(names[0])
        return beyond

    return build


def _has(dialect: Dialect, key: Any, wanted: bool, names: list[str]) -> Expression:
    end: Expression = quoted(sortable.HAS_VALUE)
    found: Expression = key < end if wanted else key == end
    return found


#: The operators that an index serves, by the names of :data:`cliquet.protocol.operators.OPERATORS`.
OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "eq": Operator(_split_value, _eq),
        "lt": Operator(_split_value, _beyond(above=False, equal=False)),
        "max": Operator(_split_value, _beyond(above=False, equal=True)),
        "gt": Operator(_split_value, _beyond(above=True, equal=False)),
        "min": Operator(_split_value, _beyond(above=True, equal=True)),
        "in": Operator(_split_list, _in),
        "has": Operator(lambda dialect, wanted: Operand(wanted, [], True), _has),
        "contains": Operator(functools.partial(_split_items, most=1)),
        "contains_any": Operator(_split_items),
    }
)


def condition(dialect: Dialect, operator: str, asked: Any, place: int, *, key: Expression) -> Expression:
    """A condition on the key of a field.

    :param asked: its shape: the field, the form of the operand, and how many values are bound.
    :param place: of the filter among the others.
    :param key: the text by which the field is ordered, as what is asked has it.
    """
    _, form, count = asked
    build = OPERATORS[operator].build
    assert build is not None
    return build(dialect, key, form, [f"f{place}i{number}" for number in range(count)])


def answered(condition: tuple[Any, ...]) -> tuple[Any, ...]:
    """What of a condition is left to be looked at, when its entries have been read.

    :param condition: its shape.
    """
    operator, asked, scanned = condition
    says_all = operator in ITEMS and asked is not None and asked[1]
    return operator, None, None if says_all else scanned
