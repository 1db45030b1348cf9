"""What becomes of URLs without a view: other versions, no prefix, trailing slashes (``docs/protocol/url-space``)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from pyramid.request import Request
from pyramid.response import Response

from cliquet.errors import ERRORS
from cliquet.protocol import body
from cliquet.protocol.etag import http_date
from cliquet.web.components import components
from cliquet.web.errors import error_response, is_spoken, json_body

__all__ = ["missing", "unmatched"]

_VERSIONED = re.compile(r"/v\d+(/|$)")


def missing(error: Any, request: Request) -> Response:
    """The answer where nothing was found: what the application says, or what :func:`unmatched` does."""
    return error_response(request, error) if is_spoken(error) else unmatched(request)


def unmatched(request: Request) -> Response:
    """The redirect to where the client probably wanted to go, or a 404 that says what is wrong."""
    parts = components(request.registry)
    path = request.environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    prefix = f"/{parts.prefix}"
    if not _VERSIONED.match(path):
        if parts.settings.version_prefix_redirect_enabled:
            seconds = parts.settings.version_prefix_redirect_ttl_seconds
            return _redirect(request, prefix + _collapsed(f"/{path}"), seconds)
        return _not_available(request)
    if path != prefix and not path.startswith(f"{prefix}/"):
        return _not_available(request)
    better = _better(path, prefix)
    if parts.settings.trailing_slash_redirect_enabled and better != path:
        return _redirect(request, better, parts.settings.trailing_slash_redirect_ttl_seconds)
    return not_found(request, ERRORS.MISSING_RESOURCE, "The resource you are looking for could not be found.")


def not_found(request: Request, errno: ERRORS, message: str) -> Response:
    """A 404."""
    request.environ["cliquet.errno"] = errno.value
    content = json_body(404, errno, message=message)
    return Response(status=404, body=body.encode(content), content_type="application/json")


def _better(path: str, prefix: str) -> str:
    """The path without what should not be there."""
    if path == prefix:
        return f"{prefix}/"
    better = _collapsed(path).rstrip("/")
    return f"{prefix}/" if better == prefix else better


def _collapsed(path: str) -> str:
    return re.sub("//+", "/", path)


def _redirect(request: Request, path: str, seconds: int) -> Response:
    query = request.environ.get("QUERY_STRING", "")
    query = f"?{quote(query, safe='%&=+,:;/?@!$*()~.-_')}" if query else ""
    location = f"{request.application_url}{quote(path)}{query}"
    content = json_body(307, 0, error="Temporary Redirect")
    headers = [("Location", location), ("Content-Type", "application/json"), *_kept(request, seconds)]
    return Response(status=307, headerlist=headers, body=body.encode({"code": content["code"], "location": location}))


def _kept(request: Request, seconds: int) -> list[tuple[str, str]]:
    """How long a redirect may be kept."""
    if seconds < 0:
        return []
    if seconds == 0:
        return [("Cache-Control", "max-age=0, must-revalidate, no-cache, no-store")]
    expires = components(request.registry).clock() + 1000 * seconds
    return [("Cache-Control", f"max-age={seconds}"), ("Expires", http_date(expires))]


def _not_available(request: Request) -> Response:
    return not_found(
        request,
        ERRORS.VERSION_NOT_AVAILABLE,
        "The requested protocol version is not available on this server.",
    )
