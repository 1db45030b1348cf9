"""``/``: what the service is, and what it can do."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from cliquet.web.components import components
from cliquet.web.replies import as_json
from cliquet.web.service import declare

__all__ = ["PROTOCOL_VERSION", "hello", "includeme"]

PROTOCOL_VERSION = "3"


def hello(request: Request) -> Response:
    """Name, version, settings and capabilities; the user only when somebody is authenticated."""
    parts = components(request.registry)
    settings = parts.settings
    content: dict[str, Any] = {
        **parts.hello,
        "project_name": settings.project_name,
        "project_version": parts.version,
        "http_api_version": parts.http_api_version,
        "project_docs": settings.project_docs,
        "cliquet_protocol_version": PROTOCOL_VERSION,
        "url": f"{request.application_url}/{parts.prefix}/",
        "settings": parts.public_settings,
        "capabilities": parts.capabilities,
    }
    if settings.eos is not None:
        content["eos"] = settings.eos.isoformat()
    if user := request.get_user_info():
        content["user"] = user
    return as_json(content)


def includeme(config: Configurator) -> None:
    """Declares the endpoint."""
    declare(config, "hello", "/", {"GET": hello}, description="Welcome")
