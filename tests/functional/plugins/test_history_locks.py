"""Transactions never wait for each other in a circle because of the journals of what they write."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import kinto
from cliquet.testing.app import Client
from tests.functional.plugins.history_service import Serve, put

Make = Callable[[int, random.Random], list[dict[str, Any]]]
WRITERS = 6
ROUNDS = 25
BUCKETS = [f"/buckets/{name}" for name in "abc"]


@pytest.fixture
def app(postgresql_settings: dict[str, Any], serve: Serve) -> Client:
    """The store with both journals, where a deadlock is a 503; each writer has a collection in each bucket."""
    settings = {
        **postgresql_settings,
        "permission_backend": "cliquet.permission.postgresql",
        "permission_url": postgresql_settings["storage_url"],
        "storage_pool_size": WRITERS,
        "transaction_attempts": 1,
        "project_name": "kinto",
        "includes": "cliquet.plugins.history cliquet.plugins.quotas",
    }
    client = serve(kinto.main(None, **settings))
    for bucket in BUCKETS:
        put(client, bucket)
        for number in range(WRITERS):
            put(client, f"{bucket}/collections/c{number}")
    return client


def parts(number: int, chance: random.Random) -> list[dict[str, Any]]:
    """Requests below several buckets, in any order."""
    made = []
    for bucket in chance.sample(BUCKETS, 3):
        path = f"{bucket}/collections/c{number}/records/{chance.randrange(5)}"
        made.append({"method": "PUT", "path": path, "body": {"data": {"n": chance.random()}}})
    return made


def purge(number: int, chance: random.Random) -> list[dict[str, Any]]:
    """A write and a purge of the history that it is about, in any order; some write only."""
    path = f"{BUCKETS[0]}/collections/c{chance.randrange(3)}/records/{number}"
    both: list[dict[str, Any]] = [
        {"method": "PUT", "path": path, "body": {"data": {"n": chance.random()}}},
        {"method": "DELETE", "path": f"{BUCKETS[0]}/history?_limit=1"},
    ]
    return chance.sample(both, 2) if number % 2 else both[:1]


@pytest.mark.parametrize("make", [parts, purge])
def test_writers_do_not_deadlock(app: Client, make: Make) -> None:
    start = threading.Barrier(WRITERS)

    def work(number: int) -> list[int]:
        client, chance = Client(app.app), random.Random(number)
        start.wait(60)
        bodies = [{"requests": make(number, chance)} for _ in range(ROUNDS)]
        return [client.post_json("/v1/batch", body, status="*").status_int for body in bodies]

    with ThreadPoolExecutor(WRITERS) as pool:
        statuses = [one for found in pool.map(work, range(WRITERS)) for one in found]
    assert statuses == [200] * (WRITERS * ROUNDS)
