"""A client that may try again waits as long as the server says, and then succeeds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from kinto_http import KintoException

from tests.compatibility.kinto_http.conftest import As
from tests.compatibility.kinto_http.wire import Answer, Wire
from tests.compatibility.server import Kinto

BUSY = Answer(
    status=429,
    headers=(("Retry-After", "1"), ("Content-Type", "application/json")),
    content=b'{"code":429,"errno":117,"error":"Too Many Requests"}',
)


@contextmanager
def after(seconds: float, act: Any, **options: Any) -> Iterator[None]:
    """Do something soon, while the block runs."""
    timer = threading.Timer(seconds, act, kwargs=options)
    timer.start()
    try:
        yield
    finally:
        timer.join()


def atomic(taken: str) -> dict[str, Any]:
    """A batch that creates a record, or else does nothing at all."""
    return {"atomic": True, "requests": [{"method": "PUT", "path": taken, "headers": {"If-None-Match": "*"}}]}


def test_a_conflict_is_tried_again_after_the_time_that_the_server_says(as_user: As, alice: Any, kinto: Kinto) -> None:
    alice.create_record(id="r1")
    record = alice.get_endpoint("record", id="r1")
    with Wire(kinto.url) as wire, after(0.5, alice.delete_record, id="r1"):
        client = as_user("alice", server_url=wire.url, retry=3)
        started = time.monotonic()
        answer, _ = client.session.request("post", "/batch", payload=atomic(record))
        took = time.monotonic() - started
    assert [exchange.answer.status for exchange in wire.exchanges] == [409, 200]
    assert wire.exchanges[0].answer.header("Retry-After") == "1"
    assert took >= 1
    assert answer["responses"][0]["status"] == 201


def test_a_conflict_is_raised_when_it_does_not_end(as_user: As, alice: Any, kinto: Kinto) -> None:
    alice.create_record(id="r1")
    record = alice.get_endpoint("record", id="r1")
    with Wire(kinto.url) as wire:
        client = as_user("alice", server_url=wire.url, retry=1)
        with pytest.raises(KintoException) as refused:
            client.session.request("post", "/batch", payload=atomic(record))
    assert (refused.value.response.status_code, refused.value.response.json()["errno"]) == (409, 122)
    assert len(wire.exchanges) == 2


def test_too_many_requests_are_tried_again(as_user: As, alice: Any, kinto: Kinto) -> None:
    with Wire(kinto.url, first=[BUSY]) as wire:
        created = as_user("alice", server_url=wire.url, retry=1).create_record(id="r1", data={"n": 1})
    assert [exchange.answer.status for exchange in wire.exchanges] == [429, 201]
    assert alice.get_record(id="r1") == created


def test_a_client_that_may_not_try_again_is_told_at_once(as_user: As, alice: Any, kinto: Kinto) -> None:
    with Wire(kinto.url, first=[BUSY]) as wire, pytest.raises(KintoException) as refused:
        as_user("alice", server_url=wire.url).create_record(id="r1")
    assert refused.value.response.status_code == 429
    assert len(wire.exchanges) == 1
