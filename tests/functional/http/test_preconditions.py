"""The table of ``docs/protocol/preconditions``, row by row, on every storage."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from cliquet.testing.app import Client

NOTES = "/v1/notes"
UNUSED = "9f2d363f-9841-8b13-253d-6d7193fc8869"

#: Method, target, then the status for: the target's own tag, another tag, ``*``.
IF_NONE_MATCH = [
    ("GET", "record", 304, 200, 304),
    ("HEAD", "record", 304, 200, 304),
    ("GET", "collection", 304, 200, 304),
    ("HEAD", "collection", 304, 200, 304),
    ("GET", "missing", 404, 404, 404),
    ("POST", "no id", 201, 201, 201),
    ("POST", "missing", 201, 201, 201),
    ("POST", "record", 412, 200, 412),
    ("PUT", "record", 412, 200, 412),
    ("PUT", "missing", 201, 201, 201),
    ("PUT", "tombstone", 201, 201, 201),
    ("PATCH", "record", 412, 200, 412),
    ("PATCH", "missing", 404, 404, 404),
    ("DELETE", "record", 412, 200, 412),
    ("DELETE", "tombstone", 404, 404, 404),
    ("DELETE", "collection", 412, 200, 412),
]
IF_MATCH = [
    ("GET", "record", 200, 412, 200),
    ("HEAD", "record", 200, 412, 200),
    ("GET", "collection", 200, 412, 200),
    ("HEAD", "collection", 200, 412, 200),
    ("GET", "missing", 412, 412, 412),
    ("HEAD", "tombstone", 412, 412, 412),
    ("POST", "no id", 412, 412, 412),
    ("POST", "missing", 412, 412, 412),
    ("POST", "record", 200, 412, 200),
    ("PUT", "record", 200, 412, 200),
    ("PUT", "missing", 412, 412, 412),
    ("PUT", "tombstone", 412, 412, 412),
    ("PATCH", "record", 200, 412, 200),
    ("PATCH", "missing", 412, 412, 412),
    ("DELETE", "record", 200, 412, 200),
    ("DELETE", "tombstone", 412, 412, 412),
    ("DELETE", "collection", 200, 412, 200),
]


def prepared(app: Client, target: str) -> tuple[str | None, int]:
    """The id of a target, and its time; the record is not the newest of its collection."""
    made = app.post_json(NOTES, {"data": {"n": 1}}).json["data"]
    found = (made["id"], made["last_modified"])
    if target == "tombstone":
        gone = app.delete(f"{NOTES}/{made['id']}").json["data"]
        found = (gone["id"], gone["last_modified"])
    newest = app.post_json(NOTES, {"data": {}}).json["data"]["last_modified"]
    if target in ("collection", "no id"):
        return None, newest
    return (str(uuid.uuid4()), newest) if target == "missing" else found


def sent(app: Client, method: str, record_id: str | None, headers: dict[str, str]) -> Any:
    """The answer."""
    path = NOTES if record_id is None or method == "POST" else f"{NOTES}/{record_id}"
    if method in ("GET", "HEAD", "DELETE"):
        return app.request(path, method=method, headers=headers, expect_errors=True)
    data = {"n": 2, **({"id": record_id} if record_id else {})}
    call = {"POST": app.post_json, "PUT": app.put_json, "PATCH": app.patch_json}[method]
    return call(path, {"data": data}, headers=headers, expect_errors=True)


def state(app: Client) -> Any:
    response = app.get(f"{NOTES}?_since=0")
    return response.json, response.headers["ETag"]


def check(app: Client, header: str, row: tuple[str, str, int, int, int]) -> None:
    method, target, *expected = row
    for kind, status in zip(("own", "other", "*"), expected, strict=True):
        record_id, timestamp = prepared(app, target)
        before = state(app)
        value = {"own": f'"{timestamp}"', "other": f'"{timestamp + 1_000_000}"', "*": "*"}[kind]
        response = sent(app, method, record_id, {header: value})
        assert response.status_int == status, (row, kind, response.text)
        if status in (304, 404, 412):
            assert state(app) == before
        if status in (304, 412) and target in ("record", "collection"):
            assert response.headers["ETag"] == f'"{timestamp}"'
            assert "Last-Modified" in response.headers
        if status == 412 and method != "HEAD":
            existing = response.json.get("details", {}).get("existing")
            assert response.json["errno"] == 114
            assert (existing or {}).get("id") == (record_id if target == "record" else None)


@pytest.mark.parametrize("row", IF_NONE_MATCH, ids=lambda row: f"{row[0]} {row[1]}")
def test_if_none_match(app: Client, row: tuple[str, str, int, int, int]) -> None:
    check(app, "If-None-Match", row)


@pytest.mark.parametrize("row", IF_MATCH, ids=lambda row: f"{row[0]} {row[1]}")
def test_if_match(app: Client, row: tuple[str, str, int, int, int]) -> None:
    check(app, "If-Match", row)


def test_both_have_to_hold(memory: Client) -> None:
    made = memory.put_json(f"{NOTES}/{UNUSED}", {"data": {}}).json["data"]
    tag, other = f'"{made["last_modified"]}"', '"1"'
    path = f"{NOTES}/{UNUSED}"
    memory.patch_json(path, {"data": {}}, headers={"If-Match": tag, "If-None-Match": other}, status=200)
    memory.patch_json(path, {"data": {}}, headers={"If-Match": tag, "If-None-Match": "*"}, status=412)
    memory.patch_json(path, {"data": {}}, headers={"If-Match": other, "If-None-Match": other}, status=412)


def test_a_list_that_is_unchanged_is_304_whatever_its_filters_are(app: Client) -> None:
    app.post_json(NOTES, {"data": {"n": 1}})
    tag = app.get(NOTES).headers["ETag"]
    for query in ("", "?n=5", "?_limit=1", f"?_since={tag}"):
        response = app.get(f"{NOTES}{query}", headers={"If-None-Match": tag}, status=304)
        assert response.body == b""
    app.post_json(NOTES, {"data": {"n": 2}})
    app.get(NOTES, headers={"If-None-Match": tag}, status=200)


@pytest.mark.parametrize(
    "path", ["/v1/", "/v1/__heartbeat__", "/v1/__lbheartbeat__", "/v1/__version__", "/v1/__api__", NOTES, "/v1/unknown"]
)
def test_head_is_get_without_a_body(memory: Client, path: str) -> None:
    got, head = memory.get(path, expect_errors=True), memory.head(path, expect_errors=True)
    assert (head.status, head.body) == (got.status, b"")
    counted = {"Content-Length", "Total-Records", "Total-Objects"}
    assert {k: v for k, v in got.headers.items() if k not in counted} == {
        k: v for k, v in head.headers.items() if k not in counted
    }
