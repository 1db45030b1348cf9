"""Checks of the heartbeat: side by side, shared, and with a time limit."""

from __future__ import annotations

import threading
import time

from cliquet.web.views.heartbeat import Probes


def test_one_check_after_the_other_is_fine() -> None:
    probes = Probes()
    results = [probes.run({"storage": lambda registry: True}, None, timeout=5)["storage"] for _ in range(2000)]
    assert results == [True] * 2000


def test_requests_at_the_same_time_share_a_run() -> None:
    probes, release, begun, results = Probes(), threading.Event(), [], []

    def slow(registry: object) -> bool:
        begun.append(1)
        return release.wait(30)

    threads = [
        threading.Thread(target=lambda: results.append(probes.run({"storage": slow}, None, timeout=30)))
        for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    while not begun:
        time.sleep(0.001)
    release.set()
    for thread in threads:
        thread.join()
    assert results == [{"storage": True}] * 5
    assert len(begun) <= 2


def test_a_check_that_hangs_fails_at_once_the_second_time_and_is_not_begun_again() -> None:
    probes, release, begun = Probes(), threading.Event(), []

    def hang(registry: object) -> bool:
        begun.append(1)
        return release.wait(30)

    checks = {"storage": hang, "cache": lambda registry: True}
    assert probes.run(checks, None, timeout=0.2) == {"storage": False, "cache": True}
    started = time.monotonic()
    assert probes.run(checks, None, timeout=0.2) == {"storage": False, "cache": True}
    assert time.monotonic() - started < 5
    assert len(begun) == 1
    release.set()


def test_a_check_that_ended_too_late_is_begun_again() -> None:
    probes, release = Probes(), threading.Event()
    checks = {"storage": lambda registry: release.wait(30)}
    assert probes.run(checks, None, timeout=0.05) == {"storage": False}
    release.set()
    deadline = time.monotonic() + 20
    while probes.run(checks, None, timeout=5) != {"storage": True}:
        assert time.monotonic() < deadline


def test_an_error_is_false() -> None:
    def broken(registry: object) -> bool:
        raise OSError("no such server")

    assert Probes().run({"storage": broken}, None, timeout=5) == {"storage": False}
