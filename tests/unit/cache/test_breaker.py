"""When a broken server is left alone."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from cliquet.cache.breaker import Breaker


class Seconds:
    """A clock that a test moves."""

    value = 0.0

    def __call__(self) -> float:
        return self.value


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def breaker(seconds: Seconds) -> Breaker:
    return Breaker(monotonic=seconds)


def fail(breaker: Breaker) -> None:
    ticket = breaker.admit()
    assert ticket is not None
    breaker.failed(ticket)


def test_everybody_may_try_a_server_that_works(breaker: Breaker) -> None:
    for _ in range(5):
        ticket = breaker.admit()
        assert ticket is not None
        breaker.succeeded(ticket)


def test_nobody_may_try_during_the_pause(breaker: Breaker, seconds: Seconds) -> None:
    fail(breaker)
    seconds.value = 0.99
    assert breaker.admit() is None
    assert breaker.pause_left == pytest.approx(0.01)


def test_one_may_try_after_the_pause(breaker: Breaker, seconds: Seconds) -> None:
    fail(breaker)
    seconds.value = 1.0
    with ThreadPoolExecutor(8) as threads:
        tickets = list(threads.map(lambda _: breaker.admit(), range(50)))
    assert len([ticket for ticket in tickets if ticket is not None]) == 1


def test_the_pause_doubles_up_to_its_longest(breaker: Breaker, seconds: Seconds) -> None:
    pauses = []
    for _ in range(8):
        fail(breaker)
        pauses.append(breaker.pause_left)
        seconds.value += breaker.pause_left
    assert pauses == [1, 2, 4, 8, 16, 30, 30, 30]


def test_a_success_ends_it(breaker: Breaker, seconds: Seconds) -> None:
    fail(breaker)
    seconds.value = 1.0
    ticket = breaker.admit()
    assert ticket is not None
    breaker.succeeded(ticket)
    assert breaker.admit() is not None
    fail(breaker)
    assert breaker.pause_left == 1.0


def test_failures_that_were_under_way_count_once(breaker: Breaker) -> None:
    tickets = [breaker.admit() for _ in range(20)]
    for ticket in tickets:
        assert ticket is not None
        breaker.failed(ticket)
    assert breaker.pause_left == 1.0


def test_an_old_success_does_not_end_a_new_pause(breaker: Breaker) -> None:
    early = breaker.admit()
    assert early is not None
    fail(breaker)
    breaker.succeeded(early)
    assert breaker.admit() is None


def test_a_reset_lets_everybody_try(breaker: Breaker) -> None:
    fail(breaker)
    breaker.reset()
    assert breaker.admit() is not None
