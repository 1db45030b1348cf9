"""Whoever is erased has no account any more, and nobody becomes them afterwards."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cliquet.testing.app import SETTINGS, Client
from tests.functional.plugins.accounts_service import ACCOUNTS, in_memory, make, sign_up
from tests.functional.plugins.sharing_service import Serve, backends

__all__ = ["backends"]

USER_DATA = {
    "includes": f"{ACCOUNTS['includes']} cliquet.plugins.user_data",
    "user-data_self_service": "true",
    "shelf_create_principals": "system.Authenticated",
}


@pytest.fixture
def app(backends: dict[str, Any], serve: Serve) -> Client:
    app = serve(make({**SETTINGS, **backends, **ACCOUNTS, **USER_DATA}))
    return app.anonymous()


def test_the_account_goes_and_its_name_stays_taken(app: Client) -> None:
    alice, bob = sign_up(app, "alice", display="Alice"), sign_up(app, "bob")
    alice.post_json("/v1/memos", {"data": {"text": "Hello"}})
    alice.post_json("/v1/shelfs", {"data": {}, "permissions": {"read": ["account:bob"]}})
    found = alice.delete("/v1/__user_data__/account:alice").json["data"]
    assert found == {"principal": "account:alice", "objects": 2, "groups": 0, "records": 1}
    assert "user" not in alice.get("/v1/").json or alice.get("/v1/").json["user"]["id"] != "account:alice"
    assert bob.get("/v1/shelfs").json == {"data": []}
    assert bob.get("/v1/accounts").json["data"][0]["id"] == "bob"
    app.put_json("/v1/accounts/alice", {"data": {"password": "other"}}, status=401)


def test_no_export_holds_a_password(app: Client) -> None:
    alice = sign_up(app, "alice", password="s3cret", display="Alice")
    response = alice.get("/v1/__user_data__/account:alice/export")
    (line,) = [json.loads(line) for line in response.text.splitlines()]
    assert line["uri"] == "/accounts/alice"
    assert line["data"]["display"] == "Alice"
    assert "s3cret" not in response.text
    assert "argon2" not in response.text
    assert "hash" not in response.text


def test_administrators_lose_their_rights_with_their_account() -> None:
    app = in_memory(USER_DATA)
    alice = sign_up(app, "alice")
    assert alice.parts.permission is not None
    alice.parts.permission.add_member("/__administrators__", "account:alice")
    alice.delete("/v1/__user_data__/account:alice")
    assert alice.parts.permission.principals_of("account:alice") == frozenset()
