"""``/__flush__``: everything is forgotten at once, at the word of those whom a setting names."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from pyramid.config import Configurator

import cliquet
from cliquet.errors import ConfigurationError
from cliquet.plugins.flush import ServerFlushed
from cliquet.storage.base import Everywhere
from cliquet.testing.app import Client, make_app
from tests.functional.plugins.sharing_service import Serve, backends, library, put, user

__all__ = ["backends"]

FLUSH = {"includes": "cliquet.plugins.flush", "permission_backend": "cliquet.permission.memory"}


def flushing(settings: dict[str, Any], serve: Serve, **more: Any) -> Client:
    return library(settings, serve, "flush", flush_principals=user(make_app()), **more)


def test_everything_is_forgotten(backends: dict[str, Any], serve: Serve) -> None:
    alice = flushing(backends, serve)
    bob = alice.as_user("bob")
    put(alice, "/teams/t", {"members": [user(bob)]})
    put(alice, "/api/shelves/s", read=["/teams/t"])
    put(alice, "/api/shelves/s/books/b")
    put(bob, "/notes/n")
    assert alice.parts.cache is not None
    alice.parts.cache.set("a", 1)
    before = int(alice.get("/v1/api/shelves").headers["ETag"].strip('"'))
    response = alice.post_json("/v1/__flush__", {}, status=202)
    assert response.json == {}
    assert alice.storage.tally() == {}
    permission = alice.parts.permission
    assert permission is not None
    assert permission.objects_of(["system.Everyone", user(alice), "/teams/t"]) == ([], False)
    assert permission.principals_of(user(bob)) == frozenset()
    assert alice.parts.cache.get("a") is None
    assert alice.get("/v1/api/shelves").json == {"data": []}
    put(bob, "/api/shelves/s")
    assert int(bob.get("/v1/api/shelves").headers["ETag"].strip('"')) > before
    alice.get("/v1/api/shelves/s", status=403)


def test_a_service_that_was_flushed_goes_on(backends: dict[str, Any], serve: Serve) -> None:
    alice = flushing(backends, serve)
    for _ in range(3):
        put(alice, "/api/shelves/s")
        assert alice.get("/v1/api/shelves/s").json["permissions"] == {"write": [user(alice)]}
        alice.post("/v1/__flush__", status=202)


def test_nobody_may_flush_who_is_not_named(backends: dict[str, Any], serve: Serve) -> None:
    alice = flushing(backends, serve)
    put(alice, "/api/shelves/s")
    assert alice.as_user("bob").post_json("/v1/__flush__", {}, status=403).json["errno"] == 121
    assert alice.anonymous().post_json("/v1/__flush__", {}, status=401).json["errno"] == 104
    assert alice.get("/v1/api/shelves/s").json["data"]["id"] == "s"


def test_a_form_of_another_site_cannot_flush() -> None:
    alice = make_app({**FLUSH, "flush_principals": "system.Everyone"})
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        alice.post("/v1/__flush__", "x=1", headers={"Content-Type": kind}, status=415)
    alice.post("/v1/__flush__", "{}", headers={"Content-Type": "application/json; charset=utf-8"}, status=202)


def test_by_default_nobody_may() -> None:
    assert make_app(FLUSH).post("/v1/__flush__", status=403).json["errno"] == 121


def test_a_batch_cannot_flush(backends: dict[str, Any], serve: Serve) -> None:
    alice = flushing(backends, serve)
    requests = [
        {"method": "PUT", "path": "/notes/n", "body": {"data": {}}},
        {"method": "POST", "path": "/__flush__"},
    ]
    found = alice.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [one["status"] for one in found] == [201, 400]
    assert alice.get("/v1/notes/n").json["data"]["id"] == "n"


def test_subscribers_are_told_and_cannot_fail(caplog: pytest.LogCaptureFixture) -> None:
    told: list[ServerFlushed] = []

    def fail(event: ServerFlushed) -> None:
        raise RuntimeError("boom")

    def configure(config: Configurator) -> None:
        config.add_subscriber(told.append, ServerFlushed)
        config.add_subscriber(fail, ServerFlushed)

    alice = make_app({**FLUSH, "flush_principals": "system.Everyone"}, configure=configure)
    alice.post("/v1/__flush__", status=202)
    assert [event.request.path for event in told] == ["/v1/__flush__"]
    assert "Unable to finish the flush" in caplog.text


def test_it_is_announced_where_it_is_served() -> None:
    assert set(make_app(FLUSH).get("/v1/").json["capabilities"]["flush_endpoint"]) == {"description", "url"}
    for off in ({"flush_endpoint_enabled": "false"}, {"readonly": "true"}):
        alice = make_app({**FLUSH, **off})
        assert "flush_endpoint" not in alice.get("/v1/").json["capabilities"]
        alice.post("/v1/__flush__", status=404)
    assert "flush_endpoint" in make_app({**FLUSH, "flush_endpoint_enabled": "true"}).get("/v1/").json["capabilities"]


def test_without_a_storage_there_is_nothing_to_flush() -> None:
    config = Configurator(settings={"includes": "cliquet.plugins.flush"})
    with pytest.raises(ConfigurationError, match="nothing to flush"):
        cliquet.initialize(config, version="1.0")


# While others write


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql"])
def test_who_writes_meanwhile_sees_no_error_and_leaves_no_halves(
    kind: str, request: pytest.FixtureRequest, serve: Serve
) -> None:
    settings = {"permission_backend": f"cliquet.permission.{kind}"}
    if kind != "memory":
        settings |= request.getfixturevalue(f"{kind}_settings")
        settings |= {"permission_url": settings["storage_url"], "storage_pool_size": "10", "permission_pool_size": "10"}
    alice = library(settings, serve, "flush", flush_principals="system.Everyone")
    statuses: list[int] = []
    done = threading.Event()

    def write(number: int) -> None:
        client = alice.as_user(f"user{number}")
        turn = 0
        while not done.is_set():
            turn += 1
            paths = (f"/v1/api/shelves/s{number}-{turn}", f"/v1/api/shelves/s{number}-{turn}/books/b")
            for path in paths:
                response = client.put_json(path, {"data": {"n": turn}}, expect_errors=True)
                statuses.append(response.status_int)

    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for writer in writers:
        writer.start()
    for _ in range(20):
        _wait_until_more_is_created(statuses)
        statuses.append(alice.post("/v1/__flush__", expect_errors=True).status_int)
    done.set()
    for writer in writers:
        writer.join()
    assert set(statuses) <= {200, 201, 202, 403, 404}
    assert statuses.count(202) == 20
    assert statuses.count(201) >= 200
    _check_whole(alice)


def _wait_until_more_is_created(statuses: list[int]) -> None:
    """Wait for ten more records."""
    enough, deadline = statuses.count(201) + 10, time.monotonic() + 60
    while statuses.count(201) < enough:
        assert time.monotonic() < deadline, "nobody creates anything any more"
        time.sleep(0.01)


def _check_whole(app: Client) -> None:
    """Every record has its owner, every book its shelf, and no permission is on what is not there."""
    shelves = {f"/api/shelves/{record_id}" for _, record_id in app.storage.everywhere(Everywhere("shelf", limit=10**6))}
    found = app.storage.everywhere(Everywhere("book", limit=10**6))
    assert {parent for parent, _ in found} <= shelves
    permission = app.parts.permission
    assert permission is not None
    everybody = [user(app.as_user(f"user{number}")) for number in range(4)]
    held = {uri for uri, _ in permission.objects_of(everybody).entries}
    assert held == shelves | {f"{parent}/books/{record_id}" for parent, record_id in found}
