"""Accounts over HTTP: who signs up, and what nobody else may do with an account."""

from __future__ import annotations

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


# Signing up


def test_who_has_no_account_makes_one_and_uses_it(each: Client) -> None:
    made = each.put_json(ALICE, {"data": {"password": "s3cret", "color": "red"}}, status=201)
    assert made.json["data"] == {"id": "alice", "last_modified": made.json["data"]["last_modified"], "color": "red"}
    alice = each.as_user("alice", "s3cret")
    assert alice.get("/v1/").json["user"]["id"] == "account:alice"
    assert alice.get(ALICE).json == {"permissions": {"write": ["account:alice"]}, "data": made.json["data"]}
    assert alice.get(URL).json["data"] == [made.json["data"]]


def test_an_account_can_be_made_by_post(app: Client) -> None:
    made = app.post_json(URL, {"data": {"id": "alice", "password": "s3cret"}}, status=201).json["data"]
    assert set(made) == {"id", "last_modified"}
    assert app.as_user("alice", "s3cret").get("/v1/").json["user"]["id"] == "account:alice"


@pytest.mark.parametrize("body", [{"data": {"password": "x"}}, {"data": {}}, {}, {"data": {"id": None}}])
def test_a_post_names_the_account(app: Client, body: dict[str, Any]) -> None:
    refused = app.post_json(URL, body, status=400).json
    assert refused["details"][0]["name"] == "data.id"
    assert refused["message"] == "data.id in body: Required"


@pytest.mark.parametrize("body", [{}, {"data": {}}, {"data": {"password": None}}, {"data": {"color": "red"}}])
def test_a_new_account_needs_a_password(app: Client, body: dict[str, Any]) -> None:
    assert app.put_json(ALICE, body, status=400).json["message"] == "data.password in body: Required"
    assert app.as_user("alice", "").get("/v1/").json.get("user") != {"id": "account:alice"}


@pytest.mark.parametrize("password", ["", "x" * 4097, "é" * 2049, 17, True, ["s3cret"], {"a": 1}, 1.5])
def test_what_is_no_password_is_refused(app: Client, password: Any) -> None:
    for answer in (
        app.put_json(ALICE, {"data": {"password": password}}, status=400),
        app.post_json(URL, {"data": {"id": "alice", "password": password}}, status=400),
    ):
        assert answer.json["details"][0]["name"] == "data.password"
        assert "s3cret" not in answer.text
    alice = sign_up(app, "alice")
    assert alice.patch_json(ALICE, {"data": {"password": password}}, status=400).json["errno"] == 107
    alice.get(ALICE)


@pytest.mark.parametrize("body", [b'{"data": {"password": "a\\u0000b"}}', b'{"data": {"password": "\\ud800"}}'])
def test_a_password_has_no_nul_and_no_half_characters(app: Client, body: bytes) -> None:
    app.put(ALICE, body, content_type="application/json", status=400)


@pytest.mark.parametrize("password", ["pässwörd ✓", "a:b:c", " blank ", "x" * 4096, "€" * 1365, "\t\x01"])
def test_any_other_text_is_a_password(each: Client, password: str) -> None:
    sign_up(each, "alice", password)
    assert each.as_user("alice", password).get(ALICE).json["data"]["id"] == "alice"
    assert each.as_user("alice", password + "x").get("/v1/").json.get("user", {}).get("id") != "account:alice"


@pytest.mark.parametrize("name", ["-a", "_a", "a%20b", "a%0A", "a%2Fb", "a%3Ab", "%C3%A9", "a%00", "x" * 256])
def test_what_is_no_name_is_refused(app: Client, name: str) -> None:
    app.put_json(f"{URL}/{name}", {"data": {"password": "x"}}, status="4*")


@pytest.mark.parametrize("name", ["a", "A+b.c@example.com", "a-_b", "1", "x" * 255])
def test_names_may_be_addresses(each: Client, name: str) -> None:
    assert sign_up(each, name).get("/v1/").json["user"]["id"] == f"account:{name}"


def test_names_are_told_apart_by_case(app: Client) -> None:
    sign_up(app, "alice")
    assert sign_up(app, "Alice", "other").get(URL).json["data"][0]["id"] == "Alice"


# What nobody else may


def test_a_name_that_is_taken_is_not_given_again(each: Client) -> None:
    sign_up(each, "alice")
    for answer in (
        each.put_json(ALICE, {"data": {"password": "stolen"}}, status=401),
        each.post_json(URL, {"data": {"id": "alice", "password": "stolen"}}, status=401),
        each.patch_json(ALICE, {"data": {"password": "stolen"}}, status=401),
        each.delete(ALICE, status=401),
        each.get(ALICE, status=401),
    ):
        assert "alice" not in answer.text
    each.put_json(ALICE, {"data": {"password": "stolen"}}, headers={"If-None-Match": "*"}, status=412)
    assert each.as_user("alice", "s3cret").get(ALICE).json["data"]["id"] == "alice"


def test_a_user_does_nothing_with_the_accounts_of_others(each: Client) -> None:
    alice, bob = sign_up(each, "alice"), sign_up(each, "bob")
    for name in ("bob", "nobody"):
        url = f"{URL}/{name}"
        assert alice.get(url, status=403).json["errno"] == 121
        alice.patch_json(url, {"data": {"password": "stolen"}}, status=403)
        alice.delete(url, status=403)
        assert alice.put_json(url, {"data": {"password": "stolen"}}, status=400).json["message"] == MISMATCH
        body = {"data": {"id": name, "password": "stolen"}}
        assert alice.post_json(URL, body, status=400).json["message"] == MISMATCH
    assert [one["id"] for one in alice.get(URL).json["data"]] == ["alice"]
    assert alice.head(URL).headers["Total-Records"] == "1"
    assert bob.get(BOB).json["data"]["id"] == "bob"


def test_nobody_in_particular_sees_no_list(app: Client) -> None:
    sign_up(app, "alice")
    for call in (app.get, app.head, app.delete):
        call(URL, status=401)


def test_a_user_repeats_their_own_sign_up_without_effect(app: Client) -> None:
    alice = sign_up(app, "alice", color="red")
    again = alice.post_json(URL, {"data": {"id": "alice", "password": "other", "color": "blue"}}, status=200)
    assert again.json["data"]["color"] == "red"
    alice.get(ALICE)
    assert "user" in app.as_user("alice", "other").get("/v1/").json


def test_a_user_of_another_policy_signs_up_for_nobody(app: Client) -> None:
    basic = app.as_user("somebody", "else")
    assert basic.get("/v1/").json["user"]["id"].startswith("basicauth:")
    assert basic.put_json(ALICE, {"data": {"password": "x"}}, status=400).json["message"] == MISMATCH


def test_nobody_can_sign_up_where_only_administrators_create_accounts(administered: Client) -> None:
    nobody, bob = administered.anonymous(), administered.as_user("bob", "s3cret")
    body = {"data": {"id": "carol", "password": "x"}}
    nobody.put_json(f"{URL}/carol", {"data": {"password": "x"}}, status=401)
    nobody.post_json(URL, body, status=401)
    for name in ("carol", "admin"):
        bob.put_json(f"{URL}/{name}", {"data": {"password": "x"}}, status=403)
        bob.post_json(URL, {"data": {"id": name, "password": "x"}}, status=403)
    bob.patch_json(BOB, {"data": {"color": "red"}})
    assert bob.get(BOB).json["data"]["color"] == "red"
