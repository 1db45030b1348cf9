"""Cases of docs/protocol/headers: CORS, caching, alerts, backoff."""

from __future__ import annotations

import json
from urllib.parse import quote

import pytest

from cliquet.conformance.client import Answer, Client
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Shelf

ORIGIN = {"Origin": "http://kit.example"}
EXPOSED = {
    *("backoff", "retry-after", "alert", "content-length", "etag", "last-modified", "next-page"),
    *("total-records", "total-objects", "cache-control", "expires", "pragma"),
}


def names(text: str) -> set[str]:
    """The elements of a comma list, in lower case."""
    return {name.strip().lower() for name in text.split(",")}


def check_cors(answer: Answer) -> None:
    """Fail unless a script of our origin may read the answer and its headers."""
    assert answer.header("Access-Control-Allow-Origin") in {"*", ORIGIN["Origin"]}, f"{answer}: origin not allowed"
    missing = EXPOSED - names(answer.header("Access-Control-Expose-Headers"))
    assert not missing, f"{answer}: not exposed: {', '.join(sorted(missing))}"


@pytest.fixture
def origin_is_allowed(anyone: Client) -> None:
    """Skip where the service is open to chosen origins only."""
    if not anyone.request("GET", "/", headers=ORIGIN).header("Access-Control-Allow-Origin"):
        pytest.skip("the service does not allow any origin")


@section("headers#cors")
def test_a_script_may_read_what_it_reads_and_writes(alice: Shelf, origin_is_allowed: None) -> None:
    created = alice.post(alice.new(), ORIGIN).expect(201)
    check_cors(created)
    record = created.data
    check_cors(alice.read(record, headers=ORIGIN).expect(200))
    check_cors(alice.all(headers=ORIGIN).expect(200))
    check_cors(alice.all(headers=ORIGIN, method="HEAD").expect(200))
    check_cors(alice.retitle(record, "x", ORIGIN).expect(200))
    check_cors(alice.delete(record, headers=ORIGIN).expect(200))


@section("headers#cors")
def test_a_script_may_read_a_304(alice: Shelf, origin_is_allowed: None) -> None:
    etag = f'"{alice.create()["last_modified"]}"'
    check_cors(alice.all(headers={**ORIGIN, "If-None-Match": etag}).expect(304))


@section("headers#cors")
@pytest.mark.parametrize("status", [307, 400, 401, 404, 405, 406, 412, 415])
def test_a_script_may_read_an_error(alice: Shelf, anyone: Client, origin_is_allowed: None, status: int) -> None:
    check_cors(provoke(alice, anyone, status).expect(status))


def provoke(alice: Shelf, anyone: Client, status: int) -> Answer:
    """An answer of that status."""
    match status:
        case 307:
            return alice.client.request("GET", alice.path + "/", headers=ORIGIN)
        case 400:
            return alice.all({"_since": "abc"}, ORIGIN)
        case 401:
            return anyone.request("GET", alice.path, headers=ORIGIN)
        case 404:
            return alice.client.request("GET", "/there-is-no-such-thing", headers=ORIGIN)
        case 405:
            return alice.client.request("PUT", alice.path, body={}, headers=ORIGIN)
        case 406:
            return alice.all(headers={**ORIGIN, "Accept": "image/png"})
        case 412:
            return alice.retitle(alice.create(), "x", {**ORIGIN, "If-Match": '"1"'})
    return alice.client.request("POST", alice.path, raw=b"x", headers={**ORIGIN, "Content-Type": "text/plain"})


@section("headers#cors")
@pytest.mark.parametrize("path", ["/", "/__heartbeat__"])
def test_a_script_may_read_a_utility(anyone: Client, origin_is_allowed: None, path: str) -> None:
    check_cors(anyone.request("GET", path, headers=ORIGIN).expect(200))


@section("headers#cors")
def test_a_script_may_read_a_batch(alice: Shelf, origin_is_allowed: None) -> None:
    check_cors(alice.client.request("POST", "/batch", body={"requests": []}, headers=ORIGIN).expect(200))


@section("headers#cors")
def test_no_origin_is_allowed_unless_one_asks(alice: Shelf) -> None:
    assert not alice.all().expect(200).header("Access-Control-Allow-Origin")


@section("headers#cors")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_preflight_needs_no_credentials(anyone: Client, alice: Shelf, origin_is_allowed: None, method: str) -> None:
    wanted = {"Access-Control-Request-Method": method, "Access-Control-Request-Headers": "authorization,if-match"}
    answer = anyone.request("OPTIONS", alice.path, headers={**ORIGIN, **wanted}).expect(200)
    assert answer.header("Access-Control-Allow-Origin") in {"*", ORIGIN["Origin"]}, f"{answer}: origin not allowed"
    assert method.lower() in names(answer.header("Access-Control-Allow-Methods")), f"{answer}: {method} not allowed"
    allowed = names(answer.header("Access-Control-Allow-Headers"))
    assert "*" in allowed or {"authorization", "if-match"} <= allowed, f"{answer}: headers allowed are {allowed}"


@section("headers#cors")
def test_a_preflight_of_a_record_needs_no_record(anyone: Client, alice: Shelf, unused_id: str) -> None:
    headers = {**ORIGIN, "Access-Control-Request-Method": "GET"}
    anyone.request("OPTIONS", alice.at(unused_id), headers=headers).expect(200)


@section("headers#cors")
def test_credentials_of_a_browser_are_never_allowed(alice: Shelf) -> None:
    assert not alice.all(headers=ORIGIN).expect(200).header("Access-Control-Allow-Credentials")


@section("headers#caching")
def test_records_are_not_cached(alice: Shelf) -> None:
    record = alice.create()
    for answer in (alice.all(), alice.read(record), alice.all(method="HEAD")):
        control = names(answer.expect(200).header("Cache-Control"))
        assert {"no-cache", "no-store"} <= control, f"{answer}: Cache-Control is {control}"


@section("headers#caching")
def test_answers_vary_with_the_user(alice: Shelf) -> None:
    record = alice.create()
    for answer in (alice.all(), alice.read(record), alice.retitle(record, "x")):
        assert "authorization" in names(answer.header("Vary")), f"{answer}: Vary is {answer.header('Vary')!r}"


@section("headers#caching")
def test_an_echoed_origin_is_part_of_vary(alice: Shelf) -> None:
    answer = alice.all(headers=ORIGIN).expect(200)
    if answer.header("Access-Control-Allow-Origin") == ORIGIN["Origin"]:
        assert "origin" in names(answer.header("Vary")), f"{answer}: Vary is {answer.header('Vary')!r}"


@section("headers#caching")
def test_no_answer_is_guessed_to_be_a_page(alice: Shelf, unused_id: str) -> None:
    for answer in (alice.all(), alice.read(unused_id), alice.client.request("GET", "/")):
        assert answer.header("X-Content-Type-Options") == "nosniff", f"{answer}: no nosniff"
        assert "default-src 'none'" in answer.header("Content-Security-Policy"), f"{answer}: no policy"
        assert answer.header("Content-Type").startswith("application/json"), str(answer)


@section("headers#alert")
def test_a_deprecated_parameter_works_with_an_alert(alice: Shelf) -> None:
    record = alice.create()
    border = str(record["last_modified"] + 1)
    answer = alice.all({"_to": border, "_since": str(record["last_modified"] - 1)}).expect(200)
    assert answer.data == [record]
    alert = json.loads(answer.header("Alert") or "{}")
    assert {"code", "message", "url"} <= set(alert), f"{answer}: Alert is {answer.header('Alert')!r}"
    assert alert["code"] == "soft-eol", alert


@section("headers#backoff")
def test_a_backoff_is_a_number_of_seconds(alice: Shelf) -> None:
    backoff = alice.all().expect(200).header("Backoff")
    if not backoff:
        pytest.skip("the service does not ask clients to slow down")
    assert backoff.isdigit(), f"Backoff is {backoff!r}"


@section("headers#backoff")
def test_no_value_of_a_client_becomes_a_header(alice: Shelf) -> None:
    text = "x\r\nX-Evil: yes"
    answer = alice.all({"_limit": "1", alice.text: text, "_foo": quote(text)}).expect(200)
    assert not answer.header("X-Evil"), str(answer)
