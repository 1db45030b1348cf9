"""Finds the route of a request once, also when somebody wants to know it before the request is sent."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.urldispatch import RoutesMapper

__all__ = ["Routes", "foreseen", "includeme"]

_FOUND = "cliquet.route"
_SEEN = ("REQUEST_METHOD", "PATH_INFO")


class Routes(RoutesMapper):  # type: ignore[misc]  # pyramid is untyped
    """Pyramid's own, that remembers what :func:`foreseen` has found, for a request that did not change since."""

    def __call__(self, request: Request) -> dict[str, Any]:
        found = request.environ.pop(_FOUND, None)
        if found is not None and found[0] == [request.environ[name] for name in _SEEN]:
            route: dict[str, Any] = found[1]
            return route
        matched: dict[str, Any] = super().__call__(request)
        return matched


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
