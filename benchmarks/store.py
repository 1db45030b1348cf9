"""The workloads of a store of buckets, collections and records."""

from __future__ import annotations

import itertools
import random
from typing import Any

from benchmarks.wire import REFUSED, Answer, Check, Place, Request, Requests
from benchmarks.workload import empty, forever, has, holds, status

__all__ = ["BUCKET", "COLLECTION", "FEW", "OWNER", "READER", "RECORDS", "doomed", "number", "record", "seed_id"]

OWNER, READER = "owner:secret", "reader:secret"
BUCKET = "/buckets/bench"
COLLECTION = f"{BUCKET}/collections/data"
RECORDS = f"{COLLECTION}/records"
PAGE = f"{RECORDS}?_limit=100"
#: How many records are shared with the reader, one by one.
FEW = 100
#: The number of the first record; all numbers have as many digits.
FIRST = 10_000_000


def number(index: int) -> int:
    """The number of a record, counted from 0."""
    return FIRST + index


def seed_id(index: int) -> str:
    """The id of a record, counted from 0."""
    return f"seed-{number(index)}"


def record(number: int) -> dict[str, Any]:
    """A record of about 300 bytes."""
    return {
        "title": f"Record number {number}",
        "number": number,
        "tags": ["a", "b", f"t{number % 97}"],
        "done": number % 2 == 0,
        "body": f"{number:08d} " + "lorem ipsum dolor sit amet " * 5,
    }


def doomed(place: Place, index: int, count: int) -> str:
    """The id of a record that was made to be deleted."""
    return f"doomed-{place.round}-{index}-{count}"


def _owned(method: str, path: str, body: Any = None, **headers: str) -> Request:
    return Request(method, path, body, OWNER, headers)


def _new(chance: random.Random) -> dict[str, Any]:
    return {"data": record(chance.randrange(10**9))}


def _is_hello(answer: Answer) -> str:
    return "" if answer.status == 200 and "http_api_version" in answer.json else "is no hello"


@forever
def hello(_: Place, __: random.Random) -> tuple[Request, Check]:
    """What a client asks first, who wants to know as whom it is known."""
    return _owned("GET", "/"), _is_hello


@forever
def get(place: Place, chance: random.Random) -> tuple[Request, Check]:
    """Any record."""
    # Those of the first half are changed by other workloads.
    index = chance.randrange(place.records // 2, place.records)
    check = holds([200], id=seed_id(index), title=f"Record number {number(index)}", last_modified=...)
    return _owned("GET", f"{RECORDS}/{seed_id(index)}"), check


@forever
def listed(place: Place, _: random.Random) -> tuple[Request, Check]:
    """The newest records."""
    return _owned("GET", PAGE), has(100, "title", first=place.newest)


@forever
def not_modified(place: Place, _: random.Random) -> tuple[Request, Check]:
    """The list, by who has it already."""
    return _owned("GET", PAGE, **{"If-None-Match": place.etag}), empty(304)


@forever
def poll(place: Place, _: random.Random) -> tuple[Request, Check]:
    """The last five changes."""
    return _owned("GET", f"{RECORDS}?_since={place.recently}"), has(5, "title", first=place.newest)


def _is_page(answer: Answer) -> str:
    """Whether it is full, or the last one."""
    if answer.status == 200 and "next-page" not in answer.headers:
        return "" if 0 < len(answer.json["data"]) <= 100 else "is no page"
    return has(100, "title")(answer)


def walk(place: Place, _: random.Random, __: int) -> Requests:
    """Page after page, and again from the first."""
    base = f"http://{place.host}:{place.port}{place.prefix}"
    path = PAGE
    while True:
        answer = yield _owned("GET", path), _is_page
        path = answer.headers.get("next-page", PAGE).removeprefix(base)


@forever
def shared_only(_: Place, __: random.Random) -> tuple[Request, Check]:
    """The list, as somebody sees it with whom single records are shared."""
    return Request("GET", PAGE, user=READER), has(FEW, "title")


@forever
def post(_: Place, chance: random.Random) -> tuple[Request, Check]:
    """A new record."""
    body = _new(chance)
    return _owned("POST", RECORDS, body), holds([201], id=..., last_modified=..., title=body["data"]["title"])


@forever
def put_new(_: Place, chance: random.Random) -> tuple[Request, Check]:
    """A new record that has a name already."""
    body, name = _new(chance), f"new-{chance.getrandbits(64):x}"
    return _owned("PUT", f"{RECORDS}/{name}", body), holds([201], id=name, title=body["data"]["title"])


@forever
def put(place: Place, chance: random.Random) -> tuple[Request, Check]:
    """Another content for a record."""
    body, name = _new(chance), seed_id(chance.randrange(place.records // 2))
    return _owned("PUT", f"{RECORDS}/{name}", body), holds([200], id=name, title=body["data"]["title"])


@forever
def patch(place: Place, chance: random.Random) -> tuple[Request, Check]:
    """Another value for a field."""
    changed, name = chance.randrange(10**9), seed_id(chance.randrange(place.records // 2))
    request = _owned("PATCH", f"{RECORDS}/{name}", {"data": {"number": changed}})
    return request, holds([200], id=name, number=changed, title=...)


def delete(place: Place, _: random.Random, index: int) -> Requests:
    """Each connection deletes records that were made for it."""
    for count in itertools.count():
        name = doomed(place, index, count)
        yield _owned("DELETE", f"{RECORDS}/{name}"), holds([200], id=name, deleted=True)


def _all_created(answer: Answer) -> str:
    if problem := status(200)(answer):
        return problem
    statuses = {one["status"] for one in answer.json["responses"]}
    if len(answer.json["responses"]) != 25 or not statuses <= {201, 409}:
        return f"has {statuses}"
    return REFUSED if 409 in statuses else ""


@forever
def batch(_: Place, chance: random.Random) -> tuple[Request, Check]:
    """25 new records at once."""
    # The peer refuses parts whose path contains "/batch".
    paths = [f"{RECORDS}/many-{chance.getrandbits(64):x}" for _ in range(25)]
    parts = [{"method": "PUT", "path": path, "body": _new(chance)} for path in paths]
    return _owned("POST", "/batch", {"requests": parts}), _all_created
