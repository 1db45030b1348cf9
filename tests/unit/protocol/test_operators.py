"""Tests of the filter operators."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.protocol.operators import OPERATORS
from cliquet.protocol.order import MISSING, equal, key
from tests.unit.protocol.strategies import JSON, json_values

ANYTHING = st.one_of(JSON, st.just(MISSING))
#: Few values, so that members of lists are often equal.
FEW = json_values(st.sampled_from([None, True, False, 0, 1, 1.0, "", "1", "a"]))
LISTS = st.lists(FEW, max_size=4)


def holds(operator: str, value: Any, operand: Any) -> bool:
    return OPERATORS[operator].holds(value, operand)


def test_every_operator_of_the_protocol_has_a_row() -> None:
    names = ["eq", "not", "lt", "max", "gt", "min", "in", "exclude", "like", "has", "contains", "contains_any"]
    assert list(OPERATORS) == names
    assert [row.name for row in OPERATORS.values()] == names


@given(ANYTHING, JSON)
def test_comparisons_are_those_of_the_order(value: Any, operand: Any) -> None:
    assert holds("lt", value, operand) == (key(value) < key(operand))
    assert holds("max", value, operand) == (holds("lt", value, operand) or holds("eq", value, operand))
    assert holds("gt", value, operand) != holds("max", value, operand)
    assert holds("min", value, operand) != holds("lt", value, operand)
    assert holds("not", value, operand) != holds("eq", value, operand)


@given(FEW, LISTS)
def test_in_is_equality_with_one_of_the_values(value: Any, operands: list[Any]) -> None:
    assert holds("in", value, tuple(operands)) == any(equal(value, operand) for operand in operands)
    assert holds("exclude", value, tuple(operands)) != holds("in", value, tuple(operands))


@given(FEW, LISTS)
def test_contains_is_about_the_items_of_an_array(value: Any, operands: list[Any]) -> None:
    items = value if isinstance(value, list) else []
    found = [any(equal(operand, item) for item in items) for operand in operands]
    assert holds("contains", value, tuple(operands)) == (isinstance(value, list) and all(found))
    assert holds("contains_any", value, tuple(operands)) == any(found)


@given(ANYTHING)
def test_has_asks_for_presence_not_for_truth(value: Any) -> None:
    assert holds("has", value, True) == (value is not MISSING)
    assert holds("has", value, False) == (value is MISSING)


@pytest.mark.parametrize(
    ("operator", "operand", "due"),
    [
        ("eq", 1, False),
        ("not", 1, True),
        ("lt", 1, False),
        ("max", {}, False),
        ("gt", {}, True),
        ("min", 1, True),
        ("in", (1, None), False),
        ("exclude", (1, None), True),
        ("like", "*", False),
        ("contains", (), False),
        ("contains_any", (1,), False),
    ],
)
def test_a_missing_field_counts_as_the_protocol_says(operator: str, operand: Any, *, due: bool) -> None:
    assert holds(operator, MISSING, operand) is due


@pytest.mark.parametrize(
    ("operator", "value", "operand", "due"),
    [
        ("eq", None, None, True),
        ("eq", 1, 1.0, True),
        ("eq", 1, True, False),
        ("in", 1, (True, "1"), False),
        ("in", [1], ([1.0],), True),
        ("in", "a", (), False),
        ("exclude", "a", (), True),
        ("lt", "text", 5, True),
        ("lt", None, 5, True),
        ("gt", True, 5, True),
        ("like", 10.0, "10", True),
        ("like", True, "tru", True),
        ("like", [1, "A"], '[1, "a"]', True),
        ("like", None, "NULL", True),
        ("contains", [1, "a"], (1.0,), True),
        ("contains", "abc", ("a",), False),
        ("contains", {"a": 1}, ("a",), False),
        ("contains", [True], (1,), False),
        ("contains", [[1]], ([1],), True),
        ("contains_any", [1, 2], (3, 2), True),
        ("contains_any", [1], (), False),
    ],
)
def test_an_operator_holds_or_not(operator: str, value: Any, operand: Any, *, due: bool) -> None:
    assert holds(operator, value, operand) is due
