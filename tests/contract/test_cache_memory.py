"""The contract of a cache, kept by the one in memory."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cliquet.cache.base import Cache
from cliquet.cache.forgiving import Forgiving
from cliquet.cache.memory import MemoryCache
from cliquet.testing.cache import CacheContract, ManualClock


class TestMemoryCache(CacheContract):
    @pytest.fixture
    def clock(self) -> ManualClock:
        return ManualClock()

    @pytest.fixture
    def pass_time(self, clock: ManualClock) -> Callable[[float], None]:
        return clock.advance

    @pytest.fixture
    def cache(self, clock: ManualClock) -> Cache:
        return MemoryCache(now=clock)

    @pytest.fixture
    def other_cache(self, clock: ManualClock) -> Cache:
        return MemoryCache(now=clock)


class TestForgivingCacheThatWorks(TestMemoryCache):
    @pytest.fixture
    def cache(self, clock: ManualClock) -> Cache:
        return Forgiving(MemoryCache(now=clock))
