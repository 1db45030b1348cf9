"""Tests of how the text of a setting becomes a value."""

from __future__ import annotations

import datetime
from contextlib import suppress
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.settings.coerce import coerce, type_name

KIND = Literal["FULL", "NORMAL"]
LIST = tuple[str, ...]
TYPES: list[Any] = [str, bool, int, float, LIST, KIND, datetime.datetime]


@pytest.mark.parametrize(
    ("value", "wanted", "due"),
    [
        ("1.10", str, "1.10"),
        ("", str, ""),
        (" ", str | None, None),
        ("a", str | None, "a"),
        (None, int | None, None),
        ("", int | None, None),
        (" 25 ", int, 25),
        (25.0, int, 25),
        ("-1", int, -1),
        ("2.5", float, 2.5),
        (2, float, 2.0),
        ("True", bool, True),
        ("off", bool, False),
        (1, bool, True),
        (False, bool, False),
        ("a, b\n c", LIST, ("a", "b", "c")),
        ("", LIST, ()),
        (None, LIST, ()),
        (["a b", "c"], LIST, ("a b", "c")),
        ("FULL", KIND, "FULL"),
        (" NORMAL ", KIND | None, "NORMAL"),
        ("2030-01-31", datetime.datetime, datetime.datetime(2030, 1, 31, tzinfo=datetime.UTC)),
        (datetime.date(2030, 1, 31), datetime.datetime, datetime.datetime(2030, 1, 31, tzinfo=datetime.UTC)),
        ("2030-01-31T12:00:00+02:00", datetime.datetime, datetime.datetime(2030, 1, 31, 10, tzinfo=datetime.UTC)),
    ],
)
def test_a_text_becomes_what_is_wanted(value: Any, wanted: Any, due: Any) -> None:
    found = coerce(value, wanted)
    assert found == due
    assert type(found) is type(due)


@pytest.mark.parametrize(
    ("value", "wanted", "expected"),
    [
        ("x", int, "a whole number is expected, got 'x'"),
        ("2.5", int, "a whole number is expected"),
        (2.5, int, "a whole number is expected"),
        (True, int, "a whole number is expected"),
        ([], int, "a whole number is expected"),
        ("9" * 5000, int, "a whole number is expected"),
        ("", int, "a whole number is expected, it is empty"),
        ("x", float, "a number is expected"),
        ("nan", float, "a number is expected"),
        ("inf", float, "a number is expected"),
        ("maybe", bool, "true or false is expected, got 'maybe'"),
        ("", bool, "true or false is expected, it is empty"),
        (2, bool, "true or false is expected"),
        ("full", KIND, "'FULL' or 'NORMAL' is expected, got 'full'"),
        ("", KIND, "one of FULL, NORMAL is expected, it is empty"),
        ("tomorrow", datetime.datetime, "an ISO 8601 date is expected, such as 2030-01-31"),
        ("", datetime.datetime, "an ISO 8601 date"),
        (5, LIST, "a list, separated by spaces or commas is expected"),
    ],
)
def test_a_wrong_type_says_what_is_expected(value: Any, wanted: Any, expected: str) -> None:
    with pytest.raises(ValueError, match="expected") as caught:
        coerce(value, wanted)
    assert str(caught.value).startswith(expected)


def test_a_number_below_the_least_is_refused() -> None:
    assert coerce("1", int, least=1) == 1
    assert coerce("", int | None, least=1) is None
    with pytest.raises(ValueError, match="at least 1 is expected, got 0"):
        coerce("0", int, least=1)


@given(st.text(), st.sampled_from([*TYPES, *(wanted | None for wanted in TYPES)]))
def test_any_text_becomes_a_value_or_a_value_error(text: str, wanted: Any) -> None:
    with suppress(ValueError):
        coerce(text, wanted)


@pytest.mark.parametrize("wanted", TYPES)
def test_every_type_has_a_name(wanted: Any) -> None:
    assert type_name(wanted)
    assert type_name(wanted | None) == f"{type_name(wanted)} or empty"
