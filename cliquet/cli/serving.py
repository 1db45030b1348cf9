"""One process that answers requests, until it is asked to end; then it answers those that it has."""

from __future__ import annotations

import os
import signal
import socket
import time
from typing import Any

import waitress
from waitress import wasyncore

__all__ = ["serve"]

#: Seconds for requests that were begun when the end was asked for; longest wait of the loop.
GRACE, PAUSE = 30.0, 1.0
#: How long to look whether anything is left to do.
_GLANCE = 0.05


def serve(app: Any, listener: socket.socket, threads: int, max_body: int, parent: int | None = None) -> None:
    """Answer requests until SIGTERM, SIGINT, or the end of the process that started this one.

    A server that slow clients cannot silence: it hands over requests when they are complete. Asked to end, it takes no
    more connections, and answers what it was asked on those that it has.

    :param listener: where it listens, perhaps with other processes.
    :param max_body: in bytes, what no body of a request may exceed.
    :param parent: the process that started this one; without it this one ends.
    """
    channels: dict[int, Any] = {}
    server = waitress.create_server(
        app,
        map=channels,
        sockets=[listener],
        threads=threads,
        ident="cliquet",
        connection_limit=5000,
        asyncore_use_poll=True,
        max_request_body_size=max_body,
    )
    end = _End(server)
    while not end.asked and (parent is None or os.getppid() == parent):
        wasyncore.loop(timeout=PAUSE, use_poll=True, map=channels, count=1)
    _refuse_more(server, channels)
    _answer_the_rest(server, channels)
    server.task_dispatcher.shutdown()


class _End:
    """Whether somebody asked for the end.

    :param server: woken up when they do.
    """

    def __init__(self, server: Any) -> None:
        self.asked = False
        self._server = server
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True
        self._server.pull_trigger()


def _refuse_more(server: Any, channels: dict[int, Any]) -> None:
    """Take the connections that are there already, and listen no more."""
    known = -1
    while known != len(channels):
        known = len(channels)
        server.handle_accept()
    server.del_channel(channels)
    server.socket.close()


def _answer_the_rest(server: Any, channels: dict[int, Any]) -> None:
    """Go on until nothing is left to answer, twice in a row, or the time is over."""
    deadline, idle = time.monotonic() + GRACE, 0
    while idle < 2 and time.monotonic() < deadline:
        wasyncore.loop(timeout=_GLANCE, use_poll=True, map=channels, count=1)
        busy = any(channel.requests or channel.total_outbufs_len for channel in list(server.active_channels.values()))
        idle = 0 if busy else idle + 1
