"""Cases of docs/protocol/timestamps, on timestamps that a client supplies."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Shelf

HOUR = 3_600_000


def ahead(shelf: Shelf) -> int:
    """A time that neither the server's clock nor the collection has reached."""
    return max(shelf.timestamp(), time.time_ns() // 1_000_000) + 60_000


@section("timestamps#client-timestamps")
def test_null_is_the_same_as_absent(alice: Shelf) -> None:
    before = alice.timestamp()
    assert alice.create(last_modified=None)["last_modified"] > before


@section("timestamps#client-timestamps")
def test_a_past_time_is_stored_as_it_is(alice: Shelf) -> None:
    before = alice.create()["last_modified"]
    assert alice.create(last_modified=before - HOUR)["last_modified"] == before - HOUR


@section("timestamps#client-timestamps")
def test_a_past_time_does_not_move_the_timeline(alice: Shelf) -> None:
    before = alice.create()["last_modified"]
    alice.create(last_modified=before - HOUR)
    assert alice.timestamp() == before


@section("timestamps#client-timestamps")
def test_a_future_time_moves_the_timeline(alice: Shelf) -> None:
    later = ahead(alice)
    assert alice.create(last_modified=later)["last_modified"] == later
    assert alice.timestamp() == later
    assert alice.create()["last_modified"] > later


@section("timestamps#client-timestamps")
def test_the_time_of_the_timeline_itself_is_made_unique(alice: Shelf) -> None:
    taken = alice.create()["last_modified"]
    assert alice.create(last_modified=taken)["last_modified"] > taken


@section("timestamps#client-timestamps")
@pytest.mark.parametrize("value", ["abc", "123", -1, 1.5, True, [], {}, 2**62])
def test_anything_else_is_invalid(alice: Shelf, value: Any) -> None:
    body = alice.post(alice.new(last_modified=value)).refused(400, 107).body
    assert "last_modified" in str(body["details"]), f"the field is not named in {body!r}"


@section("timestamps#client-timestamps")
def test_more_than_a_day_ahead_is_invalid(alice: Shelf) -> None:
    body = alice.post(alice.new(last_modified=time.time_ns() // 1_000_000 + 26 * HOUR)).refused(400, 107).body
    assert "last_modified" in str(body["details"]), f"the field is not named in {body!r}"


@section("timestamps#client-timestamps")
def test_an_update_never_takes_a_record_back_in_time(alice: Shelf) -> None:
    record = alice.create()
    answer = alice.patch(record, {alice.text: "new", "last_modified": record["last_modified"] - HOUR}).expect(200)
    assert answer.data["last_modified"] > record["last_modified"]


@section("timestamps#client-timestamps")
def test_an_update_may_name_a_future_time(alice: Shelf) -> None:
    record = alice.create()
    later = ahead(alice)
    assert alice.patch(record, {alice.text: "new", "last_modified": later}).expect(200).data["last_modified"] == later
    assert alice.timestamp() == later


@section("timestamps#client-timestamps")
def test_a_deletion_may_name_its_time(alice: Shelf) -> None:
    record = alice.create()
    later = ahead(alice)
    tombstone = alice.delete(record, {"last_modified": str(later)}).expect(200).data
    assert tombstone["last_modified"] == later == alice.timestamp()


@section("timestamps#client-timestamps")
def test_the_time_of_a_deletion_may_be_an_etag(alice: Shelf) -> None:
    record = alice.create()
    later = ahead(alice)
    assert alice.delete(record, {"last_modified": f'"{later}"'}).expect(200).data["last_modified"] == later


@section("timestamps#client-timestamps")
def test_a_deletion_never_takes_a_record_back_in_time(alice: Shelf) -> None:
    record = alice.create()
    before = record["last_modified"]
    assert alice.delete(record, {"last_modified": str(before - 1)}).expect(200).data["last_modified"] > before


@section("timestamps#client-timestamps")
@pytest.mark.parametrize("value", ["abc", "-1", "1.5", "9" * 30])
def test_a_deletion_at_no_time_is_invalid(alice: Shelf, value: str) -> None:
    record = alice.create()
    alice.delete(record, {"last_modified": value}).refused(400, 107)
    assert alice.read(record).expect(200).data == record
