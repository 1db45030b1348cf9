"""``cliquet index``: have the indexes that schemas and records ask for."""

from __future__ import annotations

from pathlib import Path

import click

from cliquet.cli.ini import load, option
from cliquet.errors import ConfigurationError
from cliquet.resource import indexes

__all__ = ["index"]


@click.command()
@option
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
def index(ini: Path, dry_run: bool) -> None:
    """Build the indexes on fields that are wanted, and drop those that are not.

    Schemas name such fields, and so do records, such as the collections of a store, for the ones below them. The
    service goes on meanwhile. To be run by hand, or now and then by a timer.
    """
    parts = load(ini).parts
    if parts.storage is None:
        raise ConfigurationError("Setting 'storage_backend' is missing: there is nothing to index.")
    found = indexes.wanted(parts)
    for name, fields in found.refused.items():
        click.echo(f"{name}: too many fields, not indexed: {', '.join(fields)} (setting storage_max_indexed_fields)")
    steps = 0
    for step in parts.storage.index(found.fields, dry_run=dry_run):
        steps += 1
        click.echo(step)
    if not steps:
        click.echo("Nothing to do.")
