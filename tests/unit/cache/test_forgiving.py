"""An outage of the cache, as a request sees it."""

from __future__ import annotations

import logging

import pytest

from cliquet.cache.base import UNKNOWN, Cache
from cliquet.cache.forgiving import Forgiving
from cliquet.cache.memory import MemoryCache
from cliquet.errors import BackendError


class Shaky(MemoryCache):
    """A cache that goes away when told to."""

    shared_between_processes = True
    away = False

    def get(self, key: str) -> object:
        self.check()
        return super().get(key)

    def set(self, key: str, value: object, ttl: float | None = None) -> None:
        self.check()
        super().set(key, value, ttl)

    def delete(self, key: str) -> None:
        self.check()
        super().delete(key)

    def take(self, key: str) -> object:
        self.check()
        return super().take(key)

    def ttl(self, key: str) -> float:
        self.check()
        return super().ttl(key)

    def expire(self, key: str, ttl: float) -> None:
        self.check()
        super().expire(key, ttl)

    def flush(self) -> None:
        self.check()
        super().flush()

    def ping(self) -> bool:
        return not self.away

    def check(self) -> None:
        if self.away:
            raise BackendError(message="Connection refused")


@pytest.fixture
def shaky() -> Shaky:
    return Shaky()


@pytest.fixture
def cache(shaky: Shaky) -> Cache:
    return Forgiving(shaky)


def use(cache: Cache) -> list[object]:
    cache.set("key", 1, ttl=60)
    cache.expire("key", 60)
    cache.delete("other")
    return [cache.get("key"), cache.take("key"), cache.ttl("key")]


def test_an_outage_looks_like_an_empty_cache(cache: Cache, shaky: Shaky) -> None:
    shaky.away = True
    assert use(cache) == [None, None, UNKNOWN]


def test_an_outage_is_one_line_in_the_log(cache: Cache, shaky: Shaky, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "cliquet.cache"):
        for shaky.away in (True, False, True):
            use(cache)
            use(cache)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO", "WARNING"]
    assert "Connection refused" in caplog.messages[0]


def test_the_heartbeat_and_flush_tell_the_truth(cache: Cache, shaky: Shaky) -> None:
    assert cache.ping() is True
    shaky.away = True
    assert cache.ping() is False
    with pytest.raises(BackendError):
        cache.flush()


def test_mistakes_of_the_programmer_are_not_forgiven(cache: Cache) -> None:
    with pytest.raises(ValueError, match="ttl"):
        cache.set("key", 1, ttl=0)
    with pytest.raises(TypeError):
        cache.set("key", object())


def test_capabilities_are_those_of_the_cache_behind(cache: Cache) -> None:
    assert (cache.durable, cache.shared_between_processes) == (False, True)
