"""Services: the only module that imports Cornice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import cornice
from cornice.errors import Errors
from cornice.pyramidhook import register_resource_views, register_service_views, wrap_request
from cornice.renderer import CorniceRenderer
from cornice.util import ContentTypePredicate, current_service
from pyramid.config import Configurator
from pyramid.events import NewRequest
from pyramid.httpexceptions import HTTPMethodNotAllowed, exception_response
from pyramid.request import Request
from pyramid.security import NO_PERMISSION_REQUIRED

from cliquet.errors import InvalidInput, NotAcceptable, NotModified, Problem, UnsupportedMediaType
from cliquet.protocol import body
from cliquet.web.errors import error_response

__all__ = ["Service", "declare", "includeme"]


#: Where the registry keeps whether Cornice accompanies requests.
_ACCOMPANIED = "cliquet.cornice"
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


@dataclass
class Endpoint:
    """A service of the toolkit itself, as OpenAPI, preflights and Cornice's ``current_service`` know it.

    :param views: method -> view.
    :param type: ``collection`` or ``record``, of a resource.
    """

    name: str
    path: str
    description: str
    views: Mapping[str, Callable[[Request], Any]]
    type: str = ""
    viewset: Any = None
    resource: Any = None
    cors_enabled: bool = False

    @property
    def defined_methods(self) -> list[str]:
        """The methods, HEAD included."""
        return list(self.views)


def declare(
    config: Configurator,
    name: str,
    path: str,
    views: Mapping[str, Callable[[Request], Any]],
    *,
    description: str = "",
    **arguments: Any,
) -> Endpoint:
    """Declare a service of the toolkit.

    :param name: its name in routes and metrics.
    :param path: its path below the prefix.
    :param views: method -> view; HEAD comes with GET.
    :param arguments: keywords for each view, such as ``permission``.
    """
    endpoint = Endpoint(name, path, description, dict(_with_head(views)))
    config.registry.cornice_services[f"{config.route_prefix or ''}{path}"] = endpoint
    config.add_route(name, path)
    view = _of_method(endpoint.views)
    config.add_view(view, route_name=name, **{"renderer": "json", "permission": NO_PERMISSION_REQUIRED, **arguments})
    return endpoint


def _with_head(views: Mapping[str, Callable[[Request], Any]]) -> Iterator[tuple[str, Callable[[Request], Any]]]:
    for method, view in views.items():
        yield method.upper(), view
        if method.upper() == "GET":
            yield "HEAD", view


def _of_method(views: Mapping[str, Callable[[Request], Any]]) -> Callable[[Request], Any]:
    """One view for all methods: of several views, Pyramid finds the right one by what the others raise."""
    allowed = ", ".join(views) or "OPTIONS"

    def view(request: Request) -> Any:
        chosen = views.get(request.environ["REQUEST_METHOD"])
        if chosen is None:
            raise HTTPMethodNotAllowed(headers={"Allow": allowed})
        try:
            return chosen(request)
        except NotModified as known:
            return error_response(request, known)

    return view


def add_cornice_service(config: Configurator, service: Any) -> None:
    """Serve a Cornice service of the application; from the first one on, Cornice accompanies every request."""
    if not config.registry.get(_ACCOMPANIED):
        config.registry[_ACCOMPANIED] = True
        config.add_subscriber(wrap_request, NewRequest)
    register_service_views(config, service)


def includeme(config: Configurator) -> None:
    """Sets up Cornice, whose own handling of errors and CORS is not used.

    This is what its ``includeme`` does, which therefore has nothing left to do, but what it does with every request
    waits until the application has a service of Cornice. What requests have because of it, they get when asked.
    """
    config.add_settings({"handle_exceptions": False})
    if not config.action_state.processSpec("cornice:includeme"):
        return
    config.registry.cornice_services = {}
    config.add_directive("add_cornice_service", add_cornice_service)
    config.add_directive("add_cornice_resource", register_resource_views)
    config.add_renderer("cornicejson", CorniceRenderer())
    config.add_view_predicate("content_type", ContentTypePredicate)
    config.add_request_method(current_service, reify=True)
    config.add_request_method(lambda request: {}, "validated", reify=True)
    config.add_request_method(lambda request: {}, "info", reify=True)
    localized = bool(config.get_settings().get("available_languages"))
    config.add_request_method(lambda request: Errors(localizer=localized and request.localizer), "errors", reify=True)
    if localized:
        cornice.setup_localization(config)
