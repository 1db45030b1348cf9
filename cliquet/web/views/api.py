"""``/__api__``: what the service offers, in OpenAPI 3.1."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from cliquet.web import openapi
from cliquet.web.components import components
from cliquet.web.service import declare

__all__ = ["api", "includeme"]


def api(request: Request) -> dict[str, Any]:
    """The OpenAPI document of this application."""
    services = request.registry.cornice_services.values()
    return openapi.document(components(request.registry), services, request.application_url)


def includeme(config: Configurator) -> None:
    """Declares the endpoint."""
    declare(config, "api", "/__api__", {"GET": api}, description="OpenAPI", renderer="json")
