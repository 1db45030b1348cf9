"""Clients that send a byte now and then, and good ones that want an answer meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import NamedTuple

__all__ = ["Meanwhile", "asked", "besiege"]

#: How many connections drip their bodies, and how many their headers.
SLOW = 500
GOOD, PATIENCE = 8, 3.0
#: Seconds between two bytes of each slow connection, and before the good ones ask.
PAUSE, AHEAD = 1.0, 3.0
#: Seconds that opening the slow ones may take.
OPENING = 20.0


class Meanwhile(NamedTuple):
    """How good requests went: how many were answered, the longest of these in ms."""

    answered: int
    slowest: float


def besiege(port: int, head: bytes, good: bytes) -> Meanwhile:
    """Send good requests while others drip theirs.

    :param head: a request that writes, without the length of its body and the empty line.
    :param good: a whole request.
    """
    begun = [head + b"Content-Length: 1000\r\n\r\n", head + b"X-Slow: "]
    deadline = time.monotonic() + OPENING
    slow = [one for number in range(2 * SLOW) if (one := _opened(port, begun[number % 2], deadline))]
    ended = threading.Event()
    dripping = threading.Thread(target=_drip, args=(slow, ended))
    dripping.start()
    try:
        time.sleep(AHEAD)
        times = [_timed(port, good) for _ in range(GOOD)]
    finally:
        ended.set()
        dripping.join()
        for one in slow:
            one.close()
    answered = [one for one in times if one is not None]
    return Meanwhile(len(answered), 1000 * max(answered, default=0))


def asked(connection: socket.socket, request: bytes) -> bytes:
    """The answer to a request: its status line, headers and body.

    :raises OSError: when there is none.
    """
    connection.sendall(request)
    data = b""
    while b"\r\n\r\n" not in data:
        data += _more(connection)
    head, _, rest = data.partition(b"\r\n\r\n")
    _, _, length = head.lower().partition(b"content-length:")
    missing = int(length.split(None, 1)[0] or 0) - len(rest)
    while missing > 0:
        more = _more(connection)
        data, missing = data + more, missing - len(more)
    return data


def _opened(port: int, beginning: bytes, deadline: float) -> socket.socket | None:
    """A connection with the beginning of a request; none when the server takes no more before the time is over."""
    if time.monotonic() > deadline:
        return None
    try:
        connection = socket.create_connection(("127.0.0.1", port), timeout=1)
    except OSError:
        return None
    connection.sendall(beginning)
    connection.setblocking(False)
    return connection


def _drip(connections: list[socket.socket], ended: threading.Event) -> None:
    while not ended.wait(PAUSE):
        for connection in connections:
            with suppress(OSError):
                connection.send(b" ")


def _timed(port: int, request: bytes) -> float | None:
    """Seconds until a new connection had its answer; ``None`` when patience ended before."""
    began = time.monotonic()
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
            good = asked(connection, request).startswith(b"HTTP/1.1 200")
    except OSError:
        return None
    return time.monotonic() - began if good else None


def _more(connection: socket.socket) -> bytes:
    data = connection.recv(65536)
    if not data:
        raise OSError("the server closed the connection")
    return data
