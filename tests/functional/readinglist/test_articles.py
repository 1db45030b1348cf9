"""The fields of an article, and what becomes of them."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from cliquet.testing.app import Client

ARTICLES = "/v1/articles"
MDN: dict[str, Any] = {"title": "MDN", "url": "https://developer.mozilla.org/", "added_by": "laptop"}


def add(app: Client, **fields: Any) -> dict[str, Any]:
    data: dict[str, Any] = app.post_json(ARTICLES, {"data": {**MDN, **fields}}, status=201).json["data"]
    return data


def refused(app: Client, **fields: Any) -> str:
    """The field that is at fault when an article is added."""
    response = app.post_json(ARTICLES, {"data": {**MDN, **fields}}, status=400)
    assert response.json["errno"] == 107
    return str(response.json["details"][0]["name"])


def test_an_article_has_every_field(app: Client) -> None:
    before = int(time.time() * 1000)
    article = add(app)
    after = int(time.time() * 1000)
    assert before <= article["stored_on"] <= after
    assert before <= article["added_on"] <= after
    del article["id"], article["last_modified"], article["stored_on"], article["added_on"]
    assert article == {
        **MDN,
        "preview": None,
        "archived": False,
        "favorite": False,
        "unread": True,
        "is_article": True,
        "excerpt": "",
        "read_position": 0,
        "marked_read_by": None,
        "marked_read_on": None,
        "word_count": None,
        "resolved_url": MDN["url"],
        "resolved_title": "MDN",
    }


def test_three_fields_are_required(app: Client) -> None:
    response = app.post_json(ARTICLES, {"data": {}}, status=400)
    assert {one["name"] for one in response.json["details"]} == {"data.title", "data.url", "data.added_by"}
    assert {one["description"] for one in response.json["details"]} == {"Required"}


def test_unknown_fields_are_dropped(app: Client) -> None:
    assert "colour" not in add(app, colour="red")


def test_an_article_cannot_be_put(app: Client) -> None:
    article = add(app)
    response = app.put_json(f"{ARTICLES}/{article['id']}", {"data": MDN}, status=405)
    assert response.json["errno"] == 115
    assert set(response.headers["Allow"].split(", ")) - {"OPTIONS"} == {"GET", "HEAD", "PATCH", "DELETE"}


@pytest.mark.parametrize(
    ("field", "sent", "stored"),
    [
        ("url", "  http://a.example/x?y#z  ", "http://a.example/x?y#z"),
        ("url", "ftp://a.example/x", "ftp://a.example/x"),
        ("title", "  blanks around ", "blanks around"),
        ("title", "", ""),
        ("title", "   ", ""),
        ("title", None, None),
        ("title", "é" * 2000, "é" * 1024),
        ("added_by", " phone ", "phone"),
        ("added_on", 1234, 1234),
        ("added_on", None, None),
        ("preview", "", None),
        ("preview", "http://a.example/p", "http://a.example/p"),
        ("archived", "false", False),
        ("archived", "0", False),
        ("archived", 0, False),
        ("favorite", "true", True),
        ("unread", False, False),
        ("is_article", False, False),
        ("excerpt", None, ""),
        ("excerpt", "x" * 50_000, "x" * 50_000),
        ("read_position", 3.9, 3),
        ("read_position", None, 0),
        ("word_count", 12, 12),
        ("word_count", None, None),
        ("marked_read_by", "", None),
        ("marked_read_by", "tablet", "tablet"),
        ("marked_read_on", 99, 99),
        ("resolved_title", None, "MDN"),
        ("resolved_title", "  ", ""),
        ("resolved_url", None, MDN["url"]),
        ("resolved_url", "http://a.example/r", "http://a.example/r"),
    ],
)
def test_a_value_is_stored_as_its_field_wants(app: Client, field: str, sent: Any, stored: Any) -> None:
    article = add(app, **{field: sent})
    assert article[field] == stored
    assert app.get(f"{ARTICLES}/{article['id']}").json["data"] == article


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("url", ""), ("url", "  "), ("url", "no address"), ("url", "http://a.example/" + "x" * 2048), ("url", None),
        ("url", 5), ("url", ["http://a.example"]), ("title", 5), ("title", ["a"]), ("title", {}), ("added_by", ""),
        ("added_by", "  "), ("added_by", None), ("added_by", []), ("added_on", "yesterday"), ("added_on", True),
        ("archived", "no"), ("archived", "perhaps"), ("archived", 2), ("archived", []), ("unread", {}), ("excerpt",
        ["x"]),
        ("read_position", -1), ("read_position", "far"), ("read_position", 1e30), ("word_count", "many"),
        ("marked_read_by", "  "), ("marked_read_on", []), ("read_position", []), ("resolved_url", "x y"), ("preview",
        7),
    ],
)  # fmt: skip
def test_a_value_that_its_field_does_not_take_is_refused_by_name(app: Client, field: str, sent: Any) -> None:
    assert refused(app, **{field: sent}) == f"data.{field}"


def test_stored_on_is_the_servers(app: Client) -> None:
    article = add(app, stored_on=5)
    assert article["stored_on"] > 5
    path = f"{ARTICLES}/{article['id']}"
    response = app.patch_json(path, {"data": {"stored_on": 5}}, status=400)
    assert response.json["message"].endswith("Cannot modify stored_on")
    app.patch_json(path, {"data": {"stored_on": article["stored_on"]}}, status=200)


def test_the_address_cannot_be_changed(app: Client) -> None:
    article = add(app)
    path = f"{ARTICLES}/{article['id']}"
    response = app.patch_json(path, {"data": {"url": "http://b.example"}}, status=400)
    assert response.json["message"].endswith("Cannot modify url")
    app.patch_json(path, {"data": {"url": MDN["url"]}}, status=200)


def test_filters_know_the_fields(app: Client) -> None:
    first, second = add(app, title="1"), add(app, title="b", url="http://b.example", read_position=10)
    for query, found in (
        ("title=1", [first]),
        ("min_read_position=1", [second]),
        ("unread=true", [second, first]),
        ("unread=false", []),
        ("like_url=mozilla", [first]),
        ("_sort=title", [first, second]),
        ("_sort=-title&_limit=1", [second]),
        ("marked_read_on=null", [second, first]),
    ):
        assert app.get(f"{ARTICLES}?{query}").json["data"] == found, query
    assert app.get(f"{ARTICLES}?colour=red", status=400).json["message"] == "Unknown filter field 'colour'"
    app.get(f"{ARTICLES}?unread=perhaps", status=400)
    assert app.get(f"{ARTICLES}?_fields=title&title=b").json["data"] == [
        {"id": second["id"], "last_modified": second["last_modified"], "title": "b"}
    ]


def test_pages_have_a_hundred_articles(app: Client) -> None:
    parts = [{"body": {"data": {**MDN, "url": f"http://a.example/{n}"}}} for n in range(101)]
    for start in range(0, 101, 25):
        defaults = {"method": "POST", "path": "/articles"}
        app.post_json("/v1/batch", {"defaults": defaults, "requests": parts[start : start + 25]})
    response = app.get(ARTICLES)
    assert len(response.json["data"]) == 100
    assert len(app.get(response.headers["Next-Page"]).json["data"]) == 1
    assert app.head(ARTICLES).headers["Total-Records"] == "101"


# Same addresses


@pytest.mark.parametrize("field", ["url", "resolved_url"])
def test_an_address_that_is_there_answers_its_article(app: Client, field: str) -> None:
    first = add(app, resolved_url="http://r.example/")
    other = {**MDN, "url": "http://other.example", "title": "Other", field: first[field]}
    response = app.post_json(ARTICLES, {"data": other}, status=200)
    assert response.json["data"] == first
    assert len(app.get(ARTICLES).json["data"]) == 1


def test_the_fragment_is_part_of_the_address(app: Client) -> None:
    add(app)
    add(app, url=MDN["url"] + "#top")


def test_a_deleted_address_may_be_added_again(app: Client) -> None:
    article = add(app)
    app.delete(f"{ARTICLES}/{article['id']}")
    assert add(app)["id"] != article["id"]


def test_addresses_are_unique_for_each_reader(app: Client) -> None:
    add(app)
    add(app.as_user("bob"))


def test_a_change_to_an_address_that_is_taken_is_a_409(app: Client) -> None:
    first = add(app)
    second = add(app, url="http://b.example")
    path = f"{ARTICLES}/{second['id']}"
    response = app.patch_json(path, {"data": {"resolved_url": MDN["url"]}}, status=409)
    assert response.json["details"] == {"field": "resolved_url", "existing": first}
    assert app.get(path).json["data"] == second


def test_a_repeated_creation_of_an_id_is_harmless(app: Client) -> None:
    article = add(app)
    again = {**MDN, "id": article["id"], "title": "Other", "url": "http://b.example"}
    assert app.post_json(ARTICLES, {"data": again}, status=200).json["data"] == article
    app.post_json(ARTICLES, {"data": again}, headers={"If-None-Match": "*"}, status=412)


def test_two_devices_that_add_one_article_share_it_in_a_batch(app: Client) -> None:
    part = {"method": "POST", "path": "/articles", "body": {"data": MDN}}
    found = app.post_json("/v1/batch", {"requests": [part, part]}).json["responses"]
    assert [one["status"] for one in found] == [201, 200]
    assert found[0]["body"] == found[1]["body"]
    assert json.loads(app.get(ARTICLES).text)["data"] == [found[0]["body"]["data"]]
