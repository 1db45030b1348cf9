"""``cliquet start``: serve an application."""

from __future__ import annotations

import gc
import json
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click

from cliquet.cli.ini import load, option
from cliquet.cli.processes import keep
from cliquet.cli.serving import serve
from cliquet.web.components import Components

__all__ = ["start"]

#: How many connections may wait to be accepted.
_BACKLOG = 1024


@click.command()
@option
@click.option("--host", default=None, help="Address to bind; by default the INI file's, or 127.0.0.1.")
@click.option("--port", default=None, type=click.IntRange(0, 65535), help="By default the INI file's, or 8000.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(min=1), help="Requests at a time.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(min=1), help="Each with its threads.")
def start(ini: Path, host: str | None, port: int | None, threads: int, processes: int) -> None:
    """Serve the application of an INI file."""
    with _long_lived():
        loaded = load(ini)
    _check_shared(loaded.parts, processes)
    wanted = host or loaded.server.get("host", "127.0.0.1")
    listener = _listener(wanted, loaded.server.get("port", 8000) if port is None else port)
    for line in banner(loaded.parts, wanted, listener.getsockname()[1]):
        click.echo(line)
    sys.stdout.flush()
    answer = partial(serve, loaded.app, listener, threads, loaded.parts.settings.batch_max_body_bytes * 2)
    if processes == 1:
        answer()
    else:
        keep(processes, answer, listener.close)


@contextmanager
def _long_lived() -> Iterator[None]:
    """What is made in the block lives as long as the process; the garbage collector need not look at it, ever."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()


def _check_shared(parts: Components, processes: int) -> None:
    """Processes do not share their memory."""
    if processes > 1 and (parts.storage is None or not parts.storage.durable):
        raise click.ClickException("--processes: with the data in memory, each process would have its own.")


def banner(parts: Components, host: str, port: int) -> Iterator[str]:
    """What a person wants to know first: where it is, where the data is, and what to type."""
    shown = "127.0.0.1" if host in ("0.0.0.0", "") else host
    base = f"http://{shown}:{port}/{parts.prefix}"
    yield f"{parts.settings.project_name or 'The service'} is at {base}/"
    yield f"  heartbeat   {base}/__heartbeat__"
    yield f"  data        {_data(parts)}"
    yield f"  policies    {', '.join(parts.policies)}"
    for context in {context.name: context for context in parts.resources.values()}.values():
        path = context.viewset.path("collection")
        yield f"  {context.viewset.segment:11} {base}{path}"
        if context.resource.example is not None and "{" not in path:
            yield "Store a first one:"
            yield f"  {_curl(base + path, context.resource.example)}"
    for say in parts.banners:
        yield from say(base)


def _listener(host: str, port: int | str) -> socket.socket:
    """The socket at an address, which nobody else listens on."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    return listener


def _data(parts: Components) -> str:
    settings = parts.settings
    if parts.storage is None or not parts.storage.durable:
        return "IN MEMORY ONLY: everything is gone when the server stops"
    return settings.storage_url.rpartition("@")[2] if "@" in settings.storage_url else settings.storage_url


def _curl(url: str, example: Any) -> str:
    body = json.dumps({"data": dict(example)})
    return f"curl -u alice:secret -H 'Content-Type: application/json' -d '{body}' {url}"
