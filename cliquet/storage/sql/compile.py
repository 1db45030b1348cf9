"""Compiles the filters, the sort and the position of a query into SQL, one row per operator.

A query is split into its *shape*, from which a statement is built once, and its *values*, which are bound each time.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import sqlalchemy as sa

from cliquet.protocol import body, order
from cliquet.protocol.query import Filter
from cliquet.storage.sql import entries, indexed
from cliquet.storage.sql.declared import DeclaredField
from cliquet.storage.sql.fields import COLUMNS, Dialect, Expression, Field, Place, column_field, searched

__all__ = [
    "NOTHING_DECLARED",
    "OPERATORS",
    "Compiled",
    "Declared",
    "Operator",
    "beyond_rank",
    "compile_filters",
    "field_of",
    "is_rank",
    "key_values",
    "operand_of",
    "place_of",
    "searchable",
    "split",
]


#: The fields of a resource that have indexes, by their paths.
Declared = Mapping[tuple[str, ...], DeclaredField]
NOTHING_DECLARED: Declared = MappingProxyType({})


@dataclass(frozen=True)
class Operator:
    """How one operator is said in SQL.

    :param split: the operand as (shape, values): what the text depends on, and what is bound.
    :param build: the expression, given the field, the shape and the names of the bound values.
    """

    split: Callable[[Dialect, Any], tuple[Hashable, list[Any]]]
    build: Callable[[Dialect, Field, Any, list[str]], Expression]


@dataclass(frozen=True)
class Compiled:
    """The shape of all filters together, and the values to bind by name."""

    shape: tuple[Hashable, ...]
    values: Mapping[str, Any]


def place_of(dialect: Dialect, path: tuple[str, ...]) -> Place:
    """Where a field is: in a column, or somewhere in the JSON."""
    return (path[0], None) if len(path) == 1 and path[0] in COLUMNS else dialect.place(path)


def field_of(dialect: Dialect, kind: str, path_name: str) -> Field:
    """The expressions of a field at a kind of place."""
    return column_field(kind, dialect) if kind in COLUMNS else dialect.json_field(kind, dialect.path(path_name))


def split(dialect: Dialect, filters: tuple[Filter, ...], declared: Declared = NOTHING_DECLARED) -> Compiled:
    """The shape and the values of filters.

    :param declared: the fields that have indexes, by their paths.
    """
    shape: list[Hashable] = []
    values: dict[str, Any] = {}
    for index, condition in enumerate(filters):
        asked, exact = None, False
        if (field := declared.get(condition.path)) and (row := indexed.OPERATORS.get(condition.operator)):
            asked, exact = _ask(row.split(dialect, condition.value), field, values, f"f{index}i")
        scanned = None if exact else _scan(dialect, condition, values, f"f{index}")
        shape.append((condition.operator, asked, scanned))
    return Compiled(tuple(shape), values)


def _ask(
    operand: indexed.Operand | None, field: DeclaredField, values: dict[str, Any], name: str
) -> tuple[Hashable, bool]:
    """The shape of a condition on an index, if it is of use, and whether it says all."""
    if operand is None:
        return None, False
    values |= {f"{name}{number}": value for number, value in enumerate(operand.values)}
    return (field, operand.form, len(operand.values)), operand.exact


def _scan(dialect: Dialect, condition: Filter, values: dict[str, Any], name: str) -> Hashable:
    """The shape of a condition that is looked at record by record."""
    kind, path = place_of(dialect, condition.path)
    form, bound = OPERATORS[condition.operator].split(dialect, condition.value)
    values |= {f"{name}v{number}": value for number, value in enumerate(bound)}
    if path is not None:
        values[f"{name}p"] = path
    return kind, form, len(bound)


def compile_filters(
    dialect: Dialect,
    shape: tuple[Any, ...],
    *,
    by_ids: bool = False,
    by_time: DeclaredField | None = None,
) -> list[Expression]:
    """The conditions of a shape that :func:`split` made.

    :param by_ids: whether the records with some items are looked up by their ids.
    :param by_time: the field whose index in the order of time is asked.
    """
    conditions = []
    for index, condition in enumerate(shape):
        operator, asked, scanned = condition
        if asked is not None and operator not in indexed.ITEMS:
            path = asked[0].path
            key = dialect.key_by_time(path) if asked[0] == by_time else dialect.order_key(path)
            conditions.append(indexed.condition(dialect, operator, asked, index, key=key))
        elif asked is not None and by_ids:
            conditions.append(dialect.has_id(entries.holders(dialect, condition, f"f{index}i0")))
        if scanned is not None:
            kind, form, count = scanned
            names = [f"f{index}v{number}" for number in range(count)]
            conditions.append(OPERATORS[operator].build(dialect, field_of(dialect, kind, f"f{index}p"), form, names))
    return conditions


def key_values(dialect: Dialect, key: order.Key) -> list[Any]:
    """What of a key is bound."""
    if key.rank in (0, 6):
        return []
    return [dialect.number(key.number) if key.rank == 2 else key.text]


def operand_of(field: Field, rank: int, name: str) -> tuple[Expression, Expression]:
    """The side of the field and the side of the value, for values of a rank."""
    side = field.number if rank == 2 else field.text
    bound: Expression = sa.bindparam(name, type_=sa.Numeric() if rank == 2 and _is_json(field) else _type(side))
    return side, bound


def is_rank(field: Field, rank: int) -> Expression:
    """Whether the field's value has that type."""
    if isinstance(field.rank, int):
        return sa.true() if field.rank == rank else sa.false()
    return field.rank == sa.literal_column(str(rank))


def beyond_rank(field: Field, rank: int, *, above: bool) -> Expression:
    """Whether the field's type comes after, or before, that type."""
    if isinstance(field.rank, int):
        return sa.true() if (field.rank > rank if above else field.rank < rank) else sa.false()
    bound: Expression = sa.literal_column(str(rank))
    return field.rank > bound if above else field.rank < bound


def _is_json(field: Field) -> bool:
    return not isinstance(field.rank, int)


def _type(side: Expression) -> Any:
    return sa.BigInteger() if isinstance(side.type, sa.BigInteger) else sa.Text()


def _split_value(dialect: Dialect, value: Any) -> tuple[Hashable, list[Any]]:
    key = order.key(value)
    return key.rank, key_values(dialect, key)


def _eq(dialect: Dialect, field: Field, rank: int, names: list[str]) -> Expression:
    same = is_rank(field, rank)
    if not names:
        return same
    side, bound = operand_of(field, rank, names[0])
    return sa.and_(same, side == bound)


def _beyond(*, above: bool, equal: bool) -> Callable[[Dialect, Field, int, list[str]], Expression]:
    def build(dialect: Dialect, field: Field, rank: int, names: list[str]) -> Expression:
        other = beyond_rank(field, rank, above=above)
        if not names:
            return sa.or_(other, is_rank(field, rank)) if equal else other
        side, bound = operand_of(field, rank, names[0])
        compared = (side >= bound if equal else side > bound) if above else (side <= bound if equal else side < bound)
        return sa.or_(other, sa.and_(is_rank(field, rank), compared))

    return build


def _split_list(dialect: Dialect, values: tuple[Any, ...]) -> tuple[Hashable, list[Any]]:
    keys = [order.key(value) for value in values]
    ranks = sorted({key.rank for key in keys})
    bound = [
        dialect.list_of([value for key in keys if key.rank == rank for value in key_values(dialect, key)])
        for rank in ranks
        if rank != 0
    ]
    return tuple(ranks), bound


def _in(dialect: Dialect, field: Field, ranks: tuple[int, ...], names: list[str]) -> Expression:
    left = iter(names)
    choices = []
    for rank in ranks:
        same = is_rank(field, rank)
        if rank != 0:
            name = next(left)
            side = field.number if rank == 2 else field.text
            same = sa.and_(same, dialect.one_of(side, name, numbers=rank == 2))
        choices.append(same)
    return sa.or_(sa.false(), *choices)


def _not(build: Callable[[Dialect, Field, Any, list[str]], Expression]) -> Any:
    def negated(dialect: Dialect, field: Field, form: Any, names: list[str]) -> Expression:
        return sa.not_(sa.func.coalesce(build(dialect, field, form, names), sa.false()))

    return negated


def _split_like(dialect: Dialect, value: str) -> tuple[Hashable, list[Any]]:
    return None, [dialect.pattern(value)]


def _like(dialect: Dialect, field: Field, form: None, names: list[str]) -> Expression:
    return dialect.like(searched(field, dialect), names[0])


def _has(dialect: Dialect, field: Field, wanted: bool, names: list[str]) -> Expression:
    missing = is_rank(field, 6)
    return sa.not_(missing) if wanted else missing


def _split_elements(dialect: Dialect, values: tuple[Any, ...]) -> tuple[Hashable, list[Any]]:
    return bool(values), [body.encode(searchable(list(values))).decode()]


def _contains(*, anything: bool) -> Callable[[Dialect, Field, Any, list[str]], Expression]:
    def build(dialect: Dialect, field: Field, form: Any, names: list[str]) -> Expression:
        if isinstance(field.rank, int):
            return sa.false()
        held = dialect.contains(field, names[0], anything=anything)
        # What has items is an array; to say so would make PostgreSQL think that nearly nothing is.
        return held if form else sa.and_(is_rank(field, 4), held)

    return build


def searchable(value: Any) -> Any:
    """A value in which numbers without a fraction are integers, so that databases compare them exactly."""
    if isinstance(value, dict):
        return {name: searchable(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [searchable(inner) for inner in value]
    return order.plain_number(value) if isinstance(value, float) else value


#: The table, by the names of :data:`cliquet.protocol.operators.OPERATORS`.
OPERATORS: Mapping[str, Operator] = MappingProxyType(
    {
        "eq": Operator(_split_value, _eq),
        "not": Operator(_split_value, _not(_eq)),
        "lt": Operator(_split_value, _beyond(above=False, equal=False)),
        "max": Operator(_split_value, _beyond(above=False, equal=True)),
        "gt": Operator(_split_value, _beyond(above=True, equal=False)),
        "min": Operator(_split_value, _beyond(above=True, equal=True)),
        "in": Operator(_split_list, _in),
        "exclude": Operator(_split_list, _not(_in)),
        "like": Operator(_split_like, _like),
        "has": Operator(lambda dialect, wanted: (wanted, []), _has),
        "contains": Operator(_split_elements, _contains(anything=False)),
        "contains_any": Operator(_split_elements, _contains(anything=True)),
    }
)
