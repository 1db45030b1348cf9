"""Services: the only module that imports Cornice."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import cornice
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPMethodNotAllowed, exception_response
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet.errors import InvalidInput, NotAcceptable, Problem, UnsupportedMediaType
from cliquet.protocol import body
from cliquet.web.errors import error_response

__all__ = ["Service", "declare", "includeme"]


#: The statuses that Cornice's own checks end with, besides 400.
_REFUSALS: Mapping[int, type[InvalidInput]] = MappingProxyType({406: NotAcceptable, 415: UnsupportedMediaType})


def _cornice_errors(request: Request) -> Exception:
    """What Cornice's validators collected, as an error of the protocol; Cornice returns it, or raises it."""
    problems = [Problem(one["location"], one["name"], _text(one["description"])) for one in request.errors]
    found = error_response(request, _REFUSALS.get(request.errors.status, InvalidInput)(*problems))
    refusal: Any = exception_response(request.errors.status)
    refusal.content_type = found.content_type
    refusal.body = body.encode({**found.json, "code": refusal.code})
    return refusal  # type: ignore[no-any-return]  # pyramid is untyped


def _text(description: Any) -> str:
    return description.decode() if isinstance(description, bytes) else str(description)


class Service(cornice.Service):  # type: ignore[misc]  # cornice is untyped
    """A service of an application: :class:`cornice.Service` with the toolkit's JSON and errors.

    CORS headers are added to it as to everything else. Found by ``config.scan``.

    >>> hello = Service(name="greeting", path="/greeting", description="Says hello")
    >>> @hello.get()
    ... def greet(request):
    ...     return {"hello": request.prefixed_userid}
    """

    renderer = "json"
    error_handler = staticmethod(_cornice_errors)


def declare(
    config: Configurator,
    name: str,
    path: str,
    views: Mapping[str, Callable[[Request], Any]],
    *,
    description: str = "",
    **arguments: Any,
) -> Any:
    """Declare a service of the toolkit.

    :param name: its name in routes and metrics.
    :param path: its path below the prefix.
    :param views: method -> view; HEAD comes with GET.
    :param arguments: keywords for each view, such as ``permission``.
    """
    service = Service(name=name, path=path, description=description)
    arguments.setdefault("permission", NO_PERMISSION_REQUIRED)
    for method, view in views.items():
        service.add_view(method, view, **arguments)
    config.add_cornice_service(service)
    if not views:
        config.add_view(_refuse, route_name=name, permission=NO_PERMISSION_REQUIRED)
    return service


def _refuse(request: Request) -> Any:
    raise HTTPMethodNotAllowed(headers={"Allow": "OPTIONS"})


def includeme(config: Configurator) -> None:
    """Sets up Cornice, whose own handling of errors and CORS is not used."""
    config.add_settings({"handle_exceptions": False})
    config.include("cornice")
