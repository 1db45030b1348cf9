"""What browsers need to call the service from a page of another origin (``docs/protocol/headers``)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.response import Response

from cliquet.errors import InvalidInput, Problem

__all__ = ["EXPOSED", "METHODS", "Cors", "permission", "preflight"]

#: Headers that scripts may read, on every answer.
EXPOSED = (
    "Backoff, Retry-After, Alert, Content-Length, Content-Type, ETag, Last-Modified, Next-Page, "
    "Total-Records, Total-Objects, Cache-Control, Expires, Pragma"
)
#: The methods of HTTP that a path may have.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_METHOD = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
_HEADERS = "HTTP_ACCESS_CONTROL_REQUEST_HEADERS"
_NAMES = re.compile(r"[A-Za-z0-9_,\- ]{0,1000}")


class Cors:
    """Which origins are allowed, and the headers that say so.

    :param origins: the setting: origins in which ``*`` is a wildcard.

    >>> Cors(["https://*.example.com"]).headers("https://app.example.com")[0]
    ('Access-Control-Allow-Origin', 'https://app.example.com')
    """

    def __init__(self, origins: Iterable[str]) -> None:
        patterns = list(origins)
        self._everybody = "*" in patterns
        self._allowed = re.compile("|".join(re.escape(one).replace(r"\*", "[^/]*") for one in patterns) or "(?!)")

    def headers(self, origin: str | None) -> list[tuple[str, str]]:
        """The headers for an answer to a page of that origin."""
        exposed = [("Access-Control-Expose-Headers", EXPOSED)]
        if origin is None:
            return exposed
        if self._everybody:
            return [("Access-Control-Allow-Origin", "*"), *exposed]
        if self._allowed.fullmatch(origin) and origin.isprintable():
            return [("Access-Control-Allow-Origin", origin), *exposed]
        return exposed

    @property
    def varies(self) -> bool:
        """Whether answers differ by origin."""
        return not self._everybody


def preflight(request: Request, max_age: int | None) -> Response | None:
    """The answer to a browser's question whether it may; ``None`` when no route is there.

    :raises InvalidInput: when it is no such question, or about a method that the endpoint has not.
    """
    methods = _methods(request)
    if methods is None:
        return None
    asked = request.environ.get(_METHOD)
    if "HTTP_ORIGIN" not in request.environ or asked is None:
        raise _missing("Origin" if "HTTP_ORIGIN" not in request.environ else "Access-Control-Request-Method")
    if asked.upper() not in methods:
        raise InvalidInput(Problem("header", "Access-Control-Request-Method", "Method not allowed"))
    return permission(request, methods, max_age)


def permission(request: Request, methods: Iterable[str], max_age: int | None) -> Response:
    """The answer that a browser may use some methods, with the headers it asked for."""
    wanted = request.environ.get(_HEADERS, "")
    headers = [
        ("Content-Type", "application/json"),
        ("Access-Control-Allow-Methods", ",".join(methods)),
        ("Access-Control-Allow-Headers", wanted if _NAMES.fullmatch(wanted) else ""),
    ]
    if max_age:
        headers.append(("Access-Control-Max-Age", str(max_age)))
    return Response(status=200, headerlist=[*headers, ("Content-Length", "4")], app_iter=[b"null"])


def _methods(request: Request) -> list[str] | None:
    """The methods of the service that the path leads to."""
    mapper: Any = request.registry.getUtility(IRoutesMapper)
    route = mapper(request)["route"]
    if route is None:
        return None
    service = request.registry.cornice_services.get(route.pattern)
    found = list(service.defined_methods if service else METHODS)
    return [*found, *([] if "OPTIONS" in found else ["OPTIONS"])]


def _missing(header: str) -> InvalidInput:
    return InvalidInput(Problem("header", header, f"{header} header is missing: this is no CORS preflight."))
