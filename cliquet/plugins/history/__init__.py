"""An entry for every change of shared records, and snapshots of what they were."""

from __future__ import annotations

from collections.abc import Iterator

from pyramid.config import Configurator

from cliquet.bootstrap import load_default_settings
from cliquet.errors import ConfigurationError
from cliquet.model import journal
from cliquet.model.access import Level
from cliquet.plugins.history import resource, snapshot
from cliquet.plugins.history.options import DEFAULTS, Options, described
from cliquet.plugins.history.recorder import Recorder
from cliquet.plugins.history.trimming import Trimmer
from cliquet.protocol.query import Query
from cliquet.resource.paths import Paths
from cliquet.storage.base import Scope, Storage
from cliquet.web.components import Components, components

__all__ = ["includeme"]

NAME = "history"


def includeme(config: Configurator) -> None:
    """Set the plugin up (``docs/how-to/history``).

    :raises ConfigurationError: names the setting at fault.
    """
    load_default_settings(config, DEFAULTS)
    parts, source = components(config.registry), config.registry["cliquet.source"]
    options, storage = Options.read(config.registry.settings, map(source.bare, source.ini)), _storage(parts)
    trimmer = Trimmer(storage, options)
    permission = parts.permission if parts.settings.explicit_permissions else None
    config.add_journal(
        NAME,
        Recorder(storage, parts.tree, permission, options, trimmer).keep,
        resource=lambda root: resource.resource(_resources(parts, root)),
        roots=options.resources,
        collection_methods=("GET", "DELETE"),
        record_methods=(),
    )
    config.add_purge("History entries", lambda: trimmer.trim_all(_histories(parts, options)))
    config.when_declared(NAME, lambda: _complete(config, options))


def _complete(config: Configurator, options: Options) -> None:
    """What depends on the resources of the application."""
    parts = components(config.registry)
    paths = Paths.of(parts)

    def levels_of(uri: str) -> tuple[Level, ...]:
        place = paths.find(uri)
        return place.levels if place is not None else ()

    about, url = "Track changes on data.", parts.settings.project_docs
    config.add_api_capability(NAME, description=about, url=url, **described(options, levels_of))
    snapshot.serve(config, journal.names(parts.tree, NAME, options.resources))


def _resources(parts: Components, root: str) -> list[str]:
    """What a history of records of a root has entries about."""
    return [root, *(name for name in parts.tree.depths(root) if not parts.tree.kinds[name].journal)]


def _histories(parts: Components, options: Options) -> Iterator[Scope]:
    """All histories."""
    for root, name in journal.names(parts.tree, NAME, options.resources).items():
        context = parts.contexts[root]
        for record in context.model("").walk(Query()):
            yield Scope(name, f"{context.list_path}/{record.id}")


def _storage(parts: Components) -> Storage:
    if parts.storage is None:
        raise ConfigurationError("Mandatory storage backend is missing from configuration: set storage_backend.")
    return parts.storage
