"""Everybody has a bucket of their own at ``/buckets/default``."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from pyramid.config import Configurator

import kinto
from cliquet.testing.app import Client
from cliquet.web.events import ResourceChanged
from kinto.default_bucket import bucket_id

MINE = "/v1/buckets/default"
INCLUDES = {"includes": "kinto.default_bucket cliquet.plugins.json_schema tests.functional.kinto.test_default_bucket"}
ORIGIN = {"Origin": "https://app.example"}


def includeme(config: Configurator) -> None:
    """Remembers every change that subscribers are told of."""
    told: list[tuple[str, str, str]] = []
    config.registry["events"] = told

    def hear(event: Any) -> None:
        told.extend((change.action, change.uri, event.payload["user_id"]) for change in event.changes)

    config.add_subscriber(hear, ResourceChanged)


@pytest.fixture
def serve_with(store_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Callable[..., Client]:
    """A function that serves the store, used by alice, with more settings."""

    def client(**settings: Any) -> Client:
        secret = {"default_bucket_hmac_secret": "not so secret"}
        return serve(kinto.main(None, **{**store_settings, **INCLUDES, **secret, **settings}))

    return client


@pytest.fixture
def alice(serve_with: Callable[..., Client]) -> Client:
    return serve_with()


def real(person: Client) -> str:
    """The real path of somebody's bucket."""
    return f"/v1/buckets/{person.get('/v1/').json['user']['bucket']}"


def told(person: Client) -> list[tuple[str, str, str]]:
    """The events so far, which are then forgotten."""
    events: list[tuple[str, str, str]] = person.app.registry["events"]
    found, events[:] = list(events), []
    return found


def test_its_id_is_a_uuid_that_differs_from_user_to_user(alice: Client) -> None:
    mine, theirs = real(alice), real(alice.as_user("bob"))
    assert mine != theirs
    assert mine == real(alice)
    assert str(uuid.UUID(mine.rpartition("/")[2])) in mine
    assert "user" not in alice.anonymous().get("/v1/").json


def test_its_id_is_made_with_the_secret_of_the_settings(serve_with: Callable[..., Client]) -> None:
    own, other, common = (
        bucket_id(serve_with(environment="development", default_bucket_hmac_secret=secret).parts, "account:alice")
        for secret in ("a", "b", "")
    )
    # HMAC-SHA256 of "account:alice" with the key "a".
    assert own == "dbd031f1-1ec7-2337-b93a-4bf10292c7d0"
    assert len({own, other, common}) == 3


@pytest.mark.parametrize("method", ["get", "head", "patch_json", "delete"])
def test_any_request_but_put_creates_it(alice: Client, method: str) -> None:
    response = getattr(alice, method)(MINE, *([{"data": {"a": 1}}] if method == "patch_json" else []))
    assert response.status_int == 200
    assert told(alice)[0][0] == "create"
    if method != "delete":
        found = alice.get(real(alice)).json
        assert found["permissions"] == {"write": [alice.get("/v1/").json["user"]["id"]]}


def test_the_second_request_creates_nothing(alice: Client) -> None:
    first = alice.get(f"{MINE}/collections/tasks").json
    told(alice)
    assert alice.get(f"{MINE}/collections/tasks").json == first
    assert alice.get(real(alice)).json["data"] == alice.get(MINE).json["data"]
    assert told(alice) == []


def test_put_creates_as_usual_with_its_preconditions(alice: Client) -> None:
    safe = {"If-None-Match": "*"}
    assert alice.put_json(MINE, {"data": {"a": 1}}, headers=safe, status=201).json["data"]["a"] == 1
    assert alice.put_json(MINE, {}, headers=safe, status=412).json["details"]["existing"]["a"] == 1
    alice.put_json(f"{MINE}/collections/tasks", {"data": {"b": 1}}, headers=safe, status=201)
    alice.put_json(f"{MINE}/collections/tasks", {}, headers=safe, status=412)
    assert [uri for _, uri, _ in told(alice)] == [real(alice)[3:], f"{real(alice)[3:]}/collections/tasks"]


def test_what_is_created_on_the_way_is_told_like_anything_else(alice: Client) -> None:
    alice.post_json(f"{MINE}/collections/tasks/records", {"data": {"id": "r"}}, status=201)
    bucket, user = real(alice)[3:], alice.get("/v1/").json["user"]["id"]
    assert told(alice) == [
        ("create", bucket, user),
        ("create", f"{bucket}/collections/tasks", user),
        ("create", f"{bucket}/collections/tasks/records/r", user),
    ]


def test_a_request_that_fails_leaves_nothing_behind(alice: Client) -> None:
    alice.get(f"{MINE}/collections/tasks/records/missing", status=404)
    alice.put_json(f"{MINE}/collections/tasks/records/r", [], status=400)
    alice.get(real(alice), status=403)
    assert alice.get("/v1/buckets").json["data"] == []


def test_groups_and_records_are_not_made_up(alice: Client) -> None:
    assert alice.get(f"{MINE}/groups/g", status=404).json["errno"] == 110
    assert alice.get(f"{MINE}/collections/c/records/r", status=404).json["errno"] == 110
    assert alice.get(f"{MINE}/nothing", status=404).json["errno"] == 111
    alice.put_json(f"{MINE}/groups/g", {"data": {"members": []}}, status=201)


@pytest.mark.parametrize("wrong", ["_x", "a%20b", "a%0A", "%C3%A9", "x" * 256])
def test_an_id_that_cannot_be_one_is_refused(alice: Client, wrong: str) -> None:
    assert alice.get(f"{MINE}/collections/{wrong}/records", expect_errors=True).status_int in (400, 404)
    alice.put_json(f"{MINE}/collections/{wrong}", {}, status=400)
    assert alice.get(f"{MINE}/collections").json["data"] == []


def test_default_as_the_id_in_a_body_is_the_real_one(alice: Client) -> None:
    name = real(alice).rpartition("/")[2]
    assert alice.put_json(MINE, {"data": {"id": "default", "a": 1}}).json["data"]["id"] == name
    assert alice.patch_json(MINE, {"data": {"id": "default", "a": 2}}).json["data"]["id"] == name
    alice.put_json(MINE, {"data": {"id": "other"}}, status=400)
    record = alice.post_json(f"{MINE}/collections/c/records", {"data": {"id": "default"}}, status=201).json
    assert record["data"]["id"] == "default"


def test_no_other_bucket_is_called_default(alice: Client) -> None:
    refusal = alice.post_json("/v1/buckets", {"data": {"id": "default"}}, status=400).json
    assert refusal["details"][0]["name"] == "data.id"


def test_answers_and_pages_show_the_real_id(alice: Client) -> None:
    for number in range(3):
        alice.put_json(f"{MINE}/collections/c/records/r{number}", {})
    page = alice.get(f"{MINE}/collections/c/records?_limit=2&_sort=id")
    assert page.headers["Next-Page"].startswith(f"http://localhost{real(alice)}/collections/c/records?_limit=2")
    assert [record["id"] for record in alice.get(page.headers["Next-Page"]).json["data"]] == ["r2"]


def test_everything_else_about_a_request_is_kept(alice: Client) -> None:
    path = f"{MINE}/collections/c/records/r"
    first = alice.put_json(path, {"data": {"a": {"b": 1}, "c": 2}})
    unchanged = alice.get(path, headers={"If-None-Match": first.headers["ETag"]}, status=304)
    assert unchanged.headers["ETag"] == first.headers["ETag"]
    alice.put_json(path, {}, headers={"If-Match": '"1"'}, status=412)
    merge = {"Content-Type": "application/merge-patch+json", "Response-Behavior": "light"}
    assert alice.patch_json(path, {"data": {"a": {"b": None}}}, headers=merge).json["data"] == {"a": {}}
    assert alice.get(f"{path}?_fields=c").json["data"].keys() == {"id", "last_modified", "c"}
    alice.put(path, b"{}", headers={"Content-Type": "text/plain"}, status=415)
    alice.get(path, headers={"Accept": "text/html"}, status=406)
    alice.put_json(path, {"data": {"a": "x" * 2_000_000}}, status=413)
    assert alice.head(f"{MINE}/collections/c/records").headers["Total-Records"] == "1"
    assert alice.get(f"{MINE}/collections/").json["data"][0]["id"] == "c"


@pytest.mark.parametrize("method", ["get", "put_json", "patch_json", "delete", "post_json"])
def test_nobody_has_no_bucket_and_a_script_may_read_so(alice: Client, method: str) -> None:
    sent: list[dict[str, Any]] = [{}] if "json" in method else []
    for path in (MINE, f"{MINE}/collections/c/records", f"{MINE}/nothing"):
        refusal = getattr(alice.anonymous(), method)(path, *sent, headers=ORIGIN, status=401)
        assert refusal.json["errno"] == 104
        assert refusal.headers["Access-Control-Allow-Origin"] == "*"


def test_a_preflight_needs_no_user_and_creates_nothing(alice: Client) -> None:
    asked = {**ORIGIN, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    for path in (MINE, f"{MINE}/collections/c/records/r"):
        answer = alice.anonymous().options(path, headers=asked)
        assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
        assert answer.headers["Access-Control-Allow-Headers"] == "authorization"
    alice.get(real(alice), status=403)


def test_the_service_that_only_reads_has_no_default_bucket(serve_with: Callable[..., Client]) -> None:
    alice = serve_with(readonly="true")
    assert alice.get(MINE, status=405).json["errno"] == 115
    alice.anonymous().get(MINE, status=401)


def test_everybody_has_one_whoever_may_create_others(serve_with: Callable[..., Client]) -> None:
    alice = serve_with(bucket_create_principals="account:admin")
    alice.put_json("/v1/buckets/b", {}, status=403)
    alice.put_json(f"{MINE}/collections/c/records/r", {}, status=201)


def test_it_is_private_and_may_be_shared(alice: Client) -> None:
    bob = alice.as_user("bob")
    alice.put_json(f"{MINE}/collections/c/records/r", {"data": {"a": 1}})
    bob.get(f"{MINE}/collections/c/records/r", status=404)
    bob.get(f"{real(alice)}/collections/c/records/r", status=403)
    alice.patch_json(MINE, {"permissions": {"read": [bob.get("/v1/").json["user"]["id"]]}})
    assert bob.get(f"{real(alice)}/collections/c/records/r").json["data"]["a"] == 1


def test_who_gave_it_away_gets_no_collection_in_it(alice: Client) -> None:
    alice.get(MINE)
    permission = alice.parts.permission
    assert permission is not None
    permission.replace(real(alice)[3:], {"write": frozenset({"basicauth:bob"})})
    alice.get(f"{MINE}/collections/c", status=403)
    alice.get(MINE, status=403)


def test_schemas_hold_in_it(serve_with: Callable[..., Client]) -> None:
    alice = serve_with(json_schema_validation="true")
    alice.put_json(f"{MINE}/collections/c", {"data": {"schema": {"required": ["title"]}}})
    assert alice.post_json(f"{MINE}/collections/c/records", {"data": {}}, status=400).json["errno"] == 107
    made = alice.post_json(f"{MINE}/collections/c/records", {"data": {"title": "x"}}).json["data"]
    assert made["schema"] == alice.get(f"{MINE}/collections/c").json["data"]["last_modified"]


def test_a_batch_keeps_the_paths_and_is_one_transaction(alice: Client) -> None:
    record = "/buckets/default/collections/c/records/r"
    requests: list[dict[str, Any]] = [
        {"method": "PUT", "path": record, "body": {"data": {"a": 1}}},
        {"path": "/v1/buckets/default/collections/c/records?_limit=5"},
        {"path": "/buckets/default"},
        {"path": "/buckets/default/groups/missing"},
    ]
    answers = alice.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [one["status"] for one in answers] == [201, 200, 200, 404]
    assert [one["path"] for one in answers] == [
        f"/v1{record}",
        "/v1/buckets/default/collections/c/records",
        "/v1/buckets/default",
        "/v1/buckets/default/groups/missing",
    ]
    assert answers[1]["body"]["data"][0]["a"] == 1
    assert answers[2]["body"]["data"]["id"] == real(alice).rpartition("/")[2]


def test_a_batch_that_is_undone_leaves_no_bucket(alice: Client) -> None:
    paths = {"PUT": "/buckets/default/collections/c", "DELETE": "/buckets/default/groups/missing"}
    requests = [{"method": method, "path": path} for method, path in paths.items()]
    alice.post_json("/v1/batch", {"requests": requests, "atomic": True}, status=409)
    alice.get(real(alice), status=403)


def test_a_batch_that_only_reads_is_undone_too(alice: Client) -> None:
    requests = [{"path": "/buckets/default/collections/c"}, {"path": "/buckets/default/groups/missing"}]
    alice.post_json("/v1/batch", {"requests": requests, "atomic": True}, status=409)
    alice.get(real(alice), status=403)


def test_first_requests_at_the_same_time_make_one_bucket(alice: Client) -> None:
    def first(number: int) -> int:
        """The worst status of one of three kinds of requests."""
        person = alice.as_user("alice")
        if number % 3 == 0:
            return int(person.get(MINE, expect_errors=True).status_int)
        if number % 3 == 1:
            path = f"{MINE}/collections/c{number % 2}/records/r{number}"
            return int(person.put_json(path, {"data": {"n": number}}, expect_errors=True).status_int)
        paths = [
            f"/buckets/default/collections/{name}/records/r{number}"
            for name in (("c0", "c1") if number % 2 else ("c1", "c0"))
        ]
        batch = {"requests": [{"method": "PUT", "path": path} for path in paths]}
        answer = person.post_json("/v1/batch", batch, expect_errors=True)
        return max(map(int, [answer.status_int, *(one["status"] for one in answer.json.get("responses", []))]))

    with ThreadPoolExecutor(8) as threads:
        statuses = set(threads.map(first, range(42)))
    assert statuses <= {200, 201}
    assert len(alice.get("/v1/buckets").json["data"]) == 1
    assert len(alice.get(f"{MINE}/collections").json["data"]) == 2
    created = [uri for action, uri, _ in told(alice) if action == "create" and "records" not in uri]
    assert len(created) == len(set(created)) == 3


def test_the_service_says_that_there_is_one(alice: Client) -> None:
    assert alice.get("/v1/").json["capabilities"]["default_bucket"]["description"]
