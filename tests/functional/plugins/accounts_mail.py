"""A service that sends mails, and what it sent, for tests."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pyramid_mailer import get_mailer  # type: ignore[import-untyped]  # it has no annotations

from cliquet.plugins.accounts.mail import Post
from cliquet.testing.app import Client

__all__ = ["ALICE", "MAIL", "NAME", "active", "last", "mails", "post_of", "sign_up", "user"]

NAME = "alice@example.com"
ALICE = f"/v1/accounts/{NAME}"
#: Mails are kept, and may follow each other.
MAIL: Mapping[str, Any] = MappingProxyType(
    {"account_validation": "true", "mail.mailer": "testing", "account_validation.email_interval_seconds": "0"}
)


def post_of(app: Client) -> Post:
    """What sends the mails."""
    found: Post = app.app.registry["cliquet.accounts.post"]
    return found


def mails(app: Client) -> list[Any]:
    """What was sent so far."""
    post_of(app).wait()
    found: list[Any] = get_mailer(app.app.registry).outbox
    return found


def last(app: Client) -> str:
    """The body of the last mail."""
    body: str = mails(app)[-1].body
    return body


def sign_up(app: Client, **fields: Any) -> Client:
    """A new account, which waits for its key."""
    made = app.put_json(ALICE, {"data": {"password": "s3cret", **fields}}, status=201)
    assert made.json["data"]["validated"] is False
    return app.as_user(NAME, "s3cret")


def active(app: Client) -> Client:
    """An account that was validated."""
    alice = sign_up(app)
    app.post(f"{ALICE}/validate/{last(app)}", status=200)
    return alice


def user(app: Client) -> str | None:
    """Whose account it is that the application is used with."""
    found: str | None = app.get("/v1/").json.get("user", {}).get("id")
    return found if found and found.startswith("account:") else None
