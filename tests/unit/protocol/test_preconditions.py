"""Tests of what a client requires of the current state."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.errors import InvalidInput, NotModified, PreconditionFailed
from cliquet.protocol.preconditions import NONE, Preconditions, parse
from tests.unit.protocol.strategies import ANY_TEXT

NOW = 5
RECORD = {"id": "x", "last_modified": NOW}


def outcome(verb: str, state: int | None, when: Preconditions) -> int:
    """The status, when nothing else is in the way."""
    refusal = refusal_of(verb, state, when)
    if refusal is None:
        return 200
    assert refusal.timestamp == state
    if isinstance(refusal, NotModified):
        return 304
    assert refusal.existing == (None if state is None else RECORD)
    return 412


def refusal_of(verb: str, state: int | None, when: Preconditions) -> NotModified | PreconditionFailed | None:
    try:
        if verb == "GET":
            assert state is not None
            when.check_read(state, lambda: RECORD)
        else:
            when.check_write(state, lambda: RECORD if state is not None else None)
    except (NotModified, PreconditionFailed) as refusal:
        return refusal
    return None


@pytest.mark.parametrize(
    ("verb", "state", "if_match", "if_none_match", "due"),
    [
        ("GET", NOW, None, None, 200),
        ("GET", NOW, None, '"5"', 304),
        ("GET", NOW, None, '"4"', 200),
        ("GET", NOW, None, '"6"', 200),
        ("GET", NOW, None, "*", 304),
        ("GET", NOW, '"5"', None, 200),
        ("GET", NOW, '"4"', None, 412),
        ("GET", NOW, '"6"', None, 412),
        ("GET", NOW, "*", None, 200),
        ("GET", NOW, '"5"', '"5"', 304),
        ("GET", NOW, '"4"', '"4"', 412),
        ("GET", NOW, '"5"', '"4"', 200),
        ("GET", 0, None, '"0"', 304),
        ("PUT", NOW, None, None, 200),
        ("PUT", NOW, '"5"', None, 200),
        ("PUT", NOW, '"4"', None, 412),
        ("PUT", NOW, '"6"', None, 412),
        ("PUT", NOW, "*", None, 200),
        ("PUT", NOW, None, "*", 412),
        ("PUT", NOW, None, '"5"', 412),
        ("PUT", NOW, None, '"4"', 200),
        ("PUT", NOW, '"5"', "*", 412),
        ("PUT", None, None, None, 200),
        ("PUT", None, None, "*", 200),
        ("PUT", None, None, '"5"', 200),
        ("PUT", None, '"5"', None, 412),
        ("PUT", None, '"0"', None, 412),
        ("PUT", None, "*", None, 412),
        ("PUT", None, "*", "*", 412),
    ],
)
def test_the_table_of_the_protocol(
    verb: str, state: int | None, if_match: str | None, if_none_match: str | None, due: int
) -> None:
    assert outcome(verb, state, parse(if_match, if_none_match)) == due


TAGS = st.none() | st.just("*") | st.integers(0, 3)


@given(st.none() | st.integers(0, 3), TAGS, TAGS)
def test_a_write_needs_both_headers_to_hold(state: int | None, if_match: object, if_none_match: object) -> None:
    matches = if_match is None or (state is not None and if_match in ("*", state))
    differs = if_none_match is None or state is None or if_none_match not in ("*", state)
    when = Preconditions(if_match, if_none_match)  # type: ignore[arg-type]  # as generated above
    assert (outcome("PUT", state, when) == 200) == (matches and differs)


@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize(
    "value",
    [
        'W/"5"',
        'w/"5"',
        '"5", "6"',
        '"5","5"',
        "*, *",
        "5",
        "'5'",
        '"5',
        '5"',
        '""',
        '"abc"',
        '"-5"',
        '"+5"',
        '"5.0"',
        '" 5"',
        '"5" x',
        '"٣"',
        '"²"',
        "abc",
        "**",
        '"9223372036854775808"',
        '"' + "9" * 5000 + '"',
        '"5"\n"6"',
        "\ud800",
    ],
)
def test_everything_but_one_strong_tag_is_refused_by_the_name_of_the_header(header: str, value: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse(value if header == "If-Match" else None, value if header == "If-None-Match" else None)
    assert [(problem.location, problem.name) for problem in caught.value.problems] == [("header", header)]


@pytest.mark.parametrize("empty", [None, "", " "])
def test_an_empty_header_is_absent(empty: str | None) -> None:
    assert parse(empty, empty) == NONE
    assert parse('"5"', empty) == Preconditions(if_match=5)


def test_blanks_around_a_tag_do_not_matter() -> None:
    assert parse(' "5" ', " * ") == Preconditions(5, "*")


def test_the_largest_tag_fits_in_64_bits() -> None:
    assert parse('"9223372036854775807"', None).if_match == 2**63 - 1


def test_what_a_client_knows_is_the_tag_it_has() -> None:
    assert parse(None, '"5"').known == 5
    assert parse('"5"', "*").known is None
    assert NONE.known is None


@given(st.none() | ANY_TEXT, st.none() | ANY_TEXT)
def test_any_headers_give_preconditions_or_invalid_input(if_match: str | None, if_none_match: str | None) -> None:
    with suppress(InvalidInput):
        assert isinstance(parse(if_match, if_none_match), Preconditions)
