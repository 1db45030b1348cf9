"""``/__version__``: which build answers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from cliquet.errors import ConfigurationError
from cliquet.web.components import Components, components
from cliquet.web.service import declare

__all__ = ["includeme", "version"]


def version(request: Request) -> dict[str, Any]:
    """The content of the file that the settings name, or what is known without it."""
    parts = components(request.registry)
    return _from_file(parts) or {
        "name": parts.settings.project_name,
        "version": parts.version,
        "source": parts.settings.project_docs,
        "commit": "",
    }


def _from_file(parts: Components) -> dict[str, Any] | None:
    path = parts.settings.version_json_path
    if not path:
        return None
    try:
        content: dict[str, Any] = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"Setting 'version_json_path': {error}.") from error
    return content


def includeme(config: Configurator) -> None:
    """Declares the endpoint."""
    config.action(None, lambda: _from_file(components(config.registry)))
    declare(config, "version", "/__version__", {"GET": version}, renderer="json")
