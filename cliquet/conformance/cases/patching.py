"""Cases of docs/protocol/writing, on PATCH."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Record, Shelf

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
PARAMETERS = ["", ";charset=utf-8", "; charset=UTF-8"]


def send(alice: Shelf, record: Record | str, body: Any, kind: str = "application/json", **headers: str) -> Answer:
    """Send a body of that media type to a record."""
    given = {"Content-Type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return alice.client.request("PATCH", alice.at(record), body=body, headers=given)


@section("writing#patch")
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_patch_changes_the_fields_it_names(alice: Shelf, parameters: str) -> None:
    record = alice.create()
    changed = send(alice, record, {"data": {alice.text: "new"}}, "application/json" + parameters).expect(200).data
    assert changed == {**record, alice.text: "new", "last_modified": changed["last_modified"]}
    assert changed["last_modified"] > record["last_modified"]
    assert alice.read(record).expect(200).data == changed


@section("writing#patch")
def test_a_patch_without_change_keeps_the_timestamp(alice: Shelf) -> None:
    record = alice.create("same")
    assert alice.retitle(record, "same").expect(200).data == record
    assert alice.patch(record, {}).expect(200).data == record
    assert alice.timestamp() == record["last_modified"]


@section("writing#patch")
def test_a_missing_record_cannot_be_patched(alice: Shelf, unused_id: str) -> None:
    alice.retitle({"id": unused_id}, "x").refused(404, 110)
    record = alice.create()
    alice.delete(record).expect(200)
    alice.retitle(record, "x").refused(404, 110)


@section("writing#patch")
@pytest.mark.parametrize("body", [{}, {"data": None}, {"data": 1}, {"data": []}, {"foo": 1}, {"data": {}, "foo": 1}])
def test_a_patch_of_the_wrong_shape_is_invalid(alice: Shelf, body: Any) -> None:
    record = alice.create()
    send(alice, record, body).refused(400, 107)


@section("writing#patch")
def test_the_id_of_a_record_never_changes(alice: Shelf, unused_id: str) -> None:
    record = alice.create()
    alice.patch(record, {"id": unused_id}).refused(400, 107)
    assert alice.patch(record, {"id": record["id"], alice.text: "x"}).expect(200).data["id"] == record["id"]


@section("writing#patch")
def test_nobody_can_mark_a_record_as_deleted(alice: Shelf) -> None:
    record = alice.create()
    assert "deleted" not in alice.patch(record, {"deleted": True, alice.text: "x"}).expect(200).data
    assert "deleted" not in alice.read(record).expect(200).data


@section("writing#patch")
def test_null_is_stored_by_a_plain_patch(alice: Shelf, open_schema: None) -> None:
    record = alice.create(kit_extra=1)
    changed = alice.patch(record, {"kit_extra": None}).expect(200).data
    assert "kit_extra" in changed
    assert changed["kit_extra"] is None


@section("writing#patch")
def test_a_plain_patch_is_shallow(alice: Shelf, open_schema: None) -> None:
    record = alice.create(kit_extra={"a": 1})
    assert alice.patch(record, {"kit_extra": {"b": 2}}).expect(200).data["kit_extra"] == {"b": 2}


@section("writing#patch")
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_a_merge_patch_changes_the_fields_it_names(alice: Shelf, parameters: str) -> None:
    record = alice.create()
    changed = send(alice, record, {"data": {alice.text: "new"}}, MERGE + parameters).expect(200).data
    assert changed == {**record, alice.text: "new", "last_modified": changed["last_modified"]}


@section("writing#patch")
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_null_removes_a_field_in_a_merge_patch(alice: Shelf, open_schema: None, parameters: str) -> None:
    record = alice.create(kit_extra={"a": 1, "b": {"c": 1, "d": 2}})
    body = {"data": {"kit_extra": {"a": None, "b": {"c": None}, "e": 3}}}
    changed = send(alice, record, body, MERGE + parameters).expect(200).data
    assert changed.get("kit_extra") == {"b": {"d": 2}, "e": 3}, changed
    assert "kit_extra" not in send(alice, record, {"data": {"kit_extra": None}}, MERGE).expect(200).data


@section("writing#patch")
@pytest.mark.parametrize("parameters", PARAMETERS)
def test_a_json_patch_is_applied(alice: Shelf, parameters: str) -> None:
    record = alice.create("old")
    path = f"/data/{alice.text}"
    operations = [{"op": "test", "path": path, "value": "old"}, {"op": "replace", "path": path, "value": "new"}]
    changed = send(alice, record, operations, JSON + parameters).expect(200).data
    assert changed == {**record, alice.text: "new", "last_modified": changed["last_modified"]}


@section("writing#patch")
def test_a_json_patch_without_operation_changes_nothing(alice: Shelf) -> None:
    record = alice.create()
    assert send(alice, record, [], JSON).expect(200).data == record


@section("writing#patch")
def test_every_operation_of_a_json_patch(alice: Shelf, open_schema: None) -> None:
    record = alice.create(kit_extra={"a": [1, 2], "b~/": 1})
    changed = send(
        alice,
        record,
        [
            {"op": "add", "path": "/data/kit_extra/a/-", "value": 3},
            {"op": "remove", "path": "/data/kit_extra/a/0"},
            {"op": "copy", "from": "/data/kit_extra/a", "path": "/data/kit_extra/c"},
            {"op": "move", "from": "/data/kit_extra/b~0~1", "path": "/data/kit_extra/d"},
        ],
        JSON,
    ).expect(200)
    assert changed.data["kit_extra"] == {"a": [2, 3], "c": [2, 3], "d": 1}


@section("writing#patch")
@pytest.mark.parametrize(
    "operations",
    [
        {},
        {"data": {}},
        [1],
        [{"op": "test", "path": "/data/{text}", "value": "other"}],
        [{"op": "replace", "path": "/data/{text}", "value": "x"}, {"op": "test", "path": "/data/id", "value": "x"}],
        [{"op": "remove", "path": "/data/kit_no_such_field"}],
        [{"op": "explode", "path": "/data/{text}"}],
        [{"op": "replace", "value": "x"}],
        [{"op": "replace", "path": "/data/{text}"}],
        [{"op": "replace", "path": "/data/{text}", "value": "x", "foo": 1}],
        [{"op": "replace", "path": "/data/id", "value": "another"}],
        [{"op": "add", "path": "no slash", "value": 1}],
        [{"op": "add", "path": "/elsewhere", "value": 1}],
        [{"op": "copy", "from": "/data/kit_no_such_field", "path": "/data/{text}"}],
        [{"op": "replace", "path": "/data", "value": 1}],
    ],
)
def test_a_json_patch_that_fails_changes_nothing(alice: Shelf, operations: Any) -> None:
    record = alice.create()
    if isinstance(operations, list):
        operations = [_filled(operation, alice.text) for operation in operations]
    send(alice, record, operations, JSON).refused(400, 107)
    assert alice.read(record).expect(200).data == record


def _filled(operation: Any, text: str) -> Any:
    if isinstance(operation, str):
        return operation.replace("{text}", text)
    filled = operation.items() if isinstance(operation, dict) else ()
    return {name: _filled(value, text) for name, value in filled} or operation


@section("writing#patch")
@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/json-patch"])
def test_another_media_type_is_refused(alice: Shelf, kind: str) -> None:
    record = alice.create()
    send(alice, record, {"data": {alice.text: "x"}}, kind).refused(415, 107)
    assert alice.read(record).expect(200).data == record


@section("writing#response-behavior")
@pytest.mark.parametrize("value", ["full", "FULL"])
def test_the_whole_record_is_answered(alice: Shelf, value: str) -> None:
    record = alice.create()
    answer = send(alice, record, {"data": {alice.text: "x"}}, Response_Behavior=value).expect(200)
    assert set(answer.data) == set(record)


@section("writing#response-behavior")
def test_light_answers_what_changed(alice: Shelf) -> None:
    record = alice.create()
    answer = send(alice, record, {"data": {alice.text: "x"}}, Response_Behavior="light").expect(200)
    assert answer.data == {alice.text: "x"}
    assert answer.timestamp > record["last_modified"]


@section("writing#response-behavior")
def test_light_answers_nothing_when_nothing_changed(alice: Shelf) -> None:
    record = alice.create("same")
    answer = send(alice, record, {"data": {alice.text: "same"}}, Response_Behavior="light").expect(200)
    assert answer.data == {}
    assert answer.timestamp == record["last_modified"]


@section("writing#response-behavior")
def test_diff_answers_what_the_server_made_different(alice: Shelf) -> None:
    record = alice.create()
    answer = send(alice, record, {"data": {alice.text: "x"}}, Response_Behavior="diff").expect(200)
    assert answer.data == {}


@section("writing#response-behavior")
def test_another_behavior_is_invalid(alice: Shelf) -> None:
    record = alice.create()
    body = send(alice, record, {"data": {alice.text: "x"}}, Response_Behavior="loud").refused(400, 107).body
    assert body["details"][0]["location"] == "header", body
    assert alice.read(record).expect(200).data == record
