"""Cases of docs/protocol/url-space: versions, redirects, routing, utilities."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from cliquet.conformance.client import Answer, Client
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Shelf


def location(answer: Answer) -> str:
    """The path and query that a redirect leads to."""
    answer.expect(307)
    parts = urlsplit(answer.header("Location"))
    assert parts.path, f"{answer}: no Location"
    return parts.path + (f"?{parts.query}" if parts.query else "")


def unprefixed(client: Client, path: str, method: str = "GET") -> Answer:
    """Ask for a path without its version."""
    answer = client.ask(method, client.prefix.rpartition("/")[0] + path)
    if answer.status == 404 and answer.refused(404, 116):
        pytest.skip("redirection to the version is switched off")
    return answer


@section("url-space#versions")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_path_without_version_redirects_to_the_version(anyone: Client, alice: Shelf, method: str) -> None:
    answer = unprefixed(anyone, alice.path + "?a=1&b=%2F", method)
    assert location(answer) == f"{anyone.prefix}{alice.path}?a=1&b=%2F"


@section("url-space#versions")
def test_a_line_break_in_a_path_makes_no_header(anyone: Client) -> None:
    answer = unprefixed(anyone, "/x%0d%0aX-Evil:%20yes")
    assert answer.status < 500, str(answer)
    assert not answer.header("X-Evil"), f"{answer}: a path of the client became a header"


@section("url-space#versions")
@pytest.mark.parametrize("version", ["v0", "v999"])
def test_another_version_is_not_available(anyone: Client, alice: Shelf, version: str) -> None:
    root = anyone.prefix.rpartition("/")[0]
    anyone.ask("GET", f"{root}/{version}{alice.path}").refused(404, 116)


@section("url-space#redirects")
def test_the_prefix_alone_redirects_to_hello(anyone: Client) -> None:
    assert location(anyone.ask("GET", anyone.prefix)) == anyone.prefix + "/"


@section("url-space#redirects")
def test_a_trailing_slash_is_taken_off(alice: Shelf) -> None:
    answer = alice.client.request("GET", alice.path + "/", query={"_limit": "3"})
    assert location(answer) == f"{alice.client.prefix}{alice.path}?_limit=3"


@section("url-space#routing")
def test_an_unknown_path_is_not_found(anyone: Client) -> None:
    anyone.request("GET", "/there-is-no-such-thing").refused(404, 111)


@section("url-space#routing")
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_wrong_method_is_told_the_right_ones(alice: Shelf, unused_id: str, method: str) -> None:
    path, offered = (alice.path, {"GET", "POST"}) if method == "PUT" else (alice.at(unused_id), {"GET"})
    answer = alice.client.request(method, path, body={"data": {}}).refused(405, 115)
    allowed = {name.strip() for name in answer.header("Allow").split(",")}
    assert offered <= allowed, f"{answer}: Allow is {answer.header('Allow')!r}"
    assert method not in allowed, f"{answer}: Allow lists the refused method"


@section("url-space#routing")
@pytest.mark.parametrize("target", ["/%ff", "?title=%ff"])
def test_a_url_that_is_not_utf8_is_invalid(alice: Shelf, target: str) -> None:
    alice.client.ask("GET", alice.client.prefix + alice.path + target).refused(400, 107)


@section("url-space#routing")
def test_an_id_with_odd_characters_is_invalid(alice: Shelf) -> None:
    body = alice.read("not an id!").refused(400, 107).body
    assert body["details"][0]["location"] == "path", body


@section("url-space#utilities")
def test_hello_describes_the_service(anyone: Client) -> None:
    hello = anyone.request("GET", "/").expect(200).body
    for name in ("project_name", "project_version", "project_docs", "http_api_version", "url"):
        assert isinstance(hello.get(name), str), f"hello: `{name}` is {hello.get(name)!r}, no string"
    assert hello.get("cliquet_protocol_version") == "3", hello.get("cliquet_protocol_version")


@section("url-space#utilities")
def test_hello_gives_its_own_address_with_a_slash(anyone: Client) -> None:
    parts = urlsplit(anyone.request("GET", "/").expect(200).body["url"])
    assert parts.scheme in {"http", "https"} and parts.netloc and parts.path.endswith("/"), parts.geturl()


@section("url-space#utilities")
def test_hello_publishes_settings(anyone: Client) -> None:
    settings = anyone.request("GET", "/").expect(200).body.get("settings", {})
    assert type(settings.get("batch_max_requests")) is int, f"batch_max_requests is {settings!r}"
    assert type(settings.get("readonly")) is bool, f"readonly is {settings!r}"


@section("url-space#utilities")
def test_capabilities_have_a_description_and_a_url(anyone: Client) -> None:
    capabilities = anyone.request("GET", "/").expect(200).body.get("capabilities")
    assert isinstance(capabilities, dict), f"capabilities is {capabilities!r}"
    for name, capability in capabilities.items():
        assert {"description", "url"} <= set(capability), f"{name}: {capability!r}"


@section("url-space#utilities")
def test_every_service_is_alive(anyone: Client) -> None:
    states = anyone.request("GET", "/__heartbeat__").expect(200).body
    assert isinstance(states, dict) and all(state in (True, None) for state in states.values()), states


@section("url-space#utilities")
def test_the_load_balancer_gets_an_empty_object(anyone: Client) -> None:
    assert anyone.request("GET", "/__lbheartbeat__").expect(200).body == {}


@section("url-space#utilities")
def test_the_version_of_the_service_is_known(anyone: Client) -> None:
    version = anyone.request("GET", "/__version__").expect(200).body
    assert isinstance(version, dict) and isinstance(version.get("version"), str), version


@section("url-space#utilities")
def test_the_api_is_described_by_openapi(anyone: Client, alice: Shelf) -> None:
    api = anyone.request("GET", "/__api__").expect(200).body
    assert str(api.get("openapi", "")).startswith("3."), f"openapi is {api.get('openapi')!r}"
    assert any(fits(path, alice.path) for path in api["paths"]), f"{alice.path} is not among {sorted(api['paths'])}"


def fits(template: str, path: str) -> bool:
    """Whether a path, or its end, is what a template describes."""
    asked = path.strip("/").split("/")
    known = template.strip("/").split("/")[-len(asked) :]
    if len(known) < len(asked):
        return False
    return all(one == other or one.startswith("{") for one, other in zip(known, asked, strict=True))


@section("url-space#utilities")
@pytest.mark.parametrize("path", ["/", "/__heartbeat__", "/__lbheartbeat__"])
def test_head_of_a_utility_has_no_body(anyone: Client, path: str) -> None:
    assert anyone.request("HEAD", path).expect(200).raw == b""
