"""Accounts over HTTP: what administrators may, and what the settings have to be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.request import Request

from cliquet.errors import ConfigurationError
from cliquet.plugins.accounts import AccountsPolicy
from cliquet.testing.app import Client, make_wsgi_app
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


# Administrators


def test_an_administrator_makes_changes_and_deletes_accounts(administered: Client) -> None:
    carol = f"{URL}/carol"
    assert administered.put_json(carol, {"data": {"password": "x"}}, status=201).json["permissions"] == {}
    assert administered.as_user("carol", "x").get(carol).json["permissions"] == {"write": ["account:carol"]}
    administered.patch_json(carol, {"data": {"password": "y"}})
    assert administered.as_user("carol", "y").get(carol).json["permissions"] == {"write": ["account:carol"]}
    administered.as_user("carol", "x").get(carol, status="4*")
    administered.post_json(URL, {"data": {"id": "dave", "password": "x"}}, status=201)
    assert {one["id"] for one in administered.get(URL).json["data"]} == {"admin", "bob", "carol", "dave"}
    administered.delete(carol)
    administered.get(carol, status=404)


def test_an_administrator_stays_no_owner_where_editors_become_owners(
    sharing_settings: dict[str, Any], serve: Callable[[Any], Client]
) -> None:
    admins = {"account_write_principals": "account:admin", "explicit_permissions": "true"}
    app = serve(make({**sharing_settings, **ACCOUNTS, **admins}))
    admin, alice = sign_up(app, "admin"), sign_up(app, "alice")
    admin.patch_json(ALICE, {"data": {"color": "red"}})
    admin.put_json(ALICE, {"data": {"color": "blue"}})
    assert alice.get(ALICE).json["permissions"] == {"write": ["account:alice"]}


def test_an_administrator_brings_hashes_along(administered: Client) -> None:
    known = "$2b$04$dOr5g/5nuieAuT8YEYFxDOt6vtV7XD87tKVN0A0n0.UesTg2RWihu"
    answer = administered.put_json(f"{URL}/carol", {"data": {"password_hash": known}}, status=201)
    assert known not in answer.text
    carol = administered.as_user("carol", "x")
    assert carol.get(f"{URL}/carol").json["data"] == answer.json["data"]
    assert administered.as_user("carol", known).get("/v1/").json["user"]["id"].startswith("basicauth:")


def test_a_hash_is_no_password_and_no_ordinary_user_brings_one_along(administered: Client) -> None:
    known = "$2b$04$dOr5g/5nuieAuT8YEYFxDOt6vtV7XD87tKVN0A0n0.UesTg2RWihu"
    bob = administered.as_user("bob", "s3cret")
    refused = bob.patch_json(BOB, {"data": {"password_hash": known}}, status=400).json
    assert refused["details"][0]["name"] == "data.password_hash"
    administered.put_json(BOB, {"data": {"password": known}})
    assert administered.as_user("bob", known).get(BOB).json["data"]["id"] == "bob"
    administered.as_user("bob", "x").get(BOB, status="4*")


@pytest.mark.parametrize(
    "data", [{"password_hash": "s3cret"}, {"password_hash": "$2b$31$" + "." * 53}, {"password_hash": 1}]
)
def test_a_hash_that_cannot_be_used_is_refused(administered: Client, data: dict[str, Any]) -> None:
    administered.put_json(f"{URL}/carol", {"data": data}, status=400)
    administered.get(f"{URL}/carol", status=404)


def test_a_password_or_a_hash_and_not_both(administered: Client) -> None:
    both = {"password": "x", "password_hash": "$2b$04$dOr5g/5nuieAuT8YEYFxDOt6vtV7XD87tKVN0A0n0.UesTg2RWihu"}
    administered.put_json(f"{URL}/carol", {"data": both}, status=400)


# The service


def test_the_service_announces_its_accounts() -> None:
    found = in_memory().get("/v1/").json["capabilities"]["accounts"]
    assert found["validation_enabled"] is False
    assert found["description"]
    assert "url" in found


def test_the_policy_may_have_another_name() -> None:
    settings = {"multiauth.policies": "people", "multiauth.policy.people.use": ACCOUNTS["multiauth.policy.account.use"]}
    alice = sign_up(in_memory(settings), "alice")
    assert alice.get("/v1/").json["user"]["id"] == "people:alice"
    assert alice.get(ALICE).json["permissions"] == {"write": ["people:alice"]}


@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({"multiauth.policies": "basicauth"}, "multiauth.policies"),
        ({"multiauth.policies": "basicauth account"}, "before basicauth"),
        ({"account_create_principals": "account:bob"}, "account_write_principals"),
        ({"account_argon2_passes": "0"}, "account_argon2_passes"),
        ({"account_cache_ttl_seconds": "soon"}, "account_cache_ttl_seconds"),
        ({"permission_backend": ""}, "permission_backend"),
    ],
)
def test_settings_that_make_no_sense_stop_the_start(settings: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError, match=text):
        in_memory(settings)


def test_a_service_that_only_reads_lets_its_users_in(
    sqlite_settings: dict[str, Any], serve: Callable[[Any], Client]
) -> None:
    permission = {"permission_backend": "cliquet.permission.sqlite", "permission_url": sqlite_settings["storage_url"]}
    settings = {**sqlite_settings, **permission, **ACCOUNTS}
    sign_up(serve(make(settings)), "alice")
    app = Client(make({**settings, "readonly": "true"}), ("alice", "s3cret"))
    assert app.get(ALICE).json["data"]["id"] == "alice"
    app.put_json(ALICE, {"data": {}}, status=405)
    app.get("/v1/__setup__", status=404)
    app.storage.close()


def test_the_policy_needs_the_plugin() -> None:
    request = Request.blank("/")
    request.registry = make_wsgi_app().registry
    with pytest.raises(ConfigurationError, match="includes"):
        AccountsPolicy()(request)
