"""``cliquet migrate``: bring the databases to the schema of this version."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from cliquet.cli.ini import load, option
from cliquet.errors import ConfigurationError
from cliquet.resource import indexes
from cliquet.storage.base import Storage
from cliquet.web.components import Components

__all__ = ["migrate"]


@click.command()
@option
@click.option("--dry-run", is_flag=True, help="Print the SQL, and change nothing.")
def migrate(ini: Path, dry_run: bool) -> None:
    """Bring the databases to the schema of this version, and build the indexes that schemas of records ask for.

    Safe to run twice, and by two processes at once.
    """
    parts = load(ini, check=False).parts
    if parts.storage is None:
        raise ConfigurationError("Setting 'storage_backend' is missing: there is nothing to migrate.")
    if parts.settings.readonly:
        raise ConfigurationError("The service is read-only (setting 'readonly'): it cannot migrate.")
    steps = parts.storage.migrate(dry_run=dry_run)
    for other in (parts.cache, parts.permission):
        more = other.migrate(dry_run=dry_run) if other is not None else []
        steps += [step for step in more if step not in steps]  # in a dry run, databases that are shared say it twice
    steps += [] if dry_run else _index(parts, parts.storage)
    steps += [] if dry_run else _build(parts, parts.storage)
    for step in steps or ["Nothing to do."]:
        click.echo(step)


def _index(parts: Components, storage: Storage) -> list[str]:
    """The unique fields that were declared after records had been stored."""
    unique = {context.name: context.validator.unique for context in parts.resources.values()}
    missing = {name: fields for name, fields in unique.items() if fields and not storage.knows_unique(name, fields)}
    return [
        f"unique fields of {name}: {storage.index_unique(name, fields)} records read"
        for name, fields in missing.items()
    ]


def _build(parts: Components, storage: Storage) -> Iterator[str]:
    """The indexes that schemas ask for; what records ask for is left as it is."""
    present = storage.indexed()
    both = {name: (*present.get(name, ()), *fields) for name, fields in indexes.declared(parts).items()}
    return storage.index({**present, **both}) if both else iter(())
