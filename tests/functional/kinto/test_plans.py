"""Among 100 000 records, and thousands of others with theirs, a request touches what it is about, and no more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import kinto
from cliquet.testing.app import SETTINGS, Client, migrated
from tests.functional.kinto.population import BUCKET, GROUP, MANY, NEWEST, RECORDS, START, populate
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
#: What it takes to know that there is one.
LISTED = 0.6
RECORDERS = {"sqlite": SQLiteRecorder, "postgresql": PostgreSQLRecorder}


@dataclass(frozen=True)
class Crowd:
    """alice owns the bucket, rita reads and mary writes it, 100 records are shared with olaf, and 10 000 with oscar.

    Of the oldest records, 2500 are shared with odile, one half of which was deleted.
    """

    recorder: Recorder
    alice: Client
    rita: Client
    mary: Client
    olaf: Client
    oscar: Client
    odile: Client


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
    people = {name: alice.as_user(name) for name in ("rita", "mary", "olaf", "oscar", "odile")}
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


def assert_short(works: list[Work], most: float = ENOUGH) -> None:
    for work in works:
        assert not work.scanned & TABLES, work.plan
        assert work.effort <= most, (work.effort, work.plan)


@pytest.mark.parametrize("name", READING)
def test_reading_touches_what_it_is_about(crowd: Crowd, name: str) -> None:
    assert_short(looked_at(crowd, READING[name]))


def test_a_page_in_the_middle_begins_there(crowd: Crowd) -> None:
    path = middle(crowd)
    assert_short(looked_at(crowd, lambda crowd: listed(crowd.alice, 100, path)))


def test_a_hundred_shared_records_are_looked_up_by_their_keys(crowd: Crowd) -> None:
    """All of them to find the page, and those of the page."""
    assert_short(looked_at(crowd, lambda crowd: listed(crowd.olaf, 100)), most=100 * 2 * EACH)


def test_of_ten_thousand_shared_records_those_of_the_page_are_read(crowd: Crowd) -> None:
    assert_short(looked_at(crowd, lambda crowd: listed(crowd.oscar, 100)), most=10_000 * LISTED)
    poll = f"{RECORDS}?_since={NEWEST - 4}"
    assert_short(looked_at(crowd, lambda crowd: listed(crowd.oscar, 1, poll)), most=10_000 * LISTED)


def test_shared_records_are_looked_up_by_their_keys_where_none_is_near(crowd: Crowd) -> None:
    assert_short(looked_at(crowd, lambda crowd: listed(crowd.odile, 100)), most=2500 * EACH)


def test_shared_records_are_counted_by_their_keys(crowd: Crowd) -> None:
    assert_short(looked_at(crowd, lambda crowd: crowd.oscar.head(RECORDS)), most=10_000 * EACH)


#: Person -> the numbers of the records that they may see, from the oldest one.
SEEN_BY = {
    "olaf": range(1000, MANY + 1, 1000),
    "oscar": range(10, MANY + 1, 10),
    "odile": range(10, MANY // 8 + 1, 10),
}


@pytest.mark.parametrize("name", SEEN_BY)
def test_a_page_of_shared_records_is_right(crowd: Crowd, name: str) -> None:
    person, newest = getattr(crowd, name), list(reversed(SEEN_BY[name]))
    first = person.get(f"{RECORDS}?_limit=30")
    assert numbers(first) == newest[:30]
    assert numbers(person.get(first.headers["Next-Page"])) == newest[30:60]
    oldest = person.get(f"{RECORDS}?_limit=30&_sort=last_modified")
    assert numbers(oldest) == newest[::-1][:30]
    assert numbers(person.get(oldest.headers["Next-Page"])) == newest[::-1][30:60]
    middle = newest[len(newest) // 2]
    assert numbers(person.get(f"{RECORDS}?_limit=30&n={middle}")) == [middle]
    assert numbers(person.get(f"{RECORDS}?_limit=30&_sort=n")) == newest[::-1][:30]
    assert person.head(RECORDS).headers["Total-Records"] == str(len(newest))


def test_a_poll_of_shared_records_has_what_was_deleted(crowd: Crowd) -> None:
    found = crowd.odile.get(f"{RECORDS}?_limit=4&_since={START + MANY // 8 - 20}")
    assert numbers(found) == [12_500, 12_495, 12_490, 12_485]


def numbers(response: Any) -> list[int]:
    return [int(one["id"].removeprefix("r")) for one in response.json["data"]]


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
