"""The interface of a cache, with the rules that all backends share."""

from __future__ import annotations

import hashlib
import math
from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import quote

import msgspec

from cliquet.errors import BackendError

__all__ = ["ETERNAL", "UNKNOWN", "Cache", "decode", "encode", "milliseconds", "namespace", "stored_key"]

#: What :meth:`Cache.ttl` answers for a key that never expires.
ETERNAL = -1.0
#: What :meth:`Cache.ttl` answers for a key that is not there.
UNKNOWN = -2.0

_LONGEST_KEY_BYTES = 200
_LONGEST_TTL_MS = 2**53
_HASHED = "#"


class Cache(ABC):
    """Keeps JSON values under text keys, for a while.

    Keys may have any length and hold any character. A cache never shows the keys of another prefix.
    Every method raises :class:`~cliquet.errors.BackendError` when the backend does not do its work, except
    :meth:`ping`. A backend subclasses this, fills in the methods, and passes the tests of
    :class:`cliquet.testing.cache.CacheContract`.

    >>> from cliquet.cache.memory import MemoryCache
    >>> cache: Cache = MemoryCache()
    >>> cache.set("token", {"user": "bob"}, ttl=60)
    >>> cache.get("token"), cache.ttl("other") == UNKNOWN
    ({'user': 'bob'}, True)
    """

    #: Whether values survive a restart.
    durable: bool = False
    #: Whether all processes of the service see the same values.
    shared_between_processes: bool = False

    @abstractmethod
    def get(self, key: str) -> Any:
        """The value, or ``None`` when there is none or it expired."""

    @abstractmethod
    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        """Keep a JSON value, in place of any earlier one and of its expiry.

        :param ttl: in seconds, greater than 0; without it the value does not expire.
        :raises ValueError: the ttl is not a positive number.
        :raises TypeError: the value is not JSON.
        """

    @abstractmethod
    def delete(self, key: str) -> None:
        """Forget a key; an unknown one is no error."""

    @abstractmethod
    def take(self, key: str) -> Any:
        """The value, which is deleted in the same step: of several takers one gets it, the others ``None``."""

    @abstractmethod
    def ttl(self, key: str) -> float:
        """Seconds until the key expires; :data:`ETERNAL` without expiry, :data:`UNKNOWN` without the key."""

    @abstractmethod
    def expire(self, key: str, ttl: float) -> None:
        """Let a key expire ``ttl`` seconds from now; an unknown one is no error.

        :raises ValueError: the ttl is not a positive number.
        """

    @abstractmethod
    def flush(self) -> None:
        """Forget all keys of this prefix, and nothing else."""

    @abstractmethod
    def ping(self) -> bool:
        """Whether the backend works at this moment, for the heartbeat; writes nothing."""

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        """Bring the schema up to date, and say what was done, or would be."""
        return []

    def check(self) -> None:  # noqa: B027  # most backends have no schema
        """Whether the backend can serve this version.

        :raises SchemaOutdated: says what to type.
        :raises BackendError: it does not answer.
        """


def encode(value: Any) -> bytes:
    """A JSON value as bytes.

    :raises TypeError: it is not JSON.

    >>> encode({"a": [1, None]})
    b'{"a":[1,null]}'
    """
    try:
        return msgspec.json.encode(value)
    except (ValueError, OverflowError, RecursionError) as error:
        raise TypeError(f"Not a JSON value: {error}") from None


def decode(data: bytes | str) -> Any:
    """The value that :func:`encode` made into bytes.

    :raises BackendError: somebody else wrote there.

    >>> decode(b'{"a":[1,null]}')
    {'a': [1, None]}
    """
    try:
        return msgspec.json.decode(data)
    except msgspec.DecodeError as error:
        raise BackendError(error) from error


def milliseconds(ttl: float) -> int:
    """A ttl in whole milliseconds, at least one.

    :raises ValueError: it is not a positive number of seconds.

    >>> milliseconds(1.5), milliseconds(1e-9)
    (1500, 1)
    """
    if not ttl > 0 or math.isinf(ttl):
        raise ValueError(f"A ttl is a positive number of seconds, not {ttl!r}.")
    return min(math.ceil(ttl * 1000), _LONGEST_TTL_MS)


def namespace(prefix: str) -> str:
    """What the stored keys of a prefix begin with; no namespace is the beginning of another.

    >>> namespace("readinglist"), namespace("a:*")
    ('cache:readinglist:', 'cache:a%3A%2A:')
    """
    return f"cache:{quote(prefix, safe='')}:"


def stored_key(space: str, key: str) -> str:
    """The key as a backend stores it: plain when it is short and printable, else hashed.

    :param space: from :func:`namespace`.

    >>> stored_key("cache:app:", "session")
    'cache:app:session'
    >>> len(stored_key("cache:app:", "a" * 5000))
    75
    """
    data = key.encode(errors="surrogatepass")
    if len(data) <= _LONGEST_KEY_BYTES and key.isprintable() and not key.startswith(_HASHED):
        return space + key
    return space + _HASHED + hashlib.sha256(data).hexdigest()
