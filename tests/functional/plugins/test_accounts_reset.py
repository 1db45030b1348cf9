"""Passwords that are forgotten, and replaced by mail."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest

from cliquet.monitoring import logs
from cliquet.testing.app import Client
from tests.functional.plugins.accounts_mail import ALICE, MAIL, NAME, active, last, mails, post_of, sign_up, user
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


def test_a_forgotten_password_is_replaced_by_mail(each: Client) -> None:
    alice = active(each)
    answer = each.post(RESET, status=200)
    assert answer.json == {"message": "A temporary reset password has been sent by mail"}
    assert mails(each)[-1].subject == "Reset password"
    key = last(each)
    temporary = each.as_user(NAME, key)
    assert user(temporary) is None
    temporary.get(ALICE, status="4*")
    temporary.delete(ALICE, status="4*")
    temporary.patch_json(ALICE, {"data": {"color": "red"}}, status=400)
    assert user(alice), "the old password is good until there is a new one"
    changed = temporary.patch_json(ALICE, {"data": {"password": "new", "color": "red"}}).json["data"]
    assert "color" not in changed
    assert user(alice) is None
    assert user(each.as_user(NAME, "new"))
    temporary.patch_json(ALICE, {"data": {"password": "again"}}, status="4*")
    assert user(each.as_user(NAME, "new"))


def test_a_temporary_password_changes_nothing_but_the_password(app: Client) -> None:
    alice = active(app)
    alice.patch_json(ALICE, {"data": {"color": "red"}})
    app.post(RESET)
    temporary = app.as_user(NAME, last(app))
    other = {"data": {"password": "x"}}
    temporary.put_json("/v1/accounts/bob@example.com", other, status="4*")
    temporary.post_json("/v1/memos", {"data": {}}, status="*")
    assert user(temporary) is None
    answer = temporary.put_json(ALICE, {"data": {"password": "new", "validated": False}}).json["data"]
    assert (answer["color"], answer["validated"]) == ("red", True)


def test_a_temporary_password_is_good_in_a_batch_for_nothing_else(app: Client) -> None:
    active(app)
    app.post(RESET)
    temporary = app.as_user(NAME, last(app))
    own = {"Authorization": temporary.extra_environ["HTTP_AUTHORIZATION"]}
    requests = [
        {"path": f"/accounts/{NAME}", "headers": own},
        {"method": "PATCH", "path": f"/accounts/{NAME}", "body": {"data": {"password": "no"}}},
        {"method": "PATCH", "path": f"/accounts/{NAME}", "headers": own, "body": {"data": {"password": "new"}}},
        {"path": "/accounts", "headers": own},
    ]
    answers = temporary.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [one["status"] for one in answers] == [403, 403, 200, 200]
    assert answers[3]["body"]["data"] == []
    assert user(app.as_user(NAME, "new"))


def test_the_answer_is_the_same_for_an_account_that_is_not_there(app: Client) -> None:
    active(app)
    sent = len(mails(app))
    there, not_there = app.post(RESET), app.post("/v1/accounts/nobody@example.com/reset-password")
    assert (there.status, there.body) == (not_there.status, not_there.body)
    assert [mail.recipients for mail in mails(app)[sent:]] == [[NAME]]


def test_a_request_does_no_work_for_the_mail_itself(app: Client) -> None:
    active(app)
    before = of(app).passwords.get(NAME)
    post = post_of(app)
    seen: list[Any] = []

    def meanwhile() -> None:
        app.post(RESET)
        seen.append(of(app).passwords.get(NAME))

    post.add(meanwhile)
    post.wait()
    assert seen == [before], "the key is made after the answer"
    assert of(app).passwords.get(NAME) != before


@pytest.mark.parametrize("name", ["alice", "a%40b", "%C3%A9@example.com", "a%00@example.com", "a%0A@example.com"])
def test_a_reset_is_asked_for_an_address(app: Client, name: str) -> None:
    app.post(f"/v1/accounts/{name}/reset-password", status=400)


def test_who_waits_for_the_first_key_is_sent_another_one(app: Client) -> None:
    alice = sign_up(app)
    first = last(app)
    app.post(RESET)
    second = last(app)
    assert mails(app)[-1].subject == "activate your account"
    app.post(f"{ALICE}/validate/{first}", status=403)
    app.as_user(NAME, second).patch_json(ALICE, {"data": {"password": "x"}}, status="4*")
    app.post(f"{ALICE}/validate/{second}", status=200)
    assert user(alice)


def test_one_account_is_not_flooded_with_mails() -> None:
    app = in_memory({**MAIL, "account_validation.email_interval_seconds": "60"})
    active(app)
    sent = len(mails(app))
    for _ in range(5):
        app.post(RESET, status=200)
    assert len(mails(app)) == sent + 1


def test_a_mail_server_that_is_down_loses_no_account() -> None:
    stream = io.StringIO()
    app = in_memory({**MAIL, "mail.mailer": "", "mail.host": "127.0.0.1", "mail.port": "1"})
    logs.configure(renderer="json", stream=stream)
    sign_up(app)
    post_of(app).wait()
    app.post(RESET, status=200)
    post_of(app).wait()
    logs.configure()
    assert stream.getvalue().count("A mail could not be sent.") == 2
    assert of(app).model().get(NAME).data["validated"] is False


def test_who_is_deleted_gets_no_mail(app: Client) -> None:
    active(app).delete(ALICE)
    sent = len(mails(app))
    app.post(RESET, status=200)
    assert len(mails(app)) == sent


def test_bodies_may_be_missing_and_have_to_be_json(app: Client) -> None:
    active(app)
    bodies: list[Any] = [{}, {"data": None}, {"data": {"email-context": 1}}, [], "text", None]
    for body in bodies:
        app.post_json(RESET, body, status=200)
    app.post(RESET, b"{", content_type="application/json", status=400)
    app.post(RESET, b"x=y", content_type="application/x-www-form-urlencoded", status=415)
