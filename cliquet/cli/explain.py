"""``cliquet explain``: say what a user may do with a record, and why."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import click

from cliquet.cli.ini import load, option
from cliquet.errors import CliquetError, RecordNotFound
from cliquet.model.access import ROOT, Level
from cliquet.model.judge import NOBODY, Decision, Who
from cliquet.permission.base import EVERYONE
from cliquet.resource.paths import Paths, Place
from cliquet.web.components import Components

__all__ = ["NotExplained", "explain", "explain_command"]


class NotExplained(CliquetError):
    """There is nothing to explain; the text says why not."""


@click.command("explain")
@click.argument("uri")
@click.argument("user")
@option
@click.option("--permission", default=None, metavar="NAME", help="Only this permission, such as read.")
def explain_command(uri: str, user: str, ini: Path, permission: str | None) -> None:
    """Say what USER may do with the record at URI, and why.

    URI is a path such as /buckets/b/collections/c, or / for what may be created without a parent. USER is the id that
    hello shows, such as account:alice; system.Everyone is who is nobody in particular.
    """
    found = explain(load(ini).parts, uri, user, permission=permission)
    width = max(map(len, found))
    for name, decision in found.items():
        click.echo(f"{name:{width}}  {_sentence(decision)}")


def explain(parts: Components, uri: str, user_id: str, *, permission: str | None = None) -> dict[str, Decision]:
    """What somebody may do with a record, by permission.

    :param uri: the path of the record, with the version or without; ``/`` for the root.
    :param user_id: the prefixed id of a user.
    :param permission: the only one that is asked for.
    :raises NotExplained: when there is no such record, resource or permission.
    """
    levels = _levels(parts, uri)
    known = list(_permissions(parts, levels))
    if not known:
        raise NotExplained("There are no permissions in this service.")
    if permission is not None and permission not in known:
        raise NotExplained(f"There is no permission {permission!r} on {uri}, only {', '.join(known)}.")
    who = NOBODY if user_id == EVERYONE else Who.user(user_id)
    return {name: parts.judge.explain(who, levels, name) for name in known if permission in (None, name)}


def _sentence(decision: Decision) -> str:
    return f"allowed by {', and by '.join(decision.because)}" if decision.allowed else "not allowed"


def _levels(parts: Components, uri: str) -> tuple[Level, ...]:
    """The record and those above it; none for the root."""
    path = "/" + uri.removeprefix(f"/{parts.prefix}/").strip("/")
    if path == "/":
        return ()
    place = Paths.of(parts).find(path)
    if place is None or not place.is_possible:
        templates = ", ".join(_templates(parts)) or "none"
        raise NotExplained(f"{uri!r} is the path of no record with permissions. Their paths are: {templates}.")
    _check(place)
    return place.levels


def _check(place: Place) -> None:
    """Whether the record exists."""
    try:
        place.context.storage.get(place.scope, place.record_id)
    except RecordNotFound:
        raise NotExplained(f"There is no {place.context.name} at {place.uri}.") from None


def _permissions(parts: Components, levels: tuple[Level, ...]) -> Iterator[str]:
    """The permissions that somebody may have there."""
    kinds = parts.tree.kinds
    if levels:
        return iter((*kinds[levels[-1].resource].permissions, "read:attributes"))
    return (f"{kind.name}:create" for kind in kinds.values() if kind.under == ROOT)


def _templates(parts: Components) -> Iterator[str]:
    return (context.viewset.path("record") for context in Paths.of(parts))
