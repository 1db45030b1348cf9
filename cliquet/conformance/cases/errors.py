"""Cases of docs/protocol/errors: every refusal is the same envelope with its own number."""

from __future__ import annotations

import pytest

from cliquet.conformance.client import Client
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Shelf


@section("errors#envelope")
def test_an_invalid_request_lists_its_problems(alice: Shelf) -> None:
    body = alice.all({"_since": "abc"}).refused(400, 107).body
    assert isinstance(body.get("message"), str), f"no message in {body!r}"
    assert isinstance(body.get("details"), list) and body["details"], f"no details in {body!r}"
    for problem in body["details"]:
        assert set(problem) == {"location", "name", "description"}, problem
        assert problem["location"] in {"body", "querystring", "header", "path"}, problem


@section("errors#envelope")
def test_the_message_is_about_a_problem(alice: Shelf) -> None:
    body = alice.all({"_since": "abc"}).refused(400, 107).body
    assert "_since" in body["message"], body["message"]
    assert body["details"][0]["name"] == "_since" and body["details"][0]["location"] == "querystring", body


@section("errors#envelope")
def test_every_problem_is_listed(alice: Shelf) -> None:
    body = alice.all({"_since": "abc", "_limit": "abc"}).refused(400, 107).body
    assert {problem["name"] for problem in body["details"]} >= {"_since"}, body


@section("errors#envelope")
def test_an_error_of_head_has_no_body(alice: Shelf, unused_id: str) -> None:
    assert alice.client.request("HEAD", alice.at(unused_id)).expect(404).raw == b""


@section("errors#table")
def test_a_missing_record_is_named(alice: Shelf, unused_id: str) -> None:
    details = alice.read(unused_id).refused(404, 110).body.get("details", {})
    assert details.get("id") == unused_id, f"details.id is {details!r}"
    assert isinstance(details.get("resource_name"), str) and details["resource_name"], f"details is {details!r}"


@section("errors#table")
def test_anonymous_is_104(anyone: Client, alice: Shelf) -> None:
    assert anyone.request("GET", alice.path).refused(401, 104).body["error"] == "Unauthorized"


@section("errors#table")
def test_a_malformed_body_is_106(alice: Shelf) -> None:
    headers = {"Content-Type": "application/json"}
    alice.client.request("POST", alice.path, raw=b'{"data": {', headers=headers).refused(400, 106)


@section("errors#table")
def test_an_invalid_body_is_107(alice: Shelf) -> None:
    assert alice.client.request("POST", alice.path, body={"data": 1}).refused(400, 107).body["error"]


@section("errors#table")
def test_a_conflict_is_114_and_shows_the_current_record(alice: Shelf) -> None:
    record = alice.create()
    answer = alice.retitle(record, "x", {"If-Match": '"1"'}).refused(412, 114)
    assert answer.body.get("details") == {"existing": record}, f"details is {answer.body.get('details')!r}"
    assert answer.timestamp == record["last_modified"]
    assert answer.header("Last-Modified"), f"{answer}: no Last-Modified"


@section("errors#table")
def test_an_unacceptable_answer_is_406(alice: Shelf) -> None:
    alice.all(headers={"Accept": "image/png"}).refused(406, 107)


@section("errors#table")
@pytest.mark.parametrize("accept", ["application/json", "*/*", "application/*", "text/html, */*;q=0.1"])
def test_json_is_acceptable_when_asked_in_any_way(alice: Shelf, accept: str) -> None:
    alice.all(headers={"Accept": accept}).expect(200)


@section("errors#table")
def test_a_unique_value_in_use_asks_to_retry(alice: Shelf) -> None:
    free = [name for name in alice.sample.unique if name not in alice.sample.readonly]
    if not free:
        pytest.skip("the sample names no unique field that may change (`_unique`)")
    first, second = alice.create(), alice.create()
    answer = alice.patch(second, {free[0]: first[free[0]]}).refused(409, 122)
    assert answer.header("Retry-After").isdigit(), f"{answer}: Retry-After is {answer.header('Retry-After')!r}"


@section("errors#order-of-checks")
def test_the_media_type_is_checked_before_the_user(anyone: Client, alice: Shelf) -> None:
    anyone.request("GET", alice.path, headers={"Accept": "image/png"}).refused(406, 107)
    anyone.request("POST", alice.path, raw=b"x", headers={"Content-Type": "text/plain"}).refused(415, 107)


@section("errors#order-of-checks")
def test_the_user_is_checked_before_the_body(anyone: Client, alice: Shelf) -> None:
    headers = {"Content-Type": "application/json"}
    anyone.request("POST", alice.path, raw=b"{", headers=headers).refused(401, 104)


@section("errors#order-of-checks")
def test_the_body_is_checked_before_the_record(alice: Shelf, unused_id: str) -> None:
    headers = {"Content-Type": "application/json"}
    alice.client.request("PATCH", alice.at(unused_id), raw=b"{", headers=headers).refused(400, 106)


@section("errors#order-of-checks")
def test_the_record_is_checked_before_its_new_fields(alice: Shelf, unused_id: str) -> None:
    alice.patch(unused_id, {"id": "another"}).refused(404, 110)
