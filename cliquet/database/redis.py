"""Clients of Redis, for the backends that keep something there."""

from __future__ import annotations

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from cliquet.errors import ConfigurationError

__all__ = ["connect"]


def connect(
    url: str, *, setting: str = "cache_url", pool_size: int = 25, timeout: float = 0.25, retries: int = 0
) -> redis.Redis:
    """A client that connects when it is first used, and never waits long.

    :param url: ``redis://[user:password@]host:port/db``, ``rediss://…`` or ``unix://path?db=0``.
    :param setting: where the URL comes from.
    :param pool_size: connections at most.
    :param timeout: seconds to wait for a free connection, to connect, and for an answer; each.
    :param retries: how often a command is sent again when the connection was lost.
    :raises ConfigurationError: the URL is none of these.

    >>> connect("http://localhost")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
      ...
    cliquet.errors.ConfigurationError: cache_url should look like redis://host:6379/0: ...
    """
    try:
        pool = redis.BlockingConnectionPool.from_url(
            url,
            max_connections=pool_size,
            timeout=timeout,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=Retry(NoBackoff(), retries),
            protocol=2,  # with the next: no greetings on a new connection, each of which may take the time limit
            driver_info=None,
        )
    except ValueError as error:
        raise ConfigurationError(f"{setting} should look like redis://host:6379/0: {error}") from None
    return redis.Redis(connection_pool=pool)
