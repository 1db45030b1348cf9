"""``cliquet conformance``: check a server, ours or another, against the protocol."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

__all__ = ["conformance"]


@click.command()
@click.argument("url")
@click.option("--collection", default="", help="Path of a per-user collection, such as /articles.")
@click.option(
    "--kinto", is_flag=True, help="Check buckets, groups, collections, records and who may do what with them."
)
@click.option(
    "--only", multiple=True, help="Limit the check to a page or section, such as sharing#lists; may be repeated."
)
@click.option("--auth", default="alice:secret-a", show_default=True, help="user:password of the first user.")
@click.option("--other", default="bob:secret-b", show_default=True, help="user:password of the second user.")
@click.option(
    "--sample",
    "samples",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file with a record that the collection accepts; {n} in a text is a fresh number.",
)
def conformance(url: str, auth: str, other: str, samples: Path | None, **checked: Any) -> None:
    """Check the server at URL against the protocol, as a black box.

    DELETES everything that both users have in the collection, or in their default buckets.
    """
    if not checked["collection"] and not checked["kinto"]:
        raise click.UsageError("Give --collection, --kinto, or both.")
    try:
        from cliquet.conformance import run  # needs pytest, which servers do without
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error}. Type: pip install 'cliquet[conformance]'") from error
    raise SystemExit(run(url, **checked, auth=_pair(auth), other=_pair(other), samples=samples, report=sys.stdout))


def _pair(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not colon:
        raise click.BadParameter(f"user:password is expected, got {text!r}")
    return name, password
