"""Tests of the total order over JSON values."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliquet.protocol import body, order
from cliquet.protocol.order import MISSING
from tests.unit.protocol.strategies import JSON, NUMBERS, OBJECTS, SHORT_TEXT, TEXT

ASCENDING: list[Any] = [
    None,
    "",
    "A",
    "B",
    "a",
    "aa",
    "é",
    "\uff5e",
    "\U0001f980",
    -(2**63),
    -1.5,
    0,
    0.5,
    2**53,
    2**53 + 1,
    2**63 - 1,
    1e300,
    False,
    True,
    [],
    {},
    MISSING,
]
ANYTHING = st.one_of(JSON, st.just(MISSING))


def same(one: Any, other: Any) -> bool:
    """Equality of JSON, said in the dullest way."""
    if isinstance(one, bool) or isinstance(other, bool) or one is None or other is None:
        return one is other
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    return not isinstance(one, dict | list) and bool(one == other)


@pytest.mark.parametrize("index", range(len(ASCENDING) - 1))
def test_each_value_is_less_than_the_next(index: int) -> None:
    assert order.key(ASCENDING[index]) < order.key(ASCENDING[index + 1])


@given(ANYTHING, ANYTHING)
def test_of_two_values_exactly_one_relation_holds(one: Any, other: Any) -> None:
    mine, theirs = order.key(one), order.key(other)
    assert [mine < theirs, mine == theirs, mine > theirs].count(True) == 1
    assert (mine < theirs) == (theirs > mine)


@given(st.lists(ANYTHING, min_size=3, max_size=3))
def test_the_order_is_transitive(values: list[Any]) -> None:
    low, middle, high = sorted(map(order.key, values))
    assert low <= middle <= high
    assert low <= high


@given(JSON, JSON)
@example(1, 1.0)
@example([1], [True])
@example({"a": 1, "b": [2.0]}, {"b": [2], "a": 1.0})
@example(2**53 + 1, float(2**53))
@example(2**63 - 1, 2.0**63)
def test_values_have_the_same_place_when_they_are_equal_and_only_then(one: Any, other: Any) -> None:
    assert order.equal(one, other) == same(one, other)


@given(JSON)
def test_a_value_equals_itself_after_a_round_trip(value: Any) -> None:
    assert order.equal(value, body.decode(body.encode(value)))


@given(NUMBERS, NUMBERS)
def test_numbers_compare_by_their_exact_value_inside_arrays_too(one: float, other: float) -> None:
    assert order.equal([one], [other]) == (one == other)
    assert (order.key(one) < order.key(other)) == (one < other)


@given(TEXT, TEXT)
def test_text_compares_by_code_point(one: str, other: str) -> None:
    points = [list(map(ord, one)), list(map(ord, other))]
    assert (order.key(one) < order.key(other)) == (points[0] < points[1])


@given(JSON)
def test_the_canonical_text_is_json_of_the_same_value(value: Any) -> None:
    assert order.equal(json.loads(order.canonical(value), parse_int=as_a_database_reads), value)


def as_a_database_reads(digits: str) -> float:
    return int(digits) if -(2**63) <= int(digits) < 2**63 else float(digits)


@given(OBJECTS)
def test_the_canonical_text_does_not_depend_on_the_order_of_members(value: dict[str, Any]) -> None:
    assert order.canonical(value) == order.canonical(dict(reversed(value.items())))


@given(NUMBERS)
def test_the_text_of_a_number_is_in_digits_only_and_reads_back(number: float) -> None:
    text = order.number_text(number)
    assert "e" not in text.lower()
    assert float(text) == float(number)


def test_members_are_ordered_by_the_length_of_their_names_first() -> None:
    assert order.canonical({"zz": 1, "b": 2, "é": 3, "a": 4}) == '{"a": 4, "b": 2, "zz": 1, "é": 3}'


@given(ANYTHING)
def test_a_sort_key_agrees_with_the_key_up_to_256_code_points(value: Any) -> None:
    full, short = order.key(value), order.sort_key(value)
    assert short[:2] == full[:2]
    assert short.text == full.text[:256]


def test_sorting_looks_at_256_code_points() -> None:
    assert order.sort_key("é" * 256 + "a") == order.sort_key("é" * 256 + "b")
    assert order.sort_key("é" * 255 + "a") < order.sort_key("é" * 255 + "b")


@given(OBJECTS, st.lists(SHORT_TEXT, min_size=1, max_size=3))
def test_looking_up_a_path_walks_objects_only(record: dict[str, Any], path: list[str]) -> None:
    assert order.lookup({"a": {"b": record}}, ("a", "b")) is record
    assert order.lookup({"a": [record]}, ("a", "0")) is MISSING
    assert order.lookup("text", tuple(path)) is MISSING


def test_null_is_a_value_that_is_there() -> None:
    assert order.lookup({"a": None}, ("a",)) is None
    assert order.lookup({"a": None}, ("a", "b")) is MISSING


@given(JSON)
def test_only_a_missing_field_has_no_text(value: Any) -> None:
    assert order.text(value) is not None
    assert order.text(MISSING) is None


def test_missing_says_what_it_is() -> None:
    assert repr(MISSING) == "MISSING"
