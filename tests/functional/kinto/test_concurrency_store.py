"""Writers, followers and somebody who deletes collections, on two servers of which one is killed now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from cliquet.testing.service import Client
from tests.functional.kinto.followers import Follower
from tests.functional.kinto.stores import BUCKET, LISTS, Stores, database_of, person, running, user_id
from tests.functional.kinto.story import Deed, Story, check
from tests.functional.kinto.writers import Destroyer, Person, Wish, Writer

SECONDS = 4.0


def prepared(stores: Stores) -> list[Deed]:
    """A bucket of ann's: bob edits it, the group of readers reads it."""
    url = stores.urls[0]
    bob, reader = user_id(url, "bob"), user_id(url, "reader")
    ann = Person(person(url, "ann"), 0)
    ann.wish(Wish("PUT", BUCKET, {"permissions": {"read": [f"{BUCKET}/groups/readers"], "write": [bob]}}))
    ann.wish(Wish("PUT", f"{BUCKET}/groups/readers", {"data": {"members": [reader]}}))
    for path in LISTS:
        ann.wish(Wish("PUT", path.removesuffix("/records")))
    assert [deed.status for deed in ann.deeds] == [201] * 4
    return ann.deeds


def writers(stores: Stores) -> list[Writer]:
    """Four, two on each server."""
    reader = user_id(stores.urls[0], "reader")
    others = [f"basicauth:{number}" for number in range(6)]
    names = ["ann", "bob", "bob", "ann"]
    return [
        Writer(person(stores.urls[number % 2], name), number + 1, reader, others) for number, name in enumerate(names)
    ]


def followers(stores: Stores) -> list[Follower]:
    """The owner and a member of the readers, for each list."""
    wanted = [("ann", 0, 1000), ("reader", 1, 10)]
    return [
        Follower(person(stores.urls[number], name), 10, name, path, limit)
        for name, number, limit in wanted
        for path in LISTS
    ]


def lived(stores: Stores, seconds: float, *, kills: int) -> tuple[Story, list[Follower]]:
    """What happened in some seconds."""
    deeds = prepared(stores)
    following = followers(stores)
    changing: list[Person] = [*writers(stores), Destroyer(person(stores.urls[0], "ann"), 5)]
    for one in (*changing, *following):
        one.start()
    for number in range(kills + 1):
        time.sleep(seconds / (kills + 1))
        if number < kills:
            stores.services[number % 2].kill()
            stores.services[number % 2].start()
    for one in (*changing, *following):
        one.stop()
    return told(stores, deeds, changing, following), following


def told(stores: Stores, deeds: list[Deed], changing: list[Person], following: list[Follower]) -> Story:
    """The whole story, once everybody has ended."""
    ann = Destroyer(person(stores.urls[0], "ann"), 6)
    ann.wish(ann.again())
    for one in following:
        one.poll()
        one.poll()
    final = {path: {one["id"]: one for one in everything(ann.client, path)} for path in LISTS}
    entries = list(everything(ann.client, f"{BUCKET}/history"))
    total = ann.client.request("HEAD", f"{BUCKET}/history").headers["total-records"]
    assert int(total) == len(entries)
    every = [*deeds, *(deed for one in (*changing, ann) for deed in one.deeds)]
    return Story(every, entries, [one.followed() for one in following], final)


def everything(client: Client, path: str) -> Iterator[Mapping[str, Any]]:
    """All of a list, oldest first."""
    following = f"{path}?_sort=last_modified&_limit=1000"
    while following:
        answer = client.request("GET", following)
        assert answer.status == 200, answer
        yield from answer.json["data"]
        following = answer.headers.get("next-page", "").partition("/v1")[2]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_is_missed_lost_or_false(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with running(database_of(request, kind, tmp_path), tmp_path, {}) as stores:
        story, following = lived(stores, SECONDS, kills=2)
    assert check(story) == []
    done = [deed for deed in story.deeds if deed.outcome == "ok"]
    assert len(done) > 50
    assert {"fail", "ok"} <= {deed.outcome for deed in story.deeds}
    assert sum(deed.action == "delete" and deed.uri == Destroyer.PATH for deed in done) > 1
    assert all(one.restarts for one in following if one.path == LISTS[1])


@pytest.mark.slow
def test_control_without_locks_the_checker_finds_violations(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    settings = {"storage_backend": "tests.functional.kinto.unlocked_storage"}

    def violations() -> list[str]:
        with running(database_of(request, "postgresql", tmp_path), tmp_path, settings) as stores:
            story, _ = lived(stores, SECONDS / 2, kills=0)
        return [one for one in check(story) if not one.startswith("odd")]

    # On a busy machine the writers may happen not to meet.
    assert any(violations() for _ in range(4))
