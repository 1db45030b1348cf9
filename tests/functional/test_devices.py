"""Two users with two devices each, and a server that is killed while they write: nothing acknowledged is lost."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cliquet.testing.service import Client, Service
from tests.functional.services import article, on_postgresql, on_sqlite, service

USERS = ("ann:a", "bea:b")


class Worker(threading.Thread):
    """A thread that can be asked to end."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.stopped = threading.Event()

    def stop(self) -> None:
        """Ask it to, and wait."""
        self.stopped.set()
        self.join(60)


class Device(Worker):
    """Stores articles one by one, singly and in batches, and remembers which were acknowledged."""

    def __init__(self, url: str, user: str, name: str) -> None:
        super().__init__()
        self.client = Client(f"{url}/v1", user, timeout=20)
        self.label = f"{user.replace(':', '-')}-{name}"
        self.stored: dict[str, int] = {}
        self.odd: list[int] = []

    def run(self) -> None:
        number = 0
        while not self.stopped.is_set():
            number += 1
            try:
                self._batch(number) if number % 5 == 0 else self._single(number)
            except OSError:
                time.sleep(0.05)

    def _single(self, number: int) -> None:
        answer = self.client.request("POST", "/articles", article(f"{self.label}/{number}"))
        self._note(answer.status, answer.json)

    def _batch(self, number: int) -> None:
        requests = [{"body": article(f"{self.label}/{number}/{one}")} for one in range(25)]
        defaults = {"method": "POST", "path": "/articles"}
        answer = self.client.request("POST", "/batch", {"defaults": defaults, "requests": requests})
        if answer.status != 200:
            self.odd.append(answer.status)
            return
        for entry in answer.json["responses"]:
            self._note(entry["status"], entry["body"])

    def _note(self, status: int, body: Any) -> None:
        if status in (200, 201):
            self.stored[body["data"]["id"]] = body["data"]["last_modified"]
        else:
            self.odd.append(status)


class Poller(Worker):
    """Follows the timestamp of a user's articles and keeps a copy of them, as a third device would."""

    def __init__(self, url: str, user: str) -> None:
        super().__init__()
        self.client = Client(f"{url}/v1", user, timeout=20)
        self.since = '"0"'
        self.copy: dict[str, Any] = {}

    def run(self) -> None:
        while not self.stopped.is_set():
            try:
                self.poll()
            except OSError:
                time.sleep(0.05)

    def poll(self) -> None:
        """All pages since the last time."""
        path, etag = f"/articles?_since={self.since}", ""
        while path:
            answer = self.client.request("GET", path)
            assert answer.status == 200, answer
            etag = etag or answer.headers["etag"]
            self.copy |= {record["id"]: record for record in answer.json["data"]}
            path = answer.headers.get("next-page", "").partition("/v1")[2]
        self.since = etag


def everything(client: Client) -> dict[str, Any]:
    """All records, page by page."""
    found: dict[str, Any] = {}
    path = "/articles?_limit=50&_sort=last_modified"
    while path:
        answer = client.request("GET", path)
        assert answer.status == 200, answer
        found |= {record["id"]: record for record in answer.json["data"]}
        path = answer.headers.get("next-page", "").partition("/v1")[2]
    return found


@pytest.mark.parametrize("storage", ["sqlite", "postgresql"])
def test_a_killed_server_loses_nothing_that_it_acknowledged(
    storage: str, tmp_path: Path, postgresql_database: Callable[[], str]
) -> None:
    environ = on_sqlite(tmp_path) if storage == "sqlite" else on_postgresql(postgresql_database())
    server = service(tmp_path, environ).start()
    devices = [Device(server.url, user, name) for user in USERS for name in ("phone", "laptop")]
    pollers = {user: Poller(server.url, user) for user in USERS}
    workers: list[Worker] = [*devices, *pollers.values()]
    for thread in workers:
        thread.start()
    for _ in range(4):
        _wait_until_more_is_stored(devices)
        server.kill()
        server.start()
    _wait_until_more_is_stored(devices)
    for thread in workers:
        thread.stop()
    try:
        _check(server, devices, pollers)
    finally:
        server.stop()


def _wait_until_more_is_stored(devices: list[Device]) -> None:
    """Wait until each of them has had some acknowledged, in a batch as well, which is their fifth request."""
    before = [len(device.stored) for device in devices]
    deadline = time.monotonic() + 60
    while any(len(device.stored) < some + 40 for device, some in zip(devices, before, strict=True)):
        assert time.monotonic() < deadline, "the devices get nothing stored any more"
        time.sleep(0.02)


def _check(server: Service, devices: list[Device], pollers: dict[str, Poller]) -> None:
    assert all(len(device.stored) >= 5 * 40 for device in devices)
    assert [device.odd for device in devices] == [[], [], [], []]
    for user in USERS:
        stored = everything(Client(f"{server.url}/v1", user))
        mine = [device for device in devices if device.client.user == user]
        for device in mine:
            missing = {
                key: time for key, time in device.stored.items() if stored.get(key, {}).get("last_modified") != time
            }
            assert missing == {}
        times = [record["last_modified"] for record in stored.values()]
        assert len(set(times)) == len(times)
        pollers[user].poll()
        assert pollers[user].copy == stored
