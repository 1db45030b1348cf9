"""Finds the sub-commands, and turns errors that a person can mend into a line of text."""

from __future__ import annotations

from typing import Any

import click

from cliquet.cli.conformance import conformance
from cliquet.cli.create_user import create_user
from cliquet.cli.explain import explain_command
from cliquet.cli.index import index
from cliquet.cli.migrate import migrate
from cliquet.cli.purge import purge
from cliquet.cli.rebuild_quotas import rebuild_quotas
from cliquet.cli.start import start
from cliquet.errors import CliquetError
from cliquet.version import __version__

__all__ = ["main"]


class _Commands(click.Group):
    """Commands whose errors are told without a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CliquetError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cliquet")
def main() -> None:
    """Offline-first JSON services."""


for command in (start, migrate, index, create_user, explain_command, purge, rebuild_quotas, conformance):
    main.add_command(command)
