"""The same records for every service: the first of a kind over HTTP, and as many more as one wants in its database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, NamedTuple

from benchmarks import articles
from benchmarks.clones import Clone, multiply
from benchmarks.store import BUCKET, COLLECTION, FEW, OWNER, READER, RECORDS, doomed, number, record, seed_id
from benchmarks.wire import Answer, Connection, Place, Request
from benchmarks.workloads import STORE

__all__ = ["Seed", "check", "doom", "reading_list", "recent", "store", "touch"]

#: Numbers of the records, and of the bucket of another user, that are multiplied; they occur nowhere else.
_PLAIN, _SHARED, _OTHER = 98_765_432, 87_654_321, 76_543_210
_BATCH = 25
#: How many records a poll finds; these, and one more, are changed before.
_RECENT = 5


class Seed(NamedTuple):
    """What is made.

    :param kind: the backend.
    :param url: of its database.
    :param records: in the collection; 100 of them are shared with the reader.
    :param others: users with a bucket, a collection and three records of their own.
    """

    kind: str
    url: str
    records: int
    others: int = 0


def _answer(place: Place, request: Request) -> Answer:
    with closing(Connection(place)) as connection:
        return connection.ask(request)


def _ask(place: Place, method: str, path: str, body: Any = None, user: str = OWNER) -> Any:
    """The JSON of a good answer."""
    answer = _answer(place, Request(method, path, body, user))
    assert answer.status < 300, f"{method} {path}: {answer.status} {answer.body[:500]!r}"
    return answer.json


def _batch(place: Place, parts: Sequence[dict[str, Any]], user: str = OWNER) -> None:
    """Many requests."""
    for start in range(0, len(parts), _BATCH):
        found = _ask(place, "POST", "/batch", {"requests": parts[start : start + _BATCH]}, user)["responses"]
        assert all(one["status"] < 300 for one in found), found[:3]


def store(place: Place, seed: Seed) -> Place:
    """A collection with records, of which the reader may read a few, shared one by one."""
    reader = _ask(place, "GET", "/", user=READER)["user"]["id"]
    if seed.others:
        _others(place, seed)
    _ask(place, "PUT", BUCKET, {})
    _ask(place, "PUT", COLLECTION, {})
    if seed.kind == "memory":
        _batch(
            place, [_part(number(index), reader if _is_shared(index, seed) else "") for index in range(seed.records)]
        )
    else:
        _multiplied(place, seed, reader)
    filled = place._replace(records=seed.records)
    touch(filled)
    return filled


def check(place: Place) -> None:
    """Whether the service has the records that it was given, as far as its owner is concerned."""
    middle = place.records // 2
    found = _ask(place, "GET", f"{RECORDS}/{seed_id(middle)}")["data"]
    assert found["number"] == number(middle), found
    assert record(0).keys() <= found.keys(), found
    headers = _answer(place, Request("HEAD", RECORDS, user=OWNER)).headers
    total = headers.get("total-records", headers.get("total-objects", ""))
    assert total == str(place.records), f"{total} records instead of {place.records}"


def doom(place: Place, connections: int, scale: float) -> None:
    """Records for the workload that deletes."""
    most = round(STORE["DELETE"].size * scale) + 1
    names = [doomed(place, index, count) for index in range(connections) for count in range(most)]
    _batch(place, [_put(name, record(0)) for name in names])


def touch(place: Place) -> None:
    """Change a few records, so that they are what polls find, and no deletion is among them."""
    indexes = range(place.records - 1 - _RECENT, place.records)
    parts = [_put(seed_id(index), record(number(index))) for index in indexes]
    _batch(place, parts)


def recent(place: Place) -> Place:
    """What polling workloads start from: the ETag of now, and the time before the last five changes."""
    answer = _answer(place, Request("GET", f"{RECORDS}?_limit={_RECENT + 1}", user=OWNER))
    newest = answer.json["data"]
    etag = _answer(place, Request("GET", f"{RECORDS}?_limit=100", user=OWNER)).headers["etag"]
    return place._replace(etag=etag, recently=newest[_RECENT]["last_modified"], newest=newest[0]["id"])


def reading_list(place: Place, connections: int) -> Place:
    """Users with articles, each of whom has saved one since the time that polls begin at."""
    users = [articles.user(index) for index in range(articles.USERS)]
    for name in [*users, *(articles.marker(index) for index in range(connections))]:
        _batch(place, [_saved(count) for count in range(articles.KNOWN)], name)
    newest = [_ask(place, "GET", f"{articles.ARTICLES}?_limit=1", user=name)["data"][0] for name in users]
    for name in users:
        _ask(place, "POST", articles.ARTICLES, {"data": articles.article(articles.KNOWN)}, name)
    return place._replace(
        records=len(users) * (articles.KNOWN + 1), recently=max(one["last_modified"] for one in newest)
    )


def _multiplied(place: Place, seed: Seed, reader: str) -> None:
    """The records, as copies of one that is shared and one that is not."""
    plain = _ask(place, "PUT", f"{RECORDS}/seed-{_PLAIN}", {"data": record(_PLAIN)})["data"]["last_modified"]
    part = _part(_SHARED, reader)
    shared = _ask(place, "PUT", part["path"], part["body"])["data"]["last_modified"]
    for template, time in ((_PLAIN, plain), (_SHARED, shared)):

        def clones(template: int = template, time: int = time) -> Iterator[Clone]:
            for index in range(seed.records):
                if _is_shared(index, seed) == (template == _SHARED):
                    # In the order of their numbers, the last one just before the template.
                    yield Clone({str(template): str(number(index))}, plain - seed.records + index - time)

        multiply(seed.kind, seed.url, f"seed-{template}", [time], clones)
        _ask(place, "DELETE", f"{RECORDS}/seed-{template}")


def _others(place: Place, seed: Seed) -> None:
    """Users who have nothing to do with the rest, as copies of one."""
    user, bucket = "other:secret", f"/buckets/other-{_OTHER}"
    principal = _ask(place, "GET", "/", user=user)["user"]["id"]
    paths = [bucket, f"{bucket}/collections/c", *(f"{bucket}/collections/c/records/r{count}" for count in range(3))]
    times = [_ask(place, "PUT", path, {"data": record(_OTHER)}, user)["data"]["last_modified"] for path in paths]

    def clones() -> Iterator[Clone]:
        for index in range(seed.others - 1):
            name = number(index)
            yield Clone({str(_OTHER): str(name), principal: f"basicauth:{name:064x}"}, -1 - index)

    multiply(seed.kind, seed.url, f"other-{_OTHER}", times, clones)


def _is_shared(index: int, seed: Seed) -> bool:
    """Evenly among the records."""
    return index % (seed.records // FEW) == 0 and index // (seed.records // FEW) < FEW


def _put(name: str, data: dict[str, Any]) -> dict[str, Any]:
    return {"method": "PUT", "path": f"{RECORDS}/{name}", "body": {"data": data}}


def _part(named: int, reader: str) -> dict[str, Any]:
    part = _put(f"seed-{named}", record(named))
    if reader:
        part["body"]["permissions"] = {"read": [reader]}
    return part


def _saved(count: int) -> dict[str, Any]:
    return {"method": "POST", "path": articles.ARTICLES, "body": {"data": articles.article(count)}}
