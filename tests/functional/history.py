"""What happened when many processes used one storage at once, and what in it must never happen.

Clients note what they did and what they were told (a *history*); checkers look at the history alone, afterwards.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from cliquet.storage.base import Scope

__all__ = ["Change", "Poll", "Write", "check_feed", "check_increments", "check_winners"]


class Change(NamedTuple):
    """What became of one record."""

    scope: Scope
    id: str
    timestamp: int
    deleted: bool


class Write(NamedTuple):
    """One transaction of one process.

    :param outcome: ``ok`` was acknowledged, ``fail`` was refused; of ``info`` nobody knows.
    :param subject: what it was about, when several processes want the same.
    :param start: when it was asked for, in seconds that all processes share.
    """

    process: int
    outcome: Literal["ok", "fail", "info"]
    subject: str
    start: float
    end: float
    changes: tuple[Change, ...] = ()
    attempts: int = 1
    error: str = ""


class Poll(NamedTuple):
    """What a process that follows a scope was told."""

    process: int
    since: int
    timestamp: int
    changes: tuple[Change, ...]


def check_feed(writes: Sequence[Write], polls: Sequence[Poll], final: Sequence[Change]) -> list[str]:
    """All that is wrong with a history of writers of unique ids, and of pollers that read until the end.

    :param final: all records and tombstones, read when everybody had finished.
    """
    return [
        *_refused(writes),
        *_lost(writes, final),
        *_not_unique(writes),
        *_out_of_order(writes),
        *_not_monotone(polls),
        *_missed(polls, final),
    ]


def check_increments(writes: Sequence[Write], final: int) -> list[str]:
    """Every acknowledged increment has to be in the counter."""
    acknowledged = sum(write.outcome == "ok" for write in writes)
    lost = [f"{acknowledged} increments were acknowledged, the counter says {final}"] if acknowledged != final else []
    return lost + [f"refused: {write.error}" for write in writes if write.outcome == "info"]


def check_winners(writes: Sequence[Write]) -> list[str]:
    """Of all who want the same, exactly one gets it."""
    winners = Counter(write.subject for write in writes if write.outcome == "ok")
    asked = {write.subject for write in writes}
    wrong = [f"{subject} has {winners[subject]} winners" for subject in sorted(asked) if winners[subject] != 1]
    return wrong + [f"{write.subject}: {write.error}" for write in writes if write.outcome == "info"]


def _refused(writes: Iterable[Write]) -> Iterator[str]:
    """Legal writes always succeed, and before the fifth attempt."""
    return (f"process {write.process} was refused: {write.error}" for write in writes if write.outcome != "ok")


def _lost(writes: Iterable[Write], final: Iterable[Change]) -> Iterator[str]:
    """What was acknowledged is there, at that time or a later one."""
    times = {(change.scope, change.id): change.timestamp for change in final}
    for change in _acknowledged(writes):
        if times.get((change.scope, change.id), -1) < change.timestamp:
            yield f"acknowledged and not there: {change}"


def _not_unique(writes: Iterable[Write]) -> Iterator[str]:
    """No two changes of a scope have the same time."""
    counted = Counter((change.scope, change.timestamp) for change in _acknowledged(writes))
    return (f"{times} changes of {scope} at {timestamp}" for (scope, timestamp), times in counted.items() if times > 1)


def _out_of_order(writes: Iterable[Write]) -> Iterator[str]:
    """Whatever was acknowledged before a write began has a lower time than what that write did."""
    ends: dict[Scope, list[tuple[float, int]]] = defaultdict(list)
    starts: dict[Scope, list[tuple[float, int]]] = defaultdict(list)
    for write in writes:
        for change in write.changes if write.outcome == "ok" else ():
            ends[change.scope].append((write.end, change.timestamp))
            starts[change.scope].append((write.start, change.timestamp))
    for scope, finished in ends.items():
        finished.sort()
        latest, position = -1, 0
        for start, timestamp in sorted(starts[scope]):
            while position < len(finished) and finished[position][0] < start:
                latest = max(latest, finished[position][1])
                position += 1
            if timestamp <= latest:
                yield f"{scope}: {timestamp} was given after {latest} had been acknowledged"


def _not_monotone(polls: Iterable[Poll]) -> Iterator[str]:
    """The time of a scope never goes backwards, and no answer has what is later than its time, or was asked to skip."""
    for poll in polls:
        if poll.timestamp < poll.since:
            yield f"poller {poll.process} was told {poll.timestamp} after {poll.since}"
        for change in poll.changes:
            if not poll.since < change.timestamp <= poll.timestamp:
                yield f"poller {poll.process} asked since {poll.since}, got {change} at {poll.timestamp}"


def _missed(polls: Iterable[Poll], final: Sequence[Change]) -> Iterator[str]:
    """Whoever follows a scope ends with what a fresh reader finds."""
    states: dict[tuple[int, Scope], dict[str, Change]] = defaultdict(dict)
    for poll in polls:
        for change in poll.changes:
            states[poll.process, change.scope][change.id] = change
    for (process, scope), state in states.items():
        there = {change.id: change for change in final if change.scope == scope}
        for record_id in sorted(there.keys() | state.keys()):
            if there.get(record_id) != state.get(record_id):
                yield f"poller {process} has {state.get(record_id)}, stored is {there.get(record_id)}"


def _acknowledged(writes: Iterable[Write]) -> Iterator[Change]:
    return (change for write in writes if write.outcome == "ok" for change in write.changes)
