"""``/__flush__``: forget everything that the service keeps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from pyramid.config import Configurator
from pyramid.request import Request

from cliquet.bootstrap import load_default_settings
from cliquet.database.transaction import Transaction
from cliquet.errors import ConfigurationError, InvalidInput, Problem
from cliquet.plugins.named import check_named
from cliquet.protocol import patch
from cliquet.web import calls, transactions
from cliquet.web.components import components
from cliquet.web.service import declare

__all__ = ["ServerFlushed", "flush", "includeme"]

_log = structlog.get_logger("cliquet")
_DEFAULTS = {"flush_principals": (), "flush_endpoint_enabled": True}


@dataclass(frozen=True)
class ServerFlushed:
    """Everything was forgotten; what subscribers raise is logged.

    :param request: the request that asked for it.
    """

    request: Any


def flush(request: Request) -> dict[str, Any]:
    """Forget everything; for those whom the setting ``flush_principals`` names.

    :raises NotAllowed: to everybody else.
    :raises InvalidInput: in a batch, whose other requests would be forgotten as well.
    """
    calls.negotiate(request)
    calls.media_type(request, (patch.JSON,))
    check_named(request, request.registry.settings["flush_principals"])
    if transactions.current(request) is not None:
        raise InvalidInput(Problem("path", None, "A batch cannot flush the service."))
    transactions.run(request, lambda transaction: _forget(request, transaction))
    request.response.status = 202
    return {}


def _forget(request: Request, transaction: Transaction) -> None:
    """Forget what is kept, all of it at once; and then what can be made again."""
    parts: Any = components(request.registry)
    parts.storage.flush(keep_times=True, transaction=transaction)
    if parts.permission is not None:
        parts.permission.flush(transaction=transaction)
    if parts.cache is not None:
        transaction.after_commit(lambda: _safely(parts.cache.flush))
    transaction.after_commit(lambda: _safely(lambda: request.registry.notify(ServerFlushed(request))))


def _safely(work: Callable[[], Any]) -> None:
    """Do what comes after the commit, which stands whatever happens."""
    try:
        work()
    except Exception as error:
        _log.error("Unable to finish the flush", exc_info=error)


def includeme(config: Configurator) -> None:
    """Set the plugin up (``docs/how-to/flush``).

    :raises ConfigurationError: when there is nothing to forget.
    """
    load_default_settings(config, _DEFAULTS)
    parts = components(config.registry)
    if parts.storage is None:
        raise ConfigurationError("Setting 'storage_backend' is missing: there is nothing to flush.")
    if parts.settings.readonly or not config.registry.settings["flush_endpoint_enabled"]:
        return
    declare(config, "flush", "/__flush__", {"POST": flush}, description="Forget everything", renderer="json")
    config.add_api_capability(
        "flush_endpoint",
        description="The __flush__ endpoint can be used to remove all data from all backends.",
        url=parts.settings.project_docs,
    )
