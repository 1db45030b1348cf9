"""Tests of what a schema tells about fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.protocol.fields import ANYTHING, Fields, FieldType

AUTHOR = FieldType(members={"name": FieldType("text"), "age": FieldType("number")})
DECLARED = {"title": FieldType("text"), "author": AUTHOR, "tags": FieldType(item=FieldType("text"))}
OPEN, CLOSED = Fields(DECLARED), Fields(DECLARED, open=False)


@pytest.mark.parametrize("fields", [OPEN, CLOSED])
def test_declared_fields_have_their_types(fields: Fields) -> None:
    assert fields.type_of("title") == FieldType("text")
    assert fields.type_of("author.age") == FieldType("number")
    assert fields.type_of("author.shoe") == ANYTHING
    assert fields.type_of("tags.x") == ANYTHING


@pytest.mark.parametrize("fields", [OPEN, CLOSED])
def test_the_protocols_own_fields_are_always_known(fields: Fields) -> None:
    assert [fields.type_of(name) for name in ("id", "last_modified", "deleted")] == [
        FieldType("text"),
        FieldType("number"),
        FieldType("boolean"),
    ]
    assert all(map(fields.is_declared, ("id", "last_modified", "deleted", "title")))


def test_a_schema_cannot_retype_the_protocols_own_fields() -> None:
    assert Fields({"id": FieldType("number")}).type_of("id") == FieldType("text")


def test_only_an_open_schema_has_other_fields() -> None:
    assert OPEN.type_of("other") == OPEN.type_of("other.deep") == ANYTHING
    assert CLOSED.type_of("other") is None
    assert CLOSED.type_of("other.deep") is None
    assert not OPEN.is_declared("other")


@pytest.mark.parametrize("fields", [OPEN, CLOSED])
@pytest.mark.parametrize("name", ["title.x", "id.x", "last_modified.x", "author.name.x"])
def test_there_is_nothing_inside_of_a_scalar(fields: Fields, name: str) -> None:
    assert fields.type_of(name) is None


@given(st.text("ab._idtle", max_size=12))
def test_any_name_has_a_type_or_none(name: str) -> None:
    assert isinstance(OPEN.type_of(name), FieldType | None)
    assert isinstance(CLOSED.type_of(name), FieldType | None)
