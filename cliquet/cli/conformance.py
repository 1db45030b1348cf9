"""``cliquet conformance``: check a server, ours or another, against the protocol."""

from __future__ import annotations

import sys
from pathlib import Path

import click

__all__ = ["conformance"]


@click.command()
@click.argument("url")
@click.option("--collection", required=True, help="Path of a per-user collection, such as /articles.")
@click.option("--auth", default="alice:secret-a", show_default=True, help="user:password of the first user.")
@click.option("--other", default="bob:secret-b", show_default=True, help="user:password of the second user.")
@click.option(
    "--sample",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="JSON file with a record that the collection accepts; {n} in a text is a fresh number.",
)
def conformance(url: str, collection: str, auth: str, other: str, sample: Path | None) -> None:
    """Check the server at URL against the protocol, as a black box.

    DELETES everything that both users have in the collection.
    """
    try:
        from cliquet.conformance import run  # needs pytest, which servers do without
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error}. Type: pip install 'cliquet[conformance]'") from error
    code = run(url, collection=collection, auth=_pair(auth), other=_pair(other), samples=sample, report=sys.stdout)
    raise SystemExit(code)


def _pair(text: str) -> tuple[str, str]:
    name, colon, password = text.partition(":")
    if not colon:
        raise click.BadParameter(f"user:password is expected, got {text!r}")
    return name, password
