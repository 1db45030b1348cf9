"""The workloads: which requests, and what their answers have to be."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["FEW", "OWNER", "READER", "RECORDS", "WORKLOADS", "Request", "Workload", "record"]

OWNER, READER = "owner:secret", "reader:secret"
RECORDS = "/buckets/bench/collections/data/records"
#: How many records are shared with the reader, one by one.
FEW = 100
#: What a check answers: nothing when all is well.
Check = Callable[[Any], str]


@dataclass(frozen=True)
class Request:
    """One request; ``user`` is name and password."""

    method: str
    path: str
    body: Any = None
    user: str = OWNER
    headers: Mapping[str, str] = field(default_factory=dict)


class Workload(NamedTuple):
    """Requests without end for one of several connections.

    :param goal: the least ratio of requests per CPU second, ours to the peer's.
    :param size: requests in a round.
    """

    requests: Callable[[Mapping[str, Any], random.Random, int], Iterator[tuple[Request, Check]]]
    goal: float
    size: int = 300


def record(number: int) -> dict[str, Any]:
    """A record of about 300 bytes."""
    return {
        "title": f"Record number {number}",
        "number": number,
        "tags": ["a", "b", f"t{number % 97}"],
        "done": number % 2 == 0,
        "body": f"{number:08d} " + "lorem ipsum dolor sit amet " * 5,
    }


def _status(*expected: int) -> Check:
    return lambda answer: "" if answer.status in expected else f"is not {expected}"


def _records(count: int) -> Check:
    def check(answer: Any) -> str:
        if answer.status != 200:
            return "is not 200"
        found = len(json.loads(answer.body)["data"])
        return "" if found == count else f"has {found} records, not {count}"

    return check


def _holds(name: str) -> Check:
    def check(answer: Any) -> str:
        if answer.status not in (200, 201):
            return "is not 200 or 201"
        return "" if name in json.loads(answer.body)["data"] else f"has no {name}"

    return check


def _forever(make: Callable[[random.Random], tuple[Request, Check]]) -> Any:
    def requests(place: Mapping[str, Any], chance: random.Random, index: int) -> Iterator[tuple[Request, Check]]:
        while True:
            yield make(chance)

    return requests


def _hello(_: random.Random) -> tuple[Request, Check]:
    return Request("GET", "/", user=""), lambda answer: "" if b"http_api_version" in answer.body else "is no hello"


def _get(place: Mapping[str, Any], chance: random.Random, _: int) -> Iterator[tuple[Request, Check]]:
    while True:
        yield Request("GET", f"{RECORDS}/seed-{chance.randrange(place['records'])}"), _holds("title")


def _not_modified(place: Mapping[str, Any], _: random.Random, __: int) -> Iterator[tuple[Request, Check]]:
    while True:
        yield Request("GET", f"{RECORDS}?_limit=100", headers={"If-None-Match": place["etag"]}), _status(304)


def _poll(place: Mapping[str, Any], _: random.Random, __: int) -> Iterator[tuple[Request, Check]]:
    while True:
        yield Request("GET", f"{RECORDS}?_since={place['recently']}"), _records(5)


def _walk(place: Mapping[str, Any], chance: random.Random, _: int) -> Iterator[tuple[Request, Check]]:
    """Pages of 100, from where the last one ended; the check keeps the address of the next one."""
    following: list[str] = []
    prefix = f"http://{place['host']}:{place['port']}{place['prefix']}"

    def check(answer: Any) -> str:
        following[:] = [answer.headers["next-page"].removeprefix(prefix)] if "next-page" in answer.headers else []
        return _records(100)(answer)

    while True:
        yield Request("GET", following[0] if following else f"{RECORDS}?_limit=100"), check


def _post(chance: random.Random) -> tuple[Request, Check]:
    return Request("POST", f"{RECORDS}", {"data": record(chance.randrange(10**9))}), _status(201)


def _put_new(chance: random.Random) -> tuple[Request, Check]:
    name = f"new-{chance.getrandbits(64):x}"
    return Request("PUT", f"{RECORDS}/{name}", {"data": record(chance.randrange(10**9))}), _status(201)


def _put(place: Mapping[str, Any], chance: random.Random, _: int) -> Iterator[tuple[Request, Check]]:
    while True:
        name = f"seed-{chance.randrange(place['records'] // 2)}"
        yield Request("PUT", f"{RECORDS}/{name}", {"data": record(chance.randrange(10**9))}), _status(200)


def _patch(place: Mapping[str, Any], chance: random.Random, _: int) -> Iterator[tuple[Request, Check]]:
    while True:
        name = f"seed-{chance.randrange(place['records'] // 2)}"
        yield Request("PATCH", f"{RECORDS}/{name}", {"data": {"number": chance.randrange(10**9)}}), _holds("title")


def _batch(chance: random.Random) -> tuple[Request, Check]:
    parts = [
        {"method": "PUT", "path": f"{RECORDS}/batch-{chance.getrandbits(64):x}", "body": {"data": record(number)}}
        for number in range(25)
    ]

    def check(answer: Any) -> str:
        if answer.status != 200:
            return "is not 200"
        statuses = {one["status"] for one in json.loads(answer.body)["responses"]}
        return "" if statuses == {201} else f"has {statuses}"

    return Request("POST", "/batch", {"requests": parts}), check


def _delete(place: Mapping[str, Any], _: random.Random, index: int) -> Iterator[tuple[Request, Check]]:
    """Each connection deletes records that were made for it, and each round others."""
    for number in itertools.count():
        yield Request("DELETE", f"{RECORDS}/doomed-{place['round']}-{index}-{number}"), _status(200)


#: The rows of the table, with the ratios that are the goal.
WORKLOADS: Mapping[str, Workload] = {
    "hello": Workload(_forever(_hello), 6),
    "GET record": Workload(_get, 8),
    "list of 100": Workload(_forever(lambda _: (Request("GET", f"{RECORDS}?_limit=100"), _records(100))), 8),
    "list, 304": Workload(_not_modified, 8),
    "poll": Workload(_poll, 8),
    "walk of pages": Workload(_walk, 8),
    "shared-only list": Workload(
        _forever(lambda _: (Request("GET", f"{RECORDS}?_limit=100", user=READER), _records(FEW))), 50, 20
    ),
    "POST": Workload(_forever(_post), 6),
    "PUT, new": Workload(_forever(_put_new), 6),
    "PUT": Workload(_put, 6),
    "PATCH": Workload(_patch, 6),
    "DELETE": Workload(_delete, 6, 100),
    "batch of 25": Workload(_forever(_batch), 30, 12),
}
