"""Among 100 000 records, and thousands of others with theirs, a request touches what it is about, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import kinto
from cliquet.testing.app import SETTINGS, Client, migrated
from tests.functional.kinto.population import BUCKET, GROUP, MANY, NEWEST, RECORDS, populate
from tests.functional.kinto.recorder import PostgreSQLRecorder, Recorder, SQLiteRecorder, Work

KINDS = ("sqlite", "postgresql")
TABLES = {"record", "timeline", "ace", "member"}
RECORD = f"{RECORDS}/r{MANY // 2}"
SEEN = {"If-None-Match": f'"{NEWEST}"'}
#: Blocks of PostgreSQL, or hundreds of instructions of SQLite, that no statement needs: those of all records, or of all
#: of their entries in access lists, are more, even if it is only an index that is read.
ENOUGH = 700
#: What it takes to look up one of many shared records.
EACH = 8
RECORDERS = {"sqlite": SQLiteRecorder, "postgresql": PostgreSQLRecorder}


@dataclass(frozen=True)
class Crowd:
    """alice owns the bucket, rita reads and mary writes it, 100 records are shared with olaf, and 10 000 with oscar."""

    recorder: Recorder
    alice: Client
    rita: Client
    mary: Client
    olaf: Client
    oscar: Client


@pytest.fixture(scope="module")
def crowds(postgresql_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Crowd]]:
    """The store on each database, filled when first asked for."""
    urls = {"sqlite": f"sqlite:///{tmp_path_factory.mktemp('crowd')}/data.sqlite3", "postgresql": postgresql_url}
    found: dict[str, Crowd] = {}

    def crowd(kind: str) -> Crowd:
        return found[kind] if kind in found else found.setdefault(kind, gathered(kind, urls[kind]))

    yield crowd
    for one in found.values():
        emptied(one.alice)


def gathered(kind: str, url: str) -> Crowd:
    storage = {"storage_backend": f"cliquet.storage.{kind}", "storage_url": url, "storage_synchronous": "NORMAL"}
    permission = {"permission_backend": f"cliquet.permission.{kind}", "permission_url": url}
    names = {"project_name": "kinto", "includes": "cliquet.plugins.permissions_endpoint"}
    migrated(storage)
    alice = Client(kinto.main(None, **{**SETTINGS, **storage, **permission, **names}))
    database: Any = alice.storage
    recorder = RECORDERS[kind](database.database)
    people = {name: alice.as_user(name) for name in ("rita", "mary", "olaf", "oscar")}
    alice.parts.judge.permission.flush()
    populate(alice, **people)
    return Crowd(recorder, alice, **people)


def emptied(client: Client) -> None:
    client.storage.flush()
    client.parts.judge.permission.flush()
    client.storage.close()


@pytest.fixture(params=KINDS)
def crowd(request: pytest.FixtureRequest, crowds: Callable[[str], Crowd]) -> Crowd:
    return crowds(request.param)


CHANGE = {"data": {"changed": True}}
ONE = {name: f"{RECORDS}/r{number}" for number, name in enumerate(("put", "patch", "delete"), 6 * MANY // 10 + 1)}


def middle(crowd: Crowd) -> str:
    """The address of a page in the middle."""
    before = crowd.alice.get(f"{RECORDS}?_limit=100&_before={NEWEST - MANY // 2}")
    found: str = before.headers["Next-Page"]
    return found


def batch(person: Client, paths: list[str]) -> None:
    requests = [{"method": "PUT", "path": path, "body": CHANGE} for path in paths]
    answers = person.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert {one["status"] for one in answers} <= {200, 201}


def listed(person: Client, count: int, path: str = f"{RECORDS}?_limit=100") -> None:
    assert len(person.get(path).json["data"]) == count


#: Read alone, so that nothing has changed: the tag of the list is the one that it was filled with.
READING: dict[str, Callable[[Crowd], Any]] = {
    "GET": lambda crowd: crowd.alice.get(RECORD),
    "GET, member": lambda crowd: crowd.rita.get(RECORD),
    "GET, reader of some": lambda crowd: crowd.olaf.get(RECORD),
    "GET, 403": lambda crowd: crowd.olaf.get(f"{RECORDS}/r1", status=403),
    "list": lambda crowd: listed(crowd.alice, 100),
    "list, member": lambda crowd: listed(crowd.rita, 100),
    "list, reader of some": lambda crowd: listed(crowd.olaf, 100),
    "list, 304": lambda crowd: crowd.alice.get(RECORDS, headers=SEEN, status=304),
    "list, 304, member": lambda crowd: crowd.rita.get(RECORDS, headers=SEEN, status=304),
    "list, 304, reader of some": lambda crowd: crowd.olaf.get(RECORDS, headers=SEEN, status=304),
    "poll": lambda crowd: listed(crowd.alice, 4, f"{RECORDS}?_since={NEWEST - 4}"),
    "poll, member": lambda crowd: listed(crowd.rita, 4, f"{RECORDS}?_since={NEWEST - 4}"),
    "poll, reader of some": lambda crowd: listed(crowd.olaf, 1, f"{RECORDS}?_since={NEWEST - 4}"),
    "list, 403": lambda crowd: crowd.alice.as_user("eve").get(RECORDS, status=403),
    "list of buckets": lambda crowd: listed(crowd.alice, 1, "/v1/buckets"),
    "GET of a bucket": lambda crowd: crowd.rita.get(BUCKET),
    "total, reader of some": lambda crowd: crowd.olaf.head(RECORDS),
    "/permissions": lambda crowd: listed(crowd.alice, 10, "/v1/permissions?_limit=10"),
    "hello": lambda crowd: crowd.rita.get("/v1/"),
}
WRITING: dict[str, Callable[[Crowd], Any]] = {
    "POST": lambda crowd: crowd.alice.post_json(RECORDS, CHANGE),
    "PUT, new": lambda crowd: crowd.alice.put_json(f"{RECORDS}/new", CHANGE),
    "PUT": lambda crowd: crowd.alice.put_json(ONE["put"], CHANGE),
    "PUT, member": lambda crowd: crowd.mary.put_json(RECORD, CHANGE),
    "PUT of permissions": lambda crowd: crowd.alice.put_json(ONE["put"], {"permissions": {"read": ["somebody"]}}),
    "PATCH": lambda crowd: crowd.alice.patch_json(ONE["patch"], CHANGE),
    "DELETE": lambda crowd: crowd.alice.delete(ONE["delete"]),
    "batch of 25 PUT": lambda crowd: batch(crowd.alice, [f"{RECORDS}/r{number}" for number in range(1000, 3500, 100)]),
    "batch of 25 PUT, new": lambda crowd: batch(crowd.alice, [f"{RECORDS}/new{number}" for number in range(25)]),
    "PUT of a group": lambda crowd: crowd.alice.put_json(GROUP, {"data": {"members": ["basicauth:new"]}}),
    "PUT of a bucket, new": lambda crowd: crowd.alice.put_json("/v1/buckets/new", {}),
}


def looked_at(crowd: Crowd, request: Callable[[Crowd], Any]) -> list[Work]:
    """What the database does for each statement of a request, in each way that it may go about it."""
    sent = crowd.recorder.sent(lambda: request(crowd))
    assert sent
    return [work for one in sent for work in crowd.recorder.works(one)]


def assert_short(works: list[Work], most: int = ENOUGH) -> None:
    for work in works:
        assert not work.scanned & TABLES, work.plan
        assert work.effort <= most, (work.effort, work.plan)


@pytest.mark.parametrize("name", READING)
def test_reading_touches_what_it_is_about(crowd: Crowd, name: str) -> None:
    assert_short(looked_at(crowd, READING[name]))


def test_a_page_in_the_middle_begins_there(crowd: Crowd) -> None:
    path = middle(crowd)
    assert_short(looked_at(crowd, lambda crowd: listed(crowd.alice, 100, path)))


def test_ten_thousand_shared_records_are_looked_up_by_their_keys(crowd: Crowd) -> None:
    assert_short(looked_at(crowd, lambda crowd: listed(crowd.oscar, 100)), most=10_000 * EACH)
    poll = f"{RECORDS}?_since={NEWEST - 4}"
    assert_short(looked_at(crowd, lambda crowd: listed(crowd.oscar, 1, poll)), most=10_000 * EACH)


def test_a_total_reads_all_records_and_nothing_else(crowd: Crowd) -> None:
    works = looked_at(crowd, lambda crowd: crowd.alice.head(RECORDS))
    assert all(work.scanned & TABLES <= {"record"} for work in works)


@pytest.mark.parametrize("name", WRITING)
def test_writing_touches_what_it_is_about(crowd: Crowd, name: str) -> None:
    assert_short(looked_at(crowd, WRITING[name]))


def test_a_scan_would_be_noticed(crowd: Crowd) -> None:
    """What is asked of a field without an index, though it finds nothing."""
    works = looked_at(crowd, lambda crowd: listed(crowd.alice, 0, f"{RECORDS}?n=-1"))
    assert max(work.effort for work in works) > ENOUGH
