"""Where the hashes of passwords are: apart from the accounts, so that nothing that shows an account can show them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound
from cliquet.storage.base import Scope, Storage

__all__ = ["ACTIVATION", "RESET", "SCOPE", "Key", "Password", "Passwords"]

#: The purpose of a key that replaces a forgotten password.
RESET = "reset-password"
#: The purpose of a key that proves whose an address is.
ACTIVATION = "activation"
#: No resource can have this name: it is no path.
SCOPE = Scope("__password__", "")


@dataclass(frozen=True)
class Key:
    """A key that was sent by mail, of which only a digest is kept.

    :param made: when, in ms.
    :param expires: when it is good for nothing any more, in ms.

    >>> Key("abc", made=1000, expires=2000).is_good(1999), Key("abc", made=1000, expires=2000).is_good(2000)
    (True, False)
    """

    digest: str
    made: int
    expires: int

    def is_good(self, now: int) -> bool:
        """Whether it may still be used."""
        return now < self.expires


@dataclass(frozen=True)
class Password:
    """What proves who somebody is.

    :param hash: of the password; empty when the account is gone, and its name is kept for nobody else.
    :param validated: whether the address was validated; an account that is not cannot be used.
    :param keys: what was sent by mail and not used yet, by its purpose.

    >>> Password("$argon2id$...").is_gone, Password().is_gone
    (False, True)
    """

    hash: str = ""
    validated: bool = True
    keys: Mapping[str, Key] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def is_gone(self) -> bool:
        """Whether the account was deleted."""
        return not self.hash

    def changed(self, encoded: str) -> Password:
        """The same with another hash; a key that was sent to replace the old password is good for nothing then."""
        keys = {purpose: key for purpose, key in self.keys.items() if purpose != RESET}
        return dataclasses.replace(self, hash=encoded, keys=keys)

    def activated(self) -> Password:
        """The same, of an account that may be used."""
        keys = {purpose: key for purpose, key in self.keys.items() if purpose != ACTIVATION}
        return dataclasses.replace(self, validated=True, keys=keys)

    def with_key(self, purpose: str, key: Key) -> Password:
        """The same with a key, in place of an earlier one for the purpose."""
        return dataclasses.replace(self, keys={**self.keys, purpose: key})

    def key(self, purpose: str, now: int) -> Key | None:
        """The key for a purpose, while it is good."""
        found = self.keys.get(purpose)
        return found if found is not None and found.is_good(now) else None


class Passwords:
    """The passwords of all accounts, in the storage of the service.

    >>> from cliquet.storage.memory import MemoryStorage
    >>> passwords = Passwords(MemoryStorage())
    >>> passwords.put("alice", Password("$argon2id$..."))
    >>> passwords.get("alice").hash, passwords.get("bob")
    ('$argon2id$...', None)
    """

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def get(self, name: str, *, transaction: Transaction | None = None) -> Password | None:
        """The password of an account, or of one that is gone; ``None`` when there never was one."""
        try:
            return _password(self._storage.get(SCOPE, name, transaction=transaction).data)
        except RecordNotFound:
            return None

    def put(self, name: str, password: Password, *, transaction: Transaction | None = None) -> None:
        """Keep the password of an account."""
        keys = {purpose: dataclasses.asdict(key) for purpose, key in password.keys.items()}
        record = {"id": name, "hash": password.hash, "validated": password.validated, "keys": keys}
        self._storage.replace(SCOPE, name, record, transaction=transaction)

    def retire(self, name: str, *, transaction: Transaction) -> None:
        """Forget a password, and keep the name: nobody becomes a person that was somebody else before."""
        self.put(name, Password(), transaction=transaction)

    def lock(self, *, transaction: Transaction) -> None:
        """Let nobody else change passwords until the transaction ends."""
        self._storage.lock([SCOPE], transaction=transaction)


def _password(record: Mapping[str, Any]) -> Password:
    keys = {purpose: Key(**key) for purpose, key in record["keys"].items()}
    return Password(record["hash"], record["validated"], keys)
