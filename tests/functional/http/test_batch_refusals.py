"""What makes a whole batch a 400, and what only seems to."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.testing.app import Client


def send(app: Client, *requests: dict[str, Any], status: int = 200, **members: Any) -> Any:
    return app.post_json("/v1/batch", {"requests": list(requests), **members}, status=status).json


def statuses(app: Client, *requests: dict[str, Any], **members: Any) -> list[int]:
    return [entry["status"] for entry in send(app, *requests, **members)["responses"]]


@pytest.mark.parametrize(
    "name",
    [
        "Host", "Forwarded", "X-Forwarded-For", "X-Forwarded-Proto", "x-forwarded-host", "X_Forwarded_Host",
        "x_forwarded-proto", "Content-Length", "content_length", "Transfer-Encoding", "Connection", "Content-Encoding",
        "a\r\nb", "a b", "", "a:b", "é", "wsgi.input\n",
    ],
)  # fmt: skip
def test_a_header_that_is_not_its_business_makes_the_batch_a_400(memory: Client, name: str) -> None:
    request = {"path": "/", "headers": {name: "evil.example"}}
    assert send(memory, request, status=400)["errno"] == 107
    assert send(memory, {"path": "/"}, defaults={"headers": {name: "x"}}, status=400)["errno"] == 107


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "\x01", "a\x7f", 5, None, ["a"], "a\u2028b"])
def test_a_header_value_that_is_no_text_makes_the_batch_a_400(memory: Client, value: Any) -> None:
    send(memory, {"path": "/", "headers": {"X-Any": value}}, status=400)


def test_a_header_in_unicode_is_sent_as_utf_8(memory: Client) -> None:
    assert statuses(memory, {"path": "/", "headers": {"User-Agent": "\U0001f600 é"}}) == [200]


@pytest.mark.parametrize(
    "path",
    [
        "/batch",
        "/v1/batch",
        "/batch/",
        "//batch",
        "/v1//batch",
        "/%62atch",
        "/v1/b%61tch?x=1",
        "/batch?_=1",
        "/v1/batch//",
    ],
)
def test_a_batch_within_a_batch_is_refused_by_its_decoded_path(memory: Client, path: str) -> None:
    found = send(memory, {"path": "/"}, {"method": "POST", "path": path, "body": {"requests": []}}, status=400)
    assert found["message"] == "requests.1.path in body: Recursive call on /batch endpoint is forbidden."
    send(memory, {}, defaults={"path": path}, status=400)


@pytest.mark.parametrize("path", ["/batch-1", "/notes?q=/batch", "/x/batch", "/%2562atch", "/batches", "/batch;a"])
def test_the_word_batch_elsewhere_is_harmless(memory: Client, path: str) -> None:
    assert statuses(memory, {"path": path})[0] in (200, 404)


@pytest.mark.parametrize(
    "body",
    [
        [],
        None,
        "a",
        {},
        {"requests": None},
        {"requests": {}},
        {"requests": "abc", "defaults": {"path": "/"}},
        {"requests": [1], "defaults": {"path": "/"}},
        {"requests": [[]]},
        {"requests": [], "defaults": []},
        {"requests": [], "defaults": None},
        {"requests": [], "defaults": {"other": 1}},
        {"requests": [], "other": 1},
        {"requests": [], "atomic": "yes"},
        {"requests": [], "atomic": None},
        {"requests": [{}]},
        {"requests": [{"path": "notes"}]},
        {"requests": [{"path": "http://evil.example/"}]},
        {"requests": [{"path": 5}]},
        {"requests": [{"path": "/", "other": 1}]},
        {"requests": [{"path": "/", "method": "get"}]},
        {"requests": [{"path": "/", "method": "OPTIONS"}]},
        {"requests": [{"path": "/", "method": "CONNECT"}]},
        {"requests": [{"path": "/", "method": None}]},
        {"requests": [{"path": "/", "method": []}]},
        {"requests": [{"path": "/", "method": {}}]},
        {"requests": [{"path": "/", "headers": []}]},
        {"requests": [{"path": "/", "headers": None}]},
        {"requests": [{"path": "/a b"}]},
        {"requests": [{"path": "/a\r\nb"}]},
        {"requests": [{"path": "/a#b"}]},
    ],
)
def test_what_does_not_fit_makes_the_whole_batch_a_400(memory: Client, body: Any) -> None:
    response = memory.post_json("/v1/batch", body, status=400)
    assert (response.json["code"], response.json["errno"]) == (400, 107)
    assert response.json["details"][0]["location"] == "body"


@pytest.mark.parametrize("path", ["/%ff", "/notes?_since=%ff", "/é", "/notes?a=é", "/%00", "/v2/notes", "/\U0001f600"])
def test_an_odd_path_is_an_error_of_its_request_alone(memory: Client, path: str) -> None:
    for method in ("GET", "POST"):
        found = send(memory, {"method": method, "path": path}, {"path": "/notes"})["responses"]
        assert found[0]["status"] in (200, 400, 404, 415, 201)
        assert found[1]["status"] == 200
