"""What operators switch on and off, and what the utilities answer."""

from __future__ import annotations

import datetime
import json
import threading
import time
from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationConflictError

from cliquet import resource
from cliquet.testing.app import Client, make_app

NOTES = "/v1/notes"
UUID = "9f2d363f-9841-8b13-253d-6d7193fc8869"
EVERY_URL = ["/", "/v1/", NOTES, "/v1/__heartbeat__", "/v1/__lbheartbeat__", "/v1/unknown", "/v1/notes/", "/v2/"]


def beating(timeout: float = 0.2, **checks: Any) -> Client:
    def configure(config: Configurator) -> None:
        for name, check in checks.items():
            config.add_heartbeat(name, check)

    return make_app({"heartbeat_timeout_seconds": timeout}, configure=configure)


# hello


def test_hello_says_who_it_is(memory: Client) -> None:
    content = memory.anonymous().get("/v1/").json
    assert content == {
        "project_name": "myapp",
        "project_version": "1.0",
        "http_api_version": "1.0",
        "project_docs": "https://cliquet.example/",
        "cliquet_protocol_version": "3",
        "url": "http://localhost/v1/",
        "settings": {"batch_max_requests": 25, "readonly": False},
        "capabilities": content["capabilities"],
    }
    assert memory.head("/v1/").body == b""


def test_capabilities_and_settings_can_be_announced() -> None:
    def configure(config: Configurator) -> None:
        config.add_api_capability("moon", "Shines", "https://moon.example", phases=["new", "full"])
        config.add_public_setting("tides", 2)
        config.add_hello_member("sky", None)
        config.add_hello_member("url", "elsewhere")

    content = make_app(configure=configure).get("/v1/").json
    moon = {"description": "Shines", "url": "https://moon.example", "phases": ["new", "full"]}
    assert content["capabilities"]["moon"] == moon
    assert content["settings"]["tides"] == 2
    assert content["sky"] is None
    assert content["url"] == "http://localhost/v1/"


@pytest.mark.parametrize("directive", ["add_api_capability", "add_heartbeat", "add_public_setting", "add_hello_member"])
def test_two_plugins_that_say_the_same_are_a_conflict_at_start_up(directive: str) -> None:
    def plugin(number: int) -> Any:
        def includeme(config: Configurator) -> None:
            getattr(config, directive)("moon", lambda registry: number)

        includeme.__name__ = f"plugin{number}"
        return includeme

    def configure(config: Configurator) -> None:
        config.include(plugin(1))
        config.include(plugin(2))

    with pytest.raises(ConfigurationConflictError):
        make_app(configure=configure)


def test_the_user_that_hello_shows_can_be_extended() -> None:
    def configure(config: Configurator) -> None:
        config.add_request_method(lambda request: {"id": request.prefixed_userid, "vip": True}, "get_user_info")

    assert make_app(configure=configure).get("/v1/").json["user"]["vip"] is True


# Heartbeats


def test_the_heartbeat_asks_every_backend(app: Client) -> None:
    assert app.anonymous().get("/v1/__heartbeat__").json == {"storage": True, "cache": True}
    assert app.get("/v1/__lbheartbeat__").json == {}
    assert app.head("/v1/__heartbeat__").body == b""


def test_a_check_that_fails_or_does_not_apply_says_so() -> None:
    def broken(registry: Any) -> bool:
        raise ValueError("password=hunter2")

    response = beating(a=broken, b=lambda registry: None, c=lambda registry: 0).get("/v1/__heartbeat__", status=503)
    assert response.json == {"storage": True, "cache": True, "a": False, "b": None, "c": False}
    assert "hunter2" not in response.text
    assert beating(b=lambda registry: None, c=lambda registry: "yes").get("/v1/__heartbeat__").json["c"] is True


def test_a_check_that_hangs_is_false_and_is_begun_once() -> None:
    release, begun = threading.Event(), []

    def hanging(registry: Any) -> bool:
        begun.append(registry)
        return release.wait(10)

    app = beating(a=hanging, b=hanging)
    started = time.monotonic()
    for _ in range(2):
        assert app.get("/v1/__heartbeat__", status=503).json == {"storage": True, "cache": True, "a": False, "b": False}
    assert time.monotonic() - started < 2
    assert len(begun) == 2
    release.set()
    for thread in threading.enumerate():
        if thread.name in ("heartbeat-a", "heartbeat-b"):
            thread.join(5)
    assert app.get("/v1/__heartbeat__", status=200).json["a"] is True


def test_checks_have_one_time_limit_together() -> None:
    def slow_by(seconds: float) -> Any:
        return lambda registry: not threading.Event().wait(seconds)

    slow = {f"slow{n}": slow_by(0.5 + 0.7 * n) for n in range(3)}
    started = time.monotonic()
    found = beating(0.8, **slow).get("/v1/__heartbeat__", status=503).json
    assert time.monotonic() - started < 1.8
    assert [found[name] for name in slow] == [True, False, False]


# Backoff, Retry-After, end of service


def test_backoff_is_on_every_answer() -> None:
    app = make_app({"backoff": 17})
    for path in [*EVERY_URL, f"{NOTES}?_since=x", f"{NOTES}/{UUID}"]:
        assert app.get(path, expect_errors=True).headers["Backoff"] == "17", path
    assert app.options(NOTES, expect_errors=True).headers["Backoff"] == "17"
    assert "Backoff" not in make_app().get(NOTES).headers


def test_a_coming_end_is_announced_on_every_answer() -> None:
    tomorrow = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=1)
    settings = {"eos": tomorrow.isoformat(), "eos_message": "Fin d'été\n", "eos_url": "https://end.example"}
    app = make_app(settings)
    for path in EVERY_URL:
        alert = json.loads(app.get(path, expect_errors=True).headers["Alert"])
        assert alert == {"code": "soft-eol", "message": "Fin d'été\n", "url": "https://end.example"}
    assert datetime.datetime.fromisoformat(app.get("/v1/").json["eos"]) == tomorrow


@pytest.mark.parametrize("eos", ["2015-10-22", "2015-10-22T12:00", "2015-10-22T12:00:00+02:00"])
def test_after_the_end_every_url_is_410(eos: str) -> None:
    app = make_app({"eos": eos})
    for path in EVERY_URL:
        for method in ("GET", "POST", "HEAD", "OPTIONS", "PUT"):
            headers = {"Origin": "http://a.example", "Access-Control-Request-Method": "GET"}
            response = app.request(path, method=method, headers=headers, status=410)
            alert = json.loads(response.headers["Alert"])
            assert alert == {"code": "hard-eol", "message": None, "url": "https://cliquet.example/"}
            assert response.headers["Access-Control-Allow-Origin"] == "*"
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            if method != "HEAD":
                assert (response.json["code"], response.json["errno"], response.json["error"]) == (410, 202, "Gone")


def test_to_is_deprecated_and_works(memory: Client) -> None:
    made = memory.post_json(NOTES, {"data": {}}).json["data"]
    response = memory.get(f"{NOTES}?_to={made['last_modified'] + 1}")
    assert response.json["data"] == [made]
    assert json.loads(response.headers["Alert"])["code"] == "soft-eol"
    assert "Alert" not in memory.get(f"{NOTES}?_before=1").headers


# Methods


def test_a_readonly_service_reads_and_refuses_to_write(sqlite_settings: dict[str, Any]) -> None:
    made = make_app(sqlite_settings).post_json(NOTES, {"data": {}}).json["data"]
    app = make_app({**sqlite_settings, "readonly": "true"})
    assert app.get(f"{NOTES}/{made['id']}").json["data"] == made
    assert app.head(NOTES).headers["Total-Records"] == "1"
    assert app.get("/v1/").json["settings"]["readonly"] is True
    for method, path in (("POST", NOTES), ("DELETE", NOTES), ("PUT", f"{NOTES}/{UUID}"), ("PATCH", f"{NOTES}/{UUID}")):
        response = app.request(path, method=method, status=405)
        assert set(response.headers["Allow"].split(", ")) - {"OPTIONS"} == {"GET", "HEAD"}
    parts = [{"method": "POST", "path": "/notes", "body": {"data": {}}}, {"path": "/notes"}]
    found = app.post_json("/v1/batch", {"requests": parts}).json["responses"]
    assert [one["status"] for one in found] == [405, 200]
    assert app.get("/v1/__heartbeat__").json["storage"] is True


def test_each_method_of_each_endpoint_can_be_switched_off() -> None:
    app = make_app(
        {
            "collection_note_delete_enabled": "false",
            "myapp.record_note_put_enabled": "false",
            "cliquet.record_note_get_enabled": "false",
            "record_psilo_patch_enabled": "true",
        }
    )
    app.delete(NOTES, status=405)
    app.get(NOTES, status=200)
    app.put(f"{NOTES}/{UUID}", status=405)
    app.get(f"{NOTES}/{UUID}", status=405)
    app.head(f"{NOTES}/{UUID}", status=405)
    app.delete(f"{NOTES}/{UUID}", status=404)
    app.delete("/v1/mushrooms", status=200)


def test_an_endpoint_without_any_method_left_is_a_405() -> None:
    class Inbox(resource.UserResource):
        schema = resource.Anything

    def configure(config: Configurator) -> None:
        config.add_resource(Inbox, collection_methods=("POST",), record_methods=("DELETE",))

    app = make_app({"readonly": "true"}, resources=[], configure=configure)
    for method, path in (("POST", "/v1/inboxs"), ("GET", "/v1/inboxs"), ("DELETE", f"/v1/inboxs/{UUID}")):
        assert app.request(path, method=method, status=405).json["errno"] == 115


def test_pages_have_the_size_that_the_settings_say() -> None:
    app = make_app({"paginate_by": 2, "storage_max_fetch_size": 3})
    for n in range(5):
        app.post_json(NOTES, {"data": {"n": n}})
    assert len(app.get(NOTES).json["data"]) == 2
    assert len(app.get(f"{NOTES}?_limit=100").json["data"]) == 2
    assert len(app.get(f"{NOTES}?_limit=1").json["data"]) == 1
    assert len(app.delete(NOTES).json["data"]) == 2
    unpaged = make_app({"storage_max_fetch_size": 3})
    for n in range(5):
        unpaged.post_json(NOTES, {"data": {"n": n}})
    response = unpaged.get(NOTES)
    assert len(response.json["data"]) == 3
    assert len(unpaged.get(response.headers["Next-Page"]).json["data"]) == 2
