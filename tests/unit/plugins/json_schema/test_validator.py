"""A schema is accepted or refused, and tells what is wrong with records."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.plugins.json_schema.errors import UnfitSchema
from cliquet.plugins.json_schema.validator import MAX_PROBLEMS, Validator

TREE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "children": {"type": "array", "items": {"$ref": "#"}}},
    "required": ["name"],
}


def names(schema: dict[str, Any], record: dict[str, Any], *, formats: bool = False) -> list[str]:
    return sorted(str(problem.name) for problem in Validator(schema, formats=formats).problems(record))


@pytest.mark.parametrize(
    ("draft", "schema"),
    [
        ("http://json-schema.org/draft-04/schema#", {"properties": {"a": {"minimum": 3, "exclusiveMinimum": True}}}),
        ("http://json-schema.org/draft-06/schema#", {"properties": {"a": {"const": 4}}}),
        ("http://json-schema.org/draft-07/schema", {"if": {"required": ["a"]}, "then": {"required": ["b"]}}),
        ("https://json-schema.org/draft/2019-09/schema", {"dependentRequired": {"a": ["b"]}}),
        ("https://json-schema.org/draft/2020-12/schema", {"properties": {"l": {"prefixItems": [{"type": "null"}]}}}),
    ],
)
def test_the_draft_is_the_one_that_the_schema_names(draft: str, schema: dict[str, Any]) -> None:
    assert names({"$schema": draft, **schema}, {"a": 3, "l": [1]}) != []


@pytest.mark.parametrize("named", [{}, {"$schema": "https://example.com/mine"}, {"$schema": "draft 3"}])
def test_the_draft_is_7_when_the_schema_names_none_that_is_known(named: dict[str, Any]) -> None:
    assert names({**named, "properties": {"l": {"prefixItems": [{"type": "null"}]}}}, {"l": [1]}) == []
    assert names({**named, "if": {}, "then": {"required": ["b"]}}, {}) == ["data.b"]


@pytest.mark.parametrize(
    ("schema", "record", "expected"),
    [
        (TREE, {"name": "a", "children": [{"name": "b", "children": [{}]}]}, ["data.children.0.children.0.name"]),
        ({"$ref": "#/$defs/a~1b%20c", "$defs": {"a/b c": {"required": ["x"]}}}, {}, ["data.x"]),
        ({"allOf": [{"$ref": "#part"}], "definitions": {"a": {"$id": "#part", "required": ["x"]}}}, {}, ["data.x"]),
        ({"$id": "https://example.com/a.json", "$ref": "#/definitions/a", "definitions": {"a": False}}, {}, ["data"]),
        ({"allOf": [True, {"required": ["x"]}, {"$ref": "#/allOf/1"}]}, {}, ["data.x", "data.x"]),
        ({"propertyNames": {"maxLength": 2}}, {"abc": 1}, ["data"]),
        ({"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}, {}, ["data"]),
        ({"properties": {"a": {"type": "array", "uniqueItems": True}}}, {"a": [1, 1]}, ["data.a"]),
        (
            {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "$dynamicAnchor": "node",
                "properties": {"a": {"$dynamicRef": "#node"}, "b": {"type": "string"}},
                "unevaluatedProperties": False,
            },
            {"a": {"b": 1, "c": 2}},
            ["data.a.b", "data.a.c"],
        ),
    ],
)
def test_problems_are_named_by_their_paths(schema: dict[str, Any], record: dict[str, Any], expected: list[str]) -> None:
    assert names(schema, record) == expected


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "nonsense"},
        {"properties": {"a": {"minLength": -1}}},
        {"pattern": "("},
        {"patternProperties": {"(?<=a)b": {}}},
        {"$ref": "#/definitions/missing"},
        {"$ref": "#missing"},
        {"$ref": "#/allOf/7", "allOf": [{}]},
        {"$ref": "#/components/a", "components": {"a": {}}},
        {"$ref": "#/enum/0", "enum": [{"type": "string"}]},
        {"$ref": "https://example.com/a.json"},
        {"$ref": "other.json#/definitions/a"},
        {"$ref": "http://json-schema.org/draft-07/schema#"},
        {"properties": {"a": {"$id": "https://example.com/b.json"}}},
        {"definitions": {"a": {"$id": "#x"}, "b": {"$id": "#x"}}},
        {"$schema": "http://json-schema.org/draft-04/schema#", "properties": True},
        {"description": "x" * 200_000},
    ],
)
def test_an_unfit_schema_is_refused_with_a_reason(schema: dict[str, Any]) -> None:
    with pytest.raises(UnfitSchema, match=r"\w+ \w+"):
        Validator(schema)


def test_formats_are_only_checked_when_wanted() -> None:
    schema = {"properties": {"a": {"format": "date"}}}
    assert names(schema, {"a": "x"}) == []
    assert names(schema, {"a": "x"}, formats=True) == ["data.a"]
    latest = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    assert names(latest, {"a": "x"}, formats=True) == ["data.a"]


def test_a_list_of_problems_ends_somewhere() -> None:
    problems = Validator({"additionalProperties": {"type": "string"}}).problems({f"a{n}": n for n in range(500)})
    assert len(problems) == MAX_PROBLEMS + 1
    assert problems[-1].description == "And 400 more problems."


def test_a_description_is_short_and_ends_with_the_reason() -> None:
    (problem,) = Validator({"properties": {"a": {"type": "string"}}}).problems({"a": list(range(1000))})
    assert len(problem.description) < 320
    assert problem.description.endswith('is not of type "string"')


def test_a_record_that_is_valid_has_no_problems_however_deep() -> None:
    record: dict[str, Any] = {"name": "leaf"}
    for _ in range(60):
        record = {"name": "branch", "children": [record]}
    assert Validator(TREE).problems(record) == []
