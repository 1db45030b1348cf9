"""Records against a schema: what is kept, dropped, filled in and refused."""

from __future__ import annotations

import datetime
from typing import Any

import colander
import pytest

from cliquet.errors import InvalidInput
from cliquet.protocol.fields import FieldType
from cliquet.schema import Anything, Boolean, ResourceSchema, Validator


class Address(colander.MappingSchema):  # type: ignore[misc]  # colander is untyped
    city = colander.SchemaNode(colander.String())
    number = colander.SchemaNode(colander.Integer(), missing=0)


class Person(ResourceSchema):
    name = colander.SchemaNode(colander.String())
    age = colander.SchemaNode(colander.Integer(), missing=None)
    born = colander.SchemaNode(colander.Date(), missing=colander.drop)
    member = colander.SchemaNode(Boolean(), missing=False)
    tags = colander.SchemaNode(colander.Sequence(), colander.SchemaNode(colander.String()), missing=())
    address = Address(missing=None)

    class Options:
        unique_fields = ("name",)


BOB = {"name": "Bob"}


def problems(schema: Any, record: dict[str, Any]) -> dict[str | None, str]:
    with pytest.raises(InvalidInput) as found:
        Validator(schema).validate(record)
    return {problem.name: problem.description for problem in found.value.problems}


def test_defaults_are_filled_in_and_unknown_fields_dropped() -> None:
    found = Validator(Person).validate({**BOB, "other": 1})
    assert found == {"name": "Bob", "age": None, "member": False, "tags": [], "address": None}


def test_all_problems_are_told_with_the_way_to_them() -> None:
    sent = {"age": "old", "tags": ["a", [1]], "address": {"number": "x"}}
    assert set(problems(Person, sent)) >= {"data.name", "data.age", "data.address.city", "data.address.number"}


def test_null_is_the_same_as_absent_at_every_level() -> None:
    assert problems(Person, {"name": None}) == {"data.name": "Required"}
    found = Validator(Person).validate({**BOB, "age": None, "tags": None, "address": {"city": "Rome", "number": None}})
    assert (found["tags"], found["address"]) == ([], {"city": "Rome", "number": 0})
    assert problems(Person, {**BOB, "address": {"city": None}}) == {"data.address.city": "Required"}


def test_what_python_makes_of_a_value_is_stored_as_json() -> None:
    assert Validator(Person).validate({**BOB, "born": "2001-02-03"})["born"] == "2001-02-03"
    times = type(
        "Times",
        (ResourceSchema,),
        {"at": colander.SchemaNode(colander.DateTime()), "n": colander.SchemaNode(colander.Decimal())},
    )
    found = Validator(times).validate({"at": "2001-02-03T04:05:06Z", "n": "1.50"})
    assert datetime.datetime.fromisoformat(found["at"]) == datetime.datetime(2001, 2, 3, 4, 5, 6, tzinfo=datetime.UTC)
    assert found["n"] == "1.50"


@pytest.mark.parametrize("value", [2**63, "9" * 30, 1e300])
def test_what_cannot_be_stored_is_refused_although_the_schema_takes_it(value: Any) -> None:
    assert "data.age" in problems(Person, {**BOB, "age": value})


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", 0), ("name", False), ("name", []), ("name", {}), ("age", []), ("age", {}), ("born", [])],
)
def test_an_empty_value_of_a_wrong_type_is_not_absent(field: str, value: Any) -> None:
    assert problems(Person, {**BOB, field: value})[f"data.{field}"] != "Required"


@pytest.mark.parametrize("more", [{}, {"born": datetime.date(2020, 2, 29)}])
def test_what_is_changed_of_a_record_afterwards_is_not_changed_of_what_was_given(more: dict[str, Any]) -> None:
    given: dict[str, Any] = {"tags": ["a"], "in": {"it": [1]}, **more}
    valid = Validator(Anything).validate(given)
    valid["tags"].append("b")
    valid["in"]["it"].append(2)
    assert given == {"tags": ["a"], "in": {"it": [1]}, **more}


def test_an_open_schema_keeps_everything() -> None:
    record: dict[str, Any] = {"a": None, "b": [{}], "": {"x": 1.5}}
    assert Validator(Anything).validate(record) == record
    assert Validator(Anything()).fields.open is True


def test_an_open_schema_still_checks_what_it_declares() -> None:
    class Loose(ResourceSchema):
        n = colander.SchemaNode(colander.Integer())

        class Options:
            preserve_unknown = True

    assert Validator(Loose).validate({"n": "1", "other": None}) == {"n": 1, "other": None}
    assert problems(Loose, {"other": 1}) == {"data.n": "Required"}


def test_what_the_caller_gave_is_left_alone() -> None:
    record = {**BOB, "age": None, "address": {"city": "Rome", "number": None}}
    Validator(Person).validate(record)
    assert record == {**BOB, "age": None, "address": {"city": "Rome", "number": None}}


def test_options_that_a_schema_does_not_name_are_inherited() -> None:
    validator = Validator(Person)
    assert (validator.unique, validator.readonly, validator.fields.open) == (("name",), (), False)
    assert Person.is_readonly("name") is False
    assert Validator(Address).unique == ()


def test_deferred_values_are_bound_once() -> None:
    class Late(ResourceSchema):
        n = colander.SchemaNode(colander.Integer(), missing=colander.deferred(lambda node, kw: 7))

    assert Validator(Late).validate({}) == {"n": 7}


def test_the_protocol_learns_the_types() -> None:
    fields = Validator(Person).fields
    assert fields.type_of("name") == FieldType("text")
    assert fields.type_of("age") == FieldType("number", nullable=True)
    assert fields.type_of("born") == FieldType("text")
    assert fields.type_of("member") == FieldType("boolean")
    tags = fields.type_of("tags")
    assert tags is not None
    assert tags.item == FieldType("text")
    assert fields.type_of("address.number") == FieldType("number")
    assert fields.type_of("nope") is None


def test_validators_and_preparers_of_the_application_run() -> None:
    class Shout(ResourceSchema):
        text = colander.SchemaNode(colander.String(), preparer=str.upper, validator=colander.Length(max=3))

        def validator(self, node: Any, value: Any) -> None:
            if value["text"] == "NO":
                raise colander.Invalid(node, "Not that.")

    assert Validator(Shout).validate({"text": "abc"}) == {"text": "ABC"}
    assert "data.text" in problems(Shout, {"text": "abcd"})
    assert problems(Shout, {"text": "no"}) == {"data": "Not that."}


def test_a_problem_says_what_was_given() -> None:
    class Group(ResourceSchema):
        members = colander.SchemaNode(colander.Sequence(), colander.SchemaNode(colander.String()))

    for given, said in (("x", '"x" is not iterable'), (3, '"3" is not iterable')):
        with pytest.raises(InvalidInput) as refused:
            Validator(Group).validate({"members": given})
        assert said in refused.value.problems[0].description
        assert "${" not in refused.value.problems[0].description
