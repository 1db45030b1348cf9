"""Filters, sorts and pages of ``/permissions`` say what plain functions say about all of its entries."""

from __future__ import annotations

import functools
from typing import Any
from urllib.parse import parse_qsl

import pytest

from cliquet.protocol.fields import Fields, FieldType
from cliquet.protocol.order import key, lookup
from cliquet.protocol.querystring import Limits, parse
from cliquet.testing.app import Client, make_app
from tests.functional.plugins.sharing_service import Serve, backends, library, put, user
from tests.functional.plugins.test_permissions_endpoint import listed

__all__ = ["backends"]

NAMES = ("shelf", "book", "oldshelf", "compartment", "team")
_TEXT = FieldType("text")
FIELDS = Fields(
    {"uri": _TEXT, "resource_name": _TEXT, "permissions": FieldType(item=_TEXT)}
    | {f"{name}_id": _TEXT for name in NAMES},
    open=False,
)
QUERIES = (
    "",
    "_sort=uri",
    "_sort=-uri",
    "_sort=id",
    "_sort=-id",
    "_sort=id,-uri",
    "_sort=-id,uri",
    "_sort=id,uri,resource_name",
    "_sort=resource_name",
    "_sort=-resource_name,id",
    "_sort=book_id,-shelf_id",
    "_sort=permissions,-uri",
    "_sort=last_modified",
    "_sort=-last_modified,id",
    "_sort=book_id,last_modified,uri",
    "resource_name=shelf",
    "in_resource_name=shelf,root",
    "exclude_resource_name=book,team",
    "exclude_resource_name=book,team&_sort=id",
    "not_resource_name=shelf&_sort=uri",
    "min_resource_name=oldshelf",
    "like_resource_name=SHELF",
    "resource_name=nothing",
    "resource_name=root",
    "shelf_id=s1",
    "shelf_id=s1&_sort=-id",
    "shelf_id=s1&book_id=b2",
    "book_id=b1",
    "not_book_id=b1",
    "in_book_id=b1,b2,",
    "has_shelf_id=false",
    "has_shelf_id=true&has_book_id=false",
    "has_id=false",
    "id=s1",
    "gt_id=b",
    "uri=/api/shelves/s1",
    "in_uri=/api/shelves/s1,/,/nope",
    "lt_uri=/api/shelves/s1/books/b2",
    "gt_uri=/api/shelves/s1/books/b2&_sort=uri",
    "like_uri=*s1-/*",
    "like_uri=s1",
    'contains_permissions=["read","write"]',
    "contains_any_permissions=borrow&_sort=id",
    "_since=5",
    "_before=5&last_modified=12",
    "in_last_modified=1,2&gt_last_modified=3",
    "team_id=t&oldshelf_id=o",
    "deleted=true",
)


@pytest.fixture(params=["aces", "aces and settings"])
def app(request: pytest.FixtureRequest, backends: dict[str, Any], serve: Serve) -> Client:
    """Bob's list, of objects of all kinds, whose names come in another order than their paths."""
    bob = user(make_app().as_user("bob"))
    settings = {"book_borrow_principals": bob, "shelf_read_principals": bob, "compartment_create_principals": bob}
    more = {name: value for name, value in settings.items() if "and" in request.param and "borrow" not in name}
    alice = library(backends, serve, "permissions_endpoint", **more)
    put(alice, "/teams/t", {"members": [bob]}, read=[bob])
    for number, shelf in enumerate(("s1", "s1-", "s10", "S1", "a")):
        path = f"/api/shelves/{shelf}"
        put(alice, path, **({"read": [bob]} if number % 2 else {"book__create": ["/teams/t"]}))
        put(alice, f"/old/shelves/{shelf}", write=["system.Authenticated"])
        for book in ("b1", "b1-", "b2"):
            put(alice, f"{path}/books/{book}", borrow=["/teams/t"], read=[bob] if number else [])
            put(alice, f"{path}/shelves/{book}", **({"read": ["system.Everyone"]} if number == 2 else {}))
    return alice.as_user("bob")


def expected(entries: list[dict[str, Any]], query: str) -> list[dict[str, Any]]:
    """What a query says about all entries; times mean nothing, and the path is the last word on every order."""
    pairs = parse_qsl(query, keep_blank_values=True)
    found = parse(pairs, FIELDS, now=10**13, limits=Limits())
    filters = [one for one in found.filters if one.field != "last_modified"]
    sorts = [part.strip() for part in dict(pairs).get("_sort", "").split(",") if part]
    sorts = sorts[: next((number for number, part in enumerate(sorts) if part.endswith("last_modified")), None)]
    descending = sorts[-1].startswith("-") if sorts else True
    keys = [(part.lstrip("-"), part.startswith("-")) for part in sorts] + [("uri", descending)]

    def compare(one: dict[str, Any], other: dict[str, Any]) -> int:
        for field, reverse in keys:
            mine, theirs = key(lookup(one, (field,))), key(lookup(other, (field,)))
            if mine != theirs:
                return -1 if (mine < theirs) is not reverse else 1
        return 0

    chosen = [entry for entry in entries if all(condition.holds(entry) for condition in filters)]
    return sorted(chosen, key=functools.cmp_to_key(compare))


def test_every_query_says_the_same_as_plain_functions(app: Client) -> None:
    entries = listed(app)
    assert len(entries) > 20
    assert "/" in {entry["uri"] for entry in entries}
    for query in QUERIES:
        wanted = expected(entries, query)
        for size in (7, 1000):
            assert listed(app, f"{query}&_limit={size}") == wanted, (query, size)
        head = app.head(f"/v1/permissions?{query}&_limit=1")
        assert head.headers["Total-Records"] == head.headers["Total-Objects"] == str(len(wanted)), query


def test_fields_select_what_is_shown(app: Client) -> None:
    assert listed(app, "_fields=uri,resource_name&uri=/api/shelves/S1") == [
        {"id": "S1", "uri": "/api/shelves/S1", "resource_name": "shelf"}
    ]
    assert listed(app, "_fields=uri&resource_name=root") == [{"uri": "/"}]
    assert len(listed(app, "_fields=uri&_limit=3&_sort=resource_name")) == len(listed(app))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("color=red", "Unknown filter field 'color'"),
        ("like_color=red", "Unknown filter field 'like_color'"),
        ("uri.x=1", "Unknown filter field 'uri.x'"),
        ("note_id=1", "Unknown filter field 'note_id'"),
        ("_sort=color", "Unknown sort field 'color'"),
        ("_fields=color", "Fields color do not exist"),
        ("_limit=0", "_limit should be an integer"),
        ("_since=null", "Invalid value for _since"),
        ("contains_id=1", "Field 'id' is not an array"),
        ("_token=nope", "_token has invalid content"),
        ("id=%00", "Invalid character 0x00"),
    ],
)
def test_what_means_nothing_is_refused(query: str, message: str) -> None:
    settings = {"permission_backend": "cliquet.permission.memory", "includes": "cliquet.plugins.permissions_endpoint"}
    for method in ("get", "head"):
        response = getattr(make_app(settings), method)(f"/v1/permissions?{query}", status=400)
    response = make_app(settings).get(f"/v1/permissions?{query}", status=400)
    assert message in response.json["message"]


def test_a_token_is_good_for_its_user_and_its_query(app: Client) -> None:
    found = app.get("/v1/permissions?_limit=2&_sort=id").headers["Next-Page"].removeprefix("http://localhost")
    assert app.get(found).json["data"]
    for other in (found.replace("_sort=id", "_sort=-id"), f"{found}&resource_name=book", f"{found}x"):
        assert app.get(other, status=400).json["message"] == "_token has invalid content"
    assert app.as_user("carol").get(found, status=400).json["errno"] == 107


def test_a_walk_goes_on_where_an_entry_is_gone(app: Client) -> None:
    whole = [entry["uri"] for entry in listed(app)]
    page = app.get("/v1/permissions?_limit=3")
    alice = app.as_user("alice")
    last = page.json["data"][-1]["uri"]
    alice.delete(f"/v1{last}")
    rest = app.get(f"{page.headers['Next-Page'].removeprefix('http://localhost')}&_fields=uri").json["data"]
    assert [entry["uri"] for entry in rest] == whole[3:6]
