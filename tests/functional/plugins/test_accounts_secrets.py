"""No password, and nothing made of one, is ever shown, told, logged or stored with an account."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest

from cliquet.monitoring import logs
from cliquet.testing.app import Client
from cliquet.web.events import AfterResourceChanged, ResourceChanged, ResourceRead
from tests.functional.plugins.accounts_service import in_memory, of

URL = "/v1/accounts"
ALICE = "/v1/accounts/alice"
SECRETS = ("hunter2", "hunter3", "argon2", "$2b$", "password_hash")


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the service logs."""
    stream = io.StringIO()
    yield stream
    logs.configure()


class Told:
    """Everything that plugins are told, as text."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def draft(self, draft: Any) -> dict[str, Any]:
        self.texts.append(repr(draft))
        found: dict[str, Any] = draft.new
        return found

    def event(self, event: Any) -> None:
        seen = [event.payload]
        seen += getattr(event, "impacted_records", []) + getattr(event, "read_records", [])
        seen += [(change.new, change.old, change.permissions) for change in getattr(event, "changes", ())]
        self.texts.append(repr(seen))


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def app(told: Told, log: io.StringIO) -> Client:
    """The service in memory, with a plugin that listens to everything."""

    def listen(config: Any) -> None:
        config.add_record_hook(told.draft)
        for kind in (ResourceChanged, AfterResourceChanged, ResourceRead):
            config.add_subscriber(told.event, kind)

    app = in_memory({"account_write_principals": "account:admin"}, listen)
    logs.configure(renderer="json", stream=log)
    return app


def everything(app: Client) -> list[str]:
    """The answers to all that can be asked of accounts."""
    known = "$2b$04$dOr5g/5nuieAuT8YEYFxDOt6vtV7XD87tKVN0A0n0.UesTg2RWihu"
    alice, admin = app.as_user("alice", "hunter2"), app.as_user("admin", "hunter2")
    json_patch = '[{"op": "add", "path": "/data/password", "value": "hunter2"}]'
    test_patch = '[{"op": "test", "path": "/data/password", "value": "hunter2"}]'
    batch = [
        {"method": "PATCH", "path": "/accounts/alice", "body": {"data": {"password": "hunter2", "n": 1}}},
        {"method": "GET", "path": "/accounts/alice"},
        {"method": "PUT", "path": "/accounts/alice", "body": {"data": {"password": 17}}},
    ]
    stale = {"If-Match": '"1"'}
    answers = [
        app.put_json(f"{URL}/admin", {"data": {"password": "hunter2"}}),
        app.put_json(ALICE, {"data": {"password": "hunter2", "color": "red"}}),
        app.post_json(URL, {"data": {"id": "alice", "password": "hunter3"}}, status=401),
        alice.post_json(URL, {"data": {"id": "alice", "password": "hunter3"}}),
        alice.get(ALICE),
        alice.get(URL),
        alice.get(f"{URL}?_fields=password,hash,color"),
        alice.get(f"{URL}?password=hunter2"),
        alice.get(f"{ALICE}?_fields=password"),
        alice.put_json(ALICE, {"data": {"password": "hunter2", "n": 0}}),
        alice.put_json(ALICE, {"data": {"password": "hunter3"}}, headers=stale, status=412),
        alice.patch_json(ALICE, {"data": {"password": "hunter3"}}, headers=stale, status=412),
        *(
            alice.patch_json(ALICE, {"data": {"password": "hunter2", "n": n}}, headers={"Response-Behavior": behavior})
            for n, behavior in enumerate(("full", "light", "diff"), 5)
        ),
        alice.patch(ALICE, json_patch, content_type="application/json-patch+json"),
        alice.patch(ALICE, test_patch, content_type="application/json-patch+json", status=400),
        alice.patch_json(ALICE, {"data": {"password": ["hunter3"]}}, status=400),
        alice.patch_json(ALICE, {"data": {"password_hash": known}}, status=400),
        alice.post_json("/v1/batch", {"requests": batch}),
        admin.get(URL),
        admin.put_json(f"{URL}/carol", {"data": {"password_hash": known}}),
        admin.get(f"{URL}/carol"),
        admin.delete(f"{URL}/carol"),
        admin.get(f"{URL}?_since=0"),
        admin.get("/v1/"),
        alice.delete(ALICE),
    ]
    return [one.text.replace("data.password_hash", "") for one in answers]


def test_no_answer_shows_a_secret(app: Client) -> None:
    for text in everything(app):
        shown = text.replace("argon2 or bcrypt", "")
        assert not [secret for secret in SECRETS if secret in shown], text


def test_no_event_and_no_hook_is_told_a_secret(app: Client, told: Told) -> None:
    everything(app)
    assert len(told.texts) > 30
    assert not [secret for secret in SECRETS if any(secret in text for text in told.texts)]


def test_no_log_has_a_secret(app: Client, log: io.StringIO) -> None:
    everything(app)
    logged = "\n".join(line for line in log.getvalue().splitlines() if '"querystring": "password=' not in line)
    assert logged.count("request.summary") > 20
    assert not [secret for secret in SECRETS if secret in logged]


def test_an_account_is_stored_without_its_secret(app: Client) -> None:
    app.put_json(ALICE, {"data": {"password": "hunter2", "email-context": {"x": "y"}, "color": "red"}})
    found = of(app).model().get("alice")
    assert set(found.data) == {"id", "last_modified", "color"}
    password = of(app).passwords.get("alice")
    assert password is not None
    assert password.hash.startswith("$argon2id$")
    assert "hunter2" not in password.hash


def test_no_resource_leads_to_the_hashes(app: Client) -> None:
    everything(app)
    for path in ("/__password__", "/passwords", "/accounts/alice/password", "/__passwords__"):
        app.as_user("admin", "hunter2").get(f"/v1{path}", status=404)


def test_the_password_is_part_of_what_the_api_says_about_itself(app: Client) -> None:
    assert '"password"' in app.get("/v1/__api__").text
