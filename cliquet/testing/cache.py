"""The tests that every cache has to pass."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cliquet.cache.base import ETERNAL, UNKNOWN, Cache

__all__ = ["CacheContract", "ManualClock"]

VALUES: list[Any] = [
    *(True, False, 0, -1, 2**63 - 1, -(2**63), 0.5, 1e300),
    "",
    "déjà vu 日本 😀",
    'quote " backslash \\ percent % nul \x00 line\n',
    "x" * 100_000,
    [],
    {},
    [1, "two", None, [3.5, {}]],
    {"": None, "a": {"b": [True, {"c": "d"}]}, "é\x00": 1},
]
KEYS = [
    "",
    " ",
    "a" * 10_000,
    "é" * 300,
    "with space",
    "with:colon",
    "%_*?[a-z]\\",
    "line\nbreak",
    "nul\x00",
    "\ud800",
    "😀",
    "#hash",
    "'; DROP TABLE cache; --",
]
TAKERS = 8


class ManualClock:
    """A clock that a test moves.

    >>> clock = ManualClock()
    >>> before = clock()
    >>> clock.advance(1.5)
    >>> clock() - before
    1500
    """

    def __init__(self) -> None:
        self._milliseconds = 1_700_000_000_000

    def __call__(self) -> int:
        return self._milliseconds

    def advance(self, seconds: float) -> None:
        """Let some seconds pass."""
        self._milliseconds += round(1000 * seconds)


class CacheContract:
    """Inherit from this in a test module, and give the fixtures ``cache`` and ``other_cache``.

    The caches may be the same for all tests of the class: each test empties them first. A cache whose clock can be
    moved gives ``pass_time`` as well; otherwise the tests sleep.

    >>> from cliquet.cache.memory import MemoryCache
    >>> class TestMemoryCache(CacheContract):
    ...     @pytest.fixture(scope="class")
    ...     @classmethod
    ...     def cache(cls):
    ...         return MemoryCache()
    ...     @pytest.fixture(scope="class")
    ...     @classmethod
    ...     def other_cache(cls):
    ...         return MemoryCache()
    """

    @pytest.fixture
    def cache(self) -> Cache:
        """A cache; of a test, or of the class. Each test begins with an empty one."""
        raise NotImplementedError("A test of a cache gives a fixture named cache.")

    @pytest.fixture
    def other_cache(self) -> Cache:
        """A cache in the same place as ``cache``, with another prefix."""
        raise NotImplementedError("A test of a cache gives a fixture named other_cache.")

    @pytest.fixture(autouse=True)
    def _empty_caches(self, cache: Cache, other_cache: Cache) -> None:
        """Let nothing of an earlier test be left."""
        cache.flush()
        other_cache.flush()

    @pytest.fixture
    def pass_time(self) -> Callable[[float], None]:
        """Lets some seconds pass."""
        return time.sleep

    # Values.

    @pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}-{str(value)[:12]!a}")
    def test_json_comes_back_as_it_was(self, cache: Cache, value: Any) -> None:
        cache.set("key", value)
        assert cache.get("key") == value
        assert type(cache.get("key")) is type(value)

    def test_an_unknown_key_has_no_value(self, cache: Cache) -> None:
        assert cache.get("unknown") is None

    def test_null_is_a_value_that_has_a_ttl(self, cache: Cache) -> None:
        cache.set("key", None)
        assert cache.get("key") is None
        assert cache.ttl("key") == ETERNAL

    def test_what_is_not_json_is_refused(self, cache: Cache) -> None:
        with pytest.raises(TypeError):
            cache.set("key", object())
        assert cache.ttl("key") == UNKNOWN

    def test_the_last_value_wins(self, cache: Cache) -> None:
        cache.set("key", 1)
        cache.set("key", {"two": 2})
        assert cache.get("key") == {"two": 2}

    def test_a_value_is_a_copy(self, cache: Cache) -> None:
        value = {"list": [1]}
        cache.set("key", value)
        value["list"].append(2)
        cache.get("key")["list"].append(3)
        assert cache.get("key") == {"list": [1]}

    # Keys.

    @pytest.mark.parametrize("key", KEYS, ids=lambda key: f"{len(key)}-{key[:8]!a}")
    def test_any_text_is_a_key(self, cache: Cache, key: str) -> None:
        cache.set(key, "value", ttl=60)
        assert cache.get(key) == "value"
        assert 0 < cache.ttl(key) <= 60
        assert cache.take(key) == "value"
        cache.delete(key)

    def test_no_two_keys_are_the_same(self, cache: Cache) -> None:
        keys = [*KEYS, "A", "a", "é", "e\u0301", "a" * 10_001, "Key", "key", "key "]
        for number, key in enumerate(keys):
            cache.set(key, number)
        assert [cache.get(key) for key in keys] == list(range(len(keys)))

    # Deleting.

    def test_a_deleted_key_is_unknown(self, cache: Cache) -> None:
        cache.set("key", 1)
        cache.delete("key")
        assert cache.get("key") is None
        assert cache.ttl("key") == UNKNOWN

    def test_an_unknown_key_may_be_deleted(self, cache: Cache) -> None:
        cache.delete("unknown")

    def test_a_value_is_taken_once(self, cache: Cache) -> None:
        cache.set("token", {"user": "bob"}, ttl=60)
        assert cache.take("token") == {"user": "bob"}
        assert cache.take("token") is None
        assert cache.get("token") is None

    def test_of_several_takers_one_gets_the_value(self, cache: Cache) -> None:
        barrier = threading.Barrier(TAKERS)

        def take(_: int) -> Any:
            barrier.wait(30)
            return cache.take("token")

        with ThreadPoolExecutor(TAKERS) as threads:
            for round_number in range(10):
                cache.set("token", round_number, ttl=60)
                taken = [value for value in threads.map(take, range(TAKERS)) if value is not None]
                assert taken == [round_number]

    def test_concurrent_writers_of_one_key_leave_one_of_their_values(self, cache: Cache) -> None:
        with ThreadPoolExecutor(TAKERS) as threads:
            list(threads.map(lambda number: cache.set("key", number, ttl=60), range(40)))
        assert cache.get("key") in range(40)

    # Time.

    def test_a_value_without_ttl_does_not_expire(self, cache: Cache) -> None:
        cache.set("key", 1)
        assert cache.ttl("key") == ETERNAL

    def test_an_unknown_key_has_a_ttl_of_its_own_kind(self, cache: Cache) -> None:
        assert cache.ttl("unknown") == UNKNOWN

    def test_the_ttl_is_in_seconds_even_beyond_a_minute(self, cache: Cache) -> None:
        cache.set("key", 1, ttl=150)
        assert 140 < cache.ttl("key") <= 150

    def test_a_value_expires(self, cache: Cache, pass_time: Callable[[float], None]) -> None:
        cache.set("key", 1, ttl=0.05)
        pass_time(0.1)
        assert cache.get("key") is None
        assert cache.take("key") is None
        assert cache.ttl("key") == UNKNOWN

    def test_a_value_is_there_until_it_expires(self, cache: Cache, pass_time: Callable[[float], None]) -> None:
        cache.set("key", 1, ttl=30.5)
        pass_time(0.05)
        assert cache.get("key") == 1
        assert 0 < cache.ttl("key") < 30.5

    def test_setting_again_without_ttl_clears_the_expiry(
        self, cache: Cache, pass_time: Callable[[float], None]
    ) -> None:
        cache.set("key", 1, ttl=0.05)
        cache.set("key", 2)
        pass_time(0.1)
        assert cache.get("key") == 2
        assert cache.ttl("key") == ETERNAL

    def test_an_expired_key_may_be_set_again(self, cache: Cache, pass_time: Callable[[float], None]) -> None:
        cache.set("key", 1, ttl=0.05)
        pass_time(0.1)
        cache.set("key", 2, ttl=60)
        assert cache.get("key") == 2

    def test_expire_gives_a_ttl(self, cache: Cache, pass_time: Callable[[float], None]) -> None:
        cache.set("key", 1)
        cache.expire("key", 0.05)
        assert 0 < cache.ttl("key") <= 0.05
        pass_time(0.1)
        assert cache.get("key") is None

    def test_expire_of_an_unknown_key_changes_nothing(self, cache: Cache) -> None:
        cache.expire("unknown", 60)
        assert cache.ttl("unknown") == UNKNOWN

    def test_expire_does_not_raise_the_dead(self, cache: Cache, pass_time: Callable[[float], None]) -> None:
        cache.set("key", 1, ttl=0.05)
        pass_time(0.1)
        cache.expire("key", 60)
        assert cache.get("key") is None

    @pytest.mark.parametrize("ttl", [0, 0.0, -1, -0.5, float("nan"), float("inf")])
    def test_a_ttl_is_a_positive_number(self, cache: Cache, ttl: float) -> None:
        cache.set("key", 1)
        with pytest.raises(ValueError, match="ttl"):
            cache.set("key", 2, ttl=ttl)
        with pytest.raises(ValueError, match="ttl"):
            cache.expire("key", ttl)
        assert (cache.get("key"), cache.ttl("key")) == (1, ETERNAL)

    @pytest.mark.parametrize("ttl", [1e-9, 1e300])
    def test_a_ttl_may_be_tiny_or_huge(self, cache: Cache, ttl: float) -> None:
        cache.set("key", 1, ttl=ttl)
        cache.expire("key", ttl)

    # Everything at once.

    def test_flush_forgets_everything(self, cache: Cache) -> None:
        for number in range(50):
            cache.set(f"key{number}", number, ttl=60)
        cache.set("a" * 1000, 1)
        cache.flush()
        assert [cache.get(f"key{number}") for number in range(50)] == [None] * 50
        assert cache.get("a" * 1000) is None

    def test_an_empty_cache_may_be_flushed(self, cache: Cache) -> None:
        cache.flush()

    def test_prefixes_do_not_see_each_other(self, cache: Cache, other_cache: Cache) -> None:
        cache.set("key", "mine")
        assert other_cache.get("key") is None
        other_cache.delete("key")
        assert other_cache.take("key") is None
        other_cache.set("key", "theirs")
        assert (cache.get("key"), other_cache.get("key")) == ("mine", "theirs")

    def test_flush_leaves_other_prefixes_alone(self, cache: Cache, other_cache: Cache) -> None:
        cache.set("key", "mine")
        other_cache.set("key", "theirs")
        cache.flush()
        assert (cache.get("key"), other_cache.get("key")) == (None, "theirs")
        cache.set("key", "mine")
        other_cache.flush()
        assert (cache.get("key"), other_cache.get("key")) == ("mine", None)

    # Health.

    def test_a_working_cache_says_so(self, cache: Cache) -> None:
        assert cache.ping() is True

    def test_capabilities_are_known(self, cache: Cache) -> None:
        assert isinstance(cache.durable, bool)
        assert isinstance(cache.shared_between_processes, bool)
