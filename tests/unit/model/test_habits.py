"""What is expected of people."""

from __future__ import annotations

from cliquet.model.habits import Habits


def test_what_was_refused_is_not_expected_any_more() -> None:
    habits = Habits()
    assert not habits.expects("x")
    habits.note("x", allowed=True)
    assert habits.expects("x")
    habits.note("x", allowed=False)
    assert not habits.expects("x")
    habits.note("x", allowed=False)


def test_it_does_not_grow_without_end() -> None:
    habits = Habits(most=10)
    for number in range(1000):
        habits.note(number, allowed=True)
    assert sum(map(habits.expects, range(1000))) <= 10
    assert habits.expects(999)
