"""Tests of answers with a part of a record."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.protocol.order import MISSING, equal, lookup
from cliquet.protocol.projection import changed, project
from tests.unit.protocol.strategies import OBJECTS

RECORD = {"id": "x", "last_modified": 1, "a": {"b": 2, "c": {"d": 3, "e": 4}}, "f": [1], "n": None}
NAMES = st.lists(st.sampled_from(["a", "b", "a.b", "a.c", "a.b.c", "title.a", "c.", "nope", "id"]), max_size=5)


@pytest.mark.parametrize(
    ("names", "due"),
    [
        ((), {}),
        (("f",), {"f": [1]}),
        (("n",), {"n": None}),
        (("nope", "a.nope.x"), {"a": {}}),
        (("a.b",), {"a": {"b": 2}}),
        (("a.c.d", "a.b"), {"a": {"b": 2, "c": {"d": 3}}}),
        (("a.c", "a.c.d"), {"a": {"c": {"d": 3, "e": 4}}}),
        (("a.c.d", "a.c"), {"a": {"c": {"d": 3, "e": 4}}}),
        (("a", "a.b"), {"a": {"b": 2, "c": {"d": 3, "e": 4}}}),
        (("f.0",), {"f": [1]}),
        (("id.x", "last_modified"), {}),
    ],
)
def test_only_the_fields_asked_for_are_answered(names: tuple[str, ...], due: dict[str, Any]) -> None:
    assert project(RECORD, names) == {"id": "x", "last_modified": 1, **due}


def test_a_tombstone_stays_one() -> None:
    tombstone = {"id": "x", "last_modified": 1, "deleted": True}
    assert project(tombstone, ("a",)) == tombstone
    assert "deleted" not in project({"id": "x", "last_modified": 1, "deleted": "no"}, ("a",))


@given(OBJECTS, NAMES)
def test_a_projection_is_a_part_of_the_record_which_stays_as_it_is(record: dict[str, Any], names: list[str]) -> None:
    record = {**record, "id": "x", "last_modified": 1}
    before = copy.deepcopy(record)
    found = project(record, tuple(names))
    assert record == before
    assert is_part(found, record)
    for name in names:
        value = lookup(record, tuple(name.split(".")))
        if value is not MISSING:
            assert equal(lookup(found, tuple(name.split("."))), value)


def is_part(part: Any, whole: Any) -> bool:
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(name in whole and is_part(part[name], whole[name]) for name in part)
    return equal(part, whole)


@given(OBJECTS, NAMES)
def test_a_projection_of_a_projection_is_the_same(record: dict[str, Any], names: list[str]) -> None:
    once = project({**record, "id": "x", "last_modified": 1}, tuple(names))
    assert equal(project(once, tuple(names)), once)


@given(OBJECTS, OBJECTS)
def test_what_changed_is_what_makes_one_of_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    found = changed(before, after)
    assert "id" not in found
    for name, value in after.items():
        if name != "id":
            assert (name in found) == (name not in before or not equal(before[name], value))
    assert changed(after, after) == {}


def test_one_and_true_are_different_and_one_and_one_point_zero_are_not() -> None:
    assert changed({"a": 1, "b": 1}, {"a": True, "b": 1.0}) == {"a": True}
