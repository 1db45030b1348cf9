"""How durations, counts and distinct values are measured, whatever collects them."""

from __future__ import annotations

import functools
import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar, cast

__all__ = ["Metrics", "NoMetrics", "Timed"]

T = TypeVar("T")
_NOTHING: AbstractContextManager[object] = nullcontext()


class Metrics(ABC):
    """Collects measures. No method ever raises, or waits for the collector.

    >>> class Printed(NoMetrics):
    ...     def count(self, key, n=1):
    ...         print(key, n)
    >>> metrics: Metrics = Printed()
    >>> metrics.count("view.article.get")
    view.article.get 1
    """

    @abstractmethod
    def timer(self, key: str) -> AbstractContextManager[object]:
        """Measure how long a ``with`` block lasts.

        :param key: a dotted name, such as ``storage.storage.get``.
        """

    @abstractmethod
    def count(self, key: str, n: int = 1) -> None:
        """Add ``n`` to a counter."""

    @abstractmethod
    def unique(self, key: str, value: str) -> None:
        """Add a value to a set, of which the collector counts the members."""

    def watch(self, target: T, prefix: str) -> T:
        """The target with its public methods timed as ``<prefix>.<method>``; see :class:`Timed`."""
        return cast(T, Timed(target, self, prefix))


class NoMetrics(Metrics):
    """Measures nothing, for services without a collector.

    >>> with NoMetrics().timer("anything"):
    ...     NoMetrics().count("something", 3)
    """

    def timer(self, key: str) -> AbstractContextManager[object]:
        return _NOTHING

    def count(self, key: str, n: int = 1) -> None:
        pass

    def unique(self, key: str, value: str) -> None:
        pass

    def watch(self, target: T, prefix: str) -> T:
        """The target itself: what is not measured costs nothing."""
        return target


class Timed:
    """Stands in front of a backend, and times each of its public methods.

    A method is wrapped once, when it is first used; other attributes are read from the backend each time.

    :param target: the backend.
    :param metrics: receives the durations.
    :param prefix: ``storage.storage``, ``cache.cache`` or ``permission.permission``; the method's name is appended.

    >>> class Collected(NoMetrics):
    ...     def timer(self, key):
    ...         print(key)
    ...         return super().timer(key)
    >>> Timed("a b", Collected(), "text.str").split()
    text.str.split
    ['a', 'b']
    """

    def __init__(self, target: object, metrics: Metrics, prefix: str) -> None:
        self._target = target
        self._metrics = metrics
        self._prefix = prefix

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if name.startswith("_") or not inspect.isroutine(value):
            return value
        timed = self.__dict__[name] = _timed(value, self._metrics, f"{self._prefix}.{name}")
        return timed

    def __repr__(self) -> str:
        return f"Timed({self._target!r})"


def _timed(method: Callable[..., Any], metrics: Metrics, key: str) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with metrics.timer(key):
            return method(*args, **kwargs)

    return call
