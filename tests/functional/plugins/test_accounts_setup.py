"""The first administrator: who sees the terminal, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cliquet.plugins.accounts import ADMINISTRATORS
from cliquet.plugins.accounts.setup_endpoint import banner
from cliquet.testing.app import Client
from tests.functional.plugins.accounts_service import ACCOUNTS, in_memory, make, of, sign_up

SETUP = "/v1/__setup__"
BODY = {"data": {"id": "admin", "password": "s3cret"}}
FORM = {"id": "admin", "password": "s3cret"}
LOCAL = {"environment": "development"}


@pytest.fixture
def app() -> Client:
    """The service in memory, used by nobody in particular."""
    return in_memory()


@pytest.fixture
def each(sharing_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """The same, once on each storage."""
    return serve(make({**sharing_settings, **ACCOUNTS, **LOCAL})).anonymous()


def lines(app: Client) -> list[str]:
    """What the terminal shows."""
    return list(banner(app.app.registry, "http://127.0.0.1:8000/v1"))


def link(app: Client) -> str:
    """The path of the link that the terminal shows."""
    found = re.search(r"http://127\.0\.0\.1:8000(/v1/__setup__\?token=[\w-]{43})$", "\n".join(lines(app)), re.M)
    assert found, lines(app)
    return found[1]


def test_the_first_administrator_comes_by_a_link_and_stays_one(each: Client) -> None:
    made = each.post_json(link(each), BODY, status=201)
    assert set(made.json["data"]) == {"id", "last_modified"}
    admin = each.as_user("admin")
    assert admin.get("/v1/").json["user"]["id"] != "account:admin", "the password is another one"
    admin = each.as_user("admin", "s3cret")
    assert ADMINISTRATORS in admin.get("/v1/").json["user"]["principals"]
    assert admin.get("/v1/accounts/admin").json["permissions"] == {"write": ["account:admin"]}
    sign_up(each, "bob")
    admin.patch_json("/v1/accounts/bob", {"data": {"password": "new"}})
    assert {one["id"] for one in admin.get("/v1/accounts").json["data"]} == {"admin", "bob"}


def test_a_person_fills_in_a_form(app: Client) -> None:
    url = link(app)
    page = app.get(url)
    assert page.content_type == "text/html"
    assert page.form.method.lower() == "post"
    page.form["id"], page.form["password"] = "admin", "s3cret"
    done = page.form.submit(status=201)
    assert "<b>admin</b>" in done.text
    assert ADMINISTRATORS in app.as_user("admin", "s3cret").get("/v1/").json["user"]["principals"]


def test_the_page_runs_nothing_and_is_kept_nowhere(app: Client) -> None:
    page = app.get(link(app))
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "script" not in policy + page.text
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"


def test_a_link_is_good_once(app: Client) -> None:
    url = link(app)
    app.post_json(url, BODY, status=201)
    other = {"data": {"id": "mallory", "password": "s3cret"}}
    assert app.post_json(url, other, status=403).json["errno"] == 121
    assert app.get(url, status=403).content_type == "text/html"
    assert app.post(url, {**FORM, "id": "mallory"}, status=403).content_type == "text/html"
    assert of(app).passwords.get("mallory") is None


def test_a_mistake_does_not_use_the_link_up(app: Client) -> None:
    url = link(app)
    for data in (
        {},
        {"id": "admin"},
        {"id": "a b", "password": "x"},
        {"id": 1, "password": "x"},
        {"id": "admin", "password": ""},
    ):
        app.post_json(url, {"data": data}, status=400)
    bodies: list[Any] = [[], {}, {"data": None}, "text", None]
    for body in bodies:
        app.post_json(url, body, status=400)
    again = app.post(url, {"id": '"><b>', "password": "x"}, status=400)
    assert "&quot;&gt;&lt;b&gt;" in again.text
    assert "<b>" not in again.text
    app.post(url, {"id": "admin"}, status=400)
    app.post_json(url, BODY, status=201)


@pytest.mark.parametrize(
    "query", ["", "?token=", "?token=wrong", "?token=%00", "?token=%C3%A9", "?tokens=x", "?token=a&token=b"]
)
def test_nobody_gets_in_without_the_link(app: Client, query: str) -> None:
    link(app)
    for answer in (
        app.get(SETUP + query, status=403),
        app.post_json(SETUP + query, BODY, status=403),
        app.post(SETUP + query, FORM, status=403),
    ):
        assert "token=" not in answer.text
    assert of(app).are_none()


@pytest.mark.parametrize("query", ["?token=%FF", "?%FF=x"])
def test_a_query_that_is_no_text_is_refused(app: Client, query: str) -> None:
    app.get(SETUP + query, status=400)


def test_without_a_terminal_there_is_no_link_at_all(app: Client) -> None:
    for token in ("", "x" * 43):
        app.post_json(f"{SETUP}?token={token}", BODY, status=403)


def test_a_link_ends_with_the_first_account(app: Client) -> None:
    url = link(app)
    sign_up(app, "alice")
    app.post_json(url, BODY, status=403)
    app.post(url, FORM, status=403)
    assert "<form" not in app.get(url, status=403).text
    assert lines(app) == []


def test_a_link_that_is_opened_twice_at_once_makes_one_account(each: Client) -> None:
    url = link(each)

    def attempt(number: int) -> int:
        status: int = each.post_json(url, {"data": {"id": f"a{number}", "password": "x"}}, status="*").status_int
        return status

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == [201, 403, 403, 403]


def test_a_link_ends_with_the_server(sqlite_settings: dict[str, Any], serve: Callable[[Any], Client]) -> None:
    permission = {"permission_backend": "cliquet.permission.sqlite", "permission_url": sqlite_settings["storage_url"]}
    settings = {**sqlite_settings, **permission, **ACCOUNTS}
    url = link(serve(make(settings)))
    serve(make(settings)).anonymous().post_json(url, BODY, status=403)


def test_the_terminal_says_nothing_where_somebody_has_an_account(each: Client) -> None:
    sign_up(each, "alice")
    assert lines(each) == []


def test_in_production_the_terminal_names_the_command() -> None:
    app = in_memory({"environment": "production"})
    shown = "\n".join(lines(app))
    assert "cliquet create-user --admin" in shown
    assert "token" not in shown


def test_a_link_needs_a_body_that_says_what_it_is(app: Client) -> None:
    app.post(link(app), b"id=a&password=b", content_type="text/plain", status=415)
    app.post(link(app), b"x" * 70_000, content_type="application/json", status=413)
    app.post(link(app), b"x" * 70_000, content_type="application/x-www-form-urlencoded", status=413)
    app.post(link(app), b"id=%FF&password=b", content_type="application/x-www-form-urlencoded", status=400)


def test_who_is_deleted_is_no_administrator_any_more(each: Client) -> None:
    each.post_json(link(each), BODY, status=201)
    admin = each.as_user("admin", "s3cret")
    admin.put_json("/v1/accounts/other", {"data": {"password": "x"}}, status=201)
    admin.delete("/v1/accounts/admin")
    permission = each.parts.permission
    assert permission is not None
    assert ADMINISTRATORS not in permission.principals_of("account:admin")
    assert ADMINISTRATORS not in permission.principals_of("account:other")


def test_nobody_makes_themselves_an_administrator_by_a_group(each: Client) -> None:
    bob = sign_up(each, "bob")
    for path in ("/v1/__administrators__", "/v1/shelfs/__administrators__"):
        bob.put_json(path, {"data": {"members": ["account:bob"]}}, status="4*")
    assert ADMINISTRATORS not in bob.get("/v1/").json["user"]["principals"]
