"""``cliquet rebuild-quotas``: count again what quotas are about."""

from __future__ import annotations

from pathlib import Path

import click

from cliquet.cli.ini import load, option
from cliquet.plugins import quotas

__all__ = ["rebuild_quotas"]


@click.command()
@option
def rebuild_quotas(ini: Path) -> None:
    """Count again how much is stored, for the quotas.

    Needed when the plugin was left out for a while. Services may go on meanwhile.
    """
    counted = dict(quotas.rebuild(load(ini).app.registry))
    for uri in sorted(uri for uri, wrong in counted.items() if wrong):
        click.echo(f"Counted anew: {uri}")
    click.echo(f"Counted: {len(counted)}")
