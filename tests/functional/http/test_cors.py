"""What browsers need: each row of the table of what existing clients cannot do without."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pytest
from pyramid.config import Configurator

import cliquet
from cliquet.errors import BackendError
from cliquet.testing.app import Client, make_app

NOTES = "/v1/notes"
UUID = "9f2d363f-9841-8b13-253d-6d7193fc8869"
PAGE = "http://app.example"
ORIGIN = {"Origin": PAGE}
PREFLIGHT = {**ORIGIN, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
READABLE = [
    "Backoff",
    "Retry-After",
    "Alert",
    "Content-Length",
    "ETag",
    "Last-Modified",
    "Next-Page",
    "Total-Records",
    "Total-Objects",
    "Cache-Control",
    "Expires",
    "Pragma",
]


def configure(config: Configurator) -> None:
    def broken(request: Any) -> Any:
        raise BackendError(ValueError("gone"))

    def wrong(request: Any) -> Any:
        raise ZeroDivisionError

    for name, view in (("broken", broken), ("wrong", wrong)):
        service = cliquet.Service(name=name, path=f"/{name}")
        service.add_view("GET", view)
        config.add_cornice_service(service)


@pytest.fixture(scope="module")
def app() -> Client:
    found = make_app(configure=configure)
    found.put_json(f"{NOTES}/{UUID}", {"data": {"a": 1}})
    return found


ANSWERS: list[tuple[str, str, dict[str, str], int]] = [
    ("GET", NOTES, {}, 200),
    ("GET", "/v1/", {}, 200),
    ("GET", NOTES, {"If-None-Match": "*"}, 304),
    ("GET", "/notes", {}, 307),
    ("GET", "/v1/notes/", {}, 307),
    ("GET", f"{NOTES}?_since=x", {}, 400),
    ("GET", NOTES, {"Authorization": ""}, 401),
    ("GET", "/v1/unknown", {}, 404),
    ("GET", "/v9/notes", {}, 404),
    ("GET", f"{NOTES}/{UUID[:-1]}0", {}, 404),
    ("PATCH", NOTES, {}, 405),
    ("FOO", NOTES, {}, 405),
    ("GET", NOTES, {"Accept": "text/html"}, 406),
    ("GET", NOTES, {"If-Match": '"1"'}, 412),
    ("POST", NOTES, {"Content-Type": "text/plain"}, 415),
    ("GET", "/v1/wrong", {}, 500),
    ("GET", "/v1/broken", {}, 503),
]


@pytest.mark.parametrize(("method", "path", "headers", "status"), ANSWERS)
def test_every_answer_can_be_read_by_a_page_of_another_origin(
    app: Client, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    body = b"a" if method == "POST" else b""
    client = Client(app.app, lint=False)
    response = client.request(path, method=method, headers={**ORIGIN, **headers}, body=body, status=status)
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert set(READABLE) <= set(response.headers["Access-Control-Expose-Headers"].split(", "))
    assert "Access-Control-Allow-Credentials" not in response.headers
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert response.headers["Vary"] == "Authorization"


def test_without_an_origin_none_is_allowed(app: Client) -> None:
    response = app.get(NOTES)
    assert "Access-Control-Allow-Origin" not in response.headers
    assert "ETag" in response.headers["Access-Control-Expose-Headers"]


def test_a_list_is_never_kept_by_the_browser(app: Client) -> None:
    assert "no-store" in app.get(NOTES).headers["Cache-Control"]


def test_the_etag_is_strong_and_moves_only_with_the_records(app: Client) -> None:
    before = app.get(NOTES).headers["ETag"]
    app.post_json(NOTES, {"data": []}, status=400)
    assert app.get(f"{NOTES}?_since={before}").headers["ETag"] == before
    assert not before.startswith("W/")


def test_the_next_page_is_absolute_and_as_the_proxy_says() -> None:
    app = make_app({"http_scheme": "https", "http_host": "sync.example", "paginate_by": 1})
    for n in range(2):
        app.post_json(NOTES, {"data": {"n": n}})
    page = app.get(NOTES).headers["Next-Page"]
    assert (urlsplit(page).scheme, urlsplit(page).netloc, urlsplit(page).path) == ("https", "sync.example", NOTES)
    requests = [{"path": "/notes"}]
    inner = app.post_json("/v1/batch", {"requests": requests}).json["responses"][0]
    assert inner["headers"]["Next-Page"].startswith("https://sync.example/v1/notes?")


def test_an_unknown_filter_is_no_failure_in_an_open_schema(app: Client) -> None:
    ids = ",".join(f'"{n}"' for n in range(50))
    assert len(app.get(f"{NOTES}?exclude_id={ids}").json["data"]) == 1


def test_a_412_shows_what_is_there(app: Client) -> None:
    response = app.put_json(f"{NOTES}/{UUID}", {"data": {}}, headers={"If-None-Match": "*"}, status=412)
    existing = response.json["details"]["existing"]
    assert existing["id"] == UUID
    assert response.headers["ETag"] == f'"{existing["last_modified"]}"'


def test_a_bad_login_is_seen_in_hello_by_the_absence_of_a_user(app: Client) -> None:
    for value in ("undefined", "Bearer x", "Basic !!!", "Basic Og==", ""):
        assert "user" not in app.get("/v1/", headers={"Authorization": value}).json
    assert app.get("/v1/").json["user"]["id"].startswith("basicauth:")
    assert app.get("/v1/").json["settings"] == {"batch_max_requests": 25, "readonly": False}


@pytest.mark.parametrize(
    "path", ["/v1/", NOTES, f"{NOTES}/{UUID}", "/v1/batch", "/v1/__heartbeat__", "/notes", "/", "/v1/notes/", "/v1"]
)
def test_a_preflight_needs_no_credentials(app: Client, path: str) -> None:
    method = "POST" if "batch" in path else "GET"
    asked = {**PREFLIGHT, "Access-Control-Request-Method": method}
    response = app.anonymous().options(path, headers=asked, status=200)
    assert response.json is None
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert method in response.headers["Access-Control-Allow-Methods"]
    assert response.headers["Access-Control-Allow-Headers"] == "authorization"
    assert response.headers["Access-Control-Max-Age"] == "3600"


def test_a_preflight_allows_what_clients_send(app: Client) -> None:
    asked = "authorization,content-type,if-match,if-none-match"
    headers = {**PREFLIGHT, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": asked}
    response = app.options(f"{NOTES}/{UUID}", headers=headers)
    assert response.headers["Access-Control-Allow-Headers"] == asked
    assert {"GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"} == set(
        response.headers["Access-Control-Allow-Methods"].replace(" ", "").split(",")
    )


def test_a_preflight_of_what_is_not_there_is_refused(app: Client) -> None:
    assert app.options("/v1/unknown", headers=PREFLIGHT, status=404).headers["Access-Control-Allow-Origin"] == "*"
    headers = {**PREFLIGHT, "Access-Control-Request-Method": "PUT"}
    assert app.options(NOTES, headers=headers, status=400).json["errno"] == 107
    assert app.options(NOTES, status=400).json["details"][0]["name"] == "Origin"
    assert app.options("/v1/%ff", headers=PREFLIGHT, status=400).json["errno"] == 107


@pytest.mark.parametrize("path", [NOTES, "/notes"])
@pytest.mark.parametrize("names", ["a\x01b", "é", "x" * 5000, "a;b"])
def test_what_a_client_sent_becomes_no_header(app: Client, path: str, names: str) -> None:
    headers = {**PREFLIGHT, "Access-Control-Request-Headers": names.encode().decode("latin-1")}
    response = app.options(path, headers=headers, expect_errors=True)
    assert names not in response.headers.get("Access-Control-Allow-Headers", "")


def test_the_age_of_preflights_can_be_left_out() -> None:
    for value in ("", "0"):
        response = make_app({"cors_max_age_seconds": value}).options(NOTES, headers=PREFLIGHT)
        assert "Access-Control-Max-Age" not in response.headers


ORIGINS = [
    ("http://app.example", True),
    ("http://app.example:80", False),
    ("https://app.example", False),
    ("http://app.example.evil.org", False),
    ("https://a.apps.example", True),
    ("https://a.b.apps.example", True),
    ("https://apps.example", False),
    ("https://evil.org/.apps.example", False),
    ("https://a.apps.example.evil.org", False),
    ("null", False),
    ("", False),
    ("https://é.apps.example", True),
    ("https://a\x01.apps.example", False),
]


@pytest.mark.parametrize(("origin", "allowed"), ORIGINS)
def test_allowed_origins_may_be_listed_and_have_wildcards(origin: str, allowed: bool) -> None:
    app = make_app({"cors_origins": "http://app.example https://*.apps.example"})
    sent = origin.encode().decode("latin-1")
    for path, status in ((NOTES, 200), ("/v1/unknown", 404), ("/notes", 307)):
        response = app.get(path, headers={"Origin": sent}, status=status)
        assert response.headers.get("Access-Control-Allow-Origin") == (sent if allowed else None)
        assert response.headers["Vary"] == "Authorization, Origin"


def test_an_origin_that_is_not_allowed_is_served_all_the_same() -> None:
    app = make_app({"cors_origins": "http://app.example"})
    app.post_json(NOTES, {"data": {}}, headers={"Origin": "http://evil.example"}, status=201)
    response = app.options(NOTES, headers={**PREFLIGHT, "Origin": "http://evil.example"})
    assert "Access-Control-Allow-Origin" not in response.headers


def test_vary_may_be_empty() -> None:
    assert "Vary" not in make_app({"vary": ""}).get(NOTES).headers
