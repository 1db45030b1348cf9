"""What the plugin consists of, under one key of the registry."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cliquet.clock import Clock
from cliquet.database.transaction import Transaction
from cliquet.ids import Generator
from cliquet.model.change import Change
from cliquet.model.model import Model
from cliquet.permission.base import Permission
from cliquet.plugins.accounts.hashing import Hasher, fault
from cliquet.plugins.accounts.invitation import Invitation
from cliquet.plugins.accounts.options import ADMINISTRATORS
from cliquet.plugins.accounts.passwords import ACTIVATION, Password, Passwords
from cliquet.plugins.accounts.validation import Validation
from cliquet.plugins.accounts.verification import Verifier
from cliquet.protocol.query import Query
from cliquet.storage.base import Document, Storage

__all__ = ["KEY", "Accounts", "accounts"]

#: Where the accounts are in Pyramid's registry.
KEY = "cliquet.accounts"


@dataclass(frozen=True)
class Accounts:
    """The accounts of a service, for requests and for programs.

    :param policy: the name of the policy, which is the beginning of every user id.
    :param names: which names an account can have.
    :param invitation: the one for the first administrator.
    :param validation: ``None`` when addresses are not validated.
    """

    policy: str
    storage: Storage
    permission: Permission
    passwords: Passwords
    hasher: Hasher
    verifier: Verifier
    clock: Clock
    invitation: Invitation
    names: Generator
    validation: Validation | None = None

    def principal(self, name: str) -> str:
        """The user id of an account."""
        return f"{self.policy}:{name}"

    def is_name(self, text: str) -> bool:
        """Whether an account can have this name."""
        return self.names.match(text)

    def password_fault(self, password: object) -> str | None:
        """What is wrong with a password; ``None`` when nothing is."""
        return fault(password)

    def model(self, transaction: Transaction | None = None) -> Model:
        """The records of the accounts; who locks them does so before passwords are written."""
        return Model(self.storage, resource="account", id_generator=self.names, transaction=transaction)

    def are_none(self, transaction: Transaction | None = None) -> bool:
        """Whether nobody has an account."""
        return not self.model(transaction).page(Query(limit=1)).documents

    def save(self, name: str, encoded: str, *, administrator: bool, transaction: Transaction) -> Change:
        """Create an account, or give it another password; the name and the password were checked before.

        :param encoded: the hash of the password.
        :param administrator: whether it belongs to the administrators from now on.
        """
        model = self.model(transaction)
        model.lock()
        old = model.find(name)
        new = model.replace(name, self._record(name, old))
        self.passwords.put(name, Password(encoded), transaction=transaction)
        uri, rights = f"/accounts/{name}", {"write": frozenset({self.principal(name)})}
        self.permission.replace(uri, rights, transaction=transaction)
        if administrator:
            self.permission.add_member(ADMINISTRATORS, self.principal(name), transaction=transaction)
        return Change("create" if old is None else "update", model.scope, uri, new, old, rights)

    def activate(self, name: str, key: str, transaction: Transaction) -> Change | None:
        """Let an account be used whose address is proved by a key; nothing when the key is not the one."""
        model = self.model(transaction)
        model.lock()
        if not self.is_name(name) or not self.verifier.verify_key(name, key, ACTIVATION, transaction=transaction):
            return None
        old, password = model.find(name), self.passwords.get(name, transaction=transaction)
        if old is None or password is None:
            return None
        self.passwords.put(name, password.activated(), transaction=transaction)
        kept = {field: value for field, value in old.data.items() if field != "last_modified"}
        new = model.replace(name, {**kept, "validated": True})
        uri = f"/accounts/{name}"
        rights = self.permission.permissions_of(uri, transaction=transaction)[uri]
        return Change("update", model.scope, uri, new, old, rights)

    def fields(self, name: str) -> Mapping[str, Any]:
        """The fields of an account, for a mail; none when there is no such account."""
        found = self.model().find(name)
        return found.data if found is not None else {}

    def retire(self, name: str, transaction: Transaction) -> None:
        """End what an account that was deleted could do; its name is kept, so that nobody else becomes it."""
        if self.model(transaction).find(name) is None:
            self.passwords.retire(name, transaction=transaction)
            self.permission.remove_member(ADMINISTRATORS, self.principal(name), transaction=transaction)

    def _record(self, name: str, old: Document | None) -> dict[str, Any]:
        if old is None:
            return {"id": name}
        kept = {field: value for field, value in old.data.items() if field not in ("last_modified", "validated")}
        return {**kept, "password_modified": max(self.clock(), kept.get("password_modified", 0) + 1)}


def accounts(registry: Any) -> Accounts:
    """The accounts of the application that a registry belongs to."""
    found: Accounts = registry[KEY]
    return found
