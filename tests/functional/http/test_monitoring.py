"""The line that is logged and the measures that are sent for each request."""

from __future__ import annotations

import json
import logging
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from cliquet.monitoring.logs import formatter
from cliquet.monitoring.renderers import JsonRenderer
from cliquet.testing.app import Client, make_app

NOTES = "/v1/notes"
Lines = list[dict[str, Any]]


class Kept(logging.Handler):
    """Keeps what is logged, as the JSON that it becomes."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: Lines = []
        self.setFormatter(formatter(JsonRenderer()))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


@pytest.fixture
def lines() -> Iterator[Lines]:
    logger, kept = logging.getLogger("cliquet"), Kept()
    before = logger.level
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)
    yield kept.lines
    logger.removeHandler(kept)
    logger.setLevel(before)


def summaries(lines: Lines, event: str = "request.summary") -> Lines:
    return [line for line in lines if line["event"] == event]


def test_each_request_is_one_line(memory: Client, lines: Lines) -> None:
    headers = {"User-Agent": "test\nagent", "Accept-Language": "fr"}
    memory.get(f"{NOTES}?_limit=3&a=b", headers=headers)
    (line,) = summaries(lines)
    expected = {
        "agent": "test\nagent",
        "path": NOTES,
        "method": "GET",
        "lang": "fr",
        "authn_type": "basicauth",
        "uid": memory.get("/v1/").json["user"]["id"].partition(":")[2],
        "errno": 0,
        "code": 200,
        "collection_id": "note",
        "nb_records": 0,
        "limit": 3,
        "collection_timestamp": 0,
    }
    assert {name: line.get(name) for name in expected} == expected
    assert "_limit" in str(line["querystring"])
    assert line["t"] >= 0
    assert line["time"].startswith("20")


def test_a_failure_has_its_errno(memory: Client, lines: Lines) -> None:
    memory.anonymous().get(NOTES, status=401)
    memory.get("/v1/unknown", status=404)
    memory.get("/v9/", status=404)
    memory.get(f"{NOTES}?_since=x", status=400)
    memory.get("/notes", status=307)
    memory.put(NOTES, status=405)
    assert [(line["code"], line["errno"]) for line in summaries(lines)] == [
        (401, 104), (404, 111), (404, 116), (400, 107), (307, 0), (405, 115)
    ]  # fmt: skip
    assert [line["uid"] for line in summaries(lines)][:2] == [None, None]


def test_the_end_of_the_service_is_logged_too(lines: Lines) -> None:
    make_app({"eos": "2015-01-01"}).get(NOTES, status=410)
    assert [(line["code"], line["errno"]) for line in summaries(lines)] == [(410, 202)]


def test_a_batch_is_a_line_with_a_line_per_request(memory: Client, lines: Lines) -> None:
    requests = [{"path": "/"}, {"method": "POST", "path": "/notes", "body": {"data": []}}]
    memory.post_json("/v1/batch", {"requests": requests})
    (line,) = summaries(lines)
    assert (line["path"], line["batch_size"], line["code"]) == ("/v1/batch", 2, 200)
    parts = summaries(lines, "subrequest.summary")
    assert [(one["method"], one["path"], one["code"], one["errno"]) for one in parts] == [
        ("GET", "/v1/", 200, 0), ("POST", NOTES, 400, 107)
    ]  # fmt: skip


def test_an_unexpected_error_is_logged_with_its_traceback_and_a_backend_error_with_its_cause(lines: Lines) -> None:
    def broken(registry: Any) -> bool:
        raise ZeroDivisionError

    app = make_app(configure=lambda config: config.add_heartbeat("broken", broken))
    app.get("/v1/__heartbeat__", status=503)
    (line,) = [one for one in lines if one["event"] == "Heartbeat Failure"]
    assert "ZeroDivisionError" in line["exception"]
    assert line["backend"] == "broken"


def test_long_and_odd_texts_are_cut_and_stay_one_line(memory: Client, lines: Lines) -> None:
    memory.get(f"/v1/{'x' * 5000}", headers={"User-Agent": "\x1b[31m" * 1000}, status=404)
    Client(memory.app, lint=False).request(NOTES, method="X" * 500, status=405)
    for line in summaries(lines):
        assert len(json.dumps(line)) < 6000
        assert len(line["method"]) <= 21


# Statsd


@pytest.fixture
def statsd() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.3)
        yield listening


def received(statsd: socket.socket) -> set[str]:
    """What was sent until nothing more comes, timers without their time."""
    found = set()
    try:
        while True:
            name, _, value = statsd.recv(2000).decode().partition(":")
            found.add(name if value.endswith("|ms") else f"{name}:{value}")
    except TimeoutError:
        return found


def test_measures_have_the_names_that_dashboards_know(statsd: socket.socket) -> None:
    app = make_app({"statsd_url": f"udp://127.0.0.1:{statsd.getsockname()[1]}"})
    app.get("/v1/")
    app.post_json("/v1/mushrooms", {"data": {"name": "Cep"}})
    app.get("/v1/unknown", status=404)
    app.get("/notes", status=307)
    app.put(NOTES, status=405)
    app.post_json("/v1/batch", {"requests": [{"path": "/notes"}]})
    user = app.get("/v1/").json["user"]["id"].replace(":", ".")
    found = received(statsd)
    assert {
        "myapp.view.hello.GET:1|c",
        "myapp.view.mushroom-collection.POST:1|c",
        "myapp.view.note-collection.GET:1|c",
        "myapp.view.batch.POST:1|c",
        "myapp.authn_type.basicauth:1|c",
        f"myapp.users:{user}|s",
        "myapp.authentication.basicauth.unauthenticated_userid",
        "myapp.storage.storage.create",
        "myapp.storage.storage.page",
    } <= found


def test_a_service_without_name_has_the_prefix_of_the_settings(statsd: socket.socket) -> None:
    url = f"udp://127.0.0.1:{statsd.getsockname()[1]}"
    make_app({"statsd_url": url, "project_name": "", "statsd_prefix": "mine"}).get("/v1/")
    assert "mine.view.hello.GET:1|c" in received(statsd)


def test_a_statsd_that_is_not_there_costs_nothing() -> None:
    make_app({"statsd_url": "udp://127.0.0.1:9"}).get("/v1/", status=200)
