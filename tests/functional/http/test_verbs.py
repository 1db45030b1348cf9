"""Every verb of a resource, with the headers of its answer, on every storage."""

from __future__ import annotations

import uuid
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from cliquet.testing.app import Client

NOTES = "/v1/notes"
MERGE = {"Content-Type": "application/merge-patch+json"}
JSON_PATCH = {"Content-Type": "application/json-patch+json;charset=utf-8"}


def create(app: Client, path: str = NOTES, **fields: Any) -> dict[str, Any]:
    data: dict[str, Any] = app.post_json(path, {"data": fields}, status=201).json["data"]
    return data


def dated(response: Any, timestamp: int) -> None:
    """The two headers that tell a time in ms."""
    assert response.headers["ETag"] == f'"{timestamp}"'
    assert parsedate_to_datetime(response.headers["Last-Modified"]).timestamp() == timestamp // 1000


def test_post_creates_a_record_and_dates_it(app: Client) -> None:
    response = app.post_json(NOTES, {"data": {"text": "é \U0001f600", "n": 2**63 - 1}}, status=201)
    made = response.json["data"]
    assert made["text"] == "é \U0001f600"
    assert made["n"] == 2**63 - 1
    dated(response, made["last_modified"])
    assert response.content_type == "application/json"
    assert "Cache-Control" not in response.headers


def test_post_of_an_id_in_use_answers_what_is_there(app: Client) -> None:
    made = create(app, text="first")
    response = app.post_json(NOTES, {"data": {"id": made["id"], "text": "second"}}, status=200)
    assert response.json["data"] == made
    dated(response, made["last_modified"])


def test_post_without_data_creates_an_empty_record_where_the_schema_asks_nothing(app: Client) -> None:
    assert app.post("/v1/psilos", status=201).json["data"]["name"] == "Unknown"
    assert app.post_json("/v1/psilos", {}, status=201).json["data"]["size"] == -1
    assert "data is missing" in app.post_json("/v1/mushrooms", {}, status=400).json["message"]


def test_get_and_head_of_a_record_have_the_same_headers(app: Client) -> None:
    made = create(app, text="déjà")
    got, head = app.get(f"{NOTES}/{made['id']}"), app.head(f"{NOTES}/{made['id']}")
    assert got.json == {"data": made}
    assert head.body == b""
    assert dict(got.headers) == dict(head.headers)
    assert got.headers["Content-Length"] == str(len(got.body))
    assert got.headers["Cache-Control"] == "no-cache, no-store"
    dated(got, made["last_modified"])


def test_a_list_is_newest_first_and_has_no_totals(app: Client) -> None:
    first, second = create(app, n=1), create(app, n=2)
    response = app.get(NOTES)
    assert response.json["data"] == [second, first]
    assert response.headers["Cache-Control"] == "no-cache, no-store"
    assert not {"Total-Records", "Total-Objects", "Next-Page"} & set(response.headers)
    dated(response, second["last_modified"])


def test_head_of_a_list_counts_live_records_whatever_the_page(app: Client) -> None:
    for n in range(3):
        create(app, n=n)
    gone = create(app, n=4)
    app.delete(f"{NOTES}/{gone['id']}")
    response = app.head(f"{NOTES}?_limit=1&_since=0")
    assert response.headers["Total-Records"] == response.headers["Total-Objects"] == "3"
    assert response.body == b""
    assert response.headers["ETag"] == app.get(NOTES).headers["ETag"]
    assert app.head(f"{NOTES}?min_n=1").headers["Total-Records"] == "2"


def test_put_creates_then_replaces(app: Client) -> None:
    path = f"{NOTES}/{uuid.uuid4()}"
    created = app.put_json(path, {"data": {"a": 1}}, status=201)
    dated(created, created.json["data"]["last_modified"])
    replaced = app.put_json(path, {"data": {"b": 2}}, status=200)
    dated(replaced, replaced.json["data"]["last_modified"])
    assert set(replaced.json["data"]) == {"id", "last_modified", "b"}
    again = app.put_json(path, {"data": {"b": 2}}, status=200)
    assert again.json["data"]["last_modified"] > replaced.json["data"]["last_modified"]


def test_patch_merges_the_first_level(app: Client) -> None:
    made = create(app, a={"b": 1}, c=2)
    response = app.patch_json(f"{NOTES}/{made['id']}", {"data": {"a": {"d": None}}})
    assert response.json["data"]["a"] == {"d": None}
    assert response.json["data"]["c"] == 2
    dated(response, response.json["data"]["last_modified"])


def test_patch_that_changes_nothing_keeps_the_timestamp(app: Client) -> None:
    made = create(app, a={"b": 1})
    response = app.patch_json(f"{NOTES}/{made['id']}", {"data": {"a": {"b": 1}}})
    assert response.json["data"] == made
    dated(app.get(NOTES), made["last_modified"])


def test_merge_patch_removes_with_null(app: Client) -> None:
    made = create(app, a={"b": 1, "c": 2}, d=3)
    patched = app.patch_json(f"{NOTES}/{made['id']}", {"data": {"a": {"b": None}, "d": None}}, headers=MERGE)
    assert {k: v for k, v in patched.json["data"].items() if k not in ("id", "last_modified")} == {"a": {"c": 2}}


def test_json_patch_does_operations_in_order(app: Client) -> None:
    made = create(app, tags=["a"], n=1)
    path = f"{NOTES}/{made['id']}"
    operations = [
        {"op": "test", "path": "/data/n", "value": 1},
        {"op": "add", "path": "/data/tags/-", "value": "b"},
        {"op": "move", "from": "/data/n", "path": "/data/m"},
    ]
    patched = app.patch_json(path, operations, headers=JSON_PATCH).json["data"]
    assert (patched["tags"], patched["m"]) == (["a", "b"], 1)
    assert "n" not in patched
    failed = app.patch_json(path, operations, headers=JSON_PATCH, status=400)
    assert "JSON Patch operation failed" in failed.json["message"]
    assert app.get(path).json["data"] == patched


@pytest.mark.parametrize("method", ["get", "head", "patch_json", "delete"])
def test_a_record_that_is_not_there_is_a_404(app: Client, method: str) -> None:
    missing = str(uuid.uuid4())
    arguments: dict[str, Any] = {"params": {"data": {}}} if method == "patch_json" else {}
    response = getattr(app, method)(f"{NOTES}/{missing}", status=404, **arguments)
    if method != "head":
        details = {"id": missing, "resource_name": "note"}
        assert response.json == {"code": 404, "errno": 110, "error": "Not Found", "details": details}


def test_delete_leaves_a_tombstone(app: Client) -> None:
    made = create(app, a=1)
    response = app.delete(f"{NOTES}/{made['id']}")
    tombstone = response.json["data"]
    assert tombstone == {"id": made["id"], "last_modified": tombstone["last_modified"], "deleted": True}
    assert tombstone["last_modified"] > made["last_modified"]
    dated(response, tombstone["last_modified"])
    assert app.get(NOTES).json["data"] == []
    assert app.get(f'{NOTES}?_since="{made["last_modified"]}"').json["data"] == [tombstone]
    app.delete(f"{NOTES}/{made['id']}", status=404)


def test_delete_takes_a_body_and_a_time(app: Client) -> None:
    made = create(app, a=1)
    wanted = made["last_modified"] + 1000
    response = app.delete_json(f'{NOTES}/{made["id"]}?last_modified="{wanted}"', {})
    assert response.json["data"]["last_modified"] == wanted
    again = create(app, a=1)
    refused = app.delete(f"{NOTES}/{again['id']}?last_modified=soon", status=400)
    assert refused.json["details"][0]["name"] == "last_modified"


def test_put_over_a_tombstone_creates(app: Client) -> None:
    made = create(app, a=1)
    app.delete(f"{NOTES}/{made['id']}")
    app.put_json(f"{NOTES}/{made['id']}", {"data": {}}, headers={"If-None-Match": "*"}, status=201)
    assert [one.get("deleted") for one in app.get(f"{NOTES}?_since=0").json["data"]] == [None]


def test_delete_of_a_list_deletes_the_page_it_answers(app: Client) -> None:
    made = [create(app, n=n) for n in range(5)]
    response = app.delete(f"{NOTES}?_sort=n&_limit=2&min_n=1")
    assert [one["id"] for one in response.json["data"]] == [made[1]["id"], made[2]["id"]]
    dated(response, max(one["last_modified"] for one in response.json["data"]))
    following = app.delete(response.headers["Next-Page"])
    assert [one["id"] for one in following.json["data"]] == [made[3]["id"], made[4]["id"]]
    assert "Next-Page" not in following.headers
    assert [one["n"] for one in app.get(NOTES).json["data"]] == [0]
    nothing = app.delete(f"{NOTES}?n=99")
    assert nothing.json["data"] == []
    assert nothing.headers["ETag"] == app.get(NOTES).headers["ETag"]


def test_pages_lead_to_every_record_once(app: Client) -> None:
    for n in range(7):
        create(app, n=n % 2)
    url, seen = f"{NOTES}?_sort=n&_limit=3&_fields=n", []
    while url:
        response = app.get(url)
        seen += [one["id"] for one in response.json["data"]]
        assert all(set(one) == {"id", "last_modified", "n"} for one in response.json["data"])
        url = response.headers.get("Next-Page", "")
        assert not url or url.startswith("http://localhost")
    assert len(seen) == len(set(seen)) == 7


def test_reading_writes_nothing(app: Client) -> None:
    assert app.get(NOTES).headers["ETag"] == '"0"'
    assert app.head(NOTES).headers["ETag"] == '"0"'


def test_the_users_do_not_see_each_other(app: Client) -> None:
    bob = app.as_user("bob")
    mine = create(app, a=1)
    path = f"{NOTES}/{mine['id']}"
    assert bob.get(NOTES).json == {"data": []}
    assert bob.get(NOTES).headers["ETag"] == '"0"'
    assert bob.head(NOTES).headers["Total-Records"] == "0"
    for call in (bob.get, bob.delete):
        assert call(path, status=404).json["errno"] == 110
    assert bob.delete(NOTES).json["data"] == []
    assert bob.post_json(NOTES, {"data": {"id": mine["id"], "a": 2}}, status=201).json["data"]["a"] == 2
    assert app.get(path).json["data"] == mine


def test_a_unique_value_that_is_taken_answers_its_record_or_409(app: Client) -> None:
    path = "/v1/mushrooms"
    first = create(app, path, name="Cep", latin="Boletus edulis")
    other = create(app, path, name="Fly agaric", latin="Amanita muscaria")
    assert app.post_json(path, {"data": {"name": "x", "latin": "Boletus edulis"}}, status=200).json["data"] == first
    for call in (app.patch_json, app.put_json):
        data = {"name": "Fly agaric", "latin": "Boletus edulis"}
        response = call(f"{path}/{other['id']}", {"data": data}, status=409)
        assert response.json["errno"] == 122
        assert response.json["details"] == {"field": "latin", "existing": first}
        assert response.headers["Retry-After"] == "30"
    assert app.get(f"{path}/{other['id']}").json["data"] == other
    assert app.get(path).headers["ETag"] == f'"{other["last_modified"]}"'
    bob = app.as_user("bob")
    bob.post_json(path, {"data": {"name": "Cep", "latin": "Boletus edulis"}}, status=201)


def test_a_read_only_field_keeps_its_value(app: Client) -> None:
    path = "/v1/mushrooms"
    made = create(app, path, name="Cep", origin="Finland")
    where = f"{path}/{made['id']}"
    for call in (app.patch_json, app.put_json):
        response = call(where, {"data": {"name": "Cep", "origin": "Sweden"}}, status=400)
        assert response.json["message"].endswith("Cannot modify origin")
        assert call(where, {"data": {"name": "Cep", "origin": "Finland"}}, status=200)
    assert app.put_json(where, {"data": {"name": "Penny bun"}}).json["data"]["origin"] == "Finland"


def test_the_past_can_be_imported_and_the_far_future_not(app: Client) -> None:
    assert create(app, last_modified=42)["last_modified"] == 42
    assert create(app, last_modified=None)["last_modified"] > 42
    for wrong in ("abc", 12.5, True, -1, 9_999_999_999_999_999):
        response = app.post_json(NOTES, {"data": {"last_modified": wrong}}, status=400)
        assert response.json["details"][0]["name"] == "data.last_modified"


def test_a_horizon_that_passed_is_a_410(app: Client) -> None:
    made = create(app, a=1)
    gone = app.delete(f"{NOTES}/{made['id']}").json["data"]
    create(app, a=2)
    assert app.storage.purge(gone["last_modified"] + 1) == 1
    response = app.get(f"{NOTES}?_since={made['last_modified']}", status=410)
    horizon = {"horizon": gone["last_modified"]}
    assert (response.json["errno"], response.json["error"], response.json["details"]) == (118, "Gone", horizon)
    app.head(f"{NOTES}?_since={made['last_modified']}", status=410)
    assert len(app.get(f"{NOTES}?_since={gone['last_modified']}").json["data"]) == 1


def test_some_fields_may_be_asked_for(app: Client) -> None:
    made = create(app, a={"b": 1, "c": {"d": 2, "e": 3}}, f=4)
    always = {"id": made["id"], "last_modified": made["last_modified"]}
    path = f"{NOTES}/{made['id']}"
    for names, shown in (
        ("f", {"f": 4}),
        ("a.b, a.c.d", {"a": {"b": 1, "c": {"d": 2}}}),
        ("a.b.x", {"a": {"b": 1}}),
        ("nope,f.x,", {"f": 4}),
        ("", {}),
        ("id,a.b,a", {"a": made["a"]}),
    ):
        assert app.get(f"{path}?_fields={names}").json["data"] == {**always, **shown}, names
        assert app.get(f"{NOTES}?_fields={names}").json["data"] == [{**always, **shown}], names
    patched = app.patch_json(f"{path}?_fields=f", {"data": {"f": 5}}).json["data"]
    assert set(patched) == {"id", "last_modified", "f"}
    gone = app.delete(path).json["data"]
    assert app.get(f"{NOTES}?_since=0&_fields=f").json["data"] == [gone]


def test_tombstones_are_listed_only_when_times_are_asked_for(app: Client) -> None:
    gone = app.delete(f"{NOTES}/{create(app, a=1)['id']}").json["data"]
    live = create(app, a=1)
    for query, found in (
        ("", [live]),
        ("_since=0", [live, gone]),
        ("min_last_modified=0&a=1", [live]),
        ("_since=0&deleted=true", [gone]),
        ("_since=0&not_deleted=true", [live]),
        ("deleted=true", []),
        (f"_before={live['last_modified']}", [gone]),
        ("_since=0&has_a=false", [gone]),
    ):
        assert app.get(f"{NOTES}?{query}").json["data"] == found, query
    assert app.head(f"{NOTES}?_since=0").headers["Total-Records"] == "1"
