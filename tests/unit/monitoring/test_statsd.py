"""Statsd over real UDP sockets, and what happens when there is no server."""

from __future__ import annotations

import logging
import re
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from statsd import StatsClient  # the package ships no types

from cliquet.errors import ConfigurationError
from cliquet.monitoring.statsd import Statsd, load_from_url, metric_name


class Seconds:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.value = 0.0

    def __call__(self) -> float:
        return self.value


class Resolver:
    """Refuses to resolve until told otherwise; counts the attempts."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.works = False
        self.attempts = 0

    def __call__(self, host: str, port: int, **options: Any) -> Any:
        self.attempts += 1
        if not self.works:
            raise socket.gaierror(-2, "Name or service not known")
        return StatsClient("127.0.0.1", self.port, **options)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(5)
        yield udp


@pytest.fixture
def received(server: socket.socket) -> Callable[[], str]:
    return lambda: server.recv(2048).decode("ascii")


@pytest.fixture
def statsd(server: socket.socket) -> Statsd:
    return load_from_url(f"udp://127.0.0.1:{server.getsockname()[1]}", "myapp")


def test_a_count_reaches_the_server(statsd: Statsd, received: Callable[[], str]) -> None:
    statsd.count("view.hello.GET")
    assert received() == "myapp.view.hello.GET:1|c"
    statsd.count("events", 3)
    assert received() == "myapp.events:3|c"


def test_a_duration_reaches_the_server_in_milliseconds(statsd: Statsd, received: Callable[[], str]) -> None:
    with statsd.timer("storage.storage.get"):
        pass
    assert re.fullmatch(r"myapp\.storage\.storage\.get:\d+\.\d+\|ms", received())


def test_a_duration_is_sent_when_the_block_raises(statsd: Statsd, received: Callable[[], str]) -> None:
    with pytest.raises(KeyError), statsd.timer("cache.cache.get"):
        raise KeyError
    assert received().startswith("myapp.cache.cache.get:")


def test_a_user_id_is_a_member_of_a_set_without_separators(statsd: Statsd, received: Callable[[], str]) -> None:
    statsd.unique("users", "basicauth:été")
    assert received() == "myapp.users:basicauth._t_|s"


@pytest.mark.parametrize("name", ["a:b|c@d", "métrique", "line\nbreak", "\ud800", "x" * 10_000, ""])
def test_odd_names_are_made_safe(statsd: Statsd, received: Callable[[], str], name: str) -> None:
    statsd.count(name)
    assert re.fullmatch(r"myapp\.[A-Za-z0-9_.-]*:1\|c", received())
    assert len(metric_name(name)) <= 200


def test_without_prefix_the_name_stands_alone(server: socket.socket, received: Callable[[], str]) -> None:
    load_from_url(f"udp://127.0.0.1:{server.getsockname()[1]}", "").count("started")
    assert received() == "started:1|c"


def test_nothing_fails_when_nobody_listens() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
    statsd = load_from_url(f"udp://127.0.0.1:{port}", "myapp")
    for _ in range(3):
        statsd.count("view.hello.GET")


def test_the_service_starts_when_the_name_does_not_resolve(caplog: pytest.LogCaptureFixture) -> None:
    resolver = Resolver(port=0)
    statsd = Statsd("statsd.invalid", 8125, "myapp", connect=resolver)
    with caplog.at_level(logging.WARNING, "cliquet.statsd"):
        statsd.start(wait=5)
    statsd.count("lost")
    assert "statsd.invalid:8125" in caplog.text
    assert resolver.attempts == 1


def test_attempts_to_resolve_are_spaced(server: socket.socket, received: Callable[[], str]) -> None:
    resolver, seconds = Resolver(server.getsockname()[1]), Seconds()
    statsd = Statsd("later.invalid", 8125, "myapp", connect=resolver, monotonic=seconds)
    statsd.start(wait=5)
    seconds.value, resolver.works = 29.0, True
    statsd.count("too.early")
    assert resolver.attempts == 1
    seconds.value = 31.0
    statsd.start(wait=5)
    statsd.count("now")
    assert resolver.attempts == 2
    assert received() == "myapp.now:1|c"


def test_a_resolver_that_hangs_does_not_hold_the_caller() -> None:
    release, calls = threading.Event(), []

    def hang(*args: Any, **options: Any) -> Any:
        calls.append(args)
        release.wait(30)
        raise OSError("gave up")

    statsd = Statsd("slow.invalid", 8125, "myapp", connect=hang, retry_seconds=0.0)
    statsd.start(wait=0.01)
    for _ in range(100):
        statsd.count("view.hello.GET")
    assert len(calls) == 1
    release.set()


def test_an_error_of_the_socket_is_swallowed() -> None:
    class Broken:
        def incr(self, key: str, value: int) -> None:
            raise OSError("Network is unreachable")

    broken = Statsd("::1", 8125, "x", connect=lambda *a, **k: Broken())
    broken.start(wait=5)
    broken.count("view.hello.GET")


def test_the_default_port_is_that_of_statsd() -> None:
    assert load_from_url("udp://127.0.0.1", "myapp")._where == "127.0.0.1:8125"


@pytest.mark.parametrize(
    "url", ["localhost:8125", "tcp://localhost:8125", "udp://", "udp://localhost:none", "udp://[x"]
)
def test_a_wrong_url_is_named_at_start_up(url: str) -> None:
    with pytest.raises(ConfigurationError, match="statsd_url"):
        load_from_url(url, "myapp")
