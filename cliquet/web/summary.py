"""The one line that is logged, and the counters that move, for each request."""

from __future__ import annotations

import datetime
import logging
import time
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from cliquet.monitoring.logs import cut, write
from cliquet.web.components import Components

__all__ = ["Summary", "bind", "tell"]

_BOUND = "cliquet.log"
_logger = logging.getLogger("cliquet")


def bind(request: Request, **fields: Any) -> None:
    """Add fields to the line of this request."""
    request.environ.setdefault(_BOUND, {}).update(fields)


def tell(event: str, request: Request, response: Response, started: float) -> None:
    """Log how a request went.

    :param started: what :func:`time.perf_counter` said when it came in.
    """
    if not _logger.isEnabledFor(logging.INFO):
        return
    environ = request.environ
    identity = environ.get("cliquet.identity")
    fields = {
        "agent": environ.get("HTTP_USER_AGENT"),
        "path": environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace"),
        "method": cut(environ.get("REQUEST_METHOD", ""), 20),
        "querystring": environ.get("QUERY_STRING", ""),
        "lang": environ.get("HTTP_ACCEPT_LANGUAGE"),
        "uid": identity.name if identity else None,
        "authn_type": identity.policy if identity else None,
        "errno": environ.get("cliquet.errno", 0),
        "code": response.status_int,
        "t": round((time.perf_counter() - started) * 1000, 3),
        "time": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
    }
    write(_logger, logging.INFO, event, fields | environ.get(_BOUND, {}))


class Summary:
    """Logs ``request.summary`` and counts views, users and kinds of authentication.

    :param parts: the application.
    """

    def __init__(self, parts: Components) -> None:
        self._metrics = parts.metrics

    def begin(self, request: Request) -> float:
        """The moment that the request came in."""
        return time.perf_counter()

    def end(self, request: Request, response: Response, started: float) -> None:
        """Say how it went."""
        self._count(request, request.environ.get("cliquet.identity"))
        tell("request.summary", request, response, started)

    def _count(self, request: Request, identity: Any) -> None:
        route = getattr(request, "matched_route", None)
        if route is not None:
            self._metrics.count(f"view.{route.name}.{request.method}")
        if identity is not None:
            self._metrics.count(f"authn_type.{identity.policy}")
            self._metrics.unique("users", identity.user_id)
