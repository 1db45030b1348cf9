"""Cases of docs/protocol/reading: records, lists, projection, totals."""

from __future__ import annotations

import pytest

from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Shelf


@section("reading#records-and-lists")
def test_a_record_is_read_back_as_it_was_answered(alice: Shelf) -> None:
    record = alice.create()
    assert alice.read(record).expect(200).data == record


@section("reading#records-and-lists")
def test_a_list_holds_the_records_newest_first(alice: Shelf) -> None:
    records = [alice.create() for _ in range(3)]
    assert alice.records() == records[::-1]


@section("reading#records-and-lists")
def test_an_empty_list_is_a_list(alice: Shelf) -> None:
    assert alice.all().expect(200).data == []


@section("reading#records-and-lists")
def test_head_of_a_record_is_get_without_body(alice: Shelf) -> None:
    record = alice.create()
    answer = alice.client.request("HEAD", alice.at(record)).expect(200)
    assert answer.raw == b"" and answer.timestamp == record["last_modified"], str(answer)


@section("reading#records-and-lists")
def test_a_deleted_record_is_not_found(alice: Shelf) -> None:
    record = alice.create()
    alice.delete(record).expect(200)
    alice.read(record).refused(404, 110)


@section("reading#fields")
def test_only_the_chosen_fields_are_answered(alice: Shelf) -> None:
    record = alice.create()
    chosen = {name: record[name] for name in ("id", "last_modified", alice.text)}
    assert alice.records({"_fields": alice.text}) == [chosen]
    assert alice.read(record, {"_fields": alice.text}).expect(200).data == chosen


@section("reading#fields")
def test_id_and_last_modified_are_always_answered(alice: Shelf) -> None:
    record = alice.create()
    assert alice.records({"_fields": "id"}) == [{"id": record["id"], "last_modified": record["last_modified"]}]


@section("reading#fields")
def test_a_trailing_comma_chooses_nothing_more(alice: Shelf) -> None:
    alice.create()
    assert alice.records({"_fields": f"{alice.text},"}) == alice.records({"_fields": alice.text})


@section("reading#fields")
def test_a_tombstone_keeps_its_mark(alice: Shelf) -> None:
    record = alice.create()
    tombstone = alice.delete(record).expect(200).data
    assert alice.records({"_fields": alice.text, "_since": str(record["last_modified"])}) == [tombstone]


@section("reading#fields")
def test_a_field_inside_a_field_may_be_chosen(alice: Shelf, open_schema: None) -> None:
    record = alice.create(kit_extra={"a": {"b": 1, "c": 2}, "d": 3})
    answer = alice.read(record, {"_fields": "kit_extra.a.b"}).expect(200)
    assert answer.data.get("kit_extra") == {"a": {"b": 1}}, answer.data


@section("reading#fields")
def test_an_absent_field_of_an_open_schema_stays_absent(alice: Shelf, open_schema: None) -> None:
    alice.create()
    assert alice.records({"_fields": "kit_extra"}) == alice.records({"_fields": "id"})


@section("reading#fields")
def test_an_unknown_field_of_a_closed_schema_is_invalid(alice: Shelf, closed_schema: None) -> None:
    alice.all({"_fields": "kit_extra"}).refused(400, 107)


@section("reading#fields")
def test_paging_goes_on_with_the_chosen_fields(alice: Shelf) -> None:
    for text in ("b", "a", "c"):
        alice.create(text)
    pages = alice.walk({"_fields": "id", "_sort": alice.text, "_limit": "2"})
    assert [set(record) for page in pages for record in page] == [{"id", "last_modified"}] * 3


@section("reading#totals")
def test_head_of_a_list_counts_the_records(alice: Shelf) -> None:
    for _ in range(3):
        alice.create()
    answer = alice.all(method="HEAD").expect(200)
    assert (answer.header("Total-Records"), answer.header("Total-Objects"), answer.raw) == ("3", "3", b"")


@section("reading#totals")
def test_totals_follow_filters_but_not_the_limit(alice: Shelf) -> None:
    for text in ("a", "a", "b"):
        alice.create(text)
    answer = alice.all({alice.text: "a", "_limit": "1"}, method="HEAD").expect(200)
    assert answer.header("Total-Records") == answer.header("Total-Objects") == "2"


@section("reading#totals")
def test_totals_count_no_tombstone(alice: Shelf) -> None:
    before = alice.timestamp()
    alice.delete(alice.create()).expect(200)
    alice.create()
    assert alice.all({"_since": str(before)}, method="HEAD").expect(200).header("Total-Records") == "1"


@section("reading#totals")
def test_get_has_no_totals(alice: Shelf) -> None:
    alice.create()
    answer = alice.all().expect(200)
    assert not answer.header("Total-Records") and not answer.header("Total-Objects"), f"{answer}: totals on GET"


@section("reading#totals")
@pytest.mark.parametrize("query", [{"_since": "abc"}, {"_limit": "0"}, {"_token": "forged"}])
def test_head_refuses_what_get_refuses(alice: Shelf, query: dict[str, str]) -> None:
    assert alice.all(query, method="HEAD").expect(400).raw == b""
