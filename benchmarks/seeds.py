"""The same records for both services, over HTTP where it is fast enough, and multiplied in the database."""

from __future__ import annotations

import json
from typing import Any

from benchmarks.load import Connection
from benchmarks.workloads import FEW, OWNER, READER, RECORDS, Request, record

__all__ = ["doom", "seed", "state"]

BUCKET, COLLECTION = "/buckets/bench", "/buckets/bench/collections/data"


def ask(connection: Connection, method: str, path: str, body: Any = None, user: str = OWNER) -> Any:
    """The JSON of a good answer."""
    answer = connection.ask(Request(method, path, body, user))
    assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:500]!r}"
    return json.loads(answer.body) if answer.body else answer


def seed(place: dict[str, Any]) -> None:
    """A collection with records, of which the reader may read a few, shared one by one."""
    connection = Connection(place["host"], place["port"], place["prefix"])
    reader = ask(connection, "GET", "/", user=READER)["user"]["id"]
    ask(connection, "PUT", BUCKET, {})
    ask(connection, "PUT", COLLECTION, {})
    for start in range(0, place["records"], 25):
        parts = [_part(number, reader) for number in range(start, min(start + 25, place["records"]))]
        answers = ask(connection, "POST", "/batch", {"requests": parts})["responses"]
        assert {one["status"] for one in answers} == {201}, answers[0]
    for number in range(5):
        ask(connection, "PATCH", f"{RECORDS}/seed-{place['records'] - 1 - number}", {"data": {"done": None}})


def doom(place: dict[str, Any], connections: int, count: int) -> None:
    """Records for the workload that deletes."""
    connection = Connection(place["host"], place["port"], place["prefix"])
    names = [f"doomed-{place['round']}-{index}-{n}" for index in range(connections) for n in range(count)]
    for start in range(0, len(names), 25):
        parts = [
            {"method": "PUT", "path": f"{RECORDS}/{name}", "body": {"data": record(start)}}
            for name in names[start : start + 25]
        ]
        ask(connection, "POST", "/batch", {"requests": parts})


def state(place: dict[str, Any]) -> dict[str, Any]:
    """What polling workloads start from: the ETag of now, and the time before the last five changes."""
    connection = Connection(place["host"], place["port"], place["prefix"])
    answer = connection.ask(Request("GET", f"{RECORDS}?_limit=6"))
    newest = json.loads(answer.body)["data"]
    return {"etag": answer.headers["etag"], "recently": newest[5]["last_modified"]}


def _part(number: int, reader: str) -> dict[str, Any]:
    body: dict[str, Any] = {"data": record(number)}
    if number < FEW:
        body["permissions"] = {"read": [reader]}
    return {"method": "PUT", "path": f"{RECORDS}/seed-{number}", "body": body}
