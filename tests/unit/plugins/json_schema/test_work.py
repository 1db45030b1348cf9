"""The work of validation is told in advance: never less than it takes, and not so much that ordinary use suffers."""

from __future__ import annotations

from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.plugins.json_schema.errors import UnfitSchema
from cliquet.plugins.json_schema.shape import parse
from cliquet.plugins.json_schema.validator import Validator
from cliquet.plugins.json_schema.work import MAX_WORK, at_most, measure, ranked

NAMES = st.sampled_from("abc")
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "a", "abc"])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=12
)
SIMPLE = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["string", "integer", "object", "array"]),
        "minimum": st.integers(-9, 9),
        "required": st.lists(NAMES, unique=True),
        "enum": st.lists(SCALARS, min_size=1, max_size=3),
        "uniqueItems": st.booleans(),
        "pattern": st.sampled_from(["^a", "b$"]),
        "$ref": st.sampled_from(["#/definitions/a", "#/definitions/b", "#"]),
    },
)


def holding(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Schemas that consist of others."""
    return st.fixed_dictionaries(
        {},
        optional={
            "allOf": st.lists(inner, min_size=1, max_size=2),
            "anyOf": st.lists(inner, min_size=1, max_size=2),
            "not": inner,
            "properties": st.dictionaries(NAMES, inner, max_size=2),
            "additionalProperties": inner | st.booleans(),
            "items": inner | st.lists(inner, max_size=2),
            "propertyNames": inner,
            "dependencies": st.dictionaries(NAMES, inner | st.lists(NAMES, unique=True), max_size=2),
        },
    )


SCHEMAS = SIMPLE | holding(SIMPLE) | holding(SIMPLE | holding(SIMPLE))
WHOLE = st.builds(lambda whole, a, b: {**whole, "definitions": {"a": a, "b": b}}, SCHEMAS, SCHEMAS, SCHEMAS)


@given(WHOLE, st.dictionaries(NAMES, VALUES, max_size=3))
def test_it_says_what_the_library_says(schema: dict[str, Any], record: dict[str, Any]) -> None:
    try:
        validator = Validator(schema)
    except UnfitSchema:
        return
    assert (validator.problems(record) == []) == jsonschema_rs.Draft7Validator(schema).is_valid(record)


@given(WHOLE, st.dictionaries(NAMES, VALUES, max_size=3))
def test_the_work_for_a_part_is_not_more_than_for_the_whole(schema: dict[str, Any], record: dict[str, Any]) -> None:
    try:
        nodes = parse(schema, len)
        rank = ranked(nodes)
    except UnfitSchema:
        return
    whole = measure(rank, nodes[0], {**record, "more": [1, 2]})
    assert measure(rank, nodes[0], record).work <= whole.work
    assert measure(rank, nodes[0], record).memory <= whole.memory


def test_a_rough_guess_counts_what_applies_twice_twice() -> None:
    once = at_most(parse({"$ref": "#/$defs/a", "$defs": {"a": {"minimum": 3}}}, len))
    twice = at_most(parse({"allOf": [{"$ref": "#/$defs/a"}] * 2, "$defs": {"a": {"minimum": 3}}}, len))
    assert once is not None
    assert twice is not None
    assert twice.integers == 2 * once.integers == 2


def test_there_is_no_rough_guess_for_trees() -> None:
    assert at_most(parse({"items": {"$ref": "#"}}, len)) is None


@pytest.mark.parametrize(
    ("schema", "record"),
    [
        ({"properties": {"a": {"items": {"type": "string", "maxLength": 20}}}}, {"a": ["text"] * 50_000}),
        ({"properties": {"a": {"pattern": "^[a-z ]+$"}}}, {"a": "text " * 100_000}),
        ({"properties": {"a": {"items": {"enum": ["x", "y", 1.5]}}}}, {"a": ["y"] * 50_000}),
        ({"properties": {"a": {"uniqueItems": True}}}, {"a": [f"item {number}" for number in range(20_000)]}),
        ({"properties": {"a": {"items": {"properties": {"b": {"multipleOf": 0.01}}}}}}, {"a": [{"b": 1.25}] * 20_000}),
        ({"additionalProperties": {"anyOf": [{"type": "object"}, {"$ref": "#"}]}}, {"a": {"b": {"c": {}}}}),
    ],
)
def test_ordinary_records_may_be_large(schema: dict[str, Any], record: dict[str, Any]) -> None:
    nodes = parse(schema, lambda pattern: 1024)
    assert measure(ranked(nodes), nodes[0], record).work < MAX_WORK / 2
    assert Validator(schema).problems(record) == []
