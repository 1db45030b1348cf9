"""The load generator, a program of its own: sends requests over kept connections, and says what came back and when.

One thread serves all connections, so that no answer waits for another one to be looked at: answers are checked when
the measured time is over, each of them, for status and body.
"""

from __future__ import annotations

import json
import random
import selectors
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from benchmarks.wire import REFUSED, Answer, Check, Connection, Place, Request, Requests
from benchmarks.workloads import WORKLOADS

__all__ = ["Found", "Lane", "Orders", "run"]

#: Who is answered this has to try again; such answers are counted, and paid for by the others.
CONFLICT = 409
PATIENCE = 120


class Orders(NamedTuple):
    """What the program is asked to do.

    :param requests: how many, as long as there is time.
    :param budget: seconds after which no more requests are begun.
    """

    workload: str
    place: Place
    connections: int
    requests: int
    seed: int
    budget: float


class Found(NamedTuple):
    """What it found.

    :param seconds: from the first request to the last answer.
    :param times: of the good answers, in ms.
    :param refused: how many were refused because another one wrote at the same time.
    :param wrong: the first of the wrong answers.
    :param own: CPU seconds of the generator.
    """

    seconds: float
    times: list[float]
    refused: int
    wrong: list[str]
    own: float


@dataclass
class Lane:
    """One connection, the request that is under way on it, and what came back."""

    connection: Connection
    made: Requests
    now: tuple[Request, Check] | None = None
    began: float = 0.0
    done: list[tuple[float, Request, Check, Answer]] = field(default_factory=list)

    def next(self) -> None:
        """Send the next request, which may depend on the last answer."""
        self.now = self.made.send(self.done[-1][3]) if self.done else next(self.made)
        self.began = time.perf_counter()
        self.connection.send(self.now[0])

    def receive(self) -> bool:
        """Whether an answer is complete now."""
        assert self.now is not None
        answer = self.connection.receive()
        if answer is not None:
            self.done.append((1000 * (time.perf_counter() - self.began), *self.now, answer))
        return answer is not None


def run(orders: Orders) -> Found:
    """Send the requests of a workload, and check the answers."""
    lanes = [_lane(orders, index) for index in range(min(orders.connections, orders.requests))]
    own, began = time.process_time(), time.perf_counter()
    try:
        _drive(lanes, orders.requests, began + orders.budget)
        seconds, own = time.perf_counter() - began, time.process_time() - own
    finally:
        for lane in lanes:
            lane.connection.close()
    return _judged(seconds, own, [one for lane in lanes for one in lane.done])


def _lane(orders: Orders, index: int) -> Lane:
    chance = random.Random(f"{orders.workload} {orders.seed} {index}")
    return Lane(Connection(orders.place), WORKLOADS[orders.workload].requests(orders.place, chance, index))


def _drive(lanes: Sequence[Lane], requests: int, deadline: float) -> None:
    """Keep every connection busy until all requests are answered, or the time is over."""
    with selectors.DefaultSelector() as selector:
        for lane in lanes:
            _start(selector, lane)
        left = requests - len(lanes)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            assert ready, f"no answer in {PATIENCE} s"
            for key, _ in ready:
                if key.data.receive():
                    selector.unregister(key.fd)
                    if left > 0 and time.perf_counter() < deadline:
                        _start(selector, key.data)
                        left -= 1


def _start(selector: selectors.BaseSelector, lane: Lane) -> None:
    lane.next()
    selector.register(lane.connection.fileno(), selectors.EVENT_READ, lane)


def _judged(seconds: float, own: float, done: Sequence[tuple[float, Request, Check, Answer]]) -> Found:
    good = [one for one in done if one[3].status != CONFLICT]
    judged = [(request, answer, check(answer)) for _, request, check, answer in good]
    wrong = [
        f"{request.method} {request.path}: {answer.status} {problem} {answer.body[:200]!r}"
        for request, answer, problem in judged
        if problem not in ("", REFUSED)
    ]
    refused = len(done) - len(good) + sum(problem == REFUSED for *_, problem in judged)
    return Found(seconds, [one[0] for one in good], refused, wrong[:3], own)


def main(argument: str) -> None:
    """Do what the argument says, and print what was found."""
    orders: dict[str, Any] = json.loads(argument)
    place = Place(**orders.pop("place"))
    print(json.dumps(run(Orders(place=place, **orders))._asdict()))


if __name__ == "__main__":
    main(sys.argv[1])
