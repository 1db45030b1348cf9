"""The invitation for the first administrator, which only the person at the terminal sees."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading

from cliquet.clock import Clock

__all__ = ["Invitation"]


class Invitation:
    """A token that is good once, for a while, in this process.

    :param clock: answers the time in ms.
    :param ttl: how long it is good, in ms.

    >>> invitation = Invitation(lambda: 1000, ttl=3_600_000)
    >>> invitation.is_for("anything")
    False
    >>> token = invitation.issue()
    >>> invitation.is_for(token)
    True
    >>> invitation.withdraw()
    >>> invitation.is_for(token)
    False
    """

    def __init__(self, clock: Clock, *, ttl: int) -> None:
        self._clock = clock
        self._ttl = ttl
        self._lock = threading.Lock()
        self._digest, self._expires = b"", 0

    def issue(self) -> str:
        """A new token; an earlier one is good for nothing then."""
        token = secrets.token_urlsafe(32)
        with self._lock:
            self._digest, self._expires = _digest(token), self._clock() + self._ttl
        return token

    def is_for(self, token: str) -> bool:
        """Whether this is the token, and it is still good."""
        with self._lock:
            return self._clock() < self._expires and hmac.compare_digest(_digest(token), self._digest)

    def withdraw(self) -> None:
        """From now on, no token is good."""
        with self._lock:
            self._digest, self._expires = b"", 0


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="surrogatepass")).digest()
