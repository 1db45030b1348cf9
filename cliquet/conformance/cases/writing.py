"""Cases of docs/protocol/writing: POST, PUT, DELETE, unique and read-only fields."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Record, Shelf


@section("writing#post")
def test_post_creates_a_record(alice: Shelf) -> None:
    new = alice.new()
    record = alice.post(new).expect(201).data
    assert isinstance(record.get("id"), str) and type(record.get("last_modified")) is int, record
    assert {name: record.get(name) for name in new} == new
    assert "deleted" not in record


@section("writing#post")
def test_post_takes_the_id_of_the_client(alice: Shelf, unused_id: str) -> None:
    assert alice.create(id=unused_id)["id"] == unused_id
    assert alice.read(unused_id).expect(200).data["id"] == unused_id


@section("writing#post")
def test_post_of_an_id_in_use_answers_with_its_record(alice: Shelf) -> None:
    record = alice.create("first")
    answer = alice.post(alice.new("second", id=record["id"])).expect(200)
    assert answer.data == record
    assert answer.timestamp == record["last_modified"]
    assert alice.records() == [record]


@section("writing#post")
def test_post_of_a_deleted_id_creates(alice: Shelf) -> None:
    record = alice.create()
    alice.delete(record).expect(200)
    assert alice.create(id=record["id"])["last_modified"] > record["last_modified"]


@section("writing#post")
def test_writers_of_one_id_make_one_record(alice: Shelf, unused_id: str) -> None:
    answers = alice.together(5, lambda shelf, number: shelf.post(shelf.new(str(number), id=unused_id)))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 201]
    assert all(answer.data == answers[0].data for answer in answers)


@section("writing#post")
@pytest.mark.parametrize("record_id", [1, "", "not an id!", "../x", None, [], "a/b", "x" * 5000])
def test_an_impossible_id_is_invalid(alice: Shelf, record_id: Any) -> None:
    answer = alice.post(alice.new(id=record_id))
    if record_id is None and answer.status == 201:
        return  # null may also stand for "choose one"
    answer.refused(400, 107)


@section("writing#post")
@pytest.mark.parametrize("body", [{"data": 1}, {"data": []}, {"data": "x"}, {"foo": 1}, {"data": {}, "foo": 1}])
def test_a_body_of_the_wrong_shape_is_invalid(alice: Shelf, body: Any) -> None:
    alice.client.request("POST", alice.path, body=body).refused(400, 107)
    assert alice.records() == []


@section("writing#post")
def test_reserved_names_are_the_servers(alice: Shelf) -> None:
    record = alice.create(deleted=True)
    assert "deleted" not in record
    assert alice.read(record).expect(200).data == record
    assert alice.records() == [record]


@section("writing#put")
def test_put_creates(alice: Shelf, unused_id: str) -> None:
    new = alice.new()
    record = alice.put(unused_id, new).expect(201).data
    assert record["id"] == unused_id
    assert {name: record.get(name) for name in new} == new


@section("writing#put")
def test_put_replaces(alice: Shelf) -> None:
    record = alice.create()
    answer = alice.put(record["id"], {**record, alice.text: "replaced"}).expect(200)
    assert answer.data[alice.text] == "replaced"
    assert answer.data["last_modified"] > record["last_modified"]


@section("writing#put")
def test_put_removes_the_fields_it_does_not_name(alice: Shelf, open_schema: None) -> None:
    new = alice.new()
    record = alice.create(**new, kit_extra=1)
    assert "kit_extra" not in alice.put(record["id"], new).expect(200).data


@section("writing#put")
def test_put_of_the_same_is_a_change(alice: Shelf, unused_id: str) -> None:
    new = alice.new()
    first = alice.put(unused_id, new).expect(201).data
    assert alice.put(unused_id, new).expect(200).data["last_modified"] > first["last_modified"]


@section("writing#put")
def test_put_creates_over_a_tombstone(alice: Shelf) -> None:
    record = alice.create()
    alice.delete(record).expect(200)
    alice.put(record["id"], alice.new()).expect(201)


@section("writing#put")
def test_put_of_another_id_is_invalid(alice: Shelf, unused_id: str) -> None:
    alice.put(unused_id, alice.new(id="another")).refused(400, 107)


@section("writing#delete")
def test_delete_answers_with_the_tombstone(alice: Shelf) -> None:
    record = alice.create()
    tombstone = alice.delete(record).expect(200).data
    assert set(tombstone) == {"id", "last_modified", "deleted"}, tombstone
    assert tombstone["id"] == record["id"]
    assert tombstone["deleted"] is True
    assert tombstone["last_modified"] > record["last_modified"]


@section("writing#delete")
def test_what_is_not_there_cannot_be_deleted(alice: Shelf, unused_id: str) -> None:
    alice.delete(unused_id).refused(404, 110)
    record = alice.create()
    alice.delete(record).expect(200)
    alice.delete(record).refused(404, 110)


def check_deleted(tombstones: list[Record], records: list[Record]) -> None:
    """Fail unless these are the tombstones of those records."""
    assert {record["id"] for record in tombstones} == {record["id"] for record in records}
    assert all(set(record) == {"id", "last_modified", "deleted"} for record in tombstones), tombstones


@section("writing#delete-list")
def test_a_list_is_deleted(alice: Shelf) -> None:
    records = [alice.create() for _ in range(3)]
    answer = alice.all(method="DELETE").expect(200)
    check_deleted(answer.data, records)
    stamps = [record["last_modified"] for record in answer.data]
    assert len(set(stamps)) == 3
    assert min(stamps) > records[-1]["last_modified"]
    assert answer.timestamp == max(stamps)
    assert alice.records() == []


@section("writing#delete-list")
def test_only_what_the_filters_select_is_deleted(alice: Shelf) -> None:
    first, kept, third = (alice.create(text) for text in ("a", "b", "a"))
    check_deleted(alice.all({alice.text: "a"}, method="DELETE").expect(200).data, [first, third])
    assert alice.records() == [kept]


@section("writing#delete-list")
def test_an_unknown_filter_deletes_nothing(alice: Shelf, closed_schema: None) -> None:
    record = alice.create()
    alice.all({"kit_extra": "1"}, method="DELETE").refused(400, 107)
    assert alice.records() == [record]


@section("writing#delete-list")
def test_exactly_the_page_is_deleted(alice: Shelf) -> None:
    records = [alice.create(text) for text in ("a", "b", "c", "d", "e")]
    answer = alice.all({"_sort": alice.text, "_limit": "2"}, method="DELETE").expect(200)
    check_deleted(answer.data, records[:2])
    assert alice.ids({"_sort": alice.text}) == [record["id"] for record in records[2:]]
    assert answer.header("Next-Page"), f"{answer}: no Next-Page though records remain"


@section("writing#delete-list")
def test_a_walk_deletes_everything_once(alice: Shelf) -> None:
    records = [alice.create(text) for text in ("a", "b", "a", "d", "e")]
    pages = alice.walk({"_sort": alice.text, "_limit": "2"}, method="DELETE")
    assert [len(page) for page in pages] == [2, 2, 1]
    check_deleted([record for page in pages for record in page], records)
    assert alice.records() == []


@section("writing#delete-list")
def test_deleting_nothing_changes_nothing(alice: Shelf) -> None:
    before = alice.timestamp()
    answer = alice.all(method="DELETE").expect(200)
    assert answer.data == []
    assert answer.timestamp == before == alice.timestamp()


@section("writing#delete-list")
def test_tombstones_are_not_deleted_again(alice: Shelf) -> None:
    before = alice.create()["last_modified"]
    alice.delete(alice.create()).expect(200)
    kept = alice.timestamp()
    assert alice.all({"_since": str(before)}, method="DELETE").expect(200).data == []
    assert alice.timestamp() == kept


def unique_fields(alice: Shelf) -> tuple[str, ...]:
    """The unique fields that the sample names."""
    if not alice.sample.unique:
        pytest.skip("the sample names no unique field (`_unique`)")
    return alice.sample.unique


@section("writing#unique-fields")
def test_post_of_a_value_in_use_answers_with_its_record(alice: Shelf) -> None:
    for field in unique_fields(alice):
        record = alice.create()
        answer = alice.post(alice.new("second", **{field: record[field]})).expect(200)
        assert answer.data == record, f"{field}: not the record that holds the value"
    assert len(alice.records()) == len(unique_fields(alice))


@section("writing#unique-fields")
def test_writers_of_one_value_make_one_record(alice: Shelf) -> None:
    new = {name: alice.new().get(name) for name in unique_fields(alice)[:1]}
    answers = alice.together(5, lambda shelf, number: shelf.post(shelf.new(str(number), **new)))
    assert sorted(answer.status for answer in answers) == [200, 200, 200, 200, 201]
    assert len(alice.records()) == 1


@section("writing#unique-fields")
def test_a_change_to_a_value_in_use_is_a_conflict(alice: Shelf) -> None:
    free = [name for name in unique_fields(alice) if name not in alice.sample.readonly]
    if not free:
        pytest.skip("every unique field is read-only")
    first, second = alice.create(), alice.create()
    body = alice.patch(second, {free[0]: first[free[0]]}).refused(409, 122).body
    assert body.get("details") == {"field": free[0], "existing": first}, f"details is {body.get('details')!r}"
    assert alice.read(second).expect(200).data == second


@section("writing#unique-fields")
def test_a_record_may_keep_its_own_value(alice: Shelf) -> None:
    record = alice.create()
    unique = {name: record[name] for name in unique_fields(alice)}
    assert alice.patch(record, {**unique, alice.text: "x"}).expect(200).data[alice.text] == "x"


@section("writing#unique-fields")
def test_a_value_is_free_after_the_deletion(alice: Shelf) -> None:
    record = alice.create()
    alice.delete(record).expect(200)
    alice.post(alice.new(**{name: record[name] for name in unique_fields(alice)})).expect(201)


@section("writing#unique-fields")
@pytest.mark.parametrize("value", [None, ""])
def test_an_empty_value_never_clashes(alice: Shelf, value: str | None) -> None:
    field = unique_fields(alice)[-1]
    answers = [alice.post(alice.new(**{field: value})) for _ in range(2)]
    if answers[0].status == 400:
        pytest.skip(f"{field} cannot be empty here")
    for answer in answers:
        answer.expect(201)


@section("writing#unique-fields")
def test_two_users_may_have_one_value(alice: Shelf, bob: Shelf) -> None:
    record = alice.create()
    bob.post(bob.new(**{name: record[name] for name in unique_fields(alice)})).expect(201)


def read_only(alice: Shelf) -> str:
    """A read-only field of the sample."""
    if not alice.sample.readonly:
        pytest.skip("the sample names no read-only field (`_readonly`)")
    return alice.sample.readonly[0]


@section("writing#read-only-fields")
def test_a_read_only_field_keeps_its_value(alice: Shelf) -> None:
    field = read_only(alice)
    record = alice.create()
    body = alice.patch(record, {field: alice.new()[field]}).refused(400, 107).body
    assert f"Cannot modify {field}" in body.get("message", ""), body
    assert alice.read(record).expect(200).data == record


@section("writing#read-only-fields")
def test_a_read_only_field_may_be_sent_unchanged(alice: Shelf) -> None:
    field = read_only(alice)
    record = alice.create()
    assert alice.patch(record, {field: record[field], alice.text: "x"}).expect(200).data[field] == record[field]


@section("writing#read-only-fields")
def test_put_respects_read_only_fields(alice: Shelf) -> None:
    field = read_only(alice)
    record = alice.create()
    new = alice.new()
    alice.put(record["id"], new).refused(400, 107)
    without = {name: value for name, value in new.items() if name != field}
    assert alice.put(record["id"], without).expect(200).data[field] == record[field]
