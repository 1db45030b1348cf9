"""Limits of what may be stored below a record: bytes, records, bytes of each record."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pyramid.config import Configurator

from cliquet.errors import ConfigurationError
from cliquet.model import journal
from cliquet.model.access import Level
from cliquet.plugins.quotas.keeper import Keeper
from cliquet.plugins.quotas.limits import Limits
from cliquet.plugins.quotas.resource import Quota
from cliquet.plugins.quotas.shape import Shape
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope, Storage
from cliquet.web.components import Components, components

__all__ = ["includeme", "rebuild"]

NAME = "quota"
#: Where the keeper is in Pyramid's registry.
KEY = "cliquet.quotas"


def includeme(config: Configurator) -> None:
    """Set the plugin up (``docs/how-to/quotas``).

    :raises ConfigurationError: names the setting at fault.
    """
    parts = components(config.registry)
    source = config.registry["cliquet.source"]
    limits = Limits.read(parts.settings.families, map(source.bare, source.ini))
    about = "Limits of what may be stored in a record and below it."
    config.add_api_capability("quotas", description=about, url=parts.settings.project_docs)
    config.when_declared("quotas", lambda: _complete(config, limits))


def rebuild(registry: Any) -> Iterator[tuple[str, bool]]:
    """Count everything again: the paths of the records without a parent, and whether they were counted wrongly.

    :param registry: Pyramid's.
    :raises ConfigurationError: when the plugin is not included.
    """
    keeper: Keeper | None = registry.get(KEY)
    if keeper is None:
        raise ConfigurationError("Setting 'includes': cliquet.plugins.quotas is not there, and nothing is counted.")
    parts = components(registry)
    for root, name in journal.names(parts.tree, NAME).items():
        context = parts.contexts[root]
        for record in context.model("").walk(Query()):
            uri = f"{context.list_path}/{record.id}"
            yield uri, keeper.rebuild(Scope(name, uri), Level(root, uri))


def _complete(config: Configurator, limits: Limits) -> None:
    """What depends on the resources of the application."""
    parts = components(config.registry)
    groups = [name for name, context in parts.contexts.items() if getattr(context.resource, "members_field", "")]
    shape = Shape(parts.tree, groups)
    limits.check(shape.containers)
    keeper = config.registry[KEY] = Keeper(_storage(parts), shape, limits)
    methods = {"collection_methods": ("GET",), "record_methods": ()}
    config.add_journal(NAME, keeper.keep, resource=lambda root: Quota, **methods)


def _storage(parts: Components) -> Storage:
    if parts.storage is None:
        raise ConfigurationError("Mandatory storage backend is missing from configuration: set storage_backend.")
    return parts.storage
