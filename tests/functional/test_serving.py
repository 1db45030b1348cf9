"""``cliquet start`` as a process, or several: slow clients, and what happens to requests when it is told to end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from cliquet.testing.service import Client, free_port

ROOT = Path(__file__).parents[2]
_APPLICATION = """
import os, time
from pyramid.config import Configurator
from pyramid.security import NO_PERMISSION_REQUIRED
import cliquet

def pid(request):
    return {"pid": os.getpid()}

def slow(request):
    open("begun", "w").close()
    while not os.path.exists("go"):
        time.sleep(0.01)
    return {"text": "x" * 10_000_000}

def main(global_config, **settings):
    config = Configurator(settings=settings)
    cliquet.initialize(config, version="1.0")
    config.scan("cliquet.testing.resources")
    for view in (pid, slow):
        config.add_route(view.__name__, f"/{view.__name__}")
        config.add_view(view, route_name=view.__name__, renderer="json", permission=NO_PERMISSION_REQUIRED)
    return config.make_wsgi_app()
"""
_INI = """
[app:main]
use = call:served:main
storage_backend = cliquet.storage.sqlite
storage_url = sqlite:///served.sqlite
cache_backend = cliquet.cache.memory
userid_hmac_secret = not so secret
"""


def command(folder: Path, ini: str, *arguments: str) -> tuple[list[str], dict[str, Any]]:
    """What starts the application, and where."""
    (folder / "served.py").write_text(_APPLICATION)
    (folder / "served.ini").write_text(ini)
    start = [sys.executable, "-W", "ignore", "-m", "cliquet", "start", "--ini", "served.ini", *arguments]
    return start, {"cwd": folder, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}


def refusal(folder: Path, ini: str, *arguments: str) -> str:
    """What it says when it does not start."""
    start, where = command(folder, ini, *arguments)
    done = subprocess.run(start, **where, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    return str(done.stderr)


class Served:
    """The command, its port, and a client of it."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.port = free_port()
        start, where = command(folder, _INI, "--port", str(self.port), *arguments)
        self.process = subprocess.Popen(start, **where, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        self.client = Client(f"http://127.0.0.1:{self.port}/v1", user="alice:secret")

    def pid(self) -> int:
        """The process that answers."""
        found: int = self.client.request("GET", "/pid").json["pid"]
        return found

    def end(self) -> int:
        """Tell it to, and say how it went."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


def eventually(true: Callable[[], Any]) -> Any:
    """The first true answer within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if found := true():
                return found
        except OSError:
            pass
        time.sleep(0.02)
    raise AssertionError("that never became true")


@contextmanager
def serving(folder: Path, *arguments: str) -> Iterator[Served]:
    served = Served(folder, *arguments)
    try:
        eventually(served.pid)
        yield served
    finally:
        served.process.kill()
        served.process.wait(60)


def sent(port: int, text: str) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(text.encode())
    return connection


def received(connection: socket.socket) -> bytes:
    """All that comes until the other side closes."""
    parts = []
    while data := connection.recv(1 << 20):
        parts.append(data)
    return b"".join(parts)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize("arguments", [(), ("--processes", "2")])
def test_requests_that_were_begun_are_answered_before_the_end(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with serving(tmp_path, *arguments) as served:
        with sent(served.port, "GET /v1/slow HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") as waiting:
            eventually((tmp_path / "begun").exists)
            served.process.send_signal(signal.SIGTERM)
            eventually(lambda: _refused(served.port))
            (tmp_path / "go").touch()
            head, _, body = received(waiting).partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200")
        assert len(json.loads(body)["text"]) == 10_000_000
        assert served.process.wait(60) == 0


def _refused(port: int) -> bool:
    """Whether nobody listens any more; who was let in by mistake gets no answer, and is no proof."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def test_connections_without_a_request_do_not_delay_the_end(tmp_path: Path) -> None:
    with serving(tmp_path) as served, ExitStack() as open_:
        for text in ("", "GET /v1/", "POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{"):
            open_.enter_context(sent(served.port, text))
        eventually(served.pid)
        assert served.end() == 0


def test_processes_share_an_address_and_are_replaced_when_they_die(tmp_path: Path) -> None:
    with serving(tmp_path, "--processes", "2") as served:
        pids: set[int] = set()

        def seen(count: int) -> bool:
            pids.add(served.pid())
            return len(pids) == count

        eventually(lambda: seen(2))
        os.kill(min(pids), signal.SIGKILL)
        eventually(lambda: seen(3))
        assert served.process.pid not in pids
        assert served.end() == 0
        assert not any(map(alive, pids))


def test_processes_end_when_the_one_that_keeps_them_is_gone(tmp_path: Path) -> None:
    with serving(tmp_path, "--processes", "2") as served:
        served.process.kill()
        served.process.wait(60)
        eventually(lambda: _refused(served.port))


def test_what_is_in_memory_is_not_served_by_several_processes(tmp_path: Path) -> None:
    said = refusal(tmp_path, _INI.replace("cliquet.storage.sqlite", "cliquet.storage.memory"), "--processes", "2")
    assert "--processes: with the data in memory, each process would have its own." in said


def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with serving(tmp_path) as served:
        said = refusal(tmp_path, _INI, "--port", str(served.port))
        assert f"Cannot listen on 127.0.0.1:{served.port}: Address already in use." in said


@pytest.mark.slow
def test_slow_clients_do_not_silence_it(tmp_path: Path) -> None:
    body = "POST /v1/notes HTTP/1.1\r\nHost: a\r\nAuthorization: Basic YWxpY2U6c2VjcmV0\r\nContent-Length: 100\r\n"
    begun = [f"{body}Content-Type: application/json\r\n\r\n{{", "GET /v1/ HTTP/1.1\r\nHost: a\r\nX-Slow: "]
    with serving(tmp_path, "--threads", "2") as served, ExitStack() as open_:
        for number in range(400):
            open_.enter_context(sent(served.port, begun[number % 2]))
        good = [Client(served.client.url, "alice:secret", timeout=20).request("GET", "/notes") for _ in range(8)]
        assert [answer.status for answer in good] == [200] * 8
