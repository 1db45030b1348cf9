"""Who sends a request: policies in their order, and what a wrong credential means."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from pyramid.request import Request

from cliquet.errors import BackendError, ConfigurationError
from cliquet.testing.app import Client, basic_auth, make_app

NOTES = "/v1/notes"
TOKENS = {"s3cret": "alice"}


# A policy of one's own in ten lines.
def token(request: Request) -> str | None:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    return TOKENS.get(value) if scheme == "Token" else None


class Fixed:
    """A policy that is made of options."""

    challenge = 'Fixed realm="here"'

    def __init__(self, header: str, name: str = "somebody") -> None:
        self.header, self.name = header, name

    def __call__(self, request: Request) -> str | None:
        return self.name if self.header in request.headers else None


def factory(name: str) -> Any:
    return lambda request: name


def down(request: Request) -> str | None:
    raise BackendError(ValueError("password=hunter2"))


def app_with(policies: str, **options: str) -> Client:
    named = {key.replace("__", "."): value for key, value in options.items()}
    return make_app({"multiauth.policies": policies, **{f"multiauth.policy.{key}": one for key, one in named.items()}})


def who(app: Client, **headers: str) -> str | None:
    found: str | None = app.anonymous().get("/v1/", headers=headers).json.get("user", {}).get("id")
    return found


def test_the_identity_of_basic_authentication_is_a_keyed_digest() -> None:
    digest = "9f2d363f98418b13253d6d7193fc88690302ab0ae21295521f6029dffe9dc3b0"
    app = make_app({"userid_hmac_secret": "", "check_on_start": "false"}).as_user("mat", "1")
    assert app.get("/v1/").json["user"] == {"id": f"basicauth:{digest}"}
    assert make_app().as_user("mat", "1").get("/v1/").json["user"]["id"] != f"basicauth:{digest}"


def test_another_password_is_another_identity(memory: Client) -> None:
    names = {who(memory, **basic_auth(*pair)) for pair in (("a", "b"), ("a", "c"), ("a", ""), ("b", "b"), ("a:b", ""))}
    assert len(names - {None}) == 5


def test_the_scheme_has_no_case_and_odd_bytes_are_read_as_latin_1(memory: Client) -> None:
    value = basic_auth("mat", "1")["Authorization"]
    assert who(memory, Authorization=value) == who(memory, Authorization=value.replace("Basic", "bASIC"))
    latin = base64.b64encode("é:1".encode("latin-1")).decode()
    assert who(memory, Authorization=f"Basic {latin}") == who(memory, **basic_auth("é", "1"))


@pytest.mark.parametrize(
    "value",
    [
        "", "undefined", "Basic", "Basic ", "Basic x", "Basic !!!!", "Basic " + base64.b64encode(b"nocolon").decode(),
        "Basic " + base64.b64encode(b":empty").decode(), "Bearer x", "Carrier bWF0OjE=", "bWF0OjE=", "\xe9",
        "Basic \xff",
        "Basic bWF0OjE=, Basic bWF0OjE=", "Negotiate " + "a" * 10_000,
    ],
)  # fmt: skip
def test_credentials_that_cannot_be_read_are_anonymous(memory: Client, value: str) -> None:
    assert who(memory, Authorization=value) is None
    response = memory.anonymous().get(NOTES, headers={"Authorization": value}, status=401)
    assert response.json == {
        "code": 401,
        "errno": 104,
        "error": "Unauthorized",
        "message": "Please authenticate yourself to use this endpoint.",
    }
    assert response.headers["WWW-Authenticate"] == 'Basic realm="Realm"'


def test_scripts_of_a_page_get_no_challenge_that_opens_a_dialogue(memory: Client) -> None:
    headers = {"Sec-Fetch-Mode": "cors"}
    assert "WWW-Authenticate" not in memory.anonymous().get(NOTES, headers=headers, status=401).headers


def test_a_policy_is_a_function_with_a_name() -> None:
    app = app_with("token", token__use=f"{__name__}.token")
    assert who(app, Authorization="Token s3cret") == "token:alice"
    assert who(app, Authorization="Token wrong") is None
    assert who(app, **basic_auth()) is None
    app.anonymous().get(NOTES, headers={"Authorization": "Token s3cret"}, status=200)


def test_the_first_policy_that_answers_wins() -> None:
    both = {"a__use": f"{__name__}.Fixed", "a__header": "X-A", "b__use": f"{__name__}.Fixed", "b__header": "X-B"}
    app = app_with("a b", **both)
    assert who(app, **{"X-A": "1", "X-B": "1"}) == "a:somebody"
    assert who(app, **{"X-B": "1"}) == "b:somebody"
    assert who(app_with("b, a", **both), **{"X-A": "1", "X-B": "1"}) == "b:somebody"
    assert who(app) is None


def test_every_policy_offers_its_challenge() -> None:
    app = app_with("basicauth a", a__use=f"{__name__}.Fixed", a__header="X-A", a__name="x")
    offered = app.anonymous().get(NOTES, status=401).headers.getall("WWW-Authenticate")
    assert offered == ['Basic realm="Realm"', 'Fixed realm="here"']


def test_a_factory_is_given_the_other_settings_of_its_policy() -> None:
    app = app_with("it", it__use=f"{__name__}.factory", it__name="bob")
    assert who(app) == "it:bob"
    assert who(app_with("it", it__use=f"{__name__}.Fixed", it__header="X-A", it__name="me"), **{"X-A": "1"}) == "it:me"


def test_the_older_spelling_of_basic_authentication_is_understood() -> None:
    app = app_with("BasicAuth", BasicAuth__use="cliquet.authentication.BasicAuthAuthenticationPolicy")
    assert str(who(app, **basic_auth())).startswith("basicauth:")


@pytest.mark.parametrize(
    ("policies", "options", "named"),
    [
        ("nope", {}, "multiauth.policy.nope.use"),
        ("it", {"it__use": "no.such.module"}, "multiauth.policy.it.use"),
        ("it", {"it__use": f"{__name__}.TOKENS"}, "multiauth.policy.it.use"),
        ("it", {"it__use": f"{__name__}.factory", "it__wrong": "1"}, "multiauth.policy.it.use"),
        ("it", {"it__use": f"{__name__}.Fixed"}, "multiauth.policy.it.use"),
    ],
)
def test_a_policy_that_cannot_be_made_stops_the_start(policies: str, options: dict[str, str], named: str) -> None:
    with pytest.raises(ConfigurationError, match=named):
        app_with(policies, **options)


def test_a_policy_whose_backend_is_down_is_a_503_and_not_anonymous() -> None:
    app = app_with("it", it__use=f"{__name__}.down")
    for path in (NOTES, "/v1/"):
        response = app.get(path, status=503)
        assert response.headers["Retry-After"] == "30"
        assert "hunter2" not in response.text
    assert app.get("/v1/__lbheartbeat__").json == {}
