"""Services that applications write themselves, besides their resources."""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.httpexceptions import HTTPFound
from pyramid.request import Request

import cliquet
from cliquet.testing.app import Client, basic_auth, make_app


def small(config: Configurator) -> None:
    """Some services of an application."""
    greeting = cliquet.Service(name="greeting", path="/greeting/{name}", description="Says hello")

    def loud(request: Request, **_: Any) -> None:
        if "volume" not in request.GET:
            request.errors.add("querystring", "volume", "Required")
            request.errors.add("querystring", "tone", "Required")

    def greet(request: Request) -> Any:
        return {"hello": request.matchdict["name"], "user": request.prefixed_userid, "type": request.authn_type}

    greeting.add_view("GET", greet)
    greeting.add_view("PUT", greet, validators=(loud,))
    greeting.add_view("POST", greet, permission="private", content_type="application/json", accept="application/json")
    config.add_cornice_service(greeting)
    moved = cliquet.Service(name="moved", path="/moved/{where}")
    moved.add_view("GET", move)
    config.add_cornice_service(moved)


def move(request: Request) -> Any:
    """Sends people somewhere else."""
    raise HTTPFound(
        {"here": "/v1/greeting/x", "away": "http://other.example/v1/greeting/x"}[request.matchdict["where"]]
    )


@pytest.fixture(scope="module")
def greeting() -> Client:
    return make_app(configure=small)


def test_a_service_answers_json(greeting: Client) -> None:
    response = greeting.get("/v1/greeting/m%C3%A9l", headers={"Origin": "http://a.example"})
    assert response.json["hello"] == "mél"
    assert response.json["user"].startswith("basicauth:")
    assert response.content_type == "application/json"
    assert response.headers["Access-Control-Allow-Origin"] == "*"


def test_what_its_validators_say_is_the_envelope(greeting: Client) -> None:
    response = greeting.put("/v1/greeting/x", status=400)
    assert (response.json["code"], response.json["errno"], response.json["error"]) == (400, 107, "Invalid parameters")
    assert response.json["message"] == "tone in querystring: Required"
    assert [one["name"] for one in response.json["details"]] == ["volume", "tone"]
    assert greeting.put("/v1/greeting/x?volume=3", status=200).json["hello"] == "x"


def test_what_it_takes_and_gives_is_negotiated(greeting: Client) -> None:
    path, json = "/v1/greeting/x", {"Content-Type": "application/json"}
    for headers, status in (({"Content-Type": "text/plain"}, 415), ({**json, "Accept": "text/html"}, 406)):
        response = greeting.post(path, b"{}", headers=headers, status=status)
        assert (response.json["code"], response.json["errno"]) == (status, 107)
        assert response.json["details"][0]["location"] == "header"
    greeting.post(path, b"{}", headers=json, status=200)


def test_its_permissions_are_401_and_its_methods_405(greeting: Client) -> None:
    assert greeting.anonymous().post("/v1/greeting/x", headers={"Content-Type": "application/json"}, status=401)
    assert greeting.delete("/v1/greeting/x", status=405).json["errno"] == 115


def test_it_has_preflights_and_takes_part_in_batches(greeting: Client) -> None:
    headers = {"Origin": "http://a.example", "Access-Control-Request-Method": "POST"}
    assert "POST" in greeting.options("/v1/greeting/x", headers=headers).headers["Access-Control-Allow-Methods"]
    requests = [
        {"path": "/greeting/x", "headers": basic_auth("bob")},
        {"method": "PUT", "path": "/greeting/x"},
        {"method": "POST", "path": "/greeting/x", "headers": {"Content-Type": "text/plain"}, "body": 1},
    ]
    found = greeting.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [one["status"] for one in found] == [200, 400, 415]
    assert found[1]["body"]["errno"] == 107


def test_a_redirect_to_another_host_is_not_followed_here(greeting: Client) -> None:
    found = greeting.post_json("/v1/batch", {"requests": [{"path": "/moved/here"}, {"path": "/moved/away"}]})
    assert [one["status"] for one in found.json["responses"]] == [200, 302]
