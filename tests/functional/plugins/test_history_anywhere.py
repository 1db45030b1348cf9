"""The history of any application: its paths and names follow from the resources."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.config import Configurator

from cliquet import resource
from cliquet.errors import ConfigurationError
from cliquet.testing.app import Client, make_app, make_wsgi_app
from cliquet.testing.resources import Note
from tests.functional.plugins.history_service import Serve, batch, entries, library, put, store

SHELF = "/api/shelves/s"
PAGE = f"{SHELF}/books/b/pages/p"
SETTINGS = {"permission_backend": "cliquet.permission.memory", "includes": "cliquet.plugins.history"}


class Garden(resource.ShareableResource):
    schema = resource.Anything


class Tree(resource.ShareableResource):
    schema = resource.Anything


class Nest(resource.ShareableResource):
    schema = resource.Anything


class Pond(resource.ShareableResource):
    schema = resource.Anything


def planted(**settings: Any) -> Client:
    """Gardens of trees, trees of nests that have no garden, and ponds."""

    def configure(config: Configurator) -> None:
        config.add_resource(Nest, name="nest", under="shrub")
        config.add_resource(Garden)
        config.add_resource(Tree, under=Garden)
        config.add_resource(Tree, name="shrub")
        config.add_resource(Pond)

    return make_app({**SETTINGS, **settings}, resources=[Note], configure=configure)


def test_a_library_has_the_history_of_each_shelf(sharing_settings: dict[str, Any], serve: Serve) -> None:
    app = library(sharing_settings, serve)
    put(app, SHELF)
    batch(app, ("PUT", f"{SHELF}/books/b", {}), ("PUT", PAGE, {"n": 1}))
    app.delete(f"/v1{SHELF}/books")
    found = entries(app, path=SHELF)
    assert [(one["action"], one["resource_name"]) for one in found] == [
        ("create", "shelf"),
        ("create", "book"),
        ("create", "page"),
        ("delete", "book"),
        ("delete", "page"),
    ]
    assert {name: value for name, value in found[2].items() if name.endswith("_id") and name != "user_id"} == {
        "book_id": "b",
        "page_id": "p",
    }
    app.get("/v1/teams/t/history", status=404)


def test_records_of_users_have_no_history() -> None:
    app = planted()
    app.post_json("/v1/notes", {"data": {}})
    assert app.storage.tally().keys() == {"note"}


@pytest.mark.parametrize(
    ("resources", "expected"),
    [
        ("", {"garden": "history", "shrub": "shrub_history"}),
        ("shrub", {"shrub": "history"}),
        ("pond, garden", {"pond": "history", "garden": "garden_history"}),
    ],
)
def test_what_has_others_under_it_has_a_history_or_what_a_setting_names(
    resources: str, expected: dict[str, str]
) -> None:
    app = planted(**{"history.resources": resources})
    kinds = app.parts.tree.kinds.values()
    assert {kind.under: kind.name for kind in kinds if kind.journal} == expected
    paths = {app.parts.contexts[name].list_path for name in expected.values()}
    assert paths == {f"/{root}s/{{{root}_id}}/history" for root in expected}


def test_a_record_that_nothing_can_be_below_has_a_history(sharing_settings: dict[str, Any], serve: Serve) -> None:
    settings = {**sharing_settings, **SETTINGS, "permission_backend": sharing_settings["permission_backend"]}
    settings |= {"history.resources": "pond", "pond_create_principals": "system.Everyone"}
    app = serve(make_wsgi_app(settings, resources=[Pond]))
    made = app.post_json("/v1/ponds", {"data": {"n": 1}}).json["data"]
    app.patch_json(f"/v1/ponds/{made['id']}", {"data": {"n": 2}})
    found = entries(app, path=f"/ponds/{made['id']}")
    assert [(one["action"], one["pond_id"], one["target"]["data"]["n"]) for one in found] == [
        ("create", made["id"], 1),
        ("update", made["id"], 2),
    ]


@pytest.mark.parametrize(
    ("setting", "value", "expected"),
    [
        ("history.resources", "note", "no history of 'note'"),
        ("history.resources", "tree", "no history of 'tree'"),
        ("history.resources", "nope", "no history of 'nope'"),
        ("history.exclude_resources", "/gardens", "'/gardens' is the path of no record"),
        ("history.exclude_resources", "/notes/x", "'/notes/x' is the path of no record"),
        ("history.auto_trim_max_cont", "3", "Did you mean 'history.auto_trim_max_count'"),
        ("history.auto_trim_threshold", "0", "at least 1"),
        ("history.max_age_days", "-1", "at least 0"),
        ("history.max_age_days", "soon", "whole number"),
    ],
)
def test_a_setting_that_makes_no_sense_stops_the_start(setting: str, value: str, expected: str) -> None:
    with pytest.raises(ConfigurationError, match=expected):
        planted(**{setting: value})


def test_the_capability_says_what_is_not_kept(sharing_settings: dict[str, Any], serve: Serve) -> None:
    plain = store(sharing_settings, serve).get("/v1/").json["capabilities"]["history"]
    assert sorted(plain) == ["description", "url"]
    app = store(
        sharing_settings,
        serve,
        kinto__history__auto_trim_max_count="100",
        kinto__history__auto_trim_user_ids="plugin:* account:job",
        kinto__history__exclude_resources="/buckets/a /buckets/b/collections/c /buckets/b/groups/g "
        "/buckets/b/collections/c/records/r",
    )
    told = app.get("/v1/").json["capabilities"]["history"]
    assert {name: value for name, value in told.items() if name not in plain} == {
        "auto_trim_max_count": 100,
        "auto_trim_user_ids": ["plugin:*", "account:job"],
        "excluded_resources": [
            {"bucket": "a"},
            {"bucket": "b", "collection": "c"},
            {"bucket": "b", "group": "g"},
            {"bucket": "b", "collection": "c", "record": "r"},
        ],
    }


def test_settings_may_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, sharing_settings: dict[str, Any], serve: Callable[[Any], Client]
) -> None:
    monkeypatch.setenv("KINTO_HISTORY_AUTO_TRIM_MAX_COUNT", "7")
    told = store(sharing_settings, serve).get("/v1/").json["capabilities"]["history"]
    assert told["auto_trim_max_count"] == 7


@pytest.mark.parametrize("plugin", ["history", "quotas"])
def test_what_keeps_something_needs_a_storage(plugin: str) -> None:
    with pytest.raises(ConfigurationError, match="storage_backend"):
        make_app({"storage_backend": "", "includes": f"cliquet.plugins.{plugin}"}, resources=[])
