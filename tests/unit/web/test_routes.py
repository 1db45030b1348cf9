"""The route of a request is found once, and again when the request has changed."""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.interfaces import IRoutesMapper
from pyramid.request import Request
from pyramid.urldispatch import Route

from cliquet.web.routes import Routes, foreseen


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths for which somebody went through the routes."""
    found: list[str] = []
    real = Routes.__bases__[0].__call__

    def call(self: Any, request: Request) -> Any:
        found.append(request.path_info)
        return real(self, request)

    monkeypatch.setattr(Routes.__bases__[0], "__call__", call)
    return found


def routed(path: str) -> tuple[Any, Request]:
    config = Configurator()
    config.include("cliquet.web.routes")
    config.add_route("notes", "/notes")
    config.add_route("note", "/notes/{id}")
    config.commit()
    request = Request.blank(path)
    request.registry = config.registry
    return config.registry.getUtility(IRoutesMapper), request


def name(found: dict[str, Any]) -> str | None:
    route: Route | None = found["route"]
    return None if route is None else route.name


def test_what_was_foreseen_is_not_looked_for_again(tried: list[str]) -> None:
    mapper, request = routed("/notes/1")
    assert name(foreseen(request)) == "note"
    assert mapper(request)["match"] == {"id": "1"}
    assert tried == ["/notes/1"]
    assert name(mapper(request)) == "note"
    assert tried == ["/notes/1", "/notes/1"]


def test_a_request_that_was_sent_elsewhere_is_looked_for_again(tried: list[str]) -> None:
    mapper, request = routed("/notes/1")
    foreseen(request)
    request.path_info = "/notes"
    assert name(mapper(request)) == "notes"
    assert tried == ["/notes/1", "/notes"]


def test_there_may_be_no_route() -> None:
    mapper, request = routed("/nowhere")
    assert foreseen(request) == {"route": None, "match": None} == mapper(request)


def test_routes_are_tried_in_their_order_whatever_their_patterns_are() -> None:
    config = Configurator()
    config.include("cliquet.web.routes")
    patterns = {
        "old": "/old/:id",
        "number": r"/{kind}/{id:\d{2}}",
        "file": "/files/{name:.*}",
        "other": "/{kind}/{id}",
        "rest": "/rest*subpath",
        "root": "/",
    }
    for one, pattern in patterns.items():
        config.add_route(one, pattern)
    config.commit()
    mapper = config.registry.getUtility(IRoutesMapper)
    paths = {
        "/old/1": "old",
        "/notes/12": "number",
        "/notes/1": "other",
        "/files/a": "file",
        "/files/a/b/c": "file",
        "/rest": "rest",
        "/rest/a/b": "rest",
        "": "root",
        "/a/b/c": None,
        "/" * 40: None,
    }
    assert {path: name(mapper(Request.blank(path))) for path in paths} == paths
    config.add_route("late", "/a/{b}/c")
    config.commit()
    assert name(mapper(Request.blank("/a/b/c"))) == "late"
