"""What a workload is, and the checks of answers that workloads share."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from benchmarks.wire import Answer, Check, Place, Request, Requests

__all__ = ["Workload", "empty", "forever", "has", "holds", "status"]


class Workload(NamedTuple):
    """Requests for one of several connections.

    :param requests: is given the place, its source of chance, and the number of the connection.
    :param goal: the least ratio of requests per CPU second, ours to the peer's; ``None`` when there is no peer.
    :param size: requests in a round.
    """

    requests: Callable[[Place, random.Random, int], Requests]
    goal: float | None
    size: int


def forever(make: Callable[[Place, random.Random], tuple[Request, Check]]) -> Callable[..., Requests]:
    """A workload whose requests do not depend on earlier answers."""

    def requests(place: Place, chance: random.Random, _: int) -> Requests:
        while True:
            yield make(place, chance)

    return requests


def status(*expected: int) -> Check:
    """The status is one of these."""
    return lambda answer: "" if answer.status in expected else f"is not {expected}"


def empty(expected: int) -> Check:
    """The status is this, and there is no body."""

    def check(answer: Answer) -> str:
        return status(expected)(answer) or ("has a body" if answer.body else "")

    return check


def holds(expected: Iterable[int], **wanted: Any) -> Check:
    """The answer is a record that holds these values; ``...`` is any."""

    def check(answer: Answer) -> str:
        if answer.status not in expected:
            return f"is not {expected}"
        data = answer.json["data"]
        wrong = [name for name, value in wanted.items() if name not in data or value not in (..., data[name])]
        return f"has another {wrong[0]}" if wrong else ""

    return check


def has(count: int, field: str, *, first: str = "") -> Check:
    """The answer is a list of so many records, which all have a field.

    :param first: the id of the first one, when it matters.
    """

    def check(answer: Answer) -> str:
        if answer.status != 200:
            return "is not 200"
        data = answer.json["data"]
        if len(data) != count or not all(field in one for one in data):
            return f"has {len(data)} records, not {count}, or one without {field}"
        return f"does not begin with {first}" if first and data[0]["id"] != first else ""

    return check
