"""``cliquet purge``: forget old tombstones."""

from __future__ import annotations

from pathlib import Path

import click

from cliquet.cli.ini import load, option
from cliquet.errors import ConfigurationError
from cliquet.protocol.timestamps import DAY

__all__ = ["purge"]


@click.command()
@option
@click.option("--days", type=click.IntRange(min=1), required=True, help="Forget tombstones older than this.")
def purge(ini: Path, days: int) -> None:
    """Forget tombstones that are older than some days.

    Clients that were away for longer are told to start over (410). Plugins may forget more, as their settings say.
    """
    parts = load(ini).parts
    storage = parts.storage
    if storage is None:
        raise ConfigurationError("Setting 'storage_backend' is missing: there is nothing to purge.")
    gone = storage.purge(storage.clock() - days * DAY)
    click.echo(f"Tombstones forgotten: {gone}")
    for name, work in parts.purges.items():
        click.echo(f"{name} forgotten: {work()}")
