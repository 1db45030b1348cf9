"""Tests of how the text of a parameter becomes a value."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.protocol import body, values
from cliquet.protocol.fields import ANYTHING, FieldType
from cliquet.protocol.order import equal
from tests.unit.protocol.strategies import ANY_TEXT, JSON, TEXT

TEXT_FIELD, NUMBER_FIELD, BOOLEAN_FIELD = FieldType("text"), FieldType("number"), FieldType("boolean")
KINDS = [ANYTHING, TEXT_FIELD, NUMBER_FIELD, BOOLEAN_FIELD]
NULLABLE = [FieldType("text", nullable=True), FieldType("number", nullable=True), FieldType("boolean", nullable=True)]
TYPES = st.sampled_from([*KINDS, *NULLABLE, FieldType(item=TEXT_FIELD)])


@pytest.mark.parametrize(
    ("text", "wanted", "due"),
    [
        ("1", ANYTHING, 1),
        ("1.0", ANYTHING, 1.0),
        ('"1"', ANYTHING, "1"),
        ("true", ANYTHING, True),
        ("null", ANYTHING, None),
        ("[1]", ANYTHING, [1]),
        ('{"a":1}', ANYTHING, {"a": 1}),
        ("abc", ANYTHING, "abc"),
        ("", ANYTHING, ""),
        ("NaN", ANYTHING, "NaN"),
        ("007", ANYTHING, "007"),
        ("1", TEXT_FIELD, "1"),
        ("true", TEXT_FIELD, "true"),
        ("null", TEXT_FIELD, "null"),
        ("[1]", TEXT_FIELD, "[1]"),
        ('"1"', TEXT_FIELD, "1"),
        ('"null"', NULLABLE[0], "null"),
        ('"a', TEXT_FIELD, '"a'),
        ('"a" b', TEXT_FIELD, '"a" b'),
        ('"', TEXT_FIELD, '"'),
        ("1", NUMBER_FIELD, 1),
        ("-1.5e3", NUMBER_FIELD, -1500.0),
        ("true", BOOLEAN_FIELD, True),
        ("false", BOOLEAN_FIELD, False),
    ],
)
def test_text_is_typed_by_its_field(text: str, wanted: FieldType, due: Any) -> None:
    found = values.typed(text, wanted)
    assert equal(found, due)
    assert type(found) is type(due)


@pytest.mark.parametrize("wanted", [ANYTHING, *NULLABLE])
def test_null_is_null_where_a_field_may_be_null(wanted: FieldType) -> None:
    assert values.typed("null", wanted) is None


@pytest.mark.parametrize(
    "text", ["", "abc", '"1"', "true", "null", "[1]", "NaN", "1e400", "9223372036854775808", "0x1"]
)
def test_a_number_field_refuses_what_is_no_number(text: str) -> None:
    with pytest.raises(ValueError):
        values.typed(text, NUMBER_FIELD)


@pytest.mark.parametrize("text", ["", "abc", '"true"', "2", "null", "[]", "0.0", "nope"])
def test_a_boolean_field_refuses_what_is_no_boolean(text: str) -> None:
    with pytest.raises(ValueError):
        values.typed(text, BOOLEAN_FIELD)


@pytest.mark.parametrize(
    "text", ["9223372036854775808", "-9223372036854775809", "9" * 5000, "1e400", '"\\u0000"', "[" * 129 + "]" * 129]
)
def test_the_limits_of_a_body_hold_for_values(text: str) -> None:
    with pytest.raises(ValueError):
        values.typed(text, ANYTHING)


@given(JSON)
def test_any_json_value_can_be_asked_for(value: Any) -> None:
    assert equal(values.typed(body.encode(value).decode(), ANYTHING), value)


@given(TEXT)
def test_any_text_can_be_asked_for_in_quotes(text: str) -> None:
    quoted = body.encode(text).decode()
    assert values.typed(quoted, TEXT_FIELD) == values.typed(quoted, ANYTHING) == values.searched(quoted) == text


@given(ANY_TEXT, TYPES)
def test_typing_gives_a_value_of_the_type_or_refuses(text: str, wanted: FieldType) -> None:
    try:
        found = values.typed(text, wanted)
    except ValueError:
        return
    if found is None:
        assert wanted.nullable or wanted.kind == "json"
    elif wanted.kind != "json":
        kinds = {"text": str, "number": int | float, "boolean": bool}
        assert isinstance(found, kinds[wanted.kind])
        assert isinstance(found, bool) == (wanted.kind == "boolean")


@pytest.mark.parametrize(
    ("text", "wanted", "due"),
    [
        ("a,b", ANYTHING, ("a", "b")),
        ("a,", ANYTHING, ("a",)),
        ("", ANYTHING, ()),
        (",", ANYTHING, ("",)),
        ("a,,b", ANYTHING, ("a", "", "b")),
        ('1,"1",true,null', ANYTHING, (1, "1", True, None)),
        ("1,2,", TEXT_FIELD, ("1", "2")),
        ("1,2", NUMBER_FIELD, (1, 2)),
    ],
)
def test_a_list_is_separated_by_commas(text: str, wanted: FieldType, due: tuple[Any, ...]) -> None:
    found = values.items(text, wanted)
    assert found == due
    assert list(map(type, found)) == list(map(type, due))


@pytest.mark.parametrize(
    ("text", "wanted", "due"),
    [
        ('["a", 1]', ANYTHING, ("a", 1)),
        ("[]", ANYTHING, ()),
        ("a", ANYTHING, ("a",)),
        ("1", ANYTHING, (1,)),
        ("null", ANYTHING, (None,)),
        ('{"a":1}', ANYTHING, ({"a": 1},)),
        ("1", FieldType(item=TEXT_FIELD), ("1",)),
        ('["1", 1]', FieldType(item=TEXT_FIELD), ("1", 1)),
    ],
)
def test_elements_are_an_array_or_a_single_item(text: str, wanted: FieldType, due: tuple[Any, ...]) -> None:
    assert values.elements(text, wanted) == due


@pytest.mark.parametrize("read", [values.items, values.elements])
def test_long_lists_are_refused(read: Any) -> None:
    text = ",".join(["1"] * (values.MAX_ITEMS + 1))
    with pytest.raises(ValueError, match="at most 5000"):
        read(text if read is values.items else f"[{text}]", ANYTHING)


@pytest.mark.parametrize("text", ["true", "1", "yes", "abc", "[0]", '"0"', "True"])
def test_a_flag_is_true(text: str) -> None:
    assert values.flag(text) is True


@pytest.mark.parametrize("text", ["false", "0", "0.0", "null", "", '""', "[]", "{}", "no", "off", "False"])
def test_a_flag_is_false(text: str) -> None:
    assert values.flag(text) is False


def test_a_search_has_at_most_a_thousand_characters() -> None:
    assert values.searched("é" * 1000) == "é" * 1000
    assert values.searched('"' + "é" * 1000 + '"') == "é" * 1000
    with pytest.raises(ValueError, match="1000"):
        values.searched("é" * 1001)


@pytest.mark.parametrize("text", ["0", "12", '"12"', "99", "0012"])
def test_a_time_is_an_integer_with_or_without_quotes(text: str) -> None:
    assert values.timestamp(text, 100) == int(text.strip('"'))


@pytest.mark.parametrize(
    "text",
    ["", "null", "true", "abc", "-1", "+1", "1.0", "1e1", '"', '""', '"abc"', '"1', "[1]", "100", " 1", "٣", "²"],
)
def test_what_is_no_time_before_the_latest_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="timestamp"):
        values.timestamp(text, 100)


@pytest.mark.parametrize("digits", [19, 20, 30, 5000])
def test_long_numbers_are_no_times(digits: int) -> None:
    with pytest.raises(ValueError, match="timestamp"):
        values.timestamp("9" * digits, 2**62)


@given(ANY_TEXT | st.integers().map(str) | JSON.map(lambda value: body.encode(value).decode()), TYPES)
def test_nothing_but_a_value_error_is_raised(text: str, wanted: FieldType) -> None:
    readers: list[tuple[Any, ...]] = [
        (values.typed, wanted),
        (values.items, wanted),
        (values.elements, wanted),
        (values.flag,),
        (values.searched,),
        (values.timestamp, 100),
    ]
    for read, *others in readers:
        with suppress(ValueError):
            read(text, *others)
