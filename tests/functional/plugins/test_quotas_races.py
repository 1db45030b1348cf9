"""Clients race through two server processes, with sharing, a history and quotas: every count is right at the end."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from cliquet.model.model import Model
from cliquet.protocol.query import Query
from cliquet.storage.base import Storage
from cliquet.testing.service import Answer, Client
from tests.functional.plugins.history_service import BUCKET
from tests.functional.plugins.quotas_service import counted, recounted
from tests.functional.plugins.races_service import (
    CLIENTS,
    MOST,
    RECORDS,
    ROUNDS,
    Place,
    Writer,
    at_once,
    effective,
    servers,
)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with servers(request, tmp_path_factory.mktemp("races")) as found:
        yield found


@pytest.fixture
def place(running: Place) -> Place:
    running.renew()
    return running


def history(storage: Storage) -> list[Any]:
    return [one.data for one in Model(storage, resource="history", parent=BUCKET).walk(Query())]


def test_exactly_as_many_records_as_may_be_are_stored(place: Place) -> None:
    def create(client: Client, number: int) -> list[Answer]:
        paths = [f"{RECORDS[step % 2]}/{number}-{step}" for step in range(ROUNDS)]
        return [client.request("PUT", path, {"data": {"by": number}}) for path in paths]

    answers = at_once(place, create)
    made = [answer for answer in answers if answer.status == 201]
    refused = [answer for answer in answers if answer.status == 507]
    assert (len(made), len(made) + len(refused)) == (MOST, CLIENTS * ROUNDS)
    expected = f"Bucket maximum number of objects exceeded ({MOST + 1} > {MOST} objects)."
    assert {answer.json["message"] for answer in refused} == {expected}
    assert counted(place.storage) == recounted(place.storage)
    assert counted(place.storage)[BUCKET]["record_count"] == MOST
    entries = [one["record_id"] for one in history(place.storage) if "record_id" in one]
    assert sorted(entries) == sorted(answer.json["data"]["id"] for answer in made)


def test_counts_and_entries_are_right_after_anything(place: Place) -> None:
    watching = threading.Event()
    seen: list[int] = []

    def watch() -> None:
        while not watching.wait(0.05):
            rows = place.owner.request("GET", f"{BUCKET}/quota").json["data"]
            seen.extend(row["record_count"] for row in rows if row["uri"] == BUCKET)

    watcher = threading.Thread(target=watch)
    watcher.start()
    answers = at_once(place, lambda client, number: Writer(client, number).write())
    watching.set()
    watcher.join()
    assert {answer.status for answer in answers} <= {200, 201, 404, 507}
    for answer in answers:
        if answer.status == 507:
            (now, most) = map(int, re.findall(r"\d+", answer.json["message"]))
            assert now > most == MOST
    assert counted(place.storage) == recounted(place.storage)
    assert len(seen) > 3
    assert max(seen) <= MOST
    entries = history(place.storage)[::-1]
    assert len(entries) - cascaded(entries) == 3 + sum(map(effective, answers))


def cascaded(entries: list[Any]) -> int:
    """How many of the entries are about records that went with their collection, right after it."""
    found, gone = 0, None
    for one in entries:
        if one["action"] == "delete" and one["resource_name"] == "record" and one["collection_id"] == gone:
            found += 1
        else:
            ended = one["action"] == "delete" and one["resource_name"] == "collection"
            gone = one["collection_id"] if ended else None
    return found
