"""Proofs that an address belongs to who has the account: keys that are sent there."""

from __future__ import annotations

import dataclasses
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog

from cliquet.clock import Clock
from cliquet.database.transaction import Transaction
from cliquet.errors import InvalidInput, Overloaded, Problem
from cliquet.plugins.accounts.passwords import ACTIVATION, RESET, Key, Password, Passwords
from cliquet.plugins.accounts.templates import Mail, Template, template
from cliquet.plugins.accounts.verification import digest_of

__all__ = ["Validation", "load"]

_log = structlog.get_logger("cliquet")

Job = Callable[[], Mail | None]


@dataclass(frozen=True)
class Purpose:
    """What a key is for.

    :param field: its name in templates.
    :param ttl: how long it is good, in ms.
    """

    name: str
    field: str
    ttl: int
    template: Template


@dataclass(frozen=True)
class Validation:
    """Makes keys, mails them, and knows them again; of each, only a digest is kept, with the password.

    :param post: does a job later, and sends the mail that it answers.
    :param secret: answers the server's secret.
    :param clock: answers the time in ms.
    :param address: what a name has to look like.
    :param interval: the least time between two mails to one account, in ms.
    """

    passwords: Passwords
    post: Callable[[Job], None]
    secret: Callable[[], str]
    clock: Clock
    address: re.Pattern[str]
    interval: int
    activation: Purpose
    reset: Purpose
    confirmation: Template

    def begin(
        self, account: dict[str, Any], password: Password, context: Mapping[str, Any], transaction: Transaction
    ) -> Password:
        """The password of a new account, which waits for its key; the mail goes out when the account is kept.

        :param account: is marked as not validated.
        :raises InvalidInput: when the name is no address.
        """
        self.check_address(account["id"])
        account["validated"] = False
        text, key = self._key(self.activation, account["id"])
        mail = self.activation.template.filled(account["id"], {**context, **account, self.activation.field: text})
        transaction.after_commit(lambda: self._send(lambda: mail))
        return dataclasses.replace(password.with_key(ACTIVATION, key), validated=False)

    def confirm(self, account: Mapping[str, Any], context: Mapping[str, Any], transaction: Transaction) -> None:
        """Tell an account that it is active, once that is kept."""
        mail = self.confirmation.filled(account["id"], {**context, **account})
        transaction.after_commit(lambda: self._send(lambda: mail))

    def remind(self, account: Callable[[str], Mapping[str, Any]], name: str, context: Mapping[str, Any]) -> None:
        """Send a new key, if there is such an account; whether there is, is looked up after the answer was sent.

        :param account: answers the fields of an account, none when there is no such.
        :raises Overloaded: when too many mails are waiting.
        """
        self.post(lambda: self._reminder(account, name, context))

    def check_address(self, name: str) -> None:
        """Whether a name is an address.

        :raises InvalidInput: when it is none.
        """
        if not self.address.fullmatch(name):
            raise InvalidInput(Problem("body", "data.id", "The name of an account has to be an e-mail address."))

    def _reminder(
        self, account: Callable[[str], Mapping[str, Any]], name: str, context: Mapping[str, Any]
    ) -> Mail | None:
        if self.passwords.get(name) is None:
            return None  # most names that are tried are nobody's: they lock nothing
        with Transaction() as transaction:
            self.passwords.lock(transaction=transaction)
            found = self.passwords.get(name, transaction=transaction)
            if found is None or found.is_gone:
                return None
            purpose = self.reset if found.validated else self.activation
            if self._is_recent(found.keys.get(purpose.name)):
                return None
            text, key = self._key(purpose, name)
            self.passwords.put(name, found.with_key(purpose.name, key), transaction=transaction)
        return purpose.template.filled(name, {**context, **account(name), "id": name, purpose.field: text})

    def _is_recent(self, key: Key | None) -> bool:
        return key is not None and self.clock() < key.made + self.interval

    def _key(self, purpose: Purpose, name: str) -> tuple[str, Key]:
        text, now = str(uuid.uuid4()), self.clock()
        return text, Key(digest_of(self.secret(), purpose.name, name, text), now, now + purpose.ttl)

    def _send(self, job: Job) -> None:
        """After the commit it is too late to refuse: the user can ask for another mail."""
        try:
            self.post(job)
        except Overloaded as error:
            _log.error("A mail could not be sent.", reason=str(error))


def load(
    settings: Mapping[str, Any],
    passwords: Passwords,
    post: Callable[[Job], None],
    *,
    secret: Callable[[], str],
    clock: Clock,
) -> Validation:
    """The validation that the settings ask for."""
    prefix = "account_validation."
    activation_ttl = settings[f"{prefix}validation_key_cache_ttl_seconds"] * 1000
    reset_ttl = settings[f"{prefix}reset_password_cache_ttl_seconds"] * 1000
    return Validation(
        passwords,
        post,
        secret,
        clock,
        re.compile(settings[f"{prefix}email_regexp"]),
        settings[f"{prefix}email_interval_seconds"] * 1000,
        Purpose(ACTIVATION, "activation-key", activation_ttl, template(settings)),
        Purpose(RESET, "reset-password", reset_ttl, template(settings, "reset_password_")),
        template(settings, "confirmation_"),
    )
