"""Addresses that are validated by mail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cliquet.errors import ConfigurationError
from cliquet.testing.app import Client
from tests.functional.plugins.accounts_mail import ALICE, MAIL, NAME, active, last, mails, sign_up, user
from tests.functional.plugins.accounts_service import ACCOUNTS, in_memory, make, of

RESET = f"{ALICE}/reset-password"
NO_MATCH = "Account ID and activation key do not match"


@pytest.fixture
def app() -> Client:
    """The service in memory, used by nobody in particular; mails are kept."""
    return in_memory(MAIL)


@pytest.fixture
def each(sharing_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """The same, once on each storage."""
    return serve(make({**sharing_settings, **ACCOUNTS, **MAIL})).anonymous()


def test_an_account_is_used_once_its_address_is_validated(each: Client) -> None:
    alice = sign_up(each)
    (mail,) = mails(each)
    assert (mail.recipients, mail.sender, mail.subject) == ([NAME], "admin@example.com", "activate your account")
    assert user(alice) is None
    alice.get(ALICE, status="4*")
    done = each.post(f"{ALICE}/validate/{mail.body}", status=200)
    assert done.json == {"id": NAME, "last_modified": done.json["last_modified"], "validated": True}
    assert user(alice) == f"account:{NAME}"
    assert alice.get(ALICE).json == {"permissions": {"write": [f"account:{NAME}"]}, "data": done.json}
    assert mails(each)[-1].subject == "Account active"
    assert last(each) == f"The account {NAME} is now active"


def test_a_key_is_good_once(each: Client) -> None:
    sign_up(each)
    key = last(each)
    each.post(f"{ALICE}/validate/{key}", status=200)
    again = each.post(f"{ALICE}/validate/{key}", status=403).json
    assert (again["errno"], again["message"]) == (121, NO_MATCH)
    assert len(mails(each)) == 2


@pytest.mark.parametrize(
    "path",
    [
        f"{NAME}/validate/wrong", f"{NAME}/validate/%00", f"{NAME}/validate/%C3%A9",
        "nobody@example.com/validate/{key}", "bob@example.com/validate/{key}",
        "a%00b/validate/{key}", "%C3%A9/validate/{key}", "-/validate/{key}",
    ],
)  # fmt: skip
def test_any_other_key_and_any_other_name_is_refused_in_one_way(app: Client, path: str) -> None:
    app.put_json("/v1/accounts/bob@example.com", {"data": {"password": "x"}}, status=201)
    alice = sign_up(app)
    refused = app.post("/v1/accounts/" + path.replace("{key}", last(app)), status=403)
    assert (refused.json["errno"], refused.json["message"]) == (121, NO_MATCH)
    assert user(alice) is None


def test_a_key_ends_with_its_time() -> None:
    app = in_memory({**MAIL, "account_validation.validation_key_cache_ttl_seconds": "1"})
    sign_up(app)
    key = last(app)
    storage = app.storage
    found = of(app)
    password = found.passwords.get(NAME)
    assert password is not None
    assert password.key("activation", storage.clock()) is not None
    assert password.key("activation", storage.clock() + 1000) is None
    assert key not in repr(password)


@pytest.mark.parametrize("name", ["alice", "a@b", "alice@", "a@example.", "a@b@example.com"])
def test_the_name_of_an_account_is_an_address(app: Client, name: str) -> None:
    refused = app.put_json(f"/v1/accounts/{name}", {"data": {"password": "x"}}, status=400).json
    assert refused["details"][0]["name"] == "data.id"
    assert mails(app) == []


@pytest.mark.parametrize("given", [True, "yes", 1, None])
def test_nobody_validates_themselves(app: Client, given: Any) -> None:
    alice = sign_up(app, validated=given)
    assert user(alice) is None
    app.post(f"{ALICE}/validate/{last(app)}", status=200)
    assert alice.put_json(ALICE, {"data": {"validated": given}}).json["data"]["validated"] is True
    assert alice.patch_json(ALICE, {"data": {"validated": False}}).json["data"]["validated"] is True
    assert user(alice)


def test_a_sign_up_that_is_refused_sends_nothing(each: Client) -> None:
    active(each)
    sent = len(mails(each))
    each.put_json(ALICE, {"data": {"password": "stolen"}}, status=401)
    requests = [
        {"method": "PUT", "path": "/accounts/bob@example.com", "body": {"data": {"password": "x"}}},
        {"method": "PUT", "path": "/accounts/bob", "body": {"data": {"password": "x"}}},
    ]
    each.post_json("/v1/batch", {"requests": requests, "atomic": True}, status=409)
    assert len(mails(each)) == sent


def test_an_administrator_makes_accounts_that_need_no_mail() -> None:
    app = in_memory({**MAIL, "account_write_principals": "account:admin"})
    with app.storage.within(None) as transaction:
        of(app).save("admin", of(app).hasher.hash("x"), administrator=False, transaction=transaction)
    admin = app.as_user("admin", "x")
    assert admin.put_json("/v1/accounts/bob", {"data": {"password": "x"}}).json["data"]["validated"] is True
    assert user(app.as_user("bob", "x")) == "account:bob"
    admin.patch_json("/v1/accounts/bob", {"data": {"validated": False}})
    assert user(app.as_user("bob", "x")) is None
    admin.patch_json("/v1/accounts/bob", {"data": {"validated": True}})
    assert user(app.as_user("bob", "x")) == "account:bob"
    assert mails(app) == []


def test_a_mail_is_made_of_the_account_and_of_what_the_body_offers() -> None:
    templates = {
        "account_validation.email_subject_template": "Hello {name}",
        "account_validation.email_body_template": "{id} {activation-key} {form-url} {password} {missing} {a.b}",
        "account_validation.email_sender": "us@example.com",
    }
    app = in_memory({**MAIL, **templates})
    context = {
        "name": "Alice\r\nBcc: bob@example.com",
        "form-url": "https://x/",
        "id": "mallory",
        "activation-key": "no",
    }
    sign_up(app, **{"email-context": context})
    (mail,) = mails(app)
    assert mail.subject == "Hello Alice Bcc: bob@example.com"
    name, key, url, *rest = mail.body.split(" ")
    assert (name, url, rest) == (NAME, "https://x/", ["{password}", "{missing}", "{a.b}"])
    app.post_json(f"{ALICE}/validate/{key}", {"data": {"email-context": {"x": 1}}}, status=200)
    assert "email-context" not in app.as_user(NAME, "s3cret").get(ALICE).text


def test_the_service_says_that_it_validates(app: Client) -> None:
    assert app.get("/v1/").json["capabilities"]["accounts"]["validation_enabled"] is True


def test_without_validation_there_are_no_such_endpoints() -> None:
    app = in_memory()
    app.post(RESET, status=404)
    app.post(f"{ALICE}/validate/x", status=404)


def test_an_unknown_mailer_stops_the_start() -> None:
    with pytest.raises(ConfigurationError, match=r"mail\.mailer"):
        in_memory({**MAIL, "mail.mailer": "pigeon"})
