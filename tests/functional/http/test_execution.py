"""How requests go through Pyramid: made once, told to whoever listens, and open to what applications set."""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.interfaces import IRequest
from pyramid.request import Request
from pyramid.response import Response
from pyramid.threadlocal import get_current_request

import cliquet
from cliquet.testing.app import Client, make_app


def recording(seen: list[Any]) -> Any:
    """Configures an application that keeps the requests that it answers."""

    def view(request: Request) -> dict[str, Any]:
        seen.append(request)
        return {"current": get_current_request() is request}

    def configure(config: Configurator) -> None:
        config.add_route("seen", "/seen")
        config.add_view(view, route_name="seen", renderer="json")

    return configure


def test_the_class_of_requests_is_made_once() -> None:
    seen: list[Any] = []
    app = make_app(configure=recording(seen))
    assert [app.get("/v1/seen").json for _ in range(2)] == [{"current": True}] * 2
    assert len({type(request) for request in seen}) == 1
    assert all(isinstance(request, Request) and IRequest.providedBy(request) for request in seen)


def test_what_is_kept_for_one_request_is_not_there_in_the_next_one() -> None:
    seen: list[Any] = []
    app = make_app(configure=recording(seen))
    for _ in range(2):
        app.get("/v1/seen")
    first, second = seen
    first.errors.add("body", "x", "wrong")
    first.validated["x"] = first.bound_data["x"] = 1
    assert (list(second.errors), second.validated, second.info, second.bound_data) == ([], {}, {}, {})


def test_a_request_factory_of_ones_own_is_used() -> None:
    class Named(Request):  # type: ignore[misc]  # pyramid is untyped
        name = "mine"

    for factory in (Named, lambda environ: Named(environ)):
        seen: list[Any] = []

        def configure(config: Configurator, factory: Any = factory, seen: list[Any] = seen) -> None:
            recording(seen)(config)
            config.set_request_factory(factory)

        make_app(configure=configure).get("/v1/seen")
        assert seen[0].name == "mine"
        assert seen[0].prefixed_userid.startswith("basicauth:")


def test_an_execution_policy_of_ones_own_is_used() -> None:
    def policy(environ: dict[str, Any], router: Any) -> Response:
        with router.request_context(environ) as request:
            response = router.invoke_request(request)
            response.headers["X-Policy"] = "mine"
            return response

    app = make_app(configure=lambda config: config.set_execution_policy(policy))
    assert app.get("/v1/").headers["X-Policy"] == "mine"


def test_requests_inside_of_requests_know_all_that_was_added() -> None:
    def outer(request: Request) -> Any:
        return request.invoke_subrequest(Request.blank("/v1/inner"), use_tweens=True)

    def configure(config: Configurator) -> None:
        config.add_request_method(lambda request: request.path.upper(), "shouted", reify=True)
        config.add_request_method(lambda request, text: f"{text} {request.path}", "say")
        for name, view in (("outer", outer), ("inner", lambda request: [request.shouted, request.say("at")])):
            config.add_route(name, f"/{name}")
            config.add_view(view, route_name=name, renderer="json")

    assert make_app(configure=configure).get("/v1/outer").json == ["/V1/INNER", "at /v1/inner"]


@pytest.mark.parametrize("kind", ["NewRequest", "BeforeTraversal", "ContextFound", "NewResponse"])
def test_whoever_listens_to_pyramid_is_told(kind: str) -> None:
    told: list[str] = []

    def configure(config: Configurator) -> None:
        config.add_subscriber(lambda event: told.append(event.request.path), f"pyramid.events.{kind}")

    make_app(configure=configure).get("/v1/notes")
    assert told == ["/v1/notes"]


@pytest.fixture(params=["our directive", "its own includeme"])
def cornice_app(request: pytest.FixtureRequest) -> Client:
    """An application with a service of Cornice that changes what it answers."""

    def shorter(response: Response, request: Request) -> Response:
        response.headers["X-Short"] = "yes"
        return response

    def configure(config: Configurator) -> None:
        if request.param == "its own includeme":
            config.include("cornice")
        service = cliquet.Service(name="short", path="/short", filters=(shorter,))
        service.add_view("GET", lambda request: {"service": request.current_service.name})
        config.add_cornice_service(service)

    return make_app(configure=configure)


def test_cornice_accompanies_its_services(cornice_app: Client) -> None:
    response = cornice_app.get("/v1/short")
    assert (response.json, response.headers["X-Short"]) == ({"service": "short"}, "yes")
    assert cornice_app.get("/v1/notes").json == {"data": []}
    assert "/short" in cornice_app.get("/v1/__api__").json["paths"]
    assert "/notes" in cornice_app.get("/v1/__api__").json["paths"]


def test_a_method_that_is_not_there_is_answered_with_those_that_are() -> None:
    app = make_app()
    assert app.put("/v1/notes", status=405).headers["Allow"] == "GET, HEAD, POST, DELETE"
    assert app.post("/v1/", status=405).headers["Allow"] == "GET, HEAD"
