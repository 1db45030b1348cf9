"""Cases of docs/protocol/timestamps: the timeline, its ETag, tombstones, the horizon."""

from __future__ import annotations

import time
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Record, Shelf


def check_dated(answer: Answer, timestamp: int) -> None:
    """Fail unless the answer carries this timestamp in both headers."""
    assert answer.timestamp == timestamp, f"{answer}: the ETag is {answer.timestamp}, not {timestamp}"
    date = answer.header("Last-Modified")
    assert date.endswith(" GMT"), f"{answer}: Last-Modified is {date!r}"
    assert int(parsedate_to_datetime(date).timestamp()) == timestamp // 1000, f"{answer}: Last-Modified is {date!r}"


@section("timestamps#timeline")
def test_timestamps_increase_strictly(alice: Shelf) -> None:
    stamps = [alice.create()["last_modified"] for _ in range(12)]
    assert all(type(stamp) is int for stamp in stamps), stamps
    assert all(later > earlier for earlier, later in pairwise(stamps)), stamps


@section("timestamps#timeline")
def test_timestamps_are_milliseconds(alice: Shelf) -> None:
    stamp = alice.create()["last_modified"]
    assert abs(stamp / 1000 - time.time()) < 2 * 86400, f"{stamp} is not the time in ms"


@section("timestamps#timeline")
def test_every_write_moves_the_timeline_to_its_own_timestamp(alice: Shelf) -> None:
    record = alice.create()
    assert alice.timestamp() == record["last_modified"], "after POST"
    changed = alice.retitle(record, "changed").expect(200).data
    assert changed["last_modified"] > record["last_modified"]
    assert alice.timestamp() == changed["last_modified"], "after PATCH"
    tombstone = alice.delete(record).expect(200).data
    assert alice.timestamp() == tombstone["last_modified"] > changed["last_modified"], "after DELETE"


@section("timestamps#timeline")
def test_writers_at_the_same_time_get_unique_timestamps(alice: Shelf) -> None:
    def write(shelf: Shelf, _: int) -> list[int]:
        return [shelf.create()["last_modified"] for _ in range(5)]

    stamps = [stamp for written in alice.together(4, write) for stamp in written]
    assert len(set(stamps)) == len(stamps) == 20, sorted(stamps)
    assert alice.timestamp() == max(stamps)


@section("timestamps#timeline")
def test_a_poller_misses_nothing_while_others_write(alice: Shelf) -> None:
    def work(shelf: Shelf, number: int) -> dict[str, int]:
        return poll(shelf, 40) if number == 0 else write(shelf)

    seen, *_ = alice.together(4, work)
    everything = {record["id"]: record["last_modified"] for page in alice.walk() for record in page}
    assert seen == everything, f"{len(everything.keys() - seen.keys())} records were never seen by the poller"


def write(shelf: Shelf) -> dict[str, int]:
    """Create some records, and change each."""
    return {shelf.retitle(shelf.create(), "again").expect(200).data["id"]: 0 for _ in range(8)}


def poll(shelf: Shelf, least: int) -> dict[str, int]:
    """Follow the collection until it has been quiet for a while."""
    seen: dict[str, int] = {}
    since, quiet, end = "0", 0, time.monotonic() + 20
    while quiet < least:
        assert time.monotonic() < end, "the collection never comes to rest: each poll brings records again"
        first = shelf.all({"_since": since}).expect(200)
        changes: list[Record] = [record for page in shelf.walk({"_since": since}) for record in page]
        seen.update((record["id"], record["last_modified"]) for record in changes if "deleted" not in record)
        quiet = 0 if changes else quiet + 1
        since = str(first.timestamp)
        time.sleep(0.01)
    return seen


@section("timestamps#etag")
def test_a_record_carries_its_own_timestamp(alice: Shelf) -> None:
    created = alice.post(alice.new()).expect(201)
    check_dated(created, created.data["last_modified"])
    alice.create()
    read = alice.read(created.data).expect(200)
    check_dated(read, created.data["last_modified"])


@section("timestamps#etag")
def test_every_write_answers_with_the_timestamp_of_the_record(alice: Shelf) -> None:
    record = alice.create()
    changed = alice.retitle(record, "changed").expect(200)
    check_dated(changed, changed.data["last_modified"])
    deleted = alice.delete(record).expect(200)
    check_dated(deleted, deleted.data["last_modified"])


@section("timestamps#etag")
def test_put_answers_with_the_timestamp_of_the_record(alice: Shelf, unused_id: str) -> None:
    for status in (201, 200):
        answer = alice.put(unused_id, alice.new()).expect(status)
        check_dated(answer, answer.data["last_modified"])


@section("timestamps#etag")
def test_a_list_carries_the_timestamp_of_the_timeline(alice: Shelf) -> None:
    records = [alice.create(text) for text in ("a", "b", "c")]
    newest = records[-1]["last_modified"]
    for query in ({}, {"_limit": "1", "_sort": "last_modified"}, {alice.text: "a"}, {"_since": str(newest)}):
        check_dated(alice.all(query).expect(200), newest)
    check_dated(alice.all(method="HEAD").expect(200), newest)


@section("timestamps#etag")
def test_reading_never_moves_the_timestamp(alice: Shelf, unused_id: str) -> None:
    record = alice.create()
    before = alice.timestamp()
    for query in ({}, {"_since": "0"}, {alice.text: "nothing"}):
        alice.all(query)
    alice.read(record)
    alice.read(unused_id)
    alice.all(method="HEAD")
    time.sleep(0.02)
    assert alice.timestamp() == before


@section("timestamps#etag")
def test_a_refused_write_does_not_move_the_timestamp(alice: Shelf, unused_id: str) -> None:
    record = alice.create()
    alice.retitle(record, "x", {"If-Match": '"1"'}).refused(412, 114)
    alice.delete(unused_id).refused(404, 110)
    alice.client.request("POST", alice.path, body={"data": 1}).refused(400, 107)
    assert alice.timestamp() == record["last_modified"]


@section("timestamps#etag")
def test_an_empty_collection_has_a_stable_timestamp(alice: Shelf) -> None:
    before = alice.timestamp()
    time.sleep(0.02)
    assert alice.timestamp() == before


@section("timestamps#etag")
def test_a_collection_that_was_never_written_is_at_zero(first_sight: Answer) -> None:
    if first_sight.status != 200 or first_sight.data:
        pytest.skip("the second user's collection had been written before this run")
    assert first_sight.timestamp == 0


@section("timestamps#tombstones")
def test_a_deleted_record_leaves_a_tombstone(alice: Shelf) -> None:
    record = alice.create()
    tombstone = alice.delete(record).expect(200).data
    assert tombstone == {"id": record["id"], "last_modified": tombstone["last_modified"], "deleted": True}
    assert alice.records({"_since": str(record["last_modified"])}) == [tombstone]


@section("timestamps#tombstones")
def test_a_plain_list_has_no_tombstones(alice: Shelf) -> None:
    kept, deleted = alice.create(), alice.create()
    alice.delete(deleted).expect(200)
    assert alice.ids() == [kept["id"]]


@section("timestamps#tombstones")
def test_deleting_the_list_leaves_tombstones(alice: Shelf) -> None:
    before = alice.timestamp()
    records = [alice.create() for _ in range(3)]
    alice.all(method="DELETE").expect(200)
    tombstones = alice.records({"_since": str(before)})
    assert {record["id"] for record in tombstones} == {record["id"] for record in records}
    assert all(record.get("deleted") is True for record in tombstones), tombstones


@section("timestamps#tombstones")
def test_a_record_created_again_has_no_tombstone(alice: Shelf) -> None:
    record = alice.create()
    alice.delete(record).expect(200)
    again = alice.create(id=record["id"])
    assert alice.records({"_since": str(record["last_modified"])}) == [again]


@section("timestamps#tombstones")
def test_the_timeline_goes_on_after_everything_was_deleted(alice: Shelf) -> None:
    record = alice.create()
    alice.empty()
    emptied = alice.timestamp()
    assert emptied > record["last_modified"]
    assert alice.create()["last_modified"] > emptied


@section("timestamps#horizon")
def test_a_client_from_before_the_horizon_starts_over(alice: Shelf) -> None:
    answer = alice.all({"_since": "0"})
    if answer.status == 200:
        pytest.skip("no tombstone was purged here, and a client cannot ask for it")
    details = answer.refused(410, 118).body.get("details", {})
    assert type(details.get("horizon")) is int, f"details is {details!r}"
    alice.all({"_since": str(details["horizon"])}).expect(200)
