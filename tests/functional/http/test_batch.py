"""``/batch``: what it accepts, what it inherits, and what it answers."""

from __future__ import annotations

import uuid
from typing import Any

from cliquet.testing.app import Client, basic_auth, make_app

NOTES = "/v1/notes"


def send(app: Client, *requests: dict[str, Any], status: int = 200, **members: Any) -> Any:
    return app.post_json("/v1/batch", {"requests": list(requests), **members}, status=status).json


def entries(app: Client, *requests: dict[str, Any], **members: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = send(app, *requests, **members)["responses"]
    return found


def statuses(app: Client, *requests: dict[str, Any], **members: Any) -> list[int]:
    return [entry["status"] for entry in entries(app, *requests, **members)]


def test_nothing_to_do_is_fine(memory: Client) -> None:
    assert send(memory) == {"responses": []}
    assert send(memory.anonymous()) == {"responses": []}


def test_only_post_is_offered_and_accept_is_negotiated(memory: Client) -> None:
    memory.get("/v1/batch", status=405)
    memory.post_json("/v1/batch", {"requests": []}, headers={"Accept": "text/html"}, status=406)


def test_requests_are_answered_in_order_and_see_each_other(app: Client) -> None:
    path = f"/notes/{uuid.uuid4()}"
    found = entries(
        app,
        {"method": "PUT", "path": path, "body": {"data": {"a": 1}}},
        {"path": path},
        {"method": "PATCH", "path": f"/v1{path}", "body": {"data": {"a": 2}}},
        {"path": f"{path}?_fields=a"},
        {"method": "HEAD", "path": "/notes"},
        {"method": "DELETE", "path": path},
        {"path": path},
        {"path": "/"},
    )
    assert [one["status"] for one in found] == [201, 200, 200, 200, 200, 200, 404, 200]
    assert [one["path"] for one in found[:5]] == [f"/v1{path}"] * 4 + [NOTES]
    assert found[1]["body"] == found[0]["body"]
    assert found[1]["headers"]["ETag"] == found[0]["headers"]["ETag"]
    assert found[3]["body"]["data"]["a"] == 2
    assert found[4]["body"] == ""
    assert found[4]["headers"]["Total-Records"] == "1"
    assert found[6]["body"]["errno"] == 110
    assert found[7]["body"]["user"] == app.get("/v1/").json["user"]


def test_a_status_of_4xx_undoes_nothing_and_leaves_nothing(app: Client) -> None:
    first, refused, last = (f"/notes/{uuid.uuid4()}" for _ in range(3))
    tags = {"If-Match": '"1"'}
    assert statuses(
        app,
        {"method": "PUT", "path": first, "body": {"data": {}}},
        {"method": "PUT", "path": refused, "body": {"data": {}}, "headers": tags},
        {"method": "PUT", "path": "/notes/no-uuid!", "body": {"data": {}}},
        {"method": "POST", "path": "/mushrooms", "body": {"data": {}}},
        {"method": "PUT", "path": last, "body": {"data": {}}},
    ) == [201, 412, 400, 400, 201]
    assert {f"/notes/{one['id']}" for one in app.get(NOTES).json["data"]} == {first, last}


def test_atomic_undoes_everything_when_one_fails(app: Client) -> None:
    app.post_json(NOTES, {"data": {"kept": True}})
    before = app.get(NOTES)
    found = send(
        app,
        {"method": "POST", "path": "/notes", "body": {"data": {}}},
        {"path": "/unknown"},
        {"method": "DELETE", "path": "/notes"},
        atomic=True,
        status=409,
    )
    assert (found["code"], found["errno"], found["error"]) == (409, 122, "Conflict")
    assert [one["status"] for one in found["responses"]] == [201, 404, 200]
    after = app.get(NOTES)
    assert after.json == before.json
    assert after.headers["ETag"] == before.headers["ETag"]


def test_atomic_that_succeeds_is_kept_and_a_304_is_no_failure(app: Client) -> None:
    parts = [{"method": "POST", "path": "/notes", "body": {"data": {}}}]
    same = {"path": "/notes", "headers": {"If-None-Match": "*"}}
    assert statuses(app, *parts, same, atomic=True) == [201, 304]
    assert len(app.get(NOTES).json["data"]) == 1


def test_defaults_complete_every_request_recursively(memory: Client) -> None:
    found = entries(
        memory,
        {"body": {"data": {"b": 2}}},
        {"body": {"data": {"a": {"c": 3}}}, "headers": {"if-none-match": '"0"'}},
        {"path": "/psilos", "body": {"data": None}},
        {"method": "GET"},
        defaults={
            "method": "POST",
            "path": "/notes",
            "headers": {"If-None-Match": "*"},
            "body": {"data": {"a": {"x": 1}}},
        },
    )
    assert [one["status"] for one in found] == [201, 201, 400, 304]
    fields = [{k: v for k, v in one["body"]["data"].items() if k not in ("id", "last_modified")} for one in found[:2]]
    assert fields == [{"a": {"x": 1}, "b": 2}, {"a": {"x": 1, "c": 3}}]


def test_a_304_is_reported_in_its_place(memory: Client) -> None:
    found = entries(memory, {"path": "/notes", "headers": {"If-None-Match": '"0"'}}, {"path": "/notes"})
    assert [one["status"] for one in found] == [304, 200]
    assert found[0]["body"] == ""
    assert found[0]["headers"]["ETag"] == '"0"'


def test_a_redirect_is_followed(memory: Client) -> None:
    found = entries(
        memory,
        {"path": "/notes/?_limit=1"},
        {"path": "/v1"},
        {"path": "//notes"},
        {"method": "POST", "path": "/notes/", "body": {"data": {"a": 1}}},
    )
    assert [(one["status"], one["path"]) for one in found] == [
        (200, NOTES), (200, "/v1/"), (200, NOTES), (201, NOTES)
    ]  # fmt: skip
    assert found[3]["body"]["data"]["a"] == 1


def test_any_media_type_and_any_json_may_be_sent(memory: Client) -> None:
    made = memory.post_json(NOTES, {"data": {"a": 1, "b": 2}}).json["data"]
    path = f"/notes/{made['id']}"
    found = entries(
        memory,
        {
            "method": "PATCH",
            "path": path,
            "headers": {"Content-Type": "application/json-patch+json"},
            "body": [{"op": "remove", "path": "/data/a"}],
        },
        {
            "method": "PATCH",
            "path": path,
            "headers": {"content-type": "application/merge-patch+json; charset=utf-8"},
            "body": {"data": {"b": None}},
        },
        {"method": "POST", "path": "/notes", "body": [1]},
        {"method": "POST", "path": "/notes", "body": None},
        {"method": "POST", "path": "/notes", "headers": {"Content-Type": "text/plain"}, "body": "a"},
    )
    assert [one["status"] for one in found] == [200, 200, 400, 400, 415]
    assert set(found[1]["body"]["data"]) == {"id", "last_modified"}


def test_headers_are_inherited_and_replaced_whatever_their_case(memory: Client) -> None:
    bob = basic_auth("bob")["Authorization"]
    mine, theirs, nobodys = entries(
        memory,
        {"path": "/"},
        {"path": "/", "headers": {"authorization": bob}},
        {"path": "/notes", "headers": {"Authorization": ""}},
    )
    assert mine["body"]["user"] == memory.get("/v1/").json["user"]
    assert theirs["body"]["user"] == memory.as_user("bob").get("/v1/").json["user"]
    assert nobodys["status"] == 401


def test_what_is_said_about_the_batch_is_not_inherited(memory: Client) -> None:
    headers = {"If-Match": '"1"', "If-None-Match": "*", "Response-Behavior": "light"}
    body = {"requests": [{"method": "POST", "path": "/notes", "body": {"data": {}}}, {"path": "/notes"}]}
    found = memory.post_json("/v1/batch", body, headers=headers).json["responses"]
    assert [one["status"] for one in found] == [201, 200]


def test_an_anonymous_request_within_is_a_401(memory: Client) -> None:
    found = entries(memory.anonymous(), {"path": "/notes"}, {"method": "POST", "path": "/notes", "body": {"data": {}}})
    assert [one["body"]["errno"] for one in found] == [104, 104]
    assert "WWW-Authenticate" in found[0]["headers"]


def test_one_request_too_many_is_a_400() -> None:
    app = make_app({"batch_max_requests": 2})
    parts = [{"path": "/"}] * 3
    assert statuses(app, *parts[:2]) == [200, 200]
    assert send(app, *parts, status=400)["details"][0]["description"] == "Number of requests is limited to 2"
    assert len(entries(make_app({"batch_max_requests": ""}), *([{"path": "/__lbheartbeat__"}] * 60))) == 60


def test_each_body_within_has_the_limit_of_its_endpoint() -> None:
    app = make_app({"max_body_bytes": 100, "batch_max_body_bytes": 1000})
    part = {"method": "POST", "path": "/notes", "body": {"data": {"a": "x" * 100}}}
    small = {"method": "POST", "path": "/notes", "body": {"data": {}}}
    assert statuses(app, part, small) == [413, 201]


def test_trace_and_unknown_paths_are_reported_in_place(memory: Client) -> None:
    assert statuses(memory, {"method": "TRACE", "path": "/notes"}, {"path": "/unknown"}) == [405, 404]


def test_the_users_of_a_batch_do_not_mix(app: Client) -> None:
    bob = basic_auth("bob")
    path = f"/notes/{uuid.uuid4()}"
    assert statuses(
        app,
        {"method": "PUT", "path": path, "body": {"data": {}}},
        {"path": path, "headers": bob},
        {"method": "PUT", "path": path, "body": {"data": {}}, "headers": bob},
        {"method": "DELETE", "path": path},
        {"path": path, "headers": bob},
    ) == [201, 404, 201, 200, 200]
