"""Cases of docs/protocol/preconditions: writing and reading on a condition."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Record, Shelf


def tag(timestamp: int) -> str:
    """The ETag of a timestamp."""
    return f'"{timestamp}"'


def check_unmodified(answer: Answer, timestamp: int) -> None:
    """Fail unless this is a 304 of that timestamp."""
    answer.expect(304)
    assert answer.raw == b"", f"{answer}: a body"
    assert answer.timestamp == timestamp


def check_refused(answer: Answer, record: Record) -> None:
    """Fail unless this is a 412 that shows the record."""
    details = answer.refused(412, 114).body.get("details", {})
    assert details.get("existing") == record, f"{answer}: details.existing is {details.get('existing')!r}"
    assert answer.timestamp == record["last_modified"]


@section("preconditions#if-none-match")
def test_a_known_record_is_not_sent_again(alice: Shelf) -> None:
    record = alice.create()
    check_unmodified(
        alice.read(record, headers={"If-None-Match": tag(record["last_modified"])}), record["last_modified"]
    )


@section("preconditions#if-none-match")
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_known_list_is_not_sent_again(alice: Shelf, method: str) -> None:
    now = alice.create()["last_modified"]
    for query in ({}, {"_since": "0"}, {alice.text: "x"}):
        check_unmodified(alice.all(query, {"If-None-Match": tag(now)}, method), now)


@section("preconditions#if-none-match")
@pytest.mark.parametrize("step", [-1, 1])
def test_another_timestamp_than_the_current_one_is_answered_in_full(alice: Shelf, step: int) -> None:
    record = alice.create()
    headers = {"If-None-Match": tag(record["last_modified"] + step)}
    assert alice.read(record, headers=headers).expect(200).data == record
    assert alice.all(headers=headers).expect(200).data == [record]


@section("preconditions#if-none-match")
def test_star_on_what_exists_is_not_sent(alice: Shelf) -> None:
    record = alice.create()
    check_unmodified(alice.read(record, headers={"If-None-Match": "*"}), record["last_modified"])
    check_unmodified(alice.all(headers={"If-None-Match": "*"}), record["last_modified"])


@section("preconditions#if-none-match")
def test_star_on_a_missing_record_is_not_found(alice: Shelf, unused_id: str) -> None:
    alice.read(unused_id, headers={"If-None-Match": "*"}).refused(404, 110)


@section("preconditions#if-none-match")
def test_put_with_star_creates(alice: Shelf, unused_id: str) -> None:
    alice.put(unused_id, alice.new(), {"If-None-Match": "*"}).expect(201)


@section("preconditions#if-none-match")
def test_put_with_star_replaces_nothing(alice: Shelf) -> None:
    record = alice.create()
    check_refused(alice.put(record["id"], alice.new("other"), {"If-None-Match": "*"}), record)
    assert alice.read(record).data == record


@section("preconditions#if-none-match")
def test_put_with_star_creates_over_a_tombstone(alice: Shelf) -> None:
    record = alice.create()
    alice.delete(record).expect(200)
    alice.put(record["id"], alice.new(), {"If-None-Match": "*"}).expect(201)


@section("preconditions#if-none-match")
def test_post_with_star_creates(alice: Shelf, unused_id: str) -> None:
    alice.post(alice.new(), {"If-None-Match": "*"}).expect(201)
    alice.post(alice.new(id=unused_id), {"If-None-Match": "*"}).expect(201)


@section("preconditions#if-none-match")
def test_post_with_star_refuses_an_id_in_use(alice: Shelf) -> None:
    record = alice.create()
    check_refused(alice.post(alice.new(id=record["id"]), {"If-None-Match": "*"}), record)


@section("preconditions#if-none-match")
def test_star_refuses_to_change_what_exists(alice: Shelf) -> None:
    record = alice.create()
    check_refused(alice.retitle(record, "x", {"If-None-Match": "*"}), record)
    check_refused(alice.delete(record, headers={"If-None-Match": "*"}), record)
    alice.all(headers={"If-None-Match": "*"}, method="DELETE").refused(412, 114)
    assert alice.records() == [record]


@section("preconditions#if-none-match")
def test_a_write_is_refused_when_the_timestamp_is_the_current_one(alice: Shelf) -> None:
    record = alice.create()
    headers = {"If-None-Match": tag(record["last_modified"])}
    check_refused(alice.retitle(record, "x", headers), record)
    check_refused(alice.delete(record, headers=headers), record)


@section("preconditions#if-none-match")
def test_a_write_passes_when_the_timestamp_is_another(alice: Shelf) -> None:
    record = alice.create()
    alice.retitle(record, "x", {"If-None-Match": tag(record["last_modified"] - 1)}).expect(200)


@section("preconditions#if-match")
@pytest.mark.parametrize("step", [-1, 1])
def test_a_stale_write_is_refused(alice: Shelf, step: int) -> None:
    record = alice.create()
    headers = {"If-Match": tag(record["last_modified"] + step)}
    check_refused(alice.retitle(record, "x", headers), record)
    check_refused(alice.delete(record, headers=headers), record)
    assert alice.records() == [record]


@section("preconditions#if-match")
def test_a_stale_put_is_refused(alice: Shelf) -> None:
    record = alice.create()
    check_refused(alice.put(record["id"], alice.new("x"), {"If-Match": tag(record["last_modified"] - 1)}), record)
    assert alice.records() == [record]


@section("preconditions#if-match")
def test_an_up_to_date_write_passes(alice: Shelf) -> None:
    record = alice.create()
    record = alice.retitle(record, "x", {"If-Match": tag(record["last_modified"])}).expect(200).data
    alice.delete(record, headers={"If-Match": tag(record["last_modified"])}).expect(200)


@section("preconditions#if-match")
def test_the_timestamp_of_the_list_is_not_that_of_a_record(alice: Shelf) -> None:
    record = alice.create()
    now = alice.create()["last_modified"]
    check_refused(alice.retitle(record, "x", {"If-Match": tag(now)}), record)


@section("preconditions#if-match")
def test_a_list_is_deleted_only_when_up_to_date(alice: Shelf) -> None:
    now = alice.create()["last_modified"]
    answer = alice.all(headers={"If-Match": tag(now - 1)}, method="DELETE").refused(412, 114)
    assert answer.timestamp == now
    assert len(alice.records()) == 1
    alice.all(headers={"If-Match": tag(now)}, method="DELETE").expect(200)
    assert alice.records() == []


@section("preconditions#if-match")
def test_reading_on_a_condition(alice: Shelf) -> None:
    record = alice.create()
    now = record["last_modified"]
    for answer in (alice.read(record, headers={"If-Match": tag(now)}), alice.all(headers={"If-Match": tag(now)})):
        answer.expect(200)
    check_refused(alice.read(record, headers={"If-Match": tag(now - 1)}), record)
    alice.all(headers={"If-Match": tag(now - 1)}).refused(412, 114)


@section("preconditions#if-match")
def test_star_passes_on_what_exists(alice: Shelf) -> None:
    record = alice.create()
    alice.retitle(record, "x", {"If-Match": "*"}).expect(200)
    alice.delete(record, headers={"If-Match": "*"}).expect(200)


@section("preconditions#if-match")
@pytest.mark.parametrize("value", ['"1"', "*"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_missing_record_matches_nothing(alice: Shelf, unused_id: str, method: str, value: str) -> None:
    sent: dict[str, Any] = {} if method == "DELETE" else {"body": {"data": alice.new()}}
    alice.client.request(method, alice.at(unused_id), headers={"If-Match": value}, **sent).refused(412, 114)


@section("preconditions#if-match")
def test_post_of_a_new_record_matches_nothing(alice: Shelf) -> None:
    now = alice.create()["last_modified"]
    for value in (tag(now), tag(1), "*"):
        alice.post(alice.new(), {"If-Match": value}).refused(412, 114)
    assert len(alice.records()) == 1


@section("preconditions#if-match")
def test_post_of_an_id_in_use_is_compared_with_its_record(alice: Shelf) -> None:
    record = alice.create()
    alice.post(alice.new(id=record["id"]), {"If-Match": tag(record["last_modified"])}).expect(200)
    check_refused(alice.post(alice.new(id=record["id"]), {"If-Match": tag(1)}), record)


@section("preconditions#if-match")
def test_one_of_many_writers_wins(alice: Shelf) -> None:
    record = alice.create()
    headers = {"If-Match": tag(record["last_modified"])}
    answers = alice.together(5, lambda shelf, number: shelf.retitle(record, f"writer {number}", headers))
    assert sorted(answer.status for answer in answers) == [200, 412, 412, 412, 412]


@section("preconditions#syntax")
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("value", ["abc", "123", 'W/"123"', '"abc"', '"1", "2"', '"', '"-1"', '"1.5"', "**"])
def test_a_malformed_tag_is_invalid(alice: Shelf, header: str, value: str) -> None:
    record = alice.create()
    for answer in (alice.all(headers={header: value}), alice.retitle(record, "x", {header: value})):
        body = answer.refused(400, 107).body
        assert (body["details"][0]["location"], body["details"][0]["name"]) == ("header", header), body
