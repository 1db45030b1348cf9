"""``/accounts``: who has an account creates, reads, changes and deletes it there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any, NoReturn

from pyramid.request import Request

from cliquet.errors import InvalidInput, NotAllowed, Problem
from cliquet.model.sharing import Shared
from cliquet.plugins.accounts import account
from cliquet.plugins.accounts.passwords import Password
from cliquet.plugins.accounts.policy import is_reset
from cliquet.plugins.accounts.service import Accounts, accounts
from cliquet.plugins.accounts.sharing import AccountAccess, OwnAccounts
from cliquet.resource import Reply, ShareableResource
from cliquet.resource.context import Context
from cliquet.web.authentication import user_id

__all__ = ["Account"]


class Account(ShareableResource):
    """The accounts of a service (``docs/protocol/accounts``)."""

    schema = account.AccountSchema
    id_generator = account.Name
    access = AccountAccess()

    def __init__(self, request: Request, context: Context) -> None:
        super().__init__(request, context)
        self._hashes: dict[str, str] = {}

    def owner(self, record_id: str) -> str:
        """An account belongs to the user that it is."""
        return self.accounts.principal(record_id)

    def shared(self) -> Shared:
        """The permissions on accounts."""
        found = super().shared()
        return OwnAccounts(**{one.name: getattr(found, one.name) for one in dataclasses.fields(found)})

    # The endpoints that carry passwords; a hash takes its time, so it is made before anything is locked.

    def collection_post(self) -> Reply | Mapping[str, Any]:
        """A new account, named in the body."""
        wanted = (self.call.data or {}).get("id")
        if wanted is None:
            _refuse("data.id", "Required")
        self.check_name(self.granted, wanted)
        self._prepare()
        return super().collection_post()

    def put(self) -> Reply | Mapping[str, Any]:
        """An account, created or replaced; without a password the old one stays."""
        self._prepare()
        return super().put()

    def patch(self) -> Reply | Mapping[str, Any]:
        """An account, changed."""
        self._prepare()
        return super().patch()

    def check_name(self, shared: Any, wanted: str) -> None:
        """Whether the caller may create an account of this name: users have one, administrators make any.

        :raises InvalidInput: whether or not there is such an account.
        """
        found = user_id(self.request)
        if found not in (None, self.owner(wanted)) and not shared.may_list("write"):
            _refuse("data.id", "Username and account ID do not match.")

    # What is stored

    def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
        """The account without its secrets, which are kept apart, in the same transaction."""
        secrets = account.take(new)
        encoded = self._encoded(secrets)
        if old is None:
            return self._created(new, encoded, secrets)
        if is_reset(self.request):
            if encoded is None:
                _refuse("data.password", "Required")
            new = dict(old)
        return self._updated(new, old, encoded)

    def _created(self, new: dict[str, Any], encoded: str | None, secrets: account.Secrets) -> dict[str, Any]:
        name, passwords = new["id"], self.accounts.passwords
        if passwords.get(name, transaction=self.transaction) is not None and not self._is_administrator:
            raise NotAllowed(name)
        if encoded is None:
            _refuse("data.password", "Required")
        new.pop("password_modified", None)
        password = self._greeted(new, Password(encoded), secrets)
        passwords.put(name, password, transaction=self.transaction)
        return new

    def _greeted(self, new: dict[str, Any], password: Password, secrets: account.Secrets) -> Password:
        """The password of a new account, which may have to be validated first."""
        validation = self.accounts.validation
        if validation is None:
            return password
        if self._is_administrator:
            new["validated"] = new.get("validated") is not False
            return dataclasses.replace(password, validated=new["validated"])
        assert self.transaction is not None, "an account is created in a transaction"
        return validation.begin(new, password, secrets.context, self.transaction)

    def _updated(self, new: dict[str, Any], old: Mapping[str, Any], encoded: str | None) -> dict[str, Any]:
        passwords = self.accounts.passwords
        before = passwords.get(new["id"], transaction=self.transaction) or Password()
        _keep(new, old, "password_modified")
        after = before
        if encoded is not None:
            after = before.changed(encoded)
            new["password_modified"] = max(self.accounts.clock(), old.get("password_modified", 0) + 1)
        after = self._validated(new, old, after)
        if after != before:
            passwords.put(new["id"], after, transaction=self.transaction)
        return new

    def _validated(self, new: dict[str, Any], old: Mapping[str, Any], password: Password) -> Password:
        """Whether an account is validated is no choice of its user's."""
        if self.accounts.validation is None:
            return password
        if not (self._is_administrator and isinstance(new.get("validated"), bool)):
            _keep(new, old, "validated")
        return dataclasses.replace(password, validated=new.get("validated") is not False)

    # Passwords

    def _prepare(self) -> None:
        password = account.announced(self.call)
        if password is not None:
            self._hash(password)

    def _hash(self, password: str) -> str:
        if password not in self._hashes:
            self._hashes[password] = self.accounts.hasher.hash(password)
        return self._hashes[password]

    def _encoded(self, secrets: account.Secrets) -> str | None:
        """The hash to keep, if there is a new one."""
        if secrets.encoded is None:
            return self._hash(secrets.password) if secrets.password is not None else None
        if secrets.password is not None or not self._is_administrator:
            _refuse("data.password_hash", "Administrators may give the hash of a password instead of a password.")
        if fault := self.accounts.hasher.fault(secrets.encoded):
            _refuse("data.password_hash", fault)
        return secrets.encoded

    @property
    def accounts(self) -> Accounts:
        """What the plugin consists of."""
        return accounts(self.request.registry)

    @property
    def _is_administrator(self) -> bool:
        granted: Any = self.granted
        return bool(granted.may_list("write"))


def _keep(new: dict[str, Any], old: Mapping[str, Any], field: str) -> None:
    """Let a field have the value that it had."""
    new.pop(field, None)
    if field in old:
        new[field] = old[field]


def _refuse(name: str, description: str) -> NoReturn:
    raise InvalidInput(Problem("body", name, description))
