"""The bounds of the cache in memory."""

from __future__ import annotations

from types import SimpleNamespace

from cliquet.cache.memory import MemoryCache, load_from_config
from cliquet.settings import Settings
from cliquet.testing.cache import ManualClock


def kept(cache: MemoryCache, count: int) -> list[int]:
    return [number for number in range(count) if cache.get(str(number)) is not None]


def test_the_oldest_value_makes_room() -> None:
    cache = MemoryCache(max_bytes=10_000)
    for number in range(100):
        cache.set(str(number), "x" * 700)
    survivors = kept(cache, 100)
    assert survivors == list(range(100 - len(survivors), 100))
    assert 5 <= len(survivors) <= 10


def test_a_value_that_is_read_stays() -> None:
    cache = MemoryCache(max_bytes=10_000)
    for number in range(30):
        cache.set(str(number), "x" * 700)
        cache.get("0")
    assert 0 in kept(cache, 30)


def test_a_value_that_does_not_fit_is_not_kept_and_evicts_nothing() -> None:
    cache = MemoryCache(max_bytes=10_000)
    cache.set("small", 1)
    cache.set("large", "x" * 20_000)
    assert (cache.get("small"), cache.get("large")) == (1, None)


def test_replacing_and_deleting_gives_the_room_back() -> None:
    cache = MemoryCache(max_bytes=10_000)
    cache.set("first", 1)
    for _ in range(100):
        cache.set("key", "x" * 7000)
    cache.delete("key")
    cache.set("other", "x" * 7000)
    assert cache.get("first") == 1


def test_expired_values_give_their_room_back_when_they_are_met() -> None:
    clock = ManualClock()
    cache = MemoryCache(max_bytes=10_000, now=clock)
    cache.set("brief", "x" * 7000, ttl=1)
    clock.advance(2)
    cache.get("brief")
    cache.set("a", "x" * 4000)
    cache.set("b", "x" * 4000)
    assert cache.get("a") is not None


def test_its_size_is_a_setting() -> None:
    config = SimpleNamespace(registry={"cliquet.settings": Settings(cache_max_size_bytes=1)})
    cache = load_from_config(config)
    cache.set("key", "too long")
    assert cache.get("key") is None
