"""A cache in Redis or Valkey (6.2 or later), that no request ever waits long for."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable
from typing import Any, TypeVar

import redis

from cliquet.cache.base import Cache, decode, encode, milliseconds, namespace, stored_key
from cliquet.cache.breaker import Breaker
from cliquet.database.redis import connect
from cliquet.errors import BackendError

__all__ = ["RedisCache", "connect", "load_from_config"]

T = TypeVar("T")

_logger = logging.getLogger("cliquet.cache")
_UNREACHABLE = (redis.ConnectionError, redis.TimeoutError, OSError)
_FLUSH_BATCH = 500


class RedisCache(Cache):
    """Keeps values in Redis. A command is tried once, within short time limits; after a failure the server is left
    alone for a while, and every call is a :class:`~cliquet.errors.BackendError` without delay.

    :param client: from :func:`connect`.
    :param prefix: separates services that share a server.
    :param breaker: decides when the server is left alone.
    """

    shared_between_processes = True

    def __init__(self, client: redis.Redis, prefix: str = "", *, breaker: Breaker | None = None) -> None:
        self._client = client
        self._space = namespace(prefix)
        self._breaker = breaker or Breaker()

    def get(self, key: str) -> Any:
        return _value(self._call(lambda: self._client.get(self._key(key))))

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        data, px = encode(value), None if ttl is None else milliseconds(ttl)
        self._call(lambda: self._client.set(self._key(key), data, px=px))

    def delete(self, key: str) -> None:
        self._call(lambda: self._client.delete(self._key(key)))

    def take(self, key: str) -> Any:
        return _value(self._call(lambda: self._client.getdel(self._key(key))))

    def ttl(self, key: str) -> float:
        left: Any = self._call(lambda: self._client.pttl(self._key(key)))
        return left / 1000 if left >= 0 else float(left)

    def expire(self, key: str, ttl: float) -> None:
        px = milliseconds(ttl)
        self._call(lambda: self._client.pexpire(self._key(key), px))

    def flush(self) -> None:
        self._call(self._unlink_all)

    def ping(self) -> bool:
        """Asks the server itself, whatever the breaker says; when it answers, everybody may try again."""
        try:
            self._client.ping()
        except (redis.RedisError, OSError) as error:
            _logger.warning("Heartbeat Failure: Redis cache: %s", error)
            return False
        self._breaker.reset()
        return True

    def _key(self, key: str) -> str:
        return stored_key(self._space, key)

    def _unlink_all(self) -> None:
        keys = self._client.scan_iter(match=self._space + "*", count=_FLUSH_BATCH)
        while batch := list(itertools.islice(keys, _FLUSH_BATCH)):
            self._client.unlink(*batch)

    def _call(self, command: Callable[[], T]) -> T:
        ticket = self._breaker.admit()
        if ticket is None:
            raise BackendError(message=f"Redis failed; it is left alone for {self._breaker.pause_left:.1f} s.")
        try:
            answer = command()
        except _UNREACHABLE as error:
            self._breaker.failed(ticket)
            self._client.connection_pool.disconnect(inuse_connections=False)
            raise BackendError(error) from error
        except redis.RedisError as error:
            raise BackendError(error) from error
        self._breaker.succeeded(ticket)
        return answer


def _value(data: Any) -> Any:
    return None if data is None else decode(data)


def load_from_config(config: Any) -> Cache:
    """The cache that ``cache_url``, ``cache_prefix``, ``cache_pool_size`` and ``cache_timeout_seconds`` ask for."""
    settings = config.registry["cliquet.settings"]
    client = connect(settings.cache_url, pool_size=settings.cache_pool_size, timeout=settings.cache_timeout_seconds)
    return RedisCache(client, settings.cache_prefix)
