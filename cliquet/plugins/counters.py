"""``/__counters__``: how many records and tombstones there are of each resource."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from cliquet.errors import ConfigurationError
from cliquet.plugins.named import check_named
from cliquet.web import calls
from cliquet.web.components import components
from cliquet.web.service import declare

__all__ = ["counters", "includeme"]


def counters(request: Request) -> dict[str, dict[str, int]]:
    """The numbers, of resources that have any; for those whom the setting ``counters_read_principals`` names.

    :raises NotAllowed: to everybody else.
    """
    calls.negotiate(request)
    parts = components(request.registry)
    check_named(request, parts.settings.families.get("counters_read_principals", ()))
    assert parts.storage is not None, "the plugin needs a storage"
    tallies = parts.storage.tally()
    return {
        "objects": {name: tally.records for name, tally in tallies.items() if tally.records},
        "tombstones": {name: tally.tombstones for name, tally in tallies.items() if tally.tombstones},
    }


def includeme(config: Configurator) -> None:
    """Set the plugin up (``docs/how-to/counters``).

    :raises ConfigurationError: when there is nothing to count.
    """
    parts: Any = components(config.registry)
    if parts.storage is None:
        raise ConfigurationError("Setting 'storage_backend' is missing: there is nothing to count.")
    declare(config, "counters", "/__counters__", {"GET": counters}, description="Numbers of records", renderer="json")
    config.add_api_capability(
        "counters_endpoint",
        description="The __counters__ endpoint says how many records there are of each resource.",
        url=parts.settings.project_docs,
    )
