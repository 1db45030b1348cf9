"""The checkers of histories find what they are there to find, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.storage.base import Scope
from tests.functional.history import Change, Poll, Write, check_feed, check_increments, check_winners

SCOPE = Scope("article", "alice")


def change(record_id: str, timestamp: int, *, deleted: bool = False) -> Change:
    return Change(SCOPE, record_id, timestamp, deleted)


def write(*changes: Change, start: float = 0, end: float = 9, **others: Any) -> Write:
    return Write(0, others.pop("outcome", "ok"), others.pop("subject", ""), start, end, changes, **others)


A, B = change("a", 10), change("b", 11)
WRITES = [write(A, start=0, end=1), write(B, start=2, end=3)]
POLLS = [Poll(5, 0, 10, (A,)), Poll(5, 10, 11, (B,))]


def test_a_history_without_fault_is_accepted() -> None:
    assert check_feed(WRITES, POLLS, [A, B]) == []


@pytest.mark.parametrize(
    ("writes", "polls", "final", "violation"),
    [
        ([*WRITES, write(outcome="info", error="boom")], POLLS, [A, B], "was refused: boom"),
        (WRITES, [POLLS[0]], [A], "acknowledged and not there"),
        (WRITES, POLLS, [A, change("b", 9)], "acknowledged and not there"),
        ([*WRITES, write(change("c", 11))], POLLS, [A, B], "2 changes of"),
        ([write(A, start=2, end=3), write(B, start=0, end=1)], POLLS, [A, B], "10 was given after 11"),
        (WRITES, [*POLLS, Poll(5, 11, 10, ())], [A, B], "was told 10 after 11"),
        (WRITES, [Poll(5, 0, 10, (A, B))], [A, B], "asked since 0, got"),
        (WRITES, [*POLLS, Poll(5, 11, 12, (B,))], [A, B], "asked since 11, got"),
        (WRITES, [POLLS[0]], [A, B], "poller 5 has None, stored is"),
        (WRITES, POLLS, [A, change("b", 12, deleted=True)], "stored is"),
    ],
)
def test_a_fault_is_found(writes: list[Write], polls: list[Poll], final: list[Change], violation: str) -> None:
    found = check_feed(writes, polls, final)
    assert any(violation in one for one in found), found


def test_an_unfinished_write_may_be_there_or_not() -> None:
    unknown = write(outcome="info", error="cut off")
    for final in ([A, B], [A, B, change("c", 12)]):
        polls = [*POLLS, Poll(5, 11, 12, tuple(final[2:]))]
        assert check_feed([*WRITES, unknown], polls, final) == ["process 0 was refused: cut off"]


def test_increments_are_counted() -> None:
    writes = [write(), write(outcome="fail"), write()]
    assert check_increments(writes, 2) == []
    assert check_increments(writes, 1) != []
    assert check_increments([*writes, write(outcome="info", error="boom")], 2) == ["refused: boom"]


def test_winners_are_counted() -> None:
    race = [write(subject="x"), write(subject="x", outcome="fail"), write(subject="y")]
    assert check_winners(race) == []
    assert check_winners([*race, write(subject="x")]) == ["x has 2 winners"]
    assert check_winners([*race, write(subject="z", outcome="fail")]) == ["z has 0 winners"]
