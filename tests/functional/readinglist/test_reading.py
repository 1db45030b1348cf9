"""The rules of reading: the position goes forward, and the first device that read an article is remembered."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.testing.app import Client

ARTICLES = "/v1/articles"
READ: dict[str, Any] = {"unread": False, "marked_read_by": "phone", "marked_read_on": 1234}


def add(app: Client, **fields: Any) -> str:
    """The path of a new article."""
    data = {"title": "MDN", "url": "https://developer.mozilla.org/", "added_by": "laptop", **fields}
    return f"{ARTICLES}/{app.post_json(ARTICLES, {'data': data}, status=201).json['data']['id']}"


def change(app: Client, path: str, behavior: str = "full", **fields: Any) -> dict[str, Any]:
    """The answer to a change."""
    headers = {"Response-Behavior": behavior}
    data: dict[str, Any] = app.patch_json(path, {"data": fields}, headers=headers).json["data"]
    return data


def stored(app: Client, path: str) -> dict[str, Any]:
    data: dict[str, Any] = app.get(path).json["data"]
    return data


def test_the_position_goes_forward_only(app: Client) -> None:
    path = add(app)
    assert change(app, path, read_position=42)["read_position"] == 42
    before = stored(app, path)
    assert change(app, path, read_position=41) == before
    assert change(app, path, read_position=43)["read_position"] == 43


@pytest.mark.parametrize("device", [{"marked_read_by": "phone"}, {"marked_read_on": 1}])
def test_reading_takes_a_device_or_a_time(app: Client, device: dict[str, Any]) -> None:
    path = add(app)
    response = app.patch_json(path, {"data": {"unread": False}}, status=400)
    assert response.json["details"][0]["name"] == "data.unread"
    assert "marked_read_by" in response.json["message"]
    assert change(app, path, unread=False, **device)["unread"] is False


def test_a_device_that_was_marked_before_counts(app: Client) -> None:
    path = add(app)
    assert change(app, path, marked_read_by="phone")["unread"] is True
    assert change(app, path, unread=False)["marked_read_by"] == "phone"


def test_an_article_may_be_added_as_read_without_a_device(app: Client) -> None:
    assert stored(app, add(app, unread=False))["marked_read_by"] is None


def test_the_first_device_that_read_wins(app: Client) -> None:
    path = add(app)
    first = change(app, path, **READ)
    assert change(app, path, unread=False, marked_read_by="tablet", marked_read_on=5678) == first
    assert change(app, path, marked_read_by="tablet", favorite=True)["marked_read_by"] == "phone"
    assert app.get(ARTICLES).json["data"][0]["last_modified"] > first["last_modified"]


def test_unread_again_forgets_who_read_it_and_how_far(app: Client) -> None:
    path = add(app)
    change(app, path, read_position=42, **READ)
    fresh = change(app, path, unread=True, read_position=50, marked_read_by="tablet", marked_read_on=5678)
    assert (fresh["marked_read_by"], fresh["marked_read_on"], fresh["read_position"]) == (None, None, 0)
    assert change(app, path, unread=True, read_position=7)["read_position"] == 7
    assert change(app, path, **{**READ, "marked_read_by": "tablet"})["marked_read_by"] == "tablet"


def test_null_takes_the_resolved_title_and_address_back_to_the_original(app: Client) -> None:
    path = add(app, resolved_title="Resolved", resolved_url="http://r.example")
    back = change(app, path, resolved_title=None, resolved_url=None)
    assert (back["resolved_title"], back["resolved_url"]) == (back["title"], back["url"])


def test_a_new_title_leaves_the_resolved_one(app: Client) -> None:
    path = add(app)
    assert change(app, path, title="New")["resolved_title"] == "MDN"


def test_who_added_it_and_when_may_be_mended(app: Client) -> None:
    path = add(app)
    mended = change(app, path, added_by="tablet", added_on=5)
    assert (mended["added_by"], mended["added_on"]) == ("tablet", 5)


def test_an_update_is_validated_as_a_whole(app: Client) -> None:
    path = add(app)
    for fields in ({"added_by": ""}, {"title": 5}, {"read_position": -1}, {"url": None}):
        app.patch_json(path, {"data": fields}, status=400)
    headers = {"Content-Type": "application/json-patch+json"}
    app.patch_json(path, [{"op": "remove", "path": "/data/title"}], headers=headers, status=400)


# What the first reading list did not do


def test_a_change_without_data_is_refused(app: Client) -> None:
    path = add(app)
    for body in ({"archived": True}, {}):
        assert "data" in app.patch_json(path, body, status=400).json["message"]
    assert app.patch(path, b"", headers={"Content-Type": "application/json"}, status=400)
    assert stored(app, path)["archived"] is False


def test_diff_tells_what_the_server_did_not_do_or_did_besides(app: Client) -> None:
    path = add(app)
    change(app, path, read_position=42, **READ)
    assert change(app, path, "diff", read_position=41) == {"read_position": 42}
    assert change(app, path, "diff", marked_read_by="tablet", favorite=True) == {"marked_read_by": "phone"}
    assert change(app, path, "diff", unread=True) == {
        "marked_read_by": None,
        "marked_read_on": None,
        "read_position": 0,
    }
    assert change(app, path, "diff", title=" A ") == {"title": "A"}
    assert change(app, path, "diff", favorite=False) == {}


def test_light_tells_what_changed_and_only_that(app: Client) -> None:
    path = add(app)
    change(app, path, read_position=42, **READ)
    assert change(app, path, "light", read_position=41, archived=True, favorite=False) == {"archived": True}
    changed = change(app, path, "light", unread=True)
    assert changed == {"unread": True, "marked_read_by": None, "marked_read_on": None, "read_position": 0}


def test_a_refused_change_within_a_batch_changes_nothing(app: Client) -> None:
    path = add(app)
    parts = [{"body": {"data": {"unread": False}}}, {"body": {"data": {"archived": True}}}]
    body = {"defaults": {"method": "PATCH", "path": path}, "requests": parts}
    found = app.post_json("/v1/batch", body).json["responses"]
    assert [one["status"] for one in found] == [400, 200]
    assert (stored(app, path)["unread"], stored(app, path)["archived"]) == (True, True)
