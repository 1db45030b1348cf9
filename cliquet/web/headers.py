"""The one pass around every request: what all answers have in common."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from cliquet.errors import ERRORS, CliquetError
from cliquet.protocol import body
from cliquet.settings import Settings
from cliquet.web.components import components
from cliquet.web.cors import METHODS, Cors, permission, preflight
from cliquet.web.errors import error_response, json_body
from cliquet.web.summary import Summary
from cliquet.web.versioning import unmatched

__all__ = ["alert", "tween_factory"]

Handler = Callable[[Request], Response]
_GONE = "The service you are trying to connect no longer exists at this location."
_SAFE = [
    ("X-Content-Type-Options", "nosniff"),
    ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; "),
]


def alert(code: str, message: str | None, url: str | None) -> str:
    """The value of an ``Alert`` header.

    >>> alert("soft-eol", "Bye", None)
    '{"code":"soft-eol","message":"Bye","url":null}'
    >>> alert("soft-eol", "Fin d'été\\n", None)
    '{"code":"soft-eol","message":"Fin d\\'\\\\u00e9t\\\\u00e9\\\\n","url":null}'
    """
    return json.dumps({"code": code, "message": message, "url": url}, separators=(",", ":"))


def tween_factory(handler: Handler, registry: Any) -> Handler:
    """Wraps the application: preflights, end of service, and the headers of every answer."""
    parts = components(registry)
    settings = parts.settings
    complete = Common(settings)
    summary = Summary(parts)
    placed = bool(settings.http_scheme or settings.http_host)

    def tween(request: Request) -> Response:
        started = summary.begin(request)
        if placed:
            _place(request, settings)
        end = None if settings.eos is None else _end_of_service(settings.eos, parts.clock())
        response = _answer(handler, request, settings, gone=end == "hard-eol")
        if "cliquet.alert" in request.environ:
            response.headers["Alert"] = alert(*request.environ["cliquet.alert"])
        if end:
            url = settings.eos_url or settings.project_docs or None
            response.headers["Alert"] = alert(end, settings.eos_message, url)
        complete(response, request.environ.get("HTTP_ORIGIN"))
        summary.end(request, response, started)
        return response

    return tween


class Common:
    """Adds the headers that every answer has, unless it has them; made ready once.

    :param settings: of the application.
    """

    def __init__(self, settings: Settings) -> None:
        self._cors = Cors(settings.cors_origins)
        self._fixed = [*_SAFE, *([("Backoff", str(settings.backoff))] if settings.backoff else [])]
        self._vary = ", ".join([*settings.vary, *(["Origin"] if self._cors.varies else [])])
        self._to_nobody = self._named(None)

    def __call__(self, response: Response, origin: str | None) -> None:
        headers = response.headerlist
        present = {name.lower() for name, _ in headers}
        wanted = self._to_nobody if origin is None else self._named(origin)
        headers.extend([header for name, header in wanted if name not in present])
        if "vary" in present and self._vary:
            response.headers["Vary"] = f"{response.headers['Vary']}, {self._vary}"
        elif self._vary:
            headers.append(("Vary", self._vary))

    def _named(self, origin: str | None) -> list[tuple[str, tuple[str, str]]]:
        """The headers for an answer to a page of that origin, by their names in lower case."""
        return [(header[0].lower(), header) for header in (*self._fixed, *self._cors.headers(origin))]


def _answer(handler: Handler, request: Request, settings: Settings, *, gone: bool) -> Response:
    if gone:
        request.environ["cliquet.errno"] = ERRORS.SERVICE_DEPRECATED.value
        content = json_body(410, ERRORS.SERVICE_DEPRECATED, message=_GONE)
        return Response(status=410, body=body.encode(content), content_type="application/json")
    if request.method != "OPTIONS":
        return handler(request)
    try:
        return preflight(request, settings.cors_max_age_seconds) or _unprefixed(request, settings)
    except (CliquetError, UnicodeDecodeError) as error:
        return error_response(request, error)


def _unprefixed(request: Request, settings: Settings) -> Response:
    """A preflight cannot follow redirects: where one would be answered, it may go on."""
    response = unmatched(request)
    return response if response.status_int != 307 else permission(request, METHODS, settings.cors_max_age_seconds)


def _place(request: Request, settings: Settings) -> None:
    """Where the service is, seen from outside of a proxy."""
    if settings.http_scheme:
        request.scheme = settings.http_scheme
    if settings.http_host:
        request.host = settings.http_host


def _end_of_service(end: datetime.datetime, now: int) -> str:
    return "hard-eol" if datetime.datetime.fromtimestamp(now / 1000, datetime.UTC) >= end else "soft-eol"
