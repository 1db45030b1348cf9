"""Tests of which timestamp a change gets."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.errors import InvalidInput
from cliquet.protocol.timestamps import DAY, Assigned, assign, supplied

TIMES = st.integers(0, 50)


@given(TIMES, st.lists(TIMES, min_size=1))
def test_timestamps_increase_strictly_whatever_the_clock_does(scope: int, clock: list[int]) -> None:
    for now in clock:
        assigned = assign(scope, now)
        assert assigned.record > scope
        assert assigned == Assigned(max(now, scope + 1), max(now, scope + 1))
        scope = assigned.scope


@given(TIMES, TIMES, st.none() | TIMES, st.none() | TIMES)
def test_a_scope_never_goes_backwards(scope: int, now: int, wanted: int | None, current: int | None) -> None:
    assigned = assign(scope, now, wanted=wanted, current=current)
    assert assigned.scope >= max(scope, assigned.record)


@given(TIMES, TIMES, st.none() | TIMES, TIMES)
def test_a_change_is_always_after_all_that_readers_have_seen(
    scope: int, now: int, wanted: int | None, current: int
) -> None:
    scope = max(scope, current)
    assigned = assign(scope, now, wanted=wanted, current=current)
    assert assigned.record > scope
    assert assigned.scope == assigned.record


@given(TIMES, TIMES, TIMES, st.none() | TIMES)
def test_a_supplied_time_beyond_the_scope_is_kept(scope: int, now: int, ahead: int, current: int | None) -> None:
    wanted = scope + 1 + ahead
    if current is None or current <= scope:
        assert assign(scope, now, wanted=wanted, current=current) == Assigned(wanted, wanted)


@given(TIMES, TIMES)
def test_a_supplied_time_that_equals_the_scopes_is_one_more(scope: int, now: int) -> None:
    assert assign(scope, now, wanted=scope) == Assigned(scope + 1, scope + 1)


@pytest.mark.parametrize(
    ("wanted", "current", "due"),
    [
        (50, None, Assigned(50, 100)),
        (0, None, Assigned(0, 100)),
        (100, None, Assigned(101, 101)),
        (150, None, Assigned(150, 150)),
        (50, 60, Assigned(200, 200)),
        (60, 60, Assigned(200, 200)),
        (70, 60, Assigned(200, 200)),
        (100, 60, Assigned(200, 200)),
        (101, 60, Assigned(101, 101)),
        (300, 60, Assigned(300, 300)),
    ],
)
def test_a_supplied_time_counts_as_the_protocol_says(wanted: int, current: int | None, due: Assigned) -> None:
    assert assign(100, 200, wanted=wanted, current=current) == due


def test_the_first_write_of_a_scope_is_after_nothing() -> None:
    assert assign(0, 5) == Assigned(5, 5)
    assert assign(0, 0, wanted=0) == Assigned(1, 1)


@pytest.mark.parametrize("value", [0, 1, 1_000, 1_000 + DAY])
def test_a_time_from_0_to_a_day_ahead_may_be_supplied(value: int) -> None:
    assert supplied(value, 1_000) == value


def test_null_is_the_same_as_absent() -> None:
    assert supplied(None, 1_000) is None


@pytest.mark.parametrize("value", [-1, 1_001 + DAY, 2**63, 1.0, 1.5, True, False, "1", '"1"', "", [], {}, [1]])
def test_anything_else_is_refused_by_the_name_of_the_field(value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        supplied(value, 1_000)
    assert [(problem.location, problem.name) for problem in caught.value.problems] == [("body", "data.last_modified")]


def test_the_place_of_a_supplied_time_may_be_another() -> None:
    with pytest.raises(InvalidInput) as caught:
        supplied("x", 0, location="querystring", name="last_modified")
    assert caught.value.problems[0].as_dict()["location"] == "querystring"
    assert caught.value.problems[0].name == "last_modified"
