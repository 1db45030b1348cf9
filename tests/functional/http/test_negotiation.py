"""What is checked before a body is read, and in which order."""

from __future__ import annotations

import gzip
import io

import pytest

from cliquet.testing.app import Client, make_app

NOTES = "/v1/notes"
UUID = "9f2d363f-9841-8b13-253d-6d7193fc8869"
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("accept", ["*/*", "application/*", "application/json", "text/html, */*;q=0.1", "", ";;;", "x"])
def test_json_is_acceptable(memory: Client, accept: str) -> None:
    memory.get(NOTES, headers={"Accept": accept})


@pytest.mark.parametrize("accept", ["text/html", "application/xml, text/*", "application/json;q=0"])
def test_no_json_is_a_406(memory: Client, accept: str) -> None:
    response = memory.get(NOTES, headers={"Accept": accept}, status=406)
    assert (response.json["code"], response.json["errno"]) == (406, 107)
    assert response.json["message"] == "Accept header should be one of ['application/json']"
    assert response.json["details"][0]["name"] == "Accept"


@pytest.mark.parametrize("media_type", ["application/json", "Application/JSON; charset=utf-8", "application/json;"])
def test_the_media_type_is_read_without_case_and_parameters(memory: Client, media_type: str) -> None:
    memory.post(NOTES, b'{"data": {}}', headers={"Content-Type": media_type}, status=201)


@pytest.mark.parametrize(
    "media_type",
    ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/merge-patch+json"],
)
def test_another_media_type_or_none_is_a_415(memory: Client, media_type: str) -> None:
    for method, path in (("POST", NOTES), ("PUT", f"{NOTES}/{UUID}"), ("POST", "/v1/batch")):
        environ = {"CONTENT_TYPE": media_type}
        response = memory.request(path, method=method, environ=environ, body=b'{"data": {}}', status=415)
        assert (response.json["code"], response.json["errno"]) == (415, 107)
        assert response.json["details"][0]["name"] == "Content-Type"
    assert memory.get(NOTES).json["data"] == []


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "gzip, gzip", "GZIP"])
def test_a_compressed_body_is_never_stored(memory: Client, coding: str) -> None:
    headers = {**JSON, "Content-Encoding": coding}
    for body in (b'{"data": {"a": 1}}', gzip.compress(b'{"data": {"a": 1}}')):
        response = memory.post(NOTES, body, headers=headers, status=415)
        assert response.json["details"][0]["name"] == "Content-Encoding"
    memory.post_json("/v1/batch", {"requests": []}, headers={"Content-Encoding": coding}, status=415)
    assert memory.get(NOTES).json["data"] == []


def test_an_identity_coding_is_no_coding(memory: Client) -> None:
    memory.post(NOTES, b'{"data": {"a": 1}}', headers={**JSON, "Content-Encoding": "identity"}, status=201)


def test_a_body_over_the_limit_is_a_413() -> None:
    app = make_app({"max_body_bytes": 100, "batch_max_body_bytes": 200})
    body = b'{"data": {"a": "' + b"x" * 100 + b'"}}'
    response = app.post(NOTES, body, headers=JSON, status=413)
    assert (response.json["code"], response.json["errno"]) == (413, 113)
    app.put(f"{NOTES}/{UUID}", body, headers=JSON, status=413)
    app.patch(f"{NOTES}/{UUID}", body, headers=JSON, status=413)
    app.post("/v1/batch", b'{"requests": [], "x": "' + b"x" * 200 + b'"}', headers=JSON, status=413)
    app.post("/v1/batch", b'{"requests": []}' + b" " * 150, headers=JSON, status=200)


def test_a_chunked_body_over_the_limit_is_a_413() -> None:
    app = make_app({"max_body_bytes": 100})
    environ = {
        "wsgi.input": io.BytesIO(b'{"data": {"a": "' + b"x" * 1000 + b'"}}'),
        "wsgi.input_terminated": True,
        "HTTP_TRANSFER_ENCODING": "chunked",
        "CONTENT_TYPE": "application/json",
        "REQUEST_METHOD": "POST",
    }
    request = app.RequestClass.blank(NOTES, {**app.extra_environ, **environ})
    assert "CONTENT_LENGTH" not in request.environ
    assert request.get_response(app.app).json["errno"] == 113


@pytest.mark.parametrize("length", ["100000", "-5", "abc", "", "1e3", "5"])
def test_a_length_that_lies_is_no_error_of_ours(memory: Client, length: str) -> None:
    environ = {"CONTENT_TYPE": "application/json", "wsgi.input": io.BytesIO(b'{"data": {"a": 1}}')}
    request = memory.RequestClass.blank(NOTES, {**memory.extra_environ, **environ, "REQUEST_METHOD": "POST"})
    request.environ |= {"CONTENT_LENGTH": length, "webob.is_body_seekable": False}
    response = request.get_response(memory.app)
    assert response.status_int in (201, 400), response.text
    if length == "100000":
        assert response.json["errno"] == 106


def test_what_is_sent_is_checked_before_who_sends_it(memory: Client) -> None:
    nobody = memory.anonymous()
    nobody.get(NOTES, headers={"Accept": "text/html"}, status=406)
    nobody.post(NOTES, b"a=1", headers={"Content-Type": "text/plain"}, status=415)
    nobody.put(f"{NOTES}/{UUID}", b"a=1", headers={"Accept": "text/html", "Content-Type": "text/plain"}, status=406)


def test_the_size_is_checked_before_who_sends_it() -> None:
    nobody = make_app({"max_body_bytes": 10}).anonymous()
    nobody.post(NOTES, b'{"data": {"a": 1}}', headers=JSON, status=413)


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", f"{NOTES}?_since=abc", b""),
        ("GET", f"{NOTES}/not-an-id!", b""),
        ("POST", NOTES, b"{"),
        ("PUT", f"{NOTES}/not-an-id!", b"{"),
        ("PATCH", f"{NOTES}/{UUID}", b"[]"),
        ("DELETE", f"{NOTES}?_limit=-1", b""),
    ],
)
def test_somebody_anonymous_learns_nothing_about_the_rest(memory: Client, method: str, path: str, body: bytes) -> None:
    response = memory.anonymous().request(path, method=method, body=body, headers=JSON, status=401)
    assert response.json["errno"] == 104


def test_the_path_decides_before_anything_else(memory: Client) -> None:
    nobody = memory.anonymous()
    nobody.put(NOTES, b"a", headers={"Accept": "text/html", "Content-Type": "text/plain"}, status=405)
    nobody.get("/v1/unknown", headers={"Accept": "text/html"}, status=404)


def test_what_is_asked_is_checked_before_what_is_there(memory: Client) -> None:
    memory.get(f"{NOTES}/{UUID}?_fields=%00", status=400)
    memory.patch(f"{NOTES}/{UUID}", b"{", headers=JSON, status=400)
    memory.patch_json(f"{NOTES}/{UUID}", {"data": {}}, headers={"If-Match": '"1"'}, status=412)
    memory.patch_json(f"{NOTES}/{UUID}", {"data": {}}, status=404)


def test_a_precondition_is_checked_before_the_body_against_the_record(memory: Client) -> None:
    made = memory.post_json("/v1/mushrooms", {"data": {"name": "Cep", "origin": "Finland"}}).json["data"]
    path = f"/v1/mushrooms/{made['id']}"
    body = {"data": {"origin": "Sweden"}}
    memory.patch_json(path, body, headers={"If-Match": '"1"'}, status=412)
    memory.patch_json(path, body, headers={"If-Match": f'"{made["last_modified"]}"'}, status=400)
    memory.patch_json(path, {"data": {"id": UUID}}, headers={"If-Match": '"1"'}, status=412)


@pytest.mark.parametrize("value", ["light", "Diff", " FULL ", "full", ""])
def test_a_known_behaviour_is_read_without_case(memory: Client, value: str) -> None:
    made = memory.post_json(NOTES, {"data": {"a": 1}}).json["data"]
    memory.patch_json(f"{NOTES}/{made['id']}", {"data": {"a": 2}}, headers={"Response-Behavior": value})


@pytest.mark.parametrize("value", ["heavy", "light, diff", "\xe9", "0"])
def test_an_unknown_behaviour_is_a_400_and_changes_nothing(memory: Client, value: str) -> None:
    made = memory.post_json(NOTES, {"data": {"a": 1}}).json["data"]
    headers = {"Response-Behavior": value}
    response = memory.patch_json(f"{NOTES}/{made['id']}", {"data": {"a": 2}}, headers=headers, status=400)
    assert response.json["details"][0]["name"] == "Response-Behavior"
    assert memory.get(f"{NOTES}/{made['id']}").json["data"] == made


def test_light_tells_what_changed_and_diff_what_was_not_as_asked(memory: Client) -> None:
    made = memory.post_json("/v1/psilos", {"data": {"name": "cubensis", "size": 3}}).json["data"]
    path = f"/v1/psilos/{made['id']}"
    light = memory.patch_json(path, {"data": {"size": 4, "name": "cubensis"}}, headers={"Response-Behavior": "light"})
    assert light.json["data"] == {"size": 4}
    diff = memory.patch_json(path, {"data": {"size": "5", "edible": None}}, headers={"Response-Behavior": "diff"})
    assert diff.json["data"] == {"size": 5, "edible": True}
