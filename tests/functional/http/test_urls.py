"""Versions, redirects and paths that lead nowhere."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.testing.app import Client, make_app

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO"]
UUID = "9f2d363f-9841-8b13-253d-6d7193fc8869"


@pytest.mark.parametrize("method", METHODS)
def test_a_path_without_version_leads_to_the_same_below_it(memory: Client, method: str) -> None:
    response = Client(memory.app, lint=False).request("/notes?a=1&b=%C3%A9", method=method, status=307)
    assert response.headers["Location"] == "http://localhost/v1/notes?a=1&b=%C3%A9"
    assert response.content_type == "application/json"


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/", "/v1/"),
        ("/vfoo", "/v1/vfoo"),
        ("/__heartbeat__", "/v1/__heartbeat__"),
        ("//evil.example/x", "/v1/evil.example/x"),
        ("/%0d%0aSet-Cookie:%20a=1", "/v1/%0D%0ASet-Cookie%3A%20a%3D1"),
        ("/caf%C3%A9", "/v1/caf%C3%A9"),
        ("/v1", "/v1/"),
        ("/v1//", "/v1/"),
        ("/v1/notes/", "/v1/notes"),
        ("/v1/notes///", "/v1/notes"),
        ("/v1//notes", "/v1/notes"),
        (f"/v1/notes//{UUID}/", f"/v1/notes/{UUID}"),
        ("/v1/unknown/", "/v1/unknown"),
        ("/v1/unknown%0d%0aX:1/", "/v1/unknown%0D%0AX%3A1"),
    ],
)
def test_redirects_stay_on_the_host_and_make_no_header(memory: Client, path: str, location: str) -> None:
    response = memory.get(path, status=307)
    assert response.headers["Location"] == f"http://localhost{location}"


def test_a_query_makes_no_header_either(memory: Client) -> None:
    environ = {**memory.extra_environ, "PATH_INFO": "/notes", "QUERY_STRING": "a=\r\nSet-Cookie: b=1"}
    request = memory.RequestClass.blank("/notes", environ)
    location = request.get_response(memory.app).headers["Location"]
    assert "\r" not in location
    assert "\n" not in location


def test_redirects_can_be_switched_off() -> None:
    app = make_app({"version_prefix_redirect_enabled": "false", "trailing_slash_redirect_enabled": "false"})
    assert app.get("/notes", status=404).json["errno"] == 116
    assert app.get("/v1/notes/", status=404).json["errno"] == 111


@pytest.mark.parametrize("path", ["/v0/notes", "/v2/", "/v10/notes", "/v2/notes/"])
def test_another_version_is_not_available(memory: Client, path: str) -> None:
    response = memory.get(path, status=404)
    assert response.json == {
        "code": 404,
        "errno": 116,
        "error": "Not Found",
        "message": "The requested protocol version is not available on this server.",
    }


@pytest.mark.parametrize("path", ["/v1/unknown", "/v1/notes/a/b", "/v1/notes.json", "/v1/%00", "/v1/..%2fnotes"])
def test_an_unknown_path_is_errno_111(memory: Client, path: str) -> None:
    response = memory.get(path, status=404)
    assert (response.json["errno"], response.json["error"]) == (111, "Not Found")
    assert response.json["message"] == "The resource you are looking for could not be found."


@pytest.mark.parametrize("path", ["/%ff", "/v1/%ff", "/v1/notes/%ff", "/v1/%c3%28/"])
def test_a_path_that_is_not_utf_8_is_a_400(memory: Client, path: str) -> None:
    for method in ("GET", "POST", "OPTIONS"):
        response = memory.request(path, method=method, status=400)
        assert (response.json["code"], response.json["errno"]) == (400, 107)


OFFERED: dict[str, set[str]] = {
    "/v1/": {"GET", "HEAD"},
    "/v1/notes": {"GET", "HEAD", "POST", "DELETE"},
    f"/v1/notes/{UUID}": {"GET", "HEAD", "PUT", "PATCH", "DELETE"},
    "/v1/batch": {"POST"},
    "/v1/__heartbeat__": {"GET", "HEAD"},
    "/v1/__lbheartbeat__": {"GET", "HEAD"},
    "/v1/__version__": {"GET", "HEAD"},
}


@pytest.mark.parametrize("method", [*METHODS, "CONNECT", "get"])
@pytest.mark.parametrize("path", OFFERED)
def test_a_method_that_is_not_offered_is_a_405(memory: Client, path: str, method: str) -> None:
    response = Client(memory.app, lint=False).request(path, method=method, expect_errors=True)
    assert (response.status_int == 405) == (method not in OFFERED[path])
    if response.status_int == 405:
        assert set(response.headers["Allow"].replace(" ", "").split(",")) - {"OPTIONS"} == OFFERED[path]
        if method != "HEAD":
            assert response.json["errno"] == 115
            assert response.json["message"] == "Method not allowed on this endpoint."


@pytest.mark.parametrize(
    "record_id",
    ["a", "A" * 36, f"{UUID}%0a", f"{UUID}%00", "%2A", "..", "%E2%98%83", UUID.upper(), f"{UUID}%20", "x" * 300],
)
def test_an_id_that_no_record_can_have_is_a_400(memory: Client, record_id: str) -> None:
    for method in ("GET", "DELETE", "PUT", "PATCH"):
        headers = {"Content-Type": "application/json"}
        body = b'{"data": {}}'
        response = memory.request(f"/v1/notes/{record_id}", method=method, headers=headers, body=body, status=400)
        assert response.json["details"][0]["location"] == "path"


def test_the_version_of_the_api_is_the_prefix() -> None:
    def hello(settings: dict[str, Any], version: str) -> Any:
        return make_app(settings, version=version).get("/", status=307).headers["Location"]

    assert hello({}, "2.10.3") == "http://localhost/v2/"
    assert hello({}, "0.0.1") == "http://localhost/v0/"
    assert hello({"http_api_version": "1.10"}, "7.0") == "http://localhost/v1/"
    assert make_app({"http_api_version": "1.10"}).get("/v1/").json["http_api_version"] == "1.10"


def test_a_service_may_be_mounted_below_a_path(memory: Client) -> None:
    memory.extra_environ["SCRIPT_NAME"] = "/sync"
    for n in range(2):
        memory.post_json("/v1/notes", {"data": {"n": n}})
    assert memory.get("/v1/").json["url"] == "http://localhost/sync/v1/"
    assert memory.get("/notes", status=307).headers["Location"] == "http://localhost/sync/v1/notes"
    assert memory.get("/v1/notes?_limit=1").headers["Next-Page"].startswith("http://localhost/sync/v1/notes?_limit=1")
    requests = [{"path": "/notes/?_limit=1"}, {"path": "/v1"}]
    found = memory.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [(one["status"], one["path"]) for one in found] == [(200, "/v1/notes"), (200, "/v1/")]
    assert found[0]["headers"]["Next-Page"].startswith("http://localhost/sync/v1/notes?_limit=1")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (None, "max-age=3600")),
        (
            {"version_prefix_redirect_ttl_seconds": "60", "trailing_slash_redirect_ttl_seconds": "-1"},
            ("max-age=60", None),
        ),
        ({"trailing_slash_redirect_ttl_seconds": "0"}, (None, "max-age=0, must-revalidate, no-cache, no-store")),
    ],
)
def test_a_redirect_may_be_kept_as_long_as_the_settings_say(settings: dict[str, str], expected: Any) -> None:
    app = make_app(settings)
    answers = [app.get(path, status=307) for path in ("/notes", "/v1/notes/")]
    assert tuple(answer.headers.get("Cache-Control") for answer in answers) == expected
    aged = [one is not None and "no-store" not in one for one in expected]
    assert ["Expires" in answer.headers for answer in answers] == aged


def test_the_same_query_string_is_answered_anew_each_time() -> None:
    alice = make_app()
    bob = alice.as_user("bob")
    for count in range(1, 4):
        alice.post_json("/v1/notes", {"data": {"title": str(count)}})
        titles = [one["title"] for one in alice.get("/v1/notes?_limit=2&_sort=title&_fields=title").json["data"]]
        assert titles == [str(number) for number in range(1, count + 1)][:2]
        assert bob.get("/v1/notes?_limit=2&_sort=title&_fields=title").json["data"] == []


def test_only_short_query_strings_without_filters_are_remembered_and_not_too_many() -> None:
    alice = make_app()
    (context,) = (one for one in alice.parts.contexts.values() if one.name == "note")
    kept = context.reader._pages
    for query in ("title=a", "_since=5", f"_fields={'a,' * 200}", "_limit=0"):
        alice.get(f"/v1/notes?{query}", status="*")
    assert kept == {}
    for number in range(1, 300):
        alice.get(f"/v1/notes?_limit={number}")
    assert len(kept) == 200
