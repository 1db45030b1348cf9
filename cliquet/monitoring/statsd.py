"""Sends measures to a statsd server over UDP."""

from __future__ import annotations

import functools
import logging
import re
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from urllib.parse import urlsplit

from statsd import StatsClient  # the package ships no types

from cliquet.errors import ConfigurationError
from cliquet.monitoring.metrics import Metrics

__all__ = ["Statsd", "load_from_url", "metric_name"]

_logger = logging.getLogger("cliquet.statsd")
_ODD = re.compile(r"[^A-Za-z0-9_.\-]")
_LONGEST_NAME = 200
_START_WAIT_SECONDS = 0.5


@functools.lru_cache(maxsize=4096)
def metric_name(text: str) -> str:
    """The text as statsd can carry it: ASCII, without the separators of its line format.

    >>> metric_name("view.item-collection.POST"), metric_name("basicauth:été|c")
    ('view.item-collection.POST', 'basicauth._t__c')
    """
    return _ODD.sub("_", text.replace(":", "."))[:_LONGEST_NAME]


class Statsd(Metrics):
    """Metrics for a statsd server. A server that is down, or whose name does not resolve, costs the service nothing.

    The name is resolved by a daemon thread; what is measured before that is lost. When it does not resolve, a
    measure taken ``retry_seconds`` later starts the next attempt.

    :param host: a name or an address, IPv4 or IPv6.
    :param port: the UDP port.
    :param prefix: the first component of every name; may be empty.
    :param retry_seconds: shortest time between two attempts to resolve the name.
    :param connect: makes the client of the ``statsd`` package; raises OSError when the name does not resolve.
    :param monotonic: seconds that never go back.
    """

    def __init__(
        self,
        host: str,
        port: int,
        prefix: str,
        *,
        retry_seconds: float = 30.0,
        connect: Callable[..., Any] = StatsClient,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._open = functools.partial(connect, host, port, prefix=metric_name(prefix) or None, ipv6=":" in host)
        self._where = f"{host}:{port}"
        self._retry_seconds = retry_seconds
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._client: Any = None
        self._retry_at = float("-inf")
        self._resolver = threading.Thread()

    def start(self, wait: float = _START_WAIT_SECONDS) -> None:
        """Begin to resolve the server's name, and wait for the result for ``wait`` seconds at most."""
        self._resolve_later()
        if self._resolver.ident is not None:
            self._resolver.join(wait)

    def timer(self, key: str) -> AbstractContextManager[object]:
        return _Timer(self, key)

    def count(self, key: str, n: int = 1) -> None:
        self._send("incr", key, n)

    def unique(self, key: str, value: str) -> None:
        self._send("set", key, metric_name(value))

    def timing(self, key: str, milliseconds: float) -> None:
        """Send a duration that was measured elsewhere."""
        self._send("timing", key, milliseconds)

    def _send(self, kind: str, key: str, value: object) -> None:
        if self._client is None:
            self._resolve_later()
            return
        try:
            getattr(self._client, kind)(metric_name(key), value)
        except (OSError, ValueError) as error:
            _logger.debug("statsd refused %r: %s", key, error)

    def _resolve_later(self) -> None:
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._start_resolver()
        except RuntimeError as error:
            _logger.debug("statsd %s: %s", self._where, error)
        finally:
            self._lock.release()

    def _start_resolver(self) -> None:
        if self._client is not None or self._resolver.is_alive() or self._monotonic() < self._retry_at:
            return
        self._retry_at = self._monotonic() + self._retry_seconds
        self._resolver = threading.Thread(target=self._resolve, name="cliquet-statsd", daemon=True)
        self._resolver.start()

    def _resolve(self) -> None:
        try:
            client = self._open()
            weakref.finalize(self, getattr(client, "close", lambda: None))
            self._client = client
        except (OSError, ValueError) as error:
            _logger.warning(
                "statsd %s: %s. Measures are dropped; next attempt in %d s.", self._where, error, self._retry_seconds
            )


class _Timer:
    """Sends the duration of a block, in ms, when the block ends."""

    __slots__ = ("_key", "_started", "_statsd")

    def __init__(self, statsd: Statsd, key: str) -> None:
        self._statsd = statsd
        self._key = key

    def __enter__(self) -> None:
        self._started = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self._statsd.timing(self._key, 1000.0 * (time.perf_counter() - self._started))


def load_from_url(url: str, prefix: str) -> Statsd:
    """Metrics as the setting ``statsd_url`` asks; the server need not be there.

    :param url: ``udp://host:port``; the port defaults to 8125.
    :param prefix: the project's name, or the setting ``statsd_prefix``.
    :raises ConfigurationError: the URL is not of that form.

    >>> load_from_url("tcp://localhost", "myapp")
    Traceback (most recent call last):
      ...
    cliquet.errors.ConfigurationError: statsd_url should look like udp://host:8125, not 'tcp://localhost'.
    """
    host, port = _parsed(url)
    statsd = Statsd(host, port, prefix)
    statsd.start()
    return statsd


def _parsed(url: str) -> tuple[str, int]:
    advice = f"statsd_url should look like udp://host:8125, not {url!r}."
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 8125
    except ValueError:
        raise ConfigurationError(advice) from None
    if parts.scheme != "udp" or not host:
        raise ConfigurationError(advice)
    return host, port
