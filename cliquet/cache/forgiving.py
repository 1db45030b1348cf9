"""A cache that is allowed to be away."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar

from cliquet.cache.base import UNKNOWN, Cache
from cliquet.errors import BackendError

__all__ = ["Forgiving"]

T = TypeVar("T")

_logger = logging.getLogger("cliquet.cache")


class Forgiving(Cache):
    """Answers as an empty cache would while the one behind it fails, and says so in the log once per outage.

    What is set meanwhile is lost; what is deleted may come back, so give a ttl to everything. :meth:`ping` and
    :meth:`flush`, which people rely on, tell the truth.

    :param cache: the cache that may fail.
    :param log: receives one warning when an outage begins, and one line when it ends.

    >>> from cliquet.cache.memory import MemoryCache
    >>> cache = Forgiving(MemoryCache())
    >>> cache.set("a", 1)
    >>> cache.get("a")
    1
    """

    def __init__(self, cache: Cache, log: logging.Logger = _logger) -> None:
        self._cache = cache
        self._log = log
        self._away = False
        self.durable = cache.durable
        self.shared_between_processes = cache.shared_between_processes

    def get(self, key: str) -> Any:
        return self._attempt(lambda: self._cache.get(key), None)

    def set(self, key: str, value: Any, ttl: float | None = None) -> None:
        self._attempt(lambda: self._cache.set(key, value, ttl), None)

    def delete(self, key: str) -> None:
        self._attempt(lambda: self._cache.delete(key), None)

    def take(self, key: str) -> Any:
        return self._attempt(lambda: self._cache.take(key), None)

    def ttl(self, key: str) -> float:
        return self._attempt(lambda: self._cache.ttl(key), UNKNOWN)

    def expire(self, key: str, ttl: float) -> None:
        self._attempt(lambda: self._cache.expire(key, ttl), None)

    def flush(self) -> None:
        self._cache.flush()

    def ping(self) -> bool:
        return self._cache.ping()

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        return self._cache.migrate(dry_run=dry_run)

    def check(self) -> None:
        self._attempt(self._cache.check, None)

    def _attempt(self, call: Callable[[], T], otherwise: T) -> T:
        try:
            answer = call()
        except BackendError as error:
            self._went_away(error)
            return otherwise
        if self._away:
            self._came_back()
        return answer

    def _went_away(self, error: BackendError) -> None:
        if not self._away:
            self._away = True
            self._log.warning("The cache is away, requests go on without it: %s", error)

    def _came_back(self) -> None:
        self._away = False
        self._log.info("The cache is back.")
