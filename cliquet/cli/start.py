"""``cliquet start``: serve an application."""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import waitress

from cliquet.cli.ini import Loaded, load, option
from cliquet.web.components import Components

__all__ = ["start"]


@click.command()
@option
@click.option("--host", default=None, help="Address to bind; by default the INI file's, or 127.0.0.1.")
@click.option("--port", default=None, type=click.IntRange(0, 65535), help="By default the INI file's, or 8000.")
@click.option("--threads", default=8, show_default=True, type=click.IntRange(min=1), help="Requests at a time.")
def start(ini: Path, host: str | None, port: int | None, threads: int) -> None:
    """Serve the application of an INI file."""
    loaded = load(ini)
    wanted = host or loaded.server.get("host", "127.0.0.1")
    server = _server(loaded, wanted, loaded.server.get("port", 8000) if port is None else port, threads)
    for line in banner(loaded.parts, wanted, server.effective_port):
        click.echo(line)
    sys.stdout.flush()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    server.run()


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


def _server(loaded: Loaded, host: str, port: int | str, threads: int) -> Any:
    """A server that slow clients cannot silence: it hands over requests when they are complete."""
    try:
        return waitress.create_server(
            loaded.app,
            host=host,
            port=port,
            threads=threads,
            ident="cliquet",
            connection_limit=5000,
            asyncore_use_poll=True,
            max_request_body_size=loaded.parts.settings.batch_max_body_bytes * 2,
        )
    except OSError as error:
        raise click.ClickException(f"Cannot listen on {host}:{port}: {error.strerror}.") from error


def _data(parts: Components) -> str:
    settings = parts.settings
    if parts.storage is None or not parts.storage.durable:
        return "IN MEMORY ONLY: everything is gone when the server stops"
    return settings.storage_url.rpartition("@")[2] if "@" in settings.storage_url else settings.storage_url


def _curl(url: str, example: Any) -> str:
    body = json.dumps({"data": dict(example)})
    return f"curl -u alice:secret -H 'Content-Type: application/json' -d '{body}' {url}"
