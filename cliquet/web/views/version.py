"""``/__version__`` and ``/contribute.json``: which build answers, and where to help."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pyramid.config import Configurator
from pyramid.request import Request

from cliquet.errors import ConfigurationError
from cliquet.version import __version__
from cliquet.web.components import Components, components
from cliquet.web.service import declare

__all__ = ["contribute", "includeme", "version"]


def version(request: Request) -> dict[str, Any]:
    """The content of the file that the settings name, or what is known without it."""
    parts = components(request.registry)
    return _from_file("version_json_path", parts) or {
        "name": parts.settings.project_name,
        "version": parts.version,
        "source": parts.settings.project_docs,
        "commit": "",
    }


def contribute(request: Request) -> dict[str, Any]:
    """The content of the file that the settings name, or what is known without it."""
    parts = components(request.registry)
    return _from_file("contribute_json_path", parts) or {
        "name": parts.settings.project_name,
        "description": f"A service of JSON records, made with Cliquet {__version__}.",
        "participate": {"docs": parts.settings.project_docs},
    }


def _from_file(setting: str, parts: Components) -> dict[str, Any] | None:
    path = getattr(parts.settings, setting)
    if not path:
        return None
    try:
        content: dict[str, Any] = json.loads(Path(path).read_text())
    except (OSError, ValueError) as error:
        raise ConfigurationError(f"Setting {setting!r}: {error}.") from error
    return content


def includeme(config: Configurator) -> None:
    """Declares the endpoints, whose files have to be there when the service starts."""
    for setting in ("version_json_path", "contribute_json_path"):
        _from_file(setting, components(config.registry))
    declare(config, "version", "/__version__", {"GET": version}, renderer="json")
    declare(config, "contribute", "/contribute.json", {"GET": contribute}, renderer="json")
