"""Serves a build of the admin console below ``/v1/admin/``."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from types import MappingProxyType

import structlog
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPMethodNotAllowed, HTTPNotFound, HTTPTemporaryRedirect
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet.bootstrap import load_default_settings

__all__ = ["Asset", "includeme", "load"]

_log = structlog.get_logger("kinto")
_INDEX = "index.html"
_KEY = "kinto.admin"
#: The console compiles schemas to functions, which is 'unsafe-eval'; it shows attachments of any host.
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src data: *; "
    "object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
_TYPES: Mapping[str, str] = MappingProxyType(
    {
        ".css": "text/css; charset=utf-8",
        ".gif": "image/gif",
        ".html": "text/html; charset=utf-8",
        ".ico": "image/x-icon",
        ".jpg": "image/jpeg",
        ".js": "text/javascript; charset=utf-8",
        ".json": "application/json",
        ".map": "application/json",
        ".mjs": "text/javascript; charset=utf-8",
        ".png": "image/png",
        ".svg": "image/svg+xml",
        ".txt": "text/plain; charset=utf-8",
        ".webp": "image/webp",
        ".woff": "font/woff",
        ".woff2": "font/woff2",
    }
)


@dataclass(frozen=True)
class Asset:
    """A file of the console.

    :param kind: its media type.
    :param tag: changes with its content.
    :param fixed: whether what has this name never changes.
    """

    content: bytes
    kind: str
    tag: str
    fixed: bool


def load(folder: Path) -> dict[str, Asset]:
    """The files of a build by their paths in it; what is not among them cannot be asked for."""
    paths = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): _asset(path, folder) for path in paths}


def _asset(path: Path, folder: Path) -> Asset:
    content = path.read_bytes()
    kind = _TYPES.get(path.suffix.lower(), "application/octet-stream")
    # The build has the digest of a file in its name there.
    fixed = path.relative_to(folder).parts[0] == "assets"
    return Asset(content, kind, hashlib.sha256(content).hexdigest()[:32], fixed)


def redirect(request: Request) -> Response:
    """To the address with a slash: the console's own links are relative to it."""
    query = f"?{request.query_string}" if request.query_string else ""
    return HTTPTemporaryRedirect(f"{request.path_url}/{query}")


def serve(request: Request) -> Response:
    """A file of the console; its routes are answered with its first page."""
    if request.method not in ("GET", "HEAD"):
        raise HTTPMethodNotAllowed(headers={"Allow": "GET, HEAD, OPTIONS"})
    files: Mapping[str, Asset] = request.registry[_KEY]
    path = PurePosixPath(request.matchdict["path"])
    found = files.get(str(path))
    if found is None and (path.suffix or ".." in path.parts):
        raise HTTPNotFound
    return _response(found or files[_INDEX])


def _response(asset: Asset) -> Response:
    response = Response(body=asset.content, conditional_response=True, etag=asset.tag)
    response.headers["Content-Type"] = asset.kind
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable" if asset.fixed else "no-cache"
    return response


def includeme(config: Configurator) -> None:
    """Adds the setting, what consoles need, and the routes and the capability when there is one to serve."""
    load_default_settings(config, {"admin_assets_path": ""})
    # A console lists what its user may see with this, also one that is served elsewhere.
    config.include("cliquet.plugins.permissions_endpoint")
    given = config.registry.settings["admin_assets_path"]
    files = load(Path(given)) if given else {}
    if _INDEX in files:
        _add(config, files)
    elif given:
        _log.warning(f"Setting 'admin_assets_path': no {_INDEX} in {given!r}, so there is no admin console.")


def _add(config: Configurator, files: Mapping[str, Asset]) -> None:
    config.registry[_KEY] = files
    config.add_route("admin", "/admin")
    config.add_route("admin-files", "/admin/{path:.*}")
    config.add_view(redirect, route_name="admin", permission=NO_PERMISSION_REQUIRED)
    config.add_view(serve, route_name="admin-files", permission=NO_PERMISSION_REQUIRED)
    version = files["VERSION"].content.decode("utf-8", "replace").strip() if "VERSION" in files else ""
    config.add_api_capability(
        "admin", "Serves the admin console.", "https://github.com/Kinto/kinto-admin", version=version
    )
