"""The permissions in a body."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.errors import InvalidInput
from cliquet.protocol.permissions import MAX_LENGTH, read

KNOWN = ("read", "write")


def test_principals_are_read_by_permission() -> None:
    assert read({"read": ["a", "b", "a"], "write": []}, KNOWN) == {"read": frozenset("ab"), "write": frozenset()}


def test_nothing_given_is_nothing_read() -> None:
    assert read(None, KNOWN) is None
    assert read({}, KNOWN) == {}
    assert read({"read": None}, KNOWN) == {}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ([], "permissions"),
        ("read", "permissions"),
        ({"own": []}, "permissions"),
        ({"read": "a"}, "permissions.read"),
        ({"read": {}}, "permissions.read"),
        ({"read": {"a": 1}}, "permissions.read"),
        ({"read": [1]}, "permissions.read"),
        ({"read": [["a"]]}, "permissions.read"),
        ({"read": [""]}, "permissions.read"),
        ({"read": ["a" * (MAX_LENGTH + 1)]}, "permissions.read"),
    ],
)
def test_what_is_no_list_of_principals_is_refused_by_name(given: Any, name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read(given, KNOWN)
    assert [problem.name for problem in refused.value.problems] == [name]


def test_a_patch_may_make_an_object_of_them() -> None:
    assert read({"read": {"a": "a", "b": "b"}}, KNOWN, objects=True) == {"read": frozenset("ab")}
