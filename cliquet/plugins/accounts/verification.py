"""Whether a password is right: asked with every request, and worked out once in a while."""

from __future__ import annotations

import dataclasses
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field

from cliquet.cache.base import Cache
from cliquet.clock import Clock
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError
from cliquet.plugins.accounts.gate import Together
from cliquet.plugins.accounts.hashing import Hasher, fault
from cliquet.plugins.accounts.passwords import Passwords

__all__ = ["Verifier", "digest_of"]


@dataclass(frozen=True)
class Verifier:
    """Answers whether a name and a password belong together.

    The answer of the hash is cached under a digest of the name, the password and the hash itself. So an answer that is
    about an older hash is not found any more, in no process, from the moment that another one is committed.
    An unknown name is compared with a hash that nobody has: it costs what a known one costs.

    :param cache: ``None`` when there is none; every password is then hashed with every request.
    :param secret: answers the server's secret.
    :param ttl: how long an answer is remembered, in seconds; 0 is not at all.
    :param clock: answers the time in ms.
    :param renew: whether hashes that were made in an older way are made anew.
    :param validation: whether accounts whose address was not validated are refused.

    >>> from cliquet.plugins.accounts.hashing import Cost
    >>> from cliquet.plugins.accounts.passwords import Password
    >>> from cliquet.storage.memory import MemoryStorage
    >>> hasher, passwords = Hasher(Cost(passes=1, memory=8)), Passwords(MemoryStorage())
    >>> passwords.put("alice", Password(hasher.hash("s3cret")))
    >>> verifier = Verifier(passwords, hasher, cache=None, secret=lambda: "x", clock=lambda: 1000)
    >>> verifier.verify("alice", "s3cret"), verifier.verify("alice", "wrong"), verifier.verify("bob", "s3cret")
    (True, False, False)
    """

    passwords: Passwords
    hasher: Hasher
    cache: Cache | None
    secret: Callable[[], str]
    clock: Clock
    ttl: float = 30.0
    renew: bool = True
    validation: bool = False
    together: Together[bool] = field(default_factory=Together)

    def verify(self, name: str, password: str, *, transaction: Transaction | None = None) -> bool:
        """Whether the password is that of an account that may be used.

        :raises Overloaded: when too many passwords are being checked.
        """
        if fault(password):
            return False
        found = self.passwords.get(name, transaction=transaction)
        encoded = found.hash if found is not None and not found.is_gone else ""
        right = self._matches(name, password, encoded)
        if not right or found is None or not (found.validated or not self.validation):
            return False
        if self.renew and transaction is None and self.hasher.is_outdated(encoded):
            self.together.answer(("renew", name), lambda: self._renew(name, password, encoded))
        return True

    def verify_key(self, name: str, text: str, purpose: str, *, transaction: Transaction | None = None) -> bool:
        """Whether a text is the key that was sent to an account for a purpose, and is still good."""
        found = self.passwords.get(name, transaction=transaction)
        key = found.key(purpose, self.clock()) if found is not None and not found.is_gone else None
        wanted = digest_of(self.secret(), purpose, name, text)
        return hmac.compare_digest(wanted, key.digest if key is not None else "")

    def _renew(self, name: str, password: str, old: str) -> bool:
        """Hash a password anew that was hashed in an older way, unless somebody changed it meanwhile."""
        try:
            encoded = self.hasher.hash(password)
            with Transaction() as transaction:
                self.passwords.lock(transaction=transaction)
                found = self.passwords.get(name, transaction=transaction)
                if found is not None and found.hash == old:
                    self.passwords.put(name, dataclasses.replace(found, hash=encoded), transaction=transaction)
        except BackendError:
            return False  # the next request will try again: nobody is kept out for it
        return True

    def _matches(self, name: str, password: str, encoded: str) -> bool:
        place = digest_of(self.secret(), "password", name, password, encoded)
        return self.together.answer(place, lambda: self._remembered(f"accounts:{place}", password, encoded))

    def _remembered(self, place: str, password: str, encoded: str) -> bool:
        known = self.cache.get(place) if self.cache is not None else None
        if isinstance(known, bool):
            return known
        right = self.hasher.matches(encoded or self.hasher.nobody, password)
        if self.cache is not None and self.ttl > 0:
            self.cache.set(place, right, ttl=self.ttl)
        return right


def digest_of(secret: str, *parts: str) -> str:
    """A keyed digest of some texts, none of which can pass for a part of another.

    >>> digest_of("secret", "a", "bc") == digest_of("secret", "ab", "c")
    False
    """
    message = b"".join(b"%d:%s" % (len(data), data) for data in (part.encode() for part in parts))
    return hmac.digest(secret.encode(), b"cliquet accounts\0" + message, "sha256").hex()
