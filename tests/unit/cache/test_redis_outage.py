"""What happens when Redis is down, hangs, breaks off, or comes back."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from cliquet.cache.breaker import Breaker
from cliquet.cache.forgiving import Forgiving
from cliquet.cache.redis import RedisCache, connect, load_from_config
from cliquet.errors import BackendError, ConfigurationError
from cliquet.settings import Settings

ANSWERS = {b"PING": b"+PONG\r\n", b"GET": b'$4\r\n"hi"\r\n'}


class Seconds:
    """A clock that a test moves."""

    value = 0.0

    def __call__(self) -> float:
        return self.value


class FakeRedis:
    """A server that speaks just enough of the protocol; ``mode`` is ``answer``, ``hang``, ``refuse`` or ``break``."""

    def __init__(self) -> None:
        self.mode = "answer"
        self.commands: list[bytes] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self._listener.getsockname()[1]}/0"
        self._open: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    def attempts(self, expected: int) -> int:
        """How often somebody tried; waits until it is as often as expected, for the server runs in threads."""
        give_up = time.monotonic() + 5
        while len(self.commands) < expected and time.monotonic() < give_up:
            time.sleep(0.01)
        return len(self.commands)

    def close(self) -> None:
        for connection in (self._listener, *self._open):
            connection.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._open.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, connection.makefile("rb") as stream:
                while command := self._read(stream):
                    self.commands.append(command)
                    if not self._answer(connection, command):
                        return
        except OSError:
            return

    def _read(self, stream: Any) -> bytes:
        header = stream.readline()
        words = [stream.read(int(stream.readline()[1:]) + 2)[:-2] for _ in range(int(header[1:] or 0))]
        return bytes(words[0]).upper() if words else b""

    def _answer(self, connection: socket.socket, command: bytes) -> bool:
        mode = self.mode
        if mode == "refuse":
            connection.sendall(b"-OOM command not allowed\r\n")
        if mode == "answer":
            connection.sendall(ANSWERS.get(command, b"+OK\r\n"))
        return mode != "break"


@pytest.fixture
def server() -> Iterator[FakeRedis]:
    fake = FakeRedis()
    yield fake
    fake.close()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def make(seconds: Seconds) -> Callable[[str], RedisCache]:
    return lambda url: RedisCache(connect(url, timeout=0.5), breaker=Breaker(monotonic=seconds))


@pytest.fixture
def make_hasty(seconds: Seconds) -> Callable[[str], RedisCache]:
    return lambda url: RedisCache(connect(url, timeout=0.05), breaker=Breaker(monotonic=seconds))


@pytest.fixture
def closed_url() -> str:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"redis://127.0.0.1:{unused.getsockname()[1]}/0"


def fail(cache: RedisCache, times: int) -> None:
    for _ in range(times):
        with pytest.raises(BackendError):
            cache.get("key")


def test_a_server_that_is_down_is_an_error_of_the_backend(make: Callable[[str], RedisCache], closed_url: str) -> None:
    cache = make(closed_url)
    fail(cache, 3)
    assert cache.ping() is False


def test_making_a_cache_connects_to_nothing(server: FakeRedis, make: Callable[[str], RedisCache]) -> None:
    make(server.url)
    assert server.connections == 0


def test_a_server_that_hangs_is_tried_once_and_then_left_alone(
    server: FakeRedis, make_hasty: Callable[[str], RedisCache]
) -> None:
    server.mode = "hang"
    fail(make_hasty(server.url), 50)
    assert server.attempts(1) == 1
    assert server.connections == 1


def test_a_server_that_hangs_is_tried_again_at_growing_intervals(
    server: FakeRedis, make_hasty: Callable[[str], RedisCache], seconds: Seconds
) -> None:
    server.mode = "hang"
    cache = make_hasty(server.url)
    for tenth in range(100):
        seconds.value = tenth / 10
        fail(cache, 2)
    assert server.attempts(4) == 4


def test_a_server_that_begins_to_hang_is_noticed(server: FakeRedis, make: Callable[[str], RedisCache]) -> None:
    cache = make(server.url)
    assert cache.get("key") == "hi"
    server.mode = "hang"
    fail(cache, 50)
    assert server.attempts(2) == 2


def test_a_connection_that_breaks_is_not_retried(server: FakeRedis, make: Callable[[str], RedisCache]) -> None:
    cache = make(server.url)
    assert cache.get("key") == "hi"
    server.mode = "break"
    fail(cache, 50)
    assert server.attempts(2) == 2


def test_a_server_that_comes_back_is_used_again(
    server: FakeRedis, make: Callable[[str], RedisCache], seconds: Seconds
) -> None:
    server.mode = "hang"
    cache = make(server.url)
    fail(cache, 2)
    server.mode = "answer"
    fail(cache, 2)
    seconds.value = 1.0
    assert cache.get("key") == "hi"
    assert cache.get("key") == "hi"


def test_a_heartbeat_asks_the_server_itself(server: FakeRedis, make: Callable[[str], RedisCache]) -> None:
    server.mode = "hang"
    cache = make(server.url)
    fail(cache, 2)
    assert cache.ping() is False
    server.mode = "answer"
    assert cache.ping() is True
    assert cache.get("key") == "hi"


def test_an_answer_that_refuses_is_an_error_but_no_outage(server: FakeRedis, make: Callable[[str], RedisCache]) -> None:
    cache = make(server.url)
    assert cache.get("key") == "hi"
    server.mode = "refuse"
    fail(cache, 3)
    assert server.attempts(4) == 4


def test_requests_go_on_without_a_cache(server: FakeRedis, make_hasty: Callable[[str], RedisCache]) -> None:
    server.mode = "hang"
    cache = Forgiving(make_hasty(server.url))
    for _ in range(20):
        cache.set("key", 1, ttl=60)
        assert cache.get("key") is None
    assert server.attempts(1) == 1


def test_settings_make_the_cache(server: FakeRedis) -> None:
    settings = Settings(cache_url=server.url, cache_prefix="app", cache_pool_size=2, cache_timeout_seconds=5.0)
    config = SimpleNamespace(registry={"cliquet.settings": settings})
    assert load_from_config(config).get("key") == "hi"


def test_a_new_connection_sends_nothing_but_the_command(server: FakeRedis, make: Callable[[str], RedisCache]) -> None:
    make(server.url).get("key")
    assert server.commands == [b"GET"]


def test_a_wrong_url_is_named_at_start_up() -> None:
    with pytest.raises(ConfigurationError, match="cache_url"):
        connect("http://localhost:6379")
