"""Accounts over HTTP: what their users change, and how they end."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from cliquet.testing.app import Client
from tests.functional.plugins.accounts_service import ACCOUNTS, in_memory, make, of, sign_up

URL = "/v1/accounts"
ALICE = "/v1/accounts/alice"
BOB = "/v1/accounts/bob"
MISMATCH = "data.id in body: Username and account ID do not match."


@pytest.fixture
def app() -> Client:
    """The service in memory, used by nobody in particular."""
    return in_memory()


@pytest.fixture
def each(sharing_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """The same, once on each storage."""
    return serve(make({**sharing_settings, **ACCOUNTS})).anonymous()


@pytest.fixture
def administered(sharing_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """The service, used by its administrator; bob has an account, and nobody else can sign up."""
    admins = {f"account_{verb}_principals": "account:admin" for verb in ("create", "write")}
    app = serve(make({**sharing_settings, **ACCOUNTS, **admins}))
    encoded = of(app).hasher.hash("s3cret")
    with app.storage.within(None) as transaction:
        for name in ("admin", "bob"):
            of(app).save(name, encoded, administrator=False, transaction=transaction)
    return app.as_user("admin", "s3cret")


# Changing


def test_a_new_password_counts_at_once(each: Client) -> None:
    alice = sign_up(each, "alice", color="red")
    before = alice.get(ALICE).json["data"]
    after = alice.patch_json(ALICE, {"data": {"password": "new"}}).json["data"]
    assert after["last_modified"] > before["last_modified"]
    assert after["color"] == "red"
    alice.get(ALICE, status="4*")
    renewed = each.as_user("alice", "new")
    assert renewed.get(ALICE).json["data"] == after
    renewed.put_json(ALICE, {"data": {"password": "newer"}})
    renewed.get(ALICE, status="4*")
    assert "color" not in each.as_user("alice", "newer").get(ALICE).json["data"]


@pytest.mark.parametrize(
    ("content_type", "change"),
    [
        ("application/json", {"data": {"password": "new"}}),
        ("application/merge-patch+json", {"data": {"password": "new"}}),
        ("application/json-patch+json", [{"op": "add", "path": "/data/password", "value": "new"}]),
    ],
)
@pytest.mark.parametrize("behavior", ["full", "light", "diff"])
def test_every_kind_of_change_can_change_the_password(
    app: Client, content_type: str, change: Any, behavior: str
) -> None:
    alice = sign_up(app, "alice")
    headers = {"Content-Type": content_type, "Response-Behavior": behavior}
    answer = alice.patch(ALICE, json.dumps(change), headers=headers)
    assert '"password"' not in answer.text
    assert "new" not in answer.text
    assert app.as_user("alice", "new").get(ALICE).json["data"]["id"] == "alice"


def test_what_says_nothing_of_the_password_keeps_it(app: Client) -> None:
    alice = sign_up(app, "alice", color="red")
    alice.patch_json(ALICE, {"data": {"color": "blue"}})
    alice.put_json(ALICE, {"data": {"shape": "round"}})
    alice.put_json(ALICE, {})
    alice.patch_json(ALICE, {"data": {"password": None}})
    found = alice.get(ALICE).json["data"]
    assert found == {"id": "alice", "last_modified": found["last_modified"], "shape": "round"}


def test_the_time_of_the_last_password_is_the_servers_to_say(app: Client) -> None:
    alice = sign_up(app, "alice", password_modified=5)
    assert "password_modified" not in alice.get(ALICE).json["data"]
    changed = alice.patch_json(ALICE, {"data": {"password": "new"}}).json["data"]["password_modified"]
    assert changed > 1_700_000_000_000
    alice = app.as_user("alice", "new")
    assert alice.put_json(ALICE, {"data": {"password_modified": 5}}).json["data"]["password_modified"] == changed
    assert alice.patch_json(ALICE, {"data": {"password": "new"}}).json["data"]["password_modified"] > changed


def test_two_changes_of_the_password_from_one_state_are_one(each: Client) -> None:
    alice = sign_up(each, "alice")
    etag = alice.get(ALICE).headers["ETag"]
    alice.patch_json(ALICE, {"data": {"password": "one"}}, headers={"If-Match": etag})
    one = each.as_user("alice", "one")
    refused = one.patch_json(ALICE, {"data": {"password": "two"}}, headers={"If-Match": etag}, status=412)
    assert set(refused.json["details"]["existing"]) == {"id", "last_modified", "password_modified"}
    one.get(ALICE)


@pytest.mark.parametrize("given", [{"write": ["account:alice"]}, {"write": ["account:alice"], "read": []}, {}])
def test_the_permissions_of_an_account_may_be_repeated(app: Client, given: dict[str, Any]) -> None:
    app.put_json(ALICE, {"data": {"password": "s3cret"}, "permissions": given}, status=201)
    alice = app.as_user("alice", "s3cret")
    alice.put_json(ALICE, {"data": {"color": "red"}, "permissions": given})
    alice.patch_json(ALICE, {"data": {"color": "blue"}, "permissions": given})
    assert alice.get(ALICE).json["permissions"] == {"write": ["account:alice"]}


@pytest.mark.parametrize(
    "given", [{"read": ["system.Everyone"]}, {"write": ["account:bob"]}, {"write": ["account:alice", "account:bob"]}]
)
def test_the_permissions_of_an_account_cannot_be_changed(app: Client, given: dict[str, Any]) -> None:
    app.put_json(ALICE, {"data": {"password": "s3cret"}, "permissions": given}, status=400)
    alice = sign_up(app, "alice")
    alice.put_json(ALICE, {"data": {}, "permissions": given}, status=400)
    alice.patch_json(ALICE, {"permissions": given}, status=400)
    patch = [{"op": "add", "path": "/permissions/write/account:bob"}]
    alice.patch(ALICE, json.dumps(patch), content_type="application/json-patch+json", status=400)
    assert alice.get(ALICE).json["permissions"] == {"write": ["account:alice"]}


# Deleting


def test_who_is_deleted_is_nobody_at_once_and_nobody_becomes_them(each: Client) -> None:
    alice = sign_up(each, "alice")
    alice.post_json("/v1/memos", {"data": {"text": "private"}})
    assert alice.delete(ALICE).json["data"]["deleted"] is True
    assert alice.get("/v1/").json["user"]["id"] != "account:alice"
    alice.get(ALICE, status="4*")
    each.put_json(ALICE, {"data": {"password": "s3cret"}}, status=401)
    each.post_json(URL, {"data": {"id": "alice", "password": "s3cret"}}, status=401)
    assert sign_up(each, "alic").get("/v1/memos").json["data"] == []


def test_a_user_deletes_their_account_also_in_the_list(each: Client) -> None:
    alice, bob = sign_up(each, "alice"), sign_up(each, "bob")
    assert [one["id"] for one in alice.delete(URL).json["data"]] == ["alice"]
    assert alice.get("/v1/").json["user"]["id"] != "account:alice"
    assert bob.get(BOB).json["data"]["id"] == "bob"
    each.put_json(ALICE, {"data": {"password": "x"}}, status=401)


def test_an_administrator_gives_a_name_again(administered: Client) -> None:
    administered.delete(BOB)
    administered.as_user("bob", "s3cret").get(BOB, status="4*")
    administered.put_json(BOB, {"data": {"password": "again"}}, status=201)
    assert administered.as_user("bob", "again").get(BOB).json["data"]["id"] == "bob"
