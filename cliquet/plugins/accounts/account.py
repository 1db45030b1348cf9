"""What an account is: its name, its schema, and the secrets in a body, which are no part of it."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import colander

from cliquet.ids import Generator
from cliquet.plugins.accounts.hashing import fault
from cliquet.rest.call import Call
from cliquet.schema.record import Anything

__all__ = ["AccountSchema", "Name", "Secrets", "announced", "take"]


class Name(Generator):
    """Names of accounts: letters, digits and ``+.@_-``, an e-mail address for instance.

    >>> Name().match("alice+1@example.com"), Name().match("-alice"), Name().match("alice\\n")
    (True, False, False)
    """

    regexp = r"[a-zA-Z0-9][+.@a-zA-Z0-9_-]*"

    def __call__(self) -> str:
        return secrets.token_hex(8)


class _Secret(colander.SchemaType):  # type: ignore[misc]  # colander is untyped
    """A text that no message repeats."""

    def deserialize(self, node: Any, cstruct: Any) -> Any:
        if cstruct is not colander.null and (problem := fault(cstruct)):
            raise colander.Invalid(node, problem)
        return cstruct


class AccountSchema(Anything):
    """Any fields; the password is taken out before an account is stored.

    >>> from cliquet.schema.validator import Validator
    >>> Validator(AccountSchema).validate({"password": "s3cret", "display": "Alice"})
    {'password': 's3cret', 'display': 'Alice'}
    """

    password = colander.SchemaNode(_Secret(), missing=colander.drop, description="Write only.")
    password_hash = colander.SchemaNode(
        _Secret(), missing=colander.drop, description="Write only: argon2 or bcrypt, for administrators who import."
    )


@dataclass(frozen=True)
class Secrets:
    """What a body says that is not stored with the account.

    :param password: the new password.
    :param encoded: a hash that was made elsewhere.
    :param context: values for the templates of mails.
    """

    password: str | None = None
    encoded: str | None = None
    context: Mapping[str, Any] = field(default_factory=dict)


def take(record: dict[str, Any]) -> Secrets:
    """The secrets in a record, which are gone from it then.

    >>> record = {"id": "alice", "password": "s3cret"}
    >>> take(record).password, record
    ('s3cret', {'id': 'alice'})
    """
    context = record.pop("email-context", None)
    return Secrets(
        record.pop("password", None),
        record.pop("password_hash", None),
        context if isinstance(context, dict) else {},
    )


def announced(call: Call) -> str | None:
    """The new password in a body, as far as it can be told before a change is applied.

    >>> announced(Call(change={"data": {"password": "s3cret"}}))
    's3cret'
    """
    if isinstance(call.change, list):
        values = [one.get("value") for one in call.change if isinstance(one, dict) and one.get("path") == _PATH]
        found = values[-1] if values else None
    else:
        data = call.change.get("data") if isinstance(call.change, dict) else call.data
        found = data.get("password") if isinstance(data, Mapping) else None
    return found if isinstance(found, str) and fault(found) is None else None


_PATH = "/data/password"
