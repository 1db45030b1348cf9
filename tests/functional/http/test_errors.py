"""Every refusal is the envelope of the protocol, whoever raised it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid import httpexceptions
from pyramid.config import Configurator
from pyramid.request import Request

import cliquet
from cliquet import resource
from cliquet.errors import ERRORS, BackendError, InvalidInput, NotAllowed, Retryable, UnicityError, raise_invalid
from cliquet.testing.app import Client, make_app
from cliquet.web.errors import http_error

NOTES = "/v1/notes"
UUID = "9f2d363f-9841-8b13-253d-6d7193fc8869"


class Teapot(httpexceptions.HTTPClientError):  # type: ignore[misc]  # pyramid is untyped
    code = 499
    title = "Closed"


def plain(error: Exception) -> Callable[[Request], Any]:
    def view(request: Request) -> Any:
        raise error

    return view


def spoken() -> Exception:
    found: Exception = http_error(httpexceptions.HTTPNotFound(), errno=ERRORS.MISSING_RESOURCE, message="No such moon.")
    return found


RAISED: list[tuple[str, Exception, int, int]] = [
    ("bad", httpexceptions.HTTPBadRequest("Nonsense"), 400, 107),
    ("forbidden", httpexceptions.HTTPForbidden(), 403, 121),
    ("unauthorized", httpexceptions.HTTPUnauthorized(), 401, 104),
    ("missing", httpexceptions.HTTPNotFound(), 404, 111),
    ("gone", httpexceptions.HTTPGone(), 410, 202),
    ("conflict", httpexceptions.HTTPConflict(), 409, 122),
    ("capacity", httpexceptions.HTTPTooManyRequests(), 429, 117),
    ("teapot", Teapot(), 499, 999),
    ("unavailable", httpexceptions.HTTPServiceUnavailable(), 503, 201),
    ("failed", httpexceptions.HTTPInternalServerError(), 500, 999),
    ("invalid", type("Refused", (Exception,), {})(), 500, 999),
    ("backend", BackendError(ValueError("password=hunter2")), 503, 201),
    ("retryable", Retryable(ValueError("password=hunter2")), 503, 201),
    ("decoding", UnicodeDecodeError("utf-8", b"\xff", 0, 1, "a file of ours"), 500, 999),
    ("not-allowed", NotAllowed("secret"), 403, 121),
    ("no-problem", InvalidInput(), 400, 107),
    ("unspeakable", UnicityError("url", {"id": "x", "it": object()}), 500, 999),
]


@pytest.fixture(scope="module")
def raising() -> Client:
    def configure(config: Configurator) -> None:
        for name, error, _, _ in RAISED:
            service = cliquet.Service(name=name, path=f"/{name}")
            service.add_view("GET", plain(error))
            service.add_view("POST", plain(error))
            config.add_cornice_service(service)
        spoke = cliquet.Service(name="spoken", path="/spoken")
        spoke.add_view("GET", plain(spoken()))
        config.add_cornice_service(spoke)

    return make_app({"error_info_link": "https://cliquet.example/bugs"}, configure=configure)


@pytest.mark.parametrize(("name", "error", "code", "errno"), RAISED, ids=[row[0] for row in RAISED])
def test_whatever_a_view_raises_is_answered_in_the_envelope(
    raising: Client, name: str, error: Exception, code: int, errno: int
) -> None:
    response = raising.get(f"/v1/{name}", status=code)
    assert response.content_type == "application/json"
    assert (response.json["code"], response.json["errno"]) == (code, errno)
    assert response.json["error"]
    assert "hunter2" not in response.text
    assert "Traceback" not in response.text
    assert None not in response.json.values()
    assert ("info" in response.json) == (code == 500)
    assert ("Retry-After" in response.headers) == (code in (409, 429, 503))
    assert response.headers["Access-Control-Expose-Headers"]


def test_head_of_an_error_has_no_body(raising: Client) -> None:
    assert raising.head("/v1/backend", status=503).body == b""


def test_an_unexpected_error_tells_where_to_report_it_and_nothing_else(raising: Client) -> None:
    assert raising.get("/v1/invalid", status=500).json == {
        "code": 500,
        "errno": 999,
        "error": "Internal Server Error",
        "message": "A programmatic error occurred, developers have been informed.",
        "info": "https://cliquet.example/bugs",
    }


def test_json_that_an_application_wrote_is_left_alone(raising: Client) -> None:
    response = raising.get("/v1/spoken", status=404)
    assert response.json["message"] == "No such moon."


def test_an_error_of_the_application_is_reported_within_a_batch(raising: Client) -> None:
    requests = [{"path": f"/{name}"} for name in ("bad", "forbidden", "missing", "spoken", "teapot")]
    entries = raising.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [entry["status"] for entry in entries] == [400, 403, 404, 404, 499]
    assert [entry["body"]["code"] for entry in entries] == [400, 403, 404, 404, 499]


def test_malformed_json_is_errno_106(memory: Client) -> None:
    headers = {"Content-Type": "application/json"}
    for body in (b"{", b"\xff", b'{"data": NaN}', b"'a'", b"{} {}", b'{"data":{"a":"\\ud800"}}'):
        response = memory.post(NOTES, body, headers=headers, status=400)
        assert response.json["errno"] == 106, body
        assert response.json["details"][0]["location"] == "body"


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"[]", "object"),
        (b"null", "object"),
        (b'{"data": []}', "object"),
        (b'{"data": null}', "object"),
        (b'{"data": {}, "other": 1}', "other is not allowed"),
        (b'{"data": {"a": "\\u0000"}}', "0x00"),
        (b'{"data": {"a": 9223372036854775808}}', "64 bits"),
        (b'{"data": {"a": 1e400}}', "64 bits"),
        (b'{"data":' + b"[" * 200 + b"]" * 200 + b"}", "128"),
        (b'{"data":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "128"),
        (b'{"data": {"id": 5}}', "id"),
        (b'{"data": {"id": "no uuid"}}', "id"),
    ],
)
def test_json_that_nobody_may_store_is_errno_107(memory: Client, body: bytes, says: str) -> None:
    for method, path in (("POST", NOTES), ("PUT", f"{NOTES}/{UUID}")):
        environ = {"REQUEST_METHOD": method, "CONTENT_TYPE": "application/json"}
        response = memory.request(path, environ=environ, body=body, status=400)
        assert response.json["errno"] == 107
        assert response.json["error"] == "Invalid parameters"
        assert says in response.json["message"]
    assert memory.get(NOTES).json["data"] == []


def test_all_problems_are_told_at_once_and_one_of_them_first(memory: Client) -> None:
    response = memory.post_json("/v1/psilos", {"data": {"size": "big", "edible": "perhaps"}}, status=400)
    assert {one["name"] for one in response.json["details"]} == {"data.size", "data.edible"}
    assert all(one["location"] == "body" for one in response.json["details"])
    assert response.json["message"].startswith("data.edible in body: ")


def test_a_problem_without_a_name_begins_with_its_place(memory: Client) -> None:
    assert memory.get(f"{NOTES}/x", status=400).json["message"] == "path: Invalid record id"


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("_since=abc", "_since"),
        ("_since=null", "_since"),
        ("_limit=0", "_limit"),
        ("_limit=-1", "_limit"),
        ("_limit=", "_limit"),
        ("_limit=%D9%A3", "_limit"),
        ("_token=forged", "_token"),
        ("_token=%00", "_token"),
        ("gt_last_modified=true", "gt_last_modified"),
        ("contains_id=1", "contains_id"),
        ("a=%00", "a"),
        ("a=%ff", None),
        ("%ff=1", None),
    ],
)
def test_a_query_that_means_nothing_is_a_400_that_names_it(memory: Client, query: str, name: str | None) -> None:
    for method in (memory.get, memory.delete):
        response = method(f"{NOTES}?{query}", status=400)
        assert response.json["errno"] == 107
        if response.json["details"][0]["name"] != name:
            pytest.fail(response.text)
    memory.head(f"{NOTES}?{query}", status=400)


def test_a_closed_schema_knows_its_fields(memory: Client) -> None:
    for query in ("nope=1", "min_nope=1", "_sort=nope", "_fields=nope"):
        assert "nope" in memory.get(f"/v1/mushrooms?{query}", status=400).json["message"]


@pytest.mark.parametrize("value", ['W/"1"', '"1", "2"', "1", '"a"', '"-1"', '"99999999999999999999"', '"١"'])
@pytest.mark.parametrize("header", ["If-Match", "If-None-Match"])
def test_odd_preconditions_are_400(memory: Client, header: str, value: str) -> None:
    headers = {header: value.encode().decode("latin-1")}
    for method, path in (("GET", NOTES), ("DELETE", NOTES), ("GET", f"{NOTES}/{UUID}"), ("DELETE", f"{NOTES}/{UUID}")):
        response = memory.request(path, method=method, headers=headers, status=400)
        assert response.json["details"][0]["location"] == "header"
        assert response.json["details"][0]["name"] == header
    for method, path in (("PUT", f"{NOTES}/{UUID}"), ("PATCH", f"{NOTES}/{UUID}"), ("POST", NOTES)):
        sent = {**headers, "Content-Type": "application/json"}
        memory.request(path, method=method, headers=sent, body=b'{"data": {}}', status=400)


def test_the_hook_of_an_application_refuses_with_the_field() -> None:
    class Moody(resource.UserResource):
        schema = resource.Anything

        def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
            if new.get("mood") == "bad":
                raise_invalid(self.request, name="data.mood", description="Cheer up.")
            return {**new, "seen": old is not None}

    app = make_app(resources=[Moody])
    response = app.post_json("/v1/moodys", {"data": {"mood": "bad"}}, status=400)
    assert response.json["details"] == [{"location": "body", "name": "data.mood", "description": "Cheer up."}]
    made = app.post_json("/v1/moodys", {"data": {"mood": "fine"}}).json["data"]
    assert made["seen"] is False
    path = f"/v1/moodys/{made['id']}"
    assert app.patch_json(path, {"data": {"x": 1}}).json["data"]["seen"] is True
    app.patch_json(path, {"data": {"mood": "bad"}}, status=400)
    app.put_json(path, {"data": {"mood": "bad"}}, status=400)
    assert app.get(path).json["data"]["mood"] == "fine"
