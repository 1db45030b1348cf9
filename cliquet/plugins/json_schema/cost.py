"""How much work a subschema causes for one value, at most; the unit is about 20 ns of a slow machine."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Flag
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = ["NOTHING", "Cost", "Numbers", "add", "numbers_in", "of_keywords"]


class Numbers(Flag):
    """What sorts of numbers there are in a value, by the work of comparing them.

    Doubles are compared as exact fractions, which takes long for very large and very small ones. Integers that are not
    all doubles collide when they are hashed.

    >>> numbers_in(7), numbers_in(2**53), numbers_in(1.5), numbers_in(1e-300)
    (<Numbers.SMALL: 1>, <Numbers.BIG: 2>, <Numbers.FLOAT: 4>, <Numbers.EXTREME: 8>)
    """

    NONE = 0
    SMALL = 1
    BIG = 2
    FLOAT = 4
    EXTREME = 8


class Cost(NamedTuple):
    """The work at a subschema, by what it depends on.

    :param base: for any value.
    :param member: for each member of an object, and each item of an array.
    :param letter: for each character of a text.
    :param name_letter: for each character of the names of an object's members.
    :param integers: how many integers a number is compared with.
    :param floats: how many other numbers.
    :param extremes: how many very large or very small ones.
    :param unique: how often the items of an array are compared with each other.
    :param problems: how many problems there can be.
    :param words: bytes of the schema that these quote.
    """

    base: int = 0
    member: int = 0
    letter: int = 0
    name_letter: int = 0
    integers: int = 0
    floats: int = 0
    extremes: int = 0
    unique: int = 0
    problems: int = 0
    words: int = 0

    def of_numbers(self, found: Numbers) -> int:
        """The work for a value with numbers of these sorts.

        >>> Cost(integers=1, floats=1).of_numbers(Numbers.SMALL)
        102
        """
        if not found:
            return 0
        if Numbers.EXTREME in found:
            return 1_500 * (self.integers + self.floats + self.extremes)
        each = 100 if Numbers.FLOAT in found else 2
        return each * self.integers + 100 * self.floats + 1_500 * self.extremes

    def of_record(self, size: int) -> int:
        """The most work for all values of a record whose JSON has some size in bytes.

        >>> Cost(base=2, letter=1).of_record(10)
        22
        """
        values = 1 + size // 2
        each = self.base + self.member + self.of_numbers(Numbers.EXTREME)
        letters = self.letter + self.name_letter
        return values * each + size * letters + self.of_items(values, 64 * values + 2 * size, Numbers.BIG)

    def of_items(self, count: int, size: int, found: Numbers) -> int:
        """The work for telling the items of an array from each other.

        :param size: of all items together, in bytes of memory.
        """
        return self.unique * size * (count if Numbers.BIG in found else 4) // 16


NOTHING = Cost()
_EXACT = 2**53
_COMPARED = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "enum", "const")
_LISTED = ("required", "type")
_BY_NAME = ("dependentRequired", "dependencies")
#: Keyword -> work for each character of a text.
_LETTERS: Mapping[str, int] = MappingProxyType(
    {"minLength": 1, "maxLength": 1, "format": 8, "contentEncoding": 8, "contentMediaType": 8}
)


def of_keywords(schema: Mapping[str, Any], size_of: Callable[[str], int]) -> Cost:
    """What a subschema asks of one value, without the subschemas in it.

    :param size_of: the size in bytes of what a pattern is compiled to.

    >>> of_keywords({"type": "string", "minLength": 3, "pattern": "^a"}, size_of=len).letter
    2
    """
    compared = [one for name in _COMPARED if name in schema for one in _values(schema[name])]
    sorts = [numbers_in(one) for one in compared]
    names = _names(schema)
    by_pattern = [_work(size_of(pattern)) for pattern in _map(schema.get("patternProperties"))]
    return Cost(
        base=4 + 2 * len(schema) + len(_map(schema.get("properties"))) + 2 * len(names) + sum(map(_length, compared)),
        member=2 + 4 * len(by_pattern),
        letter=sum(work for name, work in _LETTERS.items() if name in schema) + _own(schema, size_of),
        name_letter=2 * sum(by_pattern),
        integers=sum(bool(sort & (Numbers.SMALL | Numbers.BIG)) for sort in sorts),
        floats=sorts.count(Numbers.FLOAT),
        extremes=sorts.count(Numbers.EXTREME),
        unique=int(schema.get("uniqueItems") is True),
        problems=1 + len(schema) + len(names),
        words=8 * (sum(map(_length, compared)) + len(_text(schema.get("pattern")))),
    )


def _names(schema: Mapping[str, Any]) -> list[Any]:
    """The names, of members or types, that a subschema lists."""
    found = [one for name in _LISTED for one in _list(schema.get(name))]
    return found + [one for name in _BY_NAME for names in _map(schema.get(name)).values() for one in _list(names)]


def _own(schema: Mapping[str, Any], size_of: Callable[[str], int]) -> int:
    """The work of the pattern for texts."""
    return _work(size_of(schema["pattern"])) if isinstance(schema.get("pattern"), str) else 0


def add(costs: Iterable[tuple[Cost, int]]) -> Cost:
    """The sum of costs, each times a number.

    >>> add([(Cost(base=1), 3), (Cost(base=2, letter=1), 1)]).base
    5
    """
    found = list(costs)
    return Cost(*(sum(cost[index] * times for cost, times in found) for index in range(len(NOTHING))))


def numbers_in(value: Any) -> Numbers:
    """What sort of number a scalar is."""
    if isinstance(value, float):
        ordinary = value == 0 or 1e-30 < abs(value) < 1e30
        return Numbers.FLOAT if ordinary else Numbers.EXTREME
    if isinstance(value, int) and not isinstance(value, bool):
        return Numbers.SMALL if abs(value) < _EXACT else Numbers.BIG
    return Numbers.NONE


def _work(size: int) -> int:
    """The work of a pattern for each character, from its size."""
    return 1 + size // 64


def _length(value: Any) -> int:
    """The work of comparing a scalar."""
    return 8 + len(_text(value)) // 8


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _map(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _values(value: Any) -> Iterator[Any]:
    """A value, and all values and names in it."""
    yield value
    for one in value.values() if isinstance(value, dict) else _list(value):
        yield from _values(one)
    yield from _map(value)
