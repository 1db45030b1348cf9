"""Cases of docs/protocol/batch: many requests in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from cliquet.conformance.client import Answer, Client
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Record, Shelf


def send(alice: Shelf, *requests: Any, headers: Mapping[str, str] | None = None, **more: Any) -> Answer:
    """Send a batch."""
    return alice.client.request("POST", "/batch", body={"requests": list(requests), **more}, headers=headers)


def answers(answer: Answer, *statuses: int) -> list[dict[str, Any]]:
    """What was answered to each request, which had better have these statuses."""
    found = answer.body.get("responses")
    assert isinstance(found, list), f"{answer}: `responses` is {found!r}"
    assert [each.get("status") for each in found] == list(statuses), f"{answer}: {found!r}"
    assert all({"path", "status", "headers", "body"} <= set(each) for each in found), found
    return found


def creation(alice: Shelf, text: str | None = None, **fields: Any) -> dict[str, Any]:
    """A request that creates a record."""
    return {"method": "POST", "path": alice.path, "body": {"data": alice.new(text, **fields)}}


def change(alice: Shelf, record: Record, text: str) -> dict[str, Any]:
    """A request that changes a record."""
    return {"method": "PATCH", "path": alice.at(record), "body": {"data": {alice.text: text}}}


@section("batch#requests")
def test_an_empty_batch_is_fine(alice: Shelf) -> None:
    assert send(alice).expect(200).body == {"responses": []}


@section("batch#requests")
def test_the_default_method_is_get(alice: Shelf) -> None:
    record = alice.create()
    (answer,) = answers(send(alice, {"path": alice.at(record)}).expect(200), 200)
    assert answer["body"]["data"] == record


@section("batch#requests")
def test_the_prefix_may_be_written_or_not(alice: Shelf) -> None:
    prefix = alice.client.prefix
    found = answers(send(alice, {"path": alice.path}, {"path": prefix + alice.path}).expect(200), 200, 200)
    assert [each["path"] for each in found] == [prefix + alice.path] * 2


@section("batch#requests")
def test_a_path_may_have_a_query(alice: Shelf) -> None:
    for text in ("a", "b"):
        alice.create(text)
    (answer,) = answers(send(alice, {"path": f"{alice.path}?{alice.text}=a"}).expect(200), 200)
    assert [record[alice.text] for record in answer["body"]["data"]] == ["a"]


@section("batch#requests")
def test_defaults_complete_each_request(alice: Shelf) -> None:
    defaults = {"method": "POST", "path": alice.path, "body": {"data": alice.new("default")}}
    own = {"body": {"data": alice.new("own")}}
    answers(send(alice, {}, own, {"method": "GET", "body": {}}, defaults=defaults).expect(200), 201, 201, 200)
    assert sorted(alice.texts()) == ["default", "own"]


@section("batch#requests")
def test_defaults_complete_a_body_field_by_field(alice: Shelf) -> None:
    defaults = {"method": "POST", "path": alice.path, "body": {"data": alice.new("default")}}
    own = {name: value for name, value in alice.new("own").items() if name == alice.text}
    answers(send(alice, {"body": {"data": own}}, defaults=defaults).expect(200), 201)
    assert alice.texts() == ["own"]


@section("batch#requests")
def test_requests_are_done_in_order(alice: Shelf) -> None:
    record = alice.create()
    requests = [change(alice, record, "x"), {"path": alice.at(record)}, {"method": "DELETE", "path": alice.at(record)}]
    found = answers(send(alice, *requests, {"path": alice.at(record)}).expect(200), 200, 200, 200, 404)
    assert found[1]["body"]["data"][alice.text] == "x"


@section("batch#requests")
def test_too_many_requests_are_invalid(alice: Shelf) -> None:
    most = alice.client.request("GET", "/").expect(200).body["settings"]["batch_max_requests"]
    send(alice, *[{"path": "/"}] * most).expect(200)
    send(alice, *[{"path": "/"}] * (most + 1)).refused(400, 107)


WRONG: list[Any] = [
    {},
    [],
    {"requests": {}},
    {"requests": "x"},
    {"requests": [1]},
    {"requests": [{}]},
    {"requests": [{"path": "no-slash"}]},
    {"requests": [{"path": 1}]},
    {"requests": [{"path": "/", "method": "get"}]},
    {"requests": [{"path": "/", "method": "EXPLODE"}]},
    {"requests": [{"path": "/", "headers": []}]},
    {"requests": [{"path": "/", "headers": {"a": 1}}]},
    {"requests": [{"path": "/", "foo": 1}]},
    {"requests": [], "foo": 1},
    {"requests": [{"path": "/"}], "defaults": {"foo": 1}},
    {"requests": [{"path": "/"}], "defaults": []},
    {"requests": {}, "defaults": {"path": "/"}},
    {"requests": [1], "defaults": {"path": "/"}},
    {"requests": [], "atomic": "yes"},
]


@section("batch#requests")
@pytest.mark.parametrize("body", WRONG, ids=str)
def test_a_batch_of_the_wrong_shape_is_invalid(alice: Shelf, body: Any) -> None:
    alice.client.request("POST", "/batch", body=body).refused(400, 107)


@section("batch#requests")
@pytest.mark.parametrize("path", ["/batch", "{prefix}/batch", "/batch?a=1", "/batch/"])
def test_a_batch_in_a_batch_is_invalid(alice: Shelf, path: str) -> None:
    inner = {"method": "POST", "path": path.format(prefix=alice.client.prefix), "body": {"requests": []}}
    send(alice, inner).refused(400, 107)


@section("batch#requests")
def test_the_word_batch_elsewhere_is_harmless(alice: Shelf) -> None:
    answers(send(alice, {"path": f"{alice.path}?{alice.text}=/batch"}, {"path": "/batch-1"}).expect(200), 200, 404)


@section("batch#requests")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_batch_is_posted(alice: Shelf, method: str) -> None:
    alice.client.request(method, "/batch").refused(405, 115)


@section("batch#answers")
def test_an_answer_is_like_that_of_a_request_of_its_own(alice: Shelf) -> None:
    record = alice.create()
    (inner,) = answers(send(alice, {"path": alice.at(record)}).expect(200), 200)
    outer = alice.read(record).expect(200)
    assert inner["body"] == outer.body
    headers = {name.lower(): value for name, value in inner["headers"].items()}
    for name in ("ETag", "Last-Modified", "Content-Type"):
        assert headers.get(name.lower()) == outer.header(name), f"{name} is {headers.get(name.lower())!r} in the batch"


@section("batch#answers")
def test_head_has_an_empty_body_and_totals(alice: Shelf) -> None:
    alice.create()
    (answer,) = answers(send(alice, {"method": "HEAD", "path": alice.path}).expect(200), 200)
    assert answer["body"] == ""
    assert {name.lower(): value for name, value in answer["headers"].items()}.get("total-records") == "1", answer


@section("batch#answers")
def test_a_304_is_reported_in_its_place(alice: Shelf) -> None:
    record = alice.create()
    headers = {"If-None-Match": f'"{record["last_modified"]}"'}
    requests = [{"path": alice.at(record), "headers": headers}, {"path": alice.path, "headers": headers}]
    answers(send(alice, *requests, {"path": alice.path}).expect(200), 304, 304, 200)


@section("batch#answers")
def test_an_error_is_reported_in_its_place(alice: Shelf, unused_id: str) -> None:
    requests = [{"path": alice.at(unused_id)}, {"path": f"{alice.path}?_since=abc"}, {"path": "/no-such-thing"}]
    found = answers(send(alice, *requests).expect(200), 404, 400, 404)
    assert [each["body"]["errno"] for each in found] == [110, 107, 111]


@section("batch#answers")
def test_an_error_undoes_nothing(alice: Shelf, unused_id: str) -> None:
    missing = {"method": "DELETE", "path": alice.at(unused_id)}
    answers(send(alice, creation(alice, "a"), missing, creation(alice, "b")).expect(200), 201, 404, 201)
    assert alice.texts() == ["b", "a"]


@section("batch#answers")
def test_each_write_has_its_own_timestamp(alice: Shelf) -> None:
    found = answers(send(alice, *(creation(alice) for _ in range(5))).expect(200), *[201] * 5)
    stamps = [each["body"]["data"]["last_modified"] for each in found]
    assert stamps == sorted(set(stamps)), stamps
    assert alice.timestamp() == stamps[-1]


@section("batch#inheritance")
def test_credentials_are_inherited(alice: Shelf, anyone: Client) -> None:
    body = {"requests": [{"path": alice.path}]}
    answers(anyone.request("POST", "/batch", body=body).expect(200), 401)
    answers(alice.client.request("POST", "/batch", body=body).expect(200), 200)


@section("batch#inheritance")
def test_headers_of_a_request_are_its_own(alice: Shelf) -> None:
    nobody = {"path": alice.path, "headers": {"authorization": "Basic none"}}
    answers(send(alice, nobody, {"path": alice.path}).expect(200), 401, 200)


@section("batch#inheritance")
@pytest.mark.parametrize("name", ["If-Match", "If-None-Match"])
@pytest.mark.parametrize("value", ["*", '"1"'])
def test_preconditions_are_not_inherited(alice: Shelf, name: str, value: str) -> None:
    record = alice.create()
    headers = {name: value}
    requests = [creation(alice), change(alice, record, "x"), {"path": alice.at(record)}]
    answers(send(alice, *requests, headers=headers).expect(200), 201, 200, 200)


@section("batch#inheritance")
def test_a_request_may_have_its_own_precondition(alice: Shelf) -> None:
    record = alice.create()
    stale = {**change(alice, record, "x"), "headers": {"If-Match": '"1"'}}
    answers(send(alice, stale, change(alice, record, "y")).expect(200), 412, 200)


@section("batch#inheritance")
def test_a_request_may_have_any_media_type(alice: Shelf) -> None:
    record = alice.create()
    path = f"/data/{alice.text}"
    merge = {**change(alice, record, "merged"), "headers": {"Content-Type": "application/merge-patch+json"}}
    operations = [{"op": "test", "path": path, "value": "merged"}, {"op": "replace", "path": path, "value": "patched"}]
    patch = {**merge, "headers": {"Content-Type": "application/json-patch+json"}, "body": operations}
    answers(send(alice, merge, patch).expect(200), 200, 200)
    assert alice.texts() == ["patched"]


@section("batch#inheritance")
@pytest.mark.parametrize("body", [[], "x", 1, None])
def test_a_body_of_the_wrong_kind_is_an_error_of_its_request(alice: Shelf, body: Any) -> None:
    answers(send(alice, {"method": "POST", "path": alice.path, "body": body}, {"path": "/"}).expect(200), 400, 200)


@section("batch#inheritance")
@pytest.mark.parametrize(
    "headers",
    [
        {"X-Evil": "a\r\nX-More: b"},
        {"X-Evil\r\nX-More": "b"},
        {"Host": "evil.example"},
        {"host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"Forwarded": "for=127.0.0.1"},
        {"Content-Length": "1"},
        {"Transfer-Encoding": "chunked"},
        {"Connection": "close"},
    ],
    ids=str,
)
def test_headers_of_the_connection_are_invalid(alice: Shelf, headers: dict[str, str]) -> None:
    send(alice, {"path": "/", "headers": headers}).refused(400, 107)
    send(alice, {"path": "/"}, defaults={"headers": headers}).refused(400, 107)


@section("batch#atomic")
def test_an_atomic_batch_that_succeeds_is_a_batch(alice: Shelf) -> None:
    answers(send(alice, creation(alice, "a"), creation(alice, "b"), atomic=True).expect(200), 201, 201)
    assert alice.texts() == ["b", "a"]


@section("batch#atomic")
def test_an_atomic_batch_that_fails_changes_nothing(alice: Shelf, unused_id: str) -> None:
    record = alice.create("kept")
    missing = {"method": "DELETE", "path": alice.at(unused_id)}
    requests = [creation(alice, "lost"), change(alice, record, "lost"), missing, {"path": alice.path}]
    answer = send(alice, *requests, atomic=True)
    answer.refused(409, 122)
    answers(answer, 201, 200, 404, 200)
    assert alice.records() == [record]


@section("batch#atomic")
def test_an_atomic_batch_that_fails_leaves_no_tombstone(alice: Shelf, unused_id: str) -> None:
    record = alice.create()
    requests = [{"method": "DELETE", "path": alice.path}, {"path": alice.at(unused_id)}]
    answers(send(alice, *requests, atomic=True).expect(409), 200, 404)
    assert alice.records({"_since": str(record["last_modified"] - 1)}) == [record]


@section("batch#atomic")
def test_a_304_is_no_failure(alice: Shelf) -> None:
    record = alice.create()
    unchanged = {"path": alice.at(record), "headers": {"If-None-Match": f'"{record["last_modified"]}"'}}
    answers(send(alice, unchanged, creation(alice), atomic=True).expect(200), 304, 201)
    assert len(alice.records()) == 2


@section("batch#atomic")
def test_an_unatomic_batch_may_be_asked_for(alice: Shelf, unused_id: str) -> None:
    answers(send(alice, creation(alice), {"path": alice.at(unused_id)}, atomic=False).expect(200), 201, 404)
    assert len(alice.records()) == 1
