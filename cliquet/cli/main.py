"""Finds the sub-commands, and turns errors that a person can mend into a line of text."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import click

from cliquet.errors import CliquetError
from cliquet.version import __version__

__all__ = ["COMMANDS", "main"]

#: Where the commands are; only the one that is typed is imported, for a server starts with one of them.
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "start": ("cliquet.cli.start", "start"),
        "migrate": ("cliquet.cli.migrate", "migrate"),
        "index": ("cliquet.cli.index", "index"),
        "create-user": ("cliquet.cli.create_user", "create_user"),
        "explain": ("cliquet.cli.explain", "explain_command"),
        "purge": ("cliquet.cli.purge", "purge"),
        "rebuild-quotas": ("cliquet.cli.rebuild_quotas", "rebuild_quotas"),
        "conformance": ("cliquet.cli.conformance", "conformance"),
    }
)


class _Commands(click.Group):
    """Commands that are imported when they are needed, and whose errors are told without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CliquetError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cliquet")
def main() -> None:
    """Offline-first JSON services."""
