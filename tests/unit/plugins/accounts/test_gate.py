"""Expensive work: so much at a time, and once for those who ask the same."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cliquet.errors import Overloaded
from cliquet.plugins.accounts.gate import Gate, Together


def wait_for(condition: threading.Event) -> None:
    assert condition.wait(20), "nothing happened"


def test_so_many_work_at_a_time_and_others_are_refused_at_once() -> None:
    gate = Gate(working=2, waiting=0)
    inside, leave = threading.Semaphore(0), threading.Event()

    def work() -> None:
        with gate.turn():
            inside.release()
            wait_for(leave)

    with ThreadPoolExecutor(2) as pool:
        jobs = [pool.submit(work) for _ in range(2)]
        assert all(inside.acquire(timeout=20) for _ in jobs)
        with pytest.raises(Overloaded), gate.turn():
            pass
        leave.set()
        for job in jobs:
            job.result(20)
    with gate.turn():
        pass


def test_who_waits_has_a_turn_when_another_one_ends() -> None:
    gate = Gate(working=1, waiting=7)
    lock, now, most = threading.Lock(), 0, 0

    def work() -> None:
        nonlocal now, most
        with gate.turn():
            with lock:
                now += 1
                most = max(most, now)
            time.sleep(0.002)
            with lock:
                now -= 1

    with ThreadPoolExecutor(8) as pool:
        for job in [pool.submit(work) for _ in range(8)]:
            job.result(20)
    assert most == 1


def test_a_turn_ends_also_with_an_error() -> None:
    gate = Gate(working=1, waiting=0)
    for _ in range(3):
        with pytest.raises(ValueError), gate.turn():
            raise ValueError
    with gate.turn():
        pass


def test_the_same_question_is_worked_out_once_at_a_time() -> None:
    shared: Together[int] = Together()
    begun, answer, calls = threading.Event(), threading.Event(), []

    def work() -> int:
        calls.append(1)
        begun.set()
        wait_for(answer)
        return 42

    with ThreadPoolExecutor(4) as pool:
        first = pool.submit(shared.answer, "question", work)
        wait_for(begun)
        others = [pool.submit(shared.answer, "question", work) for _ in range(3)]
        assert shared.answer("other", lambda: 7) == 7
        answer.set()
        assert [one.result(20) for one in (first, *others)] == [42] * 4
    assert len(calls) <= 4
    assert shared.answer("question", lambda: 43) == 43, "an answer is shared with those who wait, and not kept"


def test_who_waits_learns_of_an_error() -> None:
    shared: Together[int] = Together()

    def fail() -> int:
        raise Overloaded(message="no")

    for _ in range(2):
        with pytest.raises(Overloaded):
            shared.answer("question", fail)
