"""A cache inside of the process, bounded in size."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from cliquet import clock
from cliquet.cache.base import ETERNAL, UNKNOWN, Cache, decode, encode, milliseconds

__all__ = ["MemoryCache", "load_from_config"]

_ENTRY_OVERHEAD = 250
_DEFAULT_MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Entry:
    data: bytes
    size: int
    expires: int | None


class MemoryCache(Cache):
    """Keeps values in this process alone, and drops those not used for longest when it is full.

    Safe to use from several threads. A value that does not fit at all is not kept.

    :param max_bytes: bound of the memory used, keys and bookkeeping included.
    :param now: the time in ms.

    >>> cache = MemoryCache()
    >>> cache.set("token", {"user": "bob"}, ttl=60)
    >>> cache.get("token"), cache.take("token"), cache.take("token")
    ({'user': 'bob'}, {'user': 'bob'}, None)
    """

    def __init__(self, *, max_bytes: int = _DEFAULT_MAX_BYTES, now: clock.Clock = clock.now) -> None:
        self._max_bytes = max_bytes
        self._now = now
        self._lock = threading.Lock()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._size = 0

    def get(self, key: str) -> Any:
        with self._lock:
            entry = self._find(key)
            if entry:
                self._entries.move_to_end(key)
        return _value(entry)

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        expires = None if ttl is None else self._now() + milliseconds(ttl)
        data = encode(value)
        with self._lock:
            self._put(key, data, expires)

    def delete(self, key: str) -> None:
        with self._lock:
            self._drop(key)

    def take(self, key: str) -> Any:
        with self._lock:
            entry = self._find(key)
            self._drop(key)
        return _value(entry)

    def ttl(self, key: str) -> float:
        with self._lock:
            entry = self._find(key)
        if entry is None:
            return UNKNOWN
        return ETERNAL if entry.expires is None else (entry.expires - self._now()) / 1000

    def expire(self, key: str, ttl: float) -> None:
        expires = self._now() + milliseconds(ttl)
        with self._lock:
            entry = self._find(key)
            if entry:
                self._put(key, entry.data, expires)

    def flush(self) -> None:
        with self._lock:
            self._entries.clear()
            self._size = 0

    def ping(self) -> bool:
        return True

    def _find(self, key: str) -> _Entry | None:
        entry = self._entries.get(key)
        if entry and entry.expires is not None and entry.expires <= self._now():
            self._drop(key)
            return None
        return entry

    def _put(self, key: str, data: bytes, expires: int | None) -> None:
        self._drop(key)
        size = sys.getsizeof(key) + sys.getsizeof(data) + _ENTRY_OVERHEAD
        if size > self._max_bytes:
            return
        while self._size + size > self._max_bytes:
            self._drop(next(iter(self._entries)))
        self._entries[key] = _Entry(data, size, expires)
        self._size += size

    def _drop(self, key: str) -> None:
        entry = self._entries.pop(key, None)
        if entry:
            self._size -= entry.size


def _value(entry: _Entry | None) -> Any:
    return None if entry is None else decode(entry.data)


def load_from_config(config: Any) -> Cache:
    """The cache that ``cache_max_size_bytes`` asks for."""
    return MemoryCache(max_bytes=config.registry["cliquet.settings"].cache_max_size_bytes)
