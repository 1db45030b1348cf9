"""Who may read no more sees nothing in any request that begins after that was acknowledged, on either server."""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from cliquet.testing.service import Client
from tests.functional.kinto.stores import Stores, database_of, person, running, user_id
from tests.functional.kinto.ways import WAYS, Ask, Place, Way

ROUNDS = 2
#: 410 tells who follows a list that it was made again.
ALLOWED = (200, 403, 404, 410)
_SECRET = re.compile(r"secret-[\w-]+")


class Seen(NamedTuple):
    """A request of the reader's: when it began, its status, and the secrets in the answer."""

    start: float
    path: str
    status: int
    secrets: frozenset[str]


class Watcher(threading.Thread):
    """The reader, who asks for the record in all ways that there are, again and again."""

    def __init__(self, client: Client, place: Place, offset: int) -> None:
        super().__init__(daemon=True)
        self.client = client
        self.asks = list(asks(place))
        self.asks = self.asks[offset:] + self.asks[:offset]
        self.ended = threading.Event()
        self.seen: list[Seen] = []

    def run(self) -> None:
        while not self.ended.is_set():
            for ask in self.asks:
                start = time.monotonic()
                answer = self.client.request(ask.method, ask.path, ask.body)
                secrets = frozenset(_SECRET.findall(json.dumps(answer.json)))
                self.seen.append(Seen(start, ask.path, answer.status, secrets))

    def saw(self, secret: str) -> bool:
        """Whether the record was there."""
        return any(secret in one.secrets for one in self.seen)

    def asked_since(self, moment: float) -> bool:
        """Whether everything was asked for since."""
        return {one.path for one in self.seen if one.start > moment} == {ask.path for ask in self.asks}


def asks(place: Place) -> Iterator[Ask]:
    """All ways to ask for the record."""
    records = f"{place.collection}/records"
    yield from (Ask("GET", path) for path in (place.record, records, f"{records}?_since=0", f"{records}?secret=x"))
    yield Ask("GET", f"{place.record}?_fields=secret")
    yield Ask("POST", "/batch", {"requests": [{"path": place.record}, {"path": records}]})


def wait_for(watchers: Sequence[Watcher], *, secret: str = "", since: float = 0.0) -> None:
    """Until all have seen something, or asked for everything."""
    deadline = time.monotonic() + 60
    while not all(one.saw(secret) if secret else one.asked_since(since) for one in watchers):
        assert time.monotonic() < deadline
        assert all(one.is_alive() for one in watchers)
        time.sleep(0.005)


def do(client: Client, ask: Ask) -> None:
    answer = client.request(ask.method, ask.path, ask.body, **ask.headers)
    assert answer.status < 300, answer
    assert all(one["status"] < 300 for one in answer.json.get("responses", [])), answer


def prepare(ann: Client, place: Place) -> None:
    """The bucket and the collection, with a record that nobody else may read."""
    for path in (place.bucket, place.collection, place.record):
        do(ann, Ask("PUT", path, {}))


def watch(stores: Stores, place: Place, way: Way) -> tuple[list[Seen], dict[str, float]]:
    """What the reader saw, and from when on they should not have seen each of the secrets."""
    owners = [person(url, "ann") for url in stores.urls]
    prepare(owners[0], place)
    watchers = [Watcher(person(stores.urls[number % 2], "eve"), place, number) for number in range(3)]
    for one in watchers:
        one.start()
    ends: dict[str, float] = {}
    for number in range(ROUNDS):
        ann, secret = owners[number % 2], f"secret-{number}"
        do(ann, Ask("PUT", place.record, {"data": {"secret": f"{secret}-shown"}}))
        for ask in way.grant(place):
            do(ann, ask)
        wait_for(watchers, secret=f"{secret}-shown")
        do(ann, way.revoke(place))
        ended = time.monotonic()
        ends |= dict.fromkeys((f"{secret}-shown", f"{secret}-hidden"), ended)
        do(ann, Ask("PUT", place.record, {"data": {"secret": f"{secret}-hidden"}}))
        wait_for(watchers, since=ended)
    for one in watchers:
        one.ended.set()
        one.join(60)
    return [seen for one in watchers for seen in one.seen], ends


def violations(seen: Sequence[Seen], ends: dict[str, float]) -> list[str]:
    """All that should not have been seen."""
    wrong = [f"{one.status} for {one.path}" for one in seen if one.status not in ALLOWED]
    late = ((one, secret) for one in seen for secret in one.secrets if one.start > ends[secret])
    return wrong + [f"{one.path} showed {secret}" for one, secret in late]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_seen_after_a_revocation(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with running(database_of(request, kind, tmp_path), tmp_path, {}) as stores:
        eve = user_id(stores.urls[0], "eve")
        found = {name: violations(*watch(stores, Place(f"/buckets/{name}", eve), way)) for name, way in WAYS.items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


@pytest.mark.slow
def test_control_a_remembered_permission_shows_too_much(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings = {"permission_backend": "tests.functional.kinto.remembering_permission"}
    with running(database_of(request, "sqlite", tmp_path), tmp_path, settings) as stores:
        place = Place("/buckets/b", user_id(stores.urls[0], "eve"))
        assert violations(*watch(stores, place, WAYS["member"]))
