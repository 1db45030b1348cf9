"""The contract of a cache, kept by the one in Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from cliquet.cache.base import Cache
from cliquet.cache.redis import RedisCache, connect
from cliquet.testing.cache import CacheContract


class TestRedisCache(CacheContract):
    @pytest.fixture(scope="class")
    @classmethod
    def cache(cls, redis_url: str) -> Iterator[Cache]:
        yield from flushed(redis_url, "app")

    @pytest.fixture(scope="class")
    @classmethod
    def other_cache(cls, redis_url: str) -> Iterator[Cache]:
        yield from flushed(redis_url, "app:2*")


def flushed(url: str, prefix: str) -> Iterator[Cache]:
    client = connect(url, timeout=5)
    cache = RedisCache(client, prefix)
    cache.flush()
    yield cache
    cache.flush()
    client.close()


def test_keys_of_others_survive_a_flush(redis_url: str) -> None:
    client = connect(redis_url, timeout=5)
    client.set("cliquet-test-of-somebody-else", "1", px=10_000)
    RedisCache(client, "").flush()
    assert client.get("cliquet-test-of-somebody-else") == b"1"
    client.delete("cliquet-test-of-somebody-else")
    client.close()
