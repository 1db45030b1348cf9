"""``/permissions``: which entries there are, and what is in them, on each backend."""

from __future__ import annotations

from typing import Any

import pytest

import kinto
from cliquet.errors import ConfigurationError
from cliquet.testing.app import Client, make_app
from tests.functional.plugins.sharing_service import Serve, backends, library, put, user

__all__ = ["backends"]

BUCKET = "/buckets/b"
COLLECTION = f"{BUCKET}/collections/c"
RECORD = f"{COLLECTION}/records/r"


def store(settings: dict[str, Any], serve: Serve, **more: Any) -> Client:
    """The generic store, used by alice."""
    given = {"project_name": "kinto", "includes": "cliquet.plugins.permissions_endpoint"}
    return serve(kinto.main(None, **{**settings, **given, **more}))


def listed(app: Client, query: str = "") -> list[dict[str, Any]]:
    """The entries of somebody, page by page."""
    found: list[dict[str, Any]] = []
    url = f"/v1/permissions?{query}"
    while url:
        response = app.get(url)
        found += response.json["data"]
        url = response.headers.get("Next-Page", "").removeprefix("http://localhost")
    return found


def held(app: Client, query: str = "") -> dict[str, set[str]]:
    """Permissions by path."""
    entries = listed(app, query)
    found = {entry["uri"]: set(entry["permissions"]) for entry in entries}
    assert len(found) == len(entries)
    return found


def test_an_entry_says_what_one_may_do_with_one_object(backends: dict[str, Any], serve: Serve) -> None:
    alice = store(backends, serve)
    for path in (BUCKET, COLLECTION, f"{BUCKET}/groups/g", RECORD):
        put(alice, path)
    by_uri = {entry.pop("uri"): entry for entry in listed(alice)}
    for entry in by_uri.values():
        entry["permissions"].sort()
    attributes = ["read", "read:attributes"]
    assert by_uri == {
        "/": {"resource_name": "root", "permissions": ["bucket:create"]},
        BUCKET: {
            "resource_name": "bucket",
            "id": "b",
            "bucket_id": "b",
            "permissions": ["collection:create", "group:create", *attributes, "write"],
        },
        COLLECTION: {
            "resource_name": "collection",
            "id": "c",
            "bucket_id": "b",
            "collection_id": "c",
            "permissions": [*attributes, "record:create", "write"],
        },
        f"{BUCKET}/groups/g": {
            "resource_name": "group",
            "id": "g",
            "bucket_id": "b",
            "group_id": "g",
            "permissions": ["read", "write"],
        },
        RECORD: {
            "resource_name": "record",
            "id": "r",
            "bucket_id": "b",
            "collection_id": "c",
            "record_id": "r",
            "permissions": ["read", "write"],
        },
    }


def test_what_is_shared_with_somebody_is_listed_and_nothing_else(backends: dict[str, Any], serve: Serve) -> None:
    alice = store(backends, serve, bucket_create_principals=user(make_app()))
    bob = alice.as_user("bob")
    put(alice, BUCKET, collection__create=["system.Authenticated"])
    put(alice, f"{BUCKET}/groups/g", {"members": [user(bob)]})
    put(alice, COLLECTION, record__create=[f"{BUCKET}/groups/g"], read=[user(bob)])
    put(alice, RECORD, read=["system.Everyone"])
    put(alice, f"{COLLECTION}/records/mine")
    put(alice, "/buckets/b-1", read=["basicauth:somebody"])
    assert held(bob) == {
        BUCKET: {"collection:create", "read:attributes"},
        COLLECTION: {"read", "read:attributes", "record:create"},
        RECORD: {"read"},
    }
    assert held(alice.anonymous()) == {RECORD: {"read"}}
    assert held(alice.as_user("carol")) == {BUCKET: {"collection:create", "read:attributes"}, RECORD: {"read"}}


def test_what_is_gone_is_not_listed(backends: dict[str, Any], serve: Serve) -> None:
    alice = store(backends, serve, bucket_create_principals=user(make_app()))
    bob = alice.as_user("bob")
    put(alice, BUCKET)
    put(alice, f"{BUCKET}/groups/g", {"members": [user(bob)]})
    put(alice, COLLECTION, read=[f"{BUCKET}/groups/g"])
    put(alice, RECORD, read=[user(bob)])
    assert set(held(bob)) == {COLLECTION, RECORD}
    alice.delete(f"/v1{BUCKET}/groups/g")
    assert set(held(bob)) == {RECORD}
    alice.delete(f"/v1{COLLECTION}")
    assert held(bob) == {}
    assert set(held(alice)) == {"/", BUCKET}


def test_settings_list_all_records_of_a_resource(backends: dict[str, Any], serve: Serve) -> None:
    carol = user(make_app().as_user("carol"))
    more = {"bucket_write_principals": carol, "record_create_principals": carol, "group_read_principals": carol}
    alice = store(backends, serve, **more)
    for bucket in ("/buckets/b", "/buckets/b-1", "/buckets/c"):
        put(alice, bucket)
        for below in ("collections/x", "collections/x-", "groups/g", "collections/x/records/r"):
            put(alice, f"{bucket}/{below}")
    alice.delete("/v1/buckets/c")
    put(alice, "/buckets/b/groups/g", write=[carol])
    by_carol = held(alice.as_user("carol"), "_limit=2")
    whole = {"write", "read", "read:attributes", "collection:create", "group:create"}
    assert by_carol == {
        "/": {"bucket:create"},
        **dict.fromkeys(("/buckets/b", "/buckets/b-1"), whole),
        **{f"{one}/collections/{name}": {"record:create", "read:attributes"} for one in _BOTH for name in ("x", "x-")},
        "/buckets/b/groups/g": {"read", "write"},
        "/buckets/b-1/groups/g": {"read"},
    }
    assert list(by_carol) == sorted(by_carol, reverse=True)


_BOTH = ("/buckets/b", "/buckets/b-1")


def test_settings_may_name_a_group(backends: dict[str, Any], serve: Serve) -> None:
    more = {"shelf_read_principals": "/teams/readers", "oldshelf_create_principals": "/teams/readers"}
    alice = library(backends, serve, "permissions_endpoint", **more)
    bob = alice.as_user("bob")
    put(alice, "/teams/readers", {"members": [user(bob)]})
    put(alice, "/api/shelves/s")
    assert held(bob) == {
        "/": {"shelf:create", "team:create", "oldshelf:create"},
        "/api/shelves/s": {"read", "read:attributes"},
    }
    assert held(alice.as_user("carol")) == {"/": {"shelf:create", "team:create"}}


def test_resources_with_lists_of_one_name_are_told_apart(backends: dict[str, Any], serve: Serve) -> None:
    alice = library(backends, serve, "permissions_endpoint", book_read_principals="system.Everyone")
    put(alice, "/api/shelves/a")
    put(alice, "/old/shelves/a")
    put(alice, "/api/shelves/a/shelves/b")
    put(alice, "/api/shelves/a/books/b", borrow=["system.Everyone"])
    entries = {entry["uri"]: entry for entry in listed(alice)}
    assert {uri: entry["resource_name"] for uri, entry in entries.items()} == {
        "/": "root",
        "/api/shelves/a": "shelf",
        "/old/shelves/a": "oldshelf",
        "/api/shelves/a/shelves/b": "compartment",
        "/api/shelves/a/books/b": "book",
    }
    assert entries["/api/shelves/a/shelves/b"]["compartment_id"] == "b"
    assert entries["/api/shelves/a/shelves/b"]["shelf_id"] == "a"
    for name, uri in {"oldshelf": "/old/shelves/a", "compartment": "/api/shelves/a/shelves/b"}.items():
        assert set(held(alice, f"resource_name={name}")) == {uri}
    assert held(alice.as_user("bob"), "resource_name=book") == {"/api/shelves/a/books/b": {"read", "borrow"}}


def test_aces_on_what_is_no_record_are_passed_over(backends: dict[str, Any], serve: Serve) -> None:
    alice = library(backends, serve, "permissions_endpoint")
    permission = alice.parts.permission
    assert permission is not None
    for uri in ("/x/1", "/elsewhere/shelves/1", "/api/shelves/1/2", "/api/shelves//books/b", "/"):
        permission.grant(uri, "read", "system.Everyone")
    assert held(alice.anonymous()) == {}
    assert alice.anonymous().head("/v1/permissions").headers["Total-Records"] == "0"


def test_there_are_no_times() -> None:
    alice = make_app({"permission_backend": "cliquet.permission.memory", "includes": NAME})
    response = alice.get("/v1/permissions")
    assert response.headers["ETag"] == '"0"'
    assert response.headers["Cache-Control"] == "no-cache, no-store"
    for headers in ({"If-None-Match": '"0"'}, {"If-Match": '"1"'}, {"If-None-Match": "*"}):
        assert alice.get("/v1/permissions", headers=headers).json == response.json
    alice.get("/v1/permissions", headers={"If-Match": "nope"}, status=400)


NAME = "cliquet.plugins.permissions_endpoint"


def test_it_is_announced_and_reads_only() -> None:
    alice = make_app({"permission_backend": "cliquet.permission.memory", "includes": NAME})
    assert set(alice.get("/v1/").json["capabilities"]["permissions_endpoint"]) == {"description", "url"}
    for method in ("post_json", "put_json", "patch_json"):
        assert getattr(alice, method)("/v1/permissions", {}, status=405).json["errno"] == 115
    alice.delete("/v1/permissions", status=405)
    alice.get("/v1/permissions/x", status=404)
    assert "/permissions" in alice.get("/v1/__api__").json["paths"]


def test_a_setting_says_who_may_read_it() -> None:
    settings = {"permission_backend": "cliquet.permission.memory", "includes": NAME}
    alice = make_app({**settings, "permissions_read_principals": user(make_app())})
    alice.get("/v1/permissions")
    assert alice.as_user("bob").get("/v1/permissions", status=403).json["errno"] == 121
    assert alice.anonymous().get("/v1/permissions", status=401).json["errno"] == 104


def test_it_needs_permissions() -> None:
    with pytest.raises(ConfigurationError, match="'permission_backend' is missing"):
        make_app({"includes": NAME})
