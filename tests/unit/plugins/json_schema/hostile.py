"""Schemas and records that were made to keep a server busy."""

from __future__ import annotations

from collections.abc import Callable
from functools import reduce
from typing import Any

__all__ = ["HOSTILE", "Pair"]

#: A schema, and a record.
Pair = tuple[dict[str, Any], dict[str, Any]]

LATEST = "https://json-schema.org/draft/2020-12/schema"
BEFORE = "https://json-schema.org/draft/2019-09/schema"


def field(**schema: Any) -> dict[str, Any]:
    """A schema that says something about the member ``a``."""
    return {"properties": {"a": schema}}


def each(**schema: Any) -> dict[str, Any]:
    """A schema that says something about each item of the member ``a``."""
    return field(items=schema)


def nested(depth: int, start: dict[str, Any], step: Callable[[Any], dict[str, Any]]) -> dict[str, Any]:
    return reduce(lambda inner, _: step(inner), range(depth), start)


def deep(depth: int, start: dict[str, Any], name: str = "a") -> dict[str, Any]:
    """A record that holds itself, as often as the depth says."""
    return nested(depth, start, lambda inner: {name: inner})


def chain(length: int, step: Callable[[dict[str, str]], dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A schema whose definitions lead from one to the next."""
    links = {f"d{number}": step({"$ref": f"#/$defs/d{number + 1}"}) for number in range(length)}
    return {"$schema": LATEST, "$defs": {**links, f"d{length}": {"type": "object"}}, "$ref": "#/$defs/d0", **more}


def everybody(count: int) -> dict[str, Any]:
    """Definitions each of which asks for all others."""
    names = [f"d{number}" for number in range(count)]
    definitions = {
        one: {"allOf": [{"$ref": f"#/definitions/{other}"} for other in names if other != one]} for one in names
    }
    return {"definitions": definitions, "$ref": "#/definitions/d0"}


TWICE = {"properties": {"a": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]}}}
EITHER = {"properties": {"a": {"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}, "b": {"type": "string"}}}
OPEN = {"$schema": LATEST, "unevaluatedProperties": {"type": "integer"}}

HOSTILE: dict[str, Pair] = {
    # References that lead back, and those that double what they lead to.
    "a reference to itself": ({"$ref": "#"}, {}),
    "two references to each other": (
        {
            "definitions": {"a": {"$ref": "#/definitions/b"}, "b": {"$ref": "#/definitions/a"}},
            "$ref": "#/definitions/a",
        },
        {},
    ),
    "a part that is the whole": ({"allOf": [{"$ref": "#"}, {"$ref": "#"}]}, {}),
    "a contradiction of itself": ({"not": {"$ref": "#"}}, {}),
    "a dynamic reference to itself": ({"$schema": LATEST, "$dynamicAnchor": "x", "allOf": [{"$dynamicRef": "#x"}]}, {}),
    "a recursive reference to itself": (
        {"$schema": BEFORE, "$recursiveAnchor": True, "allOf": [{"$recursiveRef": "#"}]},
        {},
    ),
    "all of all others": (everybody(25), {}),
    "two references each, 40 levels": (chain(40, lambda link: {"allOf": [link, link]}), {}),
    "two alternatives each, 40 levels": (chain(40, lambda link: {"anyOf": [link, link]}, type="array"), {}),
    "a tree that is looked at twice at each level": (TWICE, deep(100, {})),
    "alternatives that all fail at each level": (EITHER, deep(100, {"b": 1})),
    "a long chain of references": (chain(1500, lambda link: link), {}),
    "a long chain of parts": (chain(1500, lambda link: {"allOf": [link]}), {}),
    "a long chain that is looked at again": (
        chain(1500, lambda link: {"allOf": [link]}, unevaluatedProperties=False),
        {},
    ),
    "a deep schema": (nested(120, {}, lambda inner: {"not": inner}), {}),
    "many subschemas": ({"allOf": [{"minProperties": number} for number in range(3000)]}, {}),
    # Looking again at what was not evaluated doubles the work at each level.
    "unevaluated alternatives": (
        nested(40, {}, lambda inner: {**OPEN, "anyOf": [inner, {"properties": {"p": True}}]}),
        {"p": 1, "q": 2},
    ),
    "unevaluated conditions": (nested(40, {}, lambda inner: {**OPEN, "if": inner}), {"p": 1}),
    "unevaluated items": (
        field(**nested(40, {}, lambda inner: {"anyOf": [inner, {"contains": {"const": 1}}], "unevaluatedItems": True}))
        | {"$schema": LATEST},
        {"a": [1, 2, 3]},
    ),
    "unevaluated references": (
        chain(30, lambda link: {"anyOf": [link, link], "unevaluatedProperties": {"type": "integer"}}),
        {"p": 1},
    ),
    # Patterns.
    "a pattern for which others backtrack": (field(pattern="^(a+)+$"), {"a": "a" * 1_000_000 + "b"}),
    "a pattern that looks ahead": (field(pattern="(?=a)b"), {"a": "ab"}),
    "a pattern that looks back": (field(pattern=r"(a)\1"), {"a": "ab"}),
    "a huge repetition": (field(pattern="(a{1000}){1000}"), {"a": "a" * 1000}),
    "a pattern of many states": (field(pattern="(a|b)*a(a|b){5000}c"), {"a": "ab" * 400_000}),
    "repetitions of repetitions": (field(pattern="(.{0,1000}){0,10}c$"), {"a": "a" * 900_000}),
    "many patterns of many states": (
        field(allOf=[{"pattern": f"(a|b)*a(a|b){{{400 + number}}}c"} for number in range(100)]),
        {"a": "ab" * 400_000},
    ),
    "patterns for names": (
        {"patternProperties": {f"(a|b)*a(a|b){{{400 + number}}}c": True for number in range(20)}},
        {"ab" * 500 + str(number): 1 for number in range(900)},
    ),
    "a pattern for all names": (
        {"propertyNames": {"pattern": "(a|b)*a(a|b){5000}c"}},
        {"ab" * 500 + str(number): 1 for number in range(900)},
    ),
    "texts that are patterns": (field(format="regex"), {"a": "(" * 400_000 + ")" * 400_000}),
    "texts that would be large patterns": (field(format="regex"), {"a": "((((a{100}){100}){100}){100}){100}"}),
    "texts that are JSON": (field(contentMediaType="application/json"), {"a": "[" * 500_000}),
    # Much of everything.
    "many options for many items": (
        each(enum=[{"x": number} for number in range(5000)]),
        {"a": [{"x": 4999}] * 50_000},
    ),
    "many tiny numbers": (each(enum=[None, *(1e-300 * n for n in range(1, 1000))]), {"a": [9.99e-298] * 20_000}),
    "multiples of tiny numbers": (each(multipleOf=1e-308), {"a": [1.7e308] * 100_000}),
    "large integers that are all different": (field(uniqueItems=True), {"a": [2**62 + n for n in range(45_000)]}),
    "large integers in objects": (field(uniqueItems=True), {"a": [{"b": 2**62 + n} for n in range(30_000)]}),
    "many items that are all different": (field(uniqueItems=True), {"a": list(range(150_000))}),
    "the same asked a hundred times": (
        field(allOf=[{"uniqueItems": True, "maxItems": 200_000 + number} for number in range(100)]),
        {"a": list(range(150_000))},
    ),
    "everything missing in a large record": (
        {"allOf": [{"required": [f"m{number}"]} for number in range(1900)]},
        {f"x{number}": "y" * 90 for number in range(9000)},
    ),
    "nothing of what it should be": (
        {"additionalProperties": {"anyOf": [{"type": "string"}, {"enum": ["x" * 1000] * 50}]}},
        {f"x{number}": number for number in range(60_000)},
    ),
    "a wrong item in a large array": (each(type="string"), {"a": [1] * 400_000}),
}
