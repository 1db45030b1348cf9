"""Who follows the records or the history of a bucket misses nothing, with writers, sharing and a history."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from cliquet.testing.service import Client
from tests.functional.plugins.history_service import BUCKET
from tests.functional.plugins.races_service import RECORDS, Place, Writer, at_once, servers

LISTS = [*RECORDS, f"{BUCKET}/collections", f"{BUCKET}/history"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def running(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    with servers(request, tmp_path_factory.mktemp("races"), most=10_000) as found:
        yield found


@pytest.fixture
def place(running: Place) -> Place:
    running.renew()
    return running


class Follower:
    """Asks for what is new in a list, over and over, and knows what is there."""

    def __init__(self, client: Client, path: str) -> None:
        self._client = client
        self._path = path
        self._etag = '"0"'
        self.there: dict[str, Any] = {}
        self.faults: list[str] = []
        self.polls = 0

    def follow(self, done: threading.Event) -> None:
        while not done.is_set():
            self.poll()
        self.poll()

    def poll(self) -> None:
        answer = self._client.request("GET", f"{self._path}?_since={self._etag.replace(chr(34), '%22')}&_limit=1000")
        self.polls += 1
        if answer.status in (404, 410):  # the collection is gone, or was; start over
            self._etag, self.there = '"0"', {}
            if answer.status == 410:
                self._start_over()
            return
        since, now = int(self._etag.strip('"')), int(answer.headers["etag"].strip('"'))
        if now < since:
            self.faults.append(f"{self._path}: told {now} after {since}")
        for one in answer.json["data"]:
            if not since < one["last_modified"] <= now:
                self.faults.append(f"{self._path}: {one} since {since} at {now}")
            self._take(one)
        self._etag = answer.headers["etag"]

    def _start_over(self) -> None:
        answer = self._client.request("GET", f"{self._path}?_limit=1000")
        if answer.status == 200:
            self._etag, self.there = answer.headers["etag"], {one["id"]: one for one in answer.json["data"]}

    def _take(self, one: Any) -> None:
        if one.get("deleted"):
            self.there.pop(one["id"], None)
        else:
            self.there[one["id"]] = one


def test_followers_end_with_what_is_there(place: Place) -> None:
    done = threading.Event()
    followers = [Follower(Client(place.urls[number % 2], "ann:a"), path) for number, path in enumerate(LISTS)]
    threads = [threading.Thread(target=one.follow, args=(done,)) for one in followers]
    for thread in threads:
        thread.start()
    answers = at_once(place, lambda client, number: Writer(client, number).write())
    done.set()
    for thread in threads:
        thread.join()
    assert {answer.status for answer in answers} <= {200, 201, 404}
    for one, path in zip(followers, LISTS, strict=True):
        assert one.faults == []
        assert one.polls > 3
        present = place.owner.request("GET", f"{path}?_limit=1000")
        if present.status == 200:
            assert one.there == {record["id"]: record for record in present.json["data"]}


def test_what_a_history_tells_makes_what_is_there(place: Place) -> None:
    at_once(place, lambda client, number: Writer(client, number).write())
    told: dict[str, Any] = {}
    for entry in place.owner.request("GET", f"{BUCKET}/history?_sort=last_modified&_limit=5000").json["data"]:
        told[entry["uri"]] = None if entry["action"] == "delete" else entry["target"]["data"]
    for path in [*RECORDS, f"{BUCKET}/collections"]:
        present = place.owner.request("GET", f"{path}?_limit=1000")
        there = {f"{path}/{one['id']}": one for one in present.json["data"]} if present.status == 200 else {}
        assert there == {uri: one for uri, one in told.items() if one is not None and uri.rpartition("/")[0] == path}
        if present.status == 200:
            at = present.headers["etag"].strip('"')
            snapshot = place.owner.request("GET", f"{BUCKET}/snapshot{path.removeprefix(BUCKET)}@{at}")
            assert snapshot.json["data"] == present.json["data"]


def test_the_past_stays_as_it_was_while_others_write(place: Place) -> None:
    for number in range(0, 60, 2):
        place.owner.request("PUT", f"{RECORDS[0]}/{number}", {"data": {"n": number}})
    before = place.owner.request("GET", f"{RECORDS[0]}?_limit=1000")
    path = f"{BUCKET}/snapshot/collections/c@{before.headers['etag'].strip(chr(34))}"
    done = threading.Event()
    seen: list[Any] = []

    def look() -> None:
        while not done.is_set():
            seen.append(place.owner.request("GET", path).json)

    reader = threading.Thread(target=look)
    reader.start()
    at_once(place, lambda client, number: Writer(client, number).write())
    done.set()
    reader.join()
    seen.append(place.owner.request("GET", path).json)
    assert len(seen) > 5
    assert [one for one in seen if one != before.json] == []
