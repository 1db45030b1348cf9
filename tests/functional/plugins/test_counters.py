"""``/__counters__``: numbers, for those whom a setting names."""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator

import cliquet
from cliquet.errors import ConfigurationError
from cliquet.testing.app import Client, make_app
from tests.functional.plugins.sharing_service import Serve, library, put, user


def counting(settings: dict[str, Any], serve: Serve, **more: Any) -> Client:
    return library(settings, serve, "counters", counters_read_principals=user(make_app()), **more)


def test_records_and_tombstones_are_counted_by_resource(sharing_settings: dict[str, Any], serve: Serve) -> None:
    alice = counting(sharing_settings, serve)
    assert alice.get("/v1/__counters__").json == {"objects": {}, "tombstones": {}}
    for shelf in ("a", "b", "c"):
        put(alice, f"/api/shelves/{shelf}")
        put(alice, f"/api/shelves/{shelf}/books/b")
    put(alice.as_user("bob"), "/notes/n")
    alice.as_user("bob").delete("/v1/notes/n")
    alice.delete("/v1/api/shelves/a/books/b")
    alice.delete("/v1/api/shelves/c")
    assert alice.get("/v1/__counters__").json == {
        "objects": {"shelf": 2, "book": 1},
        "tombstones": {"note": 1, "book": 1, "shelf": 1},
    }


def test_nobody_may_read_them_who_is_not_named(sharing_settings: dict[str, Any], serve: Serve) -> None:
    alice = counting(sharing_settings, serve)
    assert alice.as_user("bob").get("/v1/__counters__", status=403).json["errno"] == 121
    assert alice.anonymous().get("/v1/__counters__", status=401).json["errno"] == 104
    unset = make_app({"includes": "cliquet.plugins.counters"})
    assert unset.get("/v1/__counters__", status=403).json["errno"] == 121


def test_everybody_or_a_group_may_be_named() -> None:
    settings = {"includes": "cliquet.plugins.counters", "counters_read_principals": "system.Everyone"}
    assert make_app(settings).anonymous().get("/v1/__counters__").json == {"objects": {}, "tombstones": {}}
    settings = {**settings, "counters_read_principals": "/teams/t", "permission_backend": "cliquet.permission.memory"}
    alice = make_app(settings)
    alice.get("/v1/__counters__", status=403)
    assert alice.parts.permission is not None
    alice.parts.permission.add_member("/teams/t", user(alice))
    alice.get("/v1/__counters__")
    alice.anonymous().get("/v1/__counters__", status=401)


def test_a_group_means_nothing_without_permissions() -> None:
    settings = {"includes": "cliquet.plugins.counters", "counters_read_principals": "/teams/t"}
    make_app(settings).get("/v1/__counters__", status=403)


def test_it_is_announced_and_only_read() -> None:
    alice = make_app({"includes": "cliquet.plugins.counters"})
    assert set(alice.get("/v1/").json["capabilities"]["counters_endpoint"]) == {"description", "url"}
    alice.post_json("/v1/__counters__", {}, status=405)
    alice.get("/v1/__counters__", headers={"Accept": "text/html"}, status=406)


def test_without_a_storage_there_is_nothing_to_count() -> None:
    config = Configurator(settings={"includes": "cliquet.plugins.counters"})
    with pytest.raises(ConfigurationError, match="nothing to count"):
        cliquet.initialize(config, version="1.0")
