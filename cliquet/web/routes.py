"""Finds the route of a request once, also when somebody wants to know it before the request is sent."""

from __future__ import annotations

import re
from typing import Any

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.urldispatch import RoutesMapper

__all__ = ["Routes", "foreseen", "includeme"]

_FOUND = "cliquet.route"
#: Paths with more slashes than any route has are not worth remembering.
_DEEP = 32
#: Patterns whose placeholders stand for one part of the path each, as they do where a pattern does not say otherwise.
_PLAIN = re.compile(r"(?:[^{}*:]|{[^{}*:]*})*")
_SEEN = ("REQUEST_METHOD", "PATH_INFO")


class Routes(RoutesMapper):  # type: ignore[misc]  # pyramid is untyped
    """Pyramid's own, that tries only the routes that have as many slashes as the path.

    It remembers what :func:`foreseen` has found, for a request that did not change since.
    """

    def __init__(self) -> None:
        super().__init__()
        self._of_depth: dict[int, RoutesMapper] = {}

    def connect(self, *values: Any, **named: Any) -> Any:
        """Add a route, as Pyramid does."""
        self._of_depth.clear()
        return super().connect(*values, **named)

    def __call__(self, request: Request) -> dict[str, Any]:
        found = request.environ.pop(_FOUND, None)
        if found is not None and found[0] == [request.environ[name] for name in _SEEN]:
            route: dict[str, Any] = found[1]
            return route
        depth = (request.environ.get("PATH_INFO") or "/").count("/")
        mapper = self._of_depth.get(depth) or self._some(depth)
        matched: dict[str, Any] = mapper(request)
        return matched

    def _some(self, depth: int) -> RoutesMapper:
        """Those of the routes that a path with so many slashes may take, in their order."""
        mapper = RoutesMapper()
        mapper.routelist = [one for one in self.routelist if _depth(one.pattern) in (depth, None)]
        if depth < _DEEP:
            self._of_depth[depth] = mapper
        return mapper


def _depth(pattern: str) -> int | None:
    """How many slashes the paths of a route have; nothing where that depends.

    >>> _depth("/buckets/{bucket_id}"), _depth("files/{name}"), _depth("/files/{name:.*}"), _depth("/admin*subpath")
    (2, 2, None, None)
    """
    if not _PLAIN.fullmatch(pattern):
        return None
    return pattern.count("/") + (not pattern.startswith("/"))


def foreseen(request: Request) -> dict[str, Any]:
    """The route that a request will take, and what the placeholders of its path stand for.

    :returns: ``route`` and ``match``; both are ``None`` where there is none.
    :raises UnicodeDecodeError: when the path is not UTF-8.
    """
    mapper: Any = request.registry.getUtility(IRoutesMapper)
    found: dict[str, Any] = mapper(request)
    request.environ[_FOUND] = [request.environ[name] for name in _SEEN], found
    return found


def includeme(config: Configurator) -> None:
    """Sets it up, unless the application has routes already."""
    if config.registry.queryUtility(IRoutesMapper) is None:
        config.registry.registerUtility(Routes(), IRoutesMapper)
