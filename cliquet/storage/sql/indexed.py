"""Compiles conditions on declared fields, for which there are indexes: on their keys, and on what arrays contain.

Where the key of a long text says less than the operator asks for, the condition is an addition to the exact one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.protocol import order, sortable
from cliquet.storage.sql.declared import DeclaredField, quoted
from cliquet.storage.sql.fields import Dialect, Expression

__all__ = ["OPERATORS", "Asked", "Operand", "Operator", "condition"]


class Operand(NamedTuple):
    """What of an operand the text of a statement depends on, what is bound, and whether the condition is enough."""

    form: Hashable
    values: list[Any]
    exact: bool


class Asked(NamedTuple):
    """A field, and the text by which it is ordered, as the index has it that is asked."""

    field: DeclaredField
    key: Expression


@dataclass(frozen=True)
class Operator:
    """How an index is asked.

    :param split: given the operand; nothing when an index is of no use.
    :param build: the expression, given what is asked, the form and the names of the bound values.
    """

    split: Callable[[Dialect, Any], Operand | None]
    build: Callable[[Dialect, Asked, Any, list[str]], Expression]


def _split_value(dialect: Dialect, value: Any) -> Operand:
    key = order.key(value)
    exact = sortable.is_exact(key)
    return Operand(exact, [sortable.encode(key)], exact)


def _split_list(dialect: Dialect, values: tuple[Any, ...]) -> Operand:
    keys = [order.key(value) for value in values]
    return Operand(None, [dialect.list_of([sortable.encode(key) for key in keys])], all(map(sortable.is_exact, keys)))


def _split_items(dialect: Dialect, values: tuple[Any, ...]) -> Operand | None:
    return Operand(None, [dialect.items_of(values)], False) if values else None


def _bound(name: str) -> Expression:
    return sa.bindparam(name, type_=sa.Text())


def _eq(dialect: Dialect, asked: Asked, form: Any, names: list[str]) -> Expression:
    return asked.key == _bound(names[0])


def _in(dialect: Dialect, asked: Asked, form: Any, names: list[str]) -> Expression:
    return dialect.one_of(asked.key, names[0], numbers=False)


def _beyond(*, above: bool, equal: bool) -> Callable[[Dialect, Asked, bool, list[str]], Expression]:
    def build(dialect: Dialect, asked: Asked, exact: bool, names: list[str]) -> Expression:
        if equal or not exact:
            return asked.key >= _bound(names[0]) if above else asked.key <= _bound(names[0])
        return asked.key > _bound(names[0]) if above else asked.key < _bound(names[0])

    return build


def _has(dialect: Dialect, asked: Asked, wanted: bool, names: list[str]) -> Expression:
    end: Expression = quoted(sortable.HAS_VALUE)
    return asked.key < end if wanted else asked.key == end


def _contains(*, anything: bool) -> Callable[[Dialect, Asked, Any, list[str]], Expression]:
    return lambda dialect, asked, form, names: dialect.holding(asked.field, names[0], anything=anything)


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
        "contains": Operator(_split_items, _contains(anything=False)),
        "contains_any": Operator(_split_items, _contains(anything=True)),
    }
)


def condition(dialect: Dialect, operator: str, asked: Any, place: int, *, by_time: bool = False) -> Expression:
    """A condition on an index.

    :param asked: its shape: the field, the form of the operand, and how many values are bound.
    :param place: of the filter among the others.
    :param by_time: whether the index in the order of time is asked.
    """
    field, form, count = asked
    key = dialect.key_by_time(field.path) if by_time else dialect.order_key(field.path)
    names = [f"f{place}i{number}" for number in range(count)]
    return OPERATORS[operator].build(dialect, Asked(field, key), form, names)
