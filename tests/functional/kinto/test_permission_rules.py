"""A plugin adds rules to the tree: what it grants is granted everywhere, and explained."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.config import Configurator

import kinto
from cliquet.testing.app import Client

RECORD = "/v1/buckets/b/collections/c/records/r"


def includeme(config: Configurator) -> None:
    """Who may add groups to a bucket may read the records in it; who may add collections may write the groups."""
    config.add_permission_rule("record", "read", granted_by=[("bucket", "group:create")])
    config.add_permission_rule("group", "write", granted_by=[("bucket", "collection:create")])


@pytest.fixture
def alice(store_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """The store with the plugin, which is included before there are any resources; Bob may add groups."""
    client = serve(kinto.main(None, **store_settings, includes="tests.functional.kinto.test_permission_rules"))
    bob = client.as_user("bob").get("/v1/").json["user"]["id"]
    client.put_json("/v1/buckets/b", {"permissions": {"group:create": [bob]}})
    client.put_json("/v1/buckets/b/collections/c", {})
    client.put_json(RECORD, {"data": {"n": 1}})
    return client


def test_a_rule_of_a_plugin_grants(alice: Client) -> None:
    bob = alice.as_user("bob")
    assert bob.get(RECORD).json["data"]["n"] == 1
    bob.patch_json(RECORD, {"data": {"n": 2}}, status=403)
    bob.get("/v1/buckets/b/collections", status=403)


def test_who_may_write_by_a_rule_may_read_as_well(alice: Client) -> None:
    bob = alice.as_user("bob").get("/v1/").json["user"]["id"]
    alice.put_json("/v1/buckets/b/groups/g", {"data": {"members": []}})
    alice.patch_json("/v1/buckets/b", {"permissions": {"group:create": [], "collection:create": [bob]}})
    alice.as_user("bob").patch_json("/v1/buckets/b/groups/g", {"data": {"title": "x"}})
    assert alice.as_user("bob").get("/v1/buckets/b/groups/g").json["data"]["title"] == "x"


def test_the_rules_of_the_application_stay(alice: Client) -> None:
    assert alice.patch_json(RECORD, {"data": {"n": 2}}).json["data"]["n"] == 2
    alice.as_user("carol").get(RECORD, status=403)
    alice.patch_json("/v1/buckets/b", {"permissions": {"read": ["system.Authenticated"]}})
    alice.as_user("carol").get(RECORD)
