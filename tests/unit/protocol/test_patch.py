"""Tests of the plain patch and the merge patch."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given

from cliquet.errors import InvalidInput
from cliquet.protocol import body, patch
from cliquet.protocol.order import equal
from tests.unit.protocol.strategies import JSON, OBJECTS

SPACE = 10_000

#: RFC 7396, appendix A: original, patch, result.
MERGES: list[tuple[Any, Any, Any]] = [
    ({"a": "b"}, {"a": "c"}, {"a": "c"}),
    ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
    ({"a": "b"}, {"a": None}, {}),
    ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
    ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
    ({"a": "c"}, {"a": ["b"]}, {"a": ["b"]}),
    ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
    ({"a": [{"b": "c"}]}, {"a": [1]}, {"a": [1]}),
    (["a", "b"], ["c", "d"], ["c", "d"]),
    ({"a": "b"}, ["c"], ["c"]),
    ({"a": "foo"}, None, None),
    ({"a": "foo"}, "bar", "bar"),
    ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
    ([1, 2], {"a": "b", "c": None}, {"a": "b"}),
    ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
]


def merged(data: Any, change: Any) -> Any:
    return patch.apply(patch.MERGE_PATCH, {"data": data}, {"data": change}, max_bytes=SPACE)["data"]


def plain(envelope: dict[str, Any], change: Any, max_bytes: int = SPACE) -> dict[str, Any]:
    return patch.apply(patch.JSON, envelope, change, max_bytes=max_bytes)


@pytest.mark.parametrize(("original", "change", "due"), MERGES)
def test_a_field_is_merged_as_in_the_appendix_of_rfc_7396(original: Any, change: Any, due: Any) -> None:
    assert merged({"field": original}, {"field": change}) == ({} if due is None else {"field": due})


@pytest.mark.parametrize(("original", "change", "due"), [one for one in MERGES if isinstance(one[1], dict)])
def test_a_record_is_merged_as_in_the_appendix_of_rfc_7396(original: Any, change: Any, due: Any) -> None:
    assert merged(original, change) == due


@given(OBJECTS, OBJECTS)
def test_merging_twice_is_merging_once(data: dict[str, Any], change: dict[str, Any]) -> None:
    once = merged(data, change)
    assert equal(merged(once, change), once)


@given(OBJECTS)
def test_an_empty_change_changes_nothing(data: dict[str, Any]) -> None:
    envelope = {"data": data, "permissions": {"read": ["a"]}}
    for form in (patch.JSON, patch.MERGE_PATCH):
        assert patch.apply(form, envelope, {"data": {}}, max_bytes=SPACE) == envelope
    assert patch.apply(patch.JSON_PATCH, {"data": data}, [], max_bytes=SPACE) == {"data": data}


@given(OBJECTS, OBJECTS)
def test_a_plain_patch_replaces_the_fields_it_names(data: dict[str, Any], change: dict[str, Any]) -> None:
    assert plain({"data": data}, {"data": change}) == {"data": {**data, **change}}


def test_a_plain_patch_stores_null_and_replaces_objects() -> None:
    found = plain({"data": {"a": 1, "b": {"c": 1}}}, {"data": {"a": None, "b": {"d": 2}}})
    assert found == {"data": {"a": None, "b": {"d": 2}}}


def test_a_plain_patch_touches_the_permissions_it_lists_only() -> None:
    stored = {"data": {}, "permissions": {"read": ["a"], "write": ["b"]}}
    found = plain(stored, {"permissions": {"read": ["c"], "write": None}})
    assert found == {"data": {}, "permissions": {"read": ["c"], "write": ["b"]}}


def test_null_removes_a_permission_in_a_merge_patch() -> None:
    stored = {"data": {}, "permissions": {"read": ["a"], "write": ["b"]}}
    change = {"permissions": {"read": None}}
    found = patch.apply(patch.MERGE_PATCH, stored, change, max_bytes=SPACE)
    assert found == {"data": {}, "permissions": {"write": ["b"]}}


@pytest.mark.parametrize("form", [patch.JSON, patch.MERGE_PATCH])
@pytest.mark.parametrize("change", [None, 1, "x", [], [{}], {"data": None}, {"data": 1}, {"data": []}, {"data": "x"}])
def test_a_change_of_the_wrong_shape_is_refused(form: str, change: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        patch.apply(form, {"data": {}}, change, max_bytes=SPACE)
    assert caught.value.problems[0].location == "body"


@given(OBJECTS, JSON)
def test_any_change_is_applied_or_refused_and_nothing_given_is_modified(data: dict[str, Any], change: Any) -> None:
    envelope = {"data": data, "permissions": {"read": ["a"]}}
    for form, given_change in ((patch.JSON, {"data": change}), (patch.MERGE_PATCH, {"data": change})):
        before = copy.deepcopy((envelope, given_change))
        try:
            found = patch.apply(form, envelope, given_change, max_bytes=SPACE)
        except InvalidInput:
            assert not isinstance(change, dict)
        else:
            assert body.fault(found) is None
        assert (envelope, given_change) == before


@pytest.mark.parametrize("form", [patch.JSON, patch.MERGE_PATCH])
def test_a_record_cannot_grow_beyond_the_longest_body(form: str) -> None:
    data = {"a": "x" * 60}
    with pytest.raises(InvalidInput, match="100 bytes"):
        patch.apply(form, {"data": data}, {"data": {"b": "x" * 60}}, max_bytes=100)


@pytest.mark.parametrize("form", [patch.JSON, patch.MERGE_PATCH])
def test_a_record_that_is_too_long_already_may_shrink(form: str) -> None:
    found = patch.apply(form, {"data": {"a": "x" * 200}}, {"data": {"a": "x" * 150}}, max_bytes=100)
    assert found == {"data": {"a": "x" * 150}}


def test_there_is_a_form_for_each_media_type() -> None:
    assert set(patch.FORMS) == {
        "application/json",
        "application/merge-patch+json",
        "application/json-patch+json",
    }
