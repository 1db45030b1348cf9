"""The command ``cliquet``: one file per sub-command."""

from cliquet.cli.main import main

__all__ = ["main"]
