"""What NoMetrics and Timed promise."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import pytest

from cliquet.monitoring.metrics import Metrics, NoMetrics, Timed


class Recorded(Metrics):
    def __init__(self) -> None:
        self.keys: list[str] = []

    def timer(self, key: str) -> AbstractContextManager[object]:
        self.keys.append(key)
        return nullcontext()

    def count(self, key: str, n: int = 1) -> None:
        self.keys.append(key)

    def unique(self, key: str, value: str) -> None:
        self.keys.append(key)


class Backend:
    durable = True

    def get(self, key: str, *, default: int = 0) -> tuple[str, int]:
        return key, default

    def fail(self) -> None:
        raise KeyError("no")

    def _private(self) -> int:
        return 1


def test_each_public_method_is_timed_under_its_name() -> None:
    metrics = Recorded()
    backend = metrics.watch(Backend(), "storage.storage")
    assert backend.get("a", default=3) == ("a", 3)
    assert metrics.keys == ["storage.storage.get"]


def test_a_failing_method_is_timed_and_its_error_passes() -> None:
    metrics = Recorded()
    with pytest.raises(KeyError):
        metrics.watch(Backend(), "storage.storage").fail()
    assert metrics.keys == ["storage.storage.fail"]


def test_a_method_is_wrapped_once() -> None:
    timed = Timed(Backend(), Recorded(), "cache.cache")
    assert timed.get is timed.get


def test_attributes_and_private_methods_are_not_timed() -> None:
    metrics = Recorded()
    timed = Timed(Backend(), metrics, "cache.cache")
    assert timed.durable is True
    assert timed._private() == 1
    assert metrics.keys == []


def test_an_unknown_attribute_is_an_attribute_error() -> None:
    assert not hasattr(Timed(Backend(), Recorded(), "cache.cache"), "missing")


def test_without_metrics_the_backend_is_used_as_it_is() -> None:
    backend = Backend()
    assert NoMetrics().watch(backend, "storage.storage") is backend
