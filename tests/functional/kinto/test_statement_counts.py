"""How many statements each request to the store costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kinto
from cliquet.testing.app import Client

BUCKET = "/v1/buckets/b"
COLLECTION = f"{BUCKET}/collections/c"
RECORDS = f"{COLLECTION}/records"
RECORD = f"{RECORDS}/0"
#: What only the begin and the end of a transaction say.
BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
MANY = 10


class Store:
    """The store as its people use it, and the statements that it sends.

    alice owns the bucket, rita reads it as a member of a group, olaf reads three records that were shared with him one
    by one, and eve nothing.
    """

    def __init__(self, alice: Client) -> None:
        self.alice, self.rita, self.olaf = alice, alice.as_user("rita"), alice.as_user("olaf")
        self.eve = alice.as_user("eve")
        self.sent: list[str] = []
        storage: Any = alice.storage
        storage.database.observe = self.sent.append
        self.etags: list[str] = []

    def plant(self) -> None:
        """A bucket with a group, and a collection of records."""
        rita, olaf = (one.get("/v1/").json["user"]["id"] for one in (self.rita, self.olaf))
        self.alice.put_json(BUCKET, {"permissions": {"read": ["/buckets/b/groups/g"]}})
        self.alice.put_json(f"{BUCKET}/groups/g", {"data": {"members": [rita]}})
        self.alice.put_json(COLLECTION, {})
        for number in range(MANY):
            read = [olaf] if number < 3 else []
            body = {"data": {"n": number}, "permissions": {"read": read}}
            self.etags.append(self.alice.put_json(f"{RECORDS}/{number}", body).headers["ETag"])

    def cost(self, operation: Callable[[Store], Any]) -> tuple[int, int]:
        """Statements, and statements around them."""
        self.sent.clear()
        operation(self)
        around = sum(text.startswith(BRACKETS) for text in self.sent)
        return len(self.sent) - around, around


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, serve: Callable[[Any], Client]) -> Store:
    settings: dict[str, Any] = request.getfixturevalue(f"{request.param}_settings")
    permission = {"permission_backend": f"cliquet.permission.{request.param}"}
    places = {**permission, "permission_url": settings["storage_url"]}
    plugins = "cliquet.plugins.permissions_endpoint"
    found = Store(serve(kinto.main(None, **{**settings, **places, "project_name": "kinto", "includes": plugins})))
    found.plant()
    return found


def known(store: Store, before: int = 0) -> dict[str, str]:
    """The tag of the list, or of one of the records before the last one."""
    return {"If-None-Match": store.etags[-1 - before]}


def poll(store: Store, person: Client, since: int = 0) -> None:
    person.get(f"{RECORDS}?_since={since or store.etags[-1]}")


def batch(store: Store, method: str, paths: list[str]) -> None:
    requests = [{"method": method, "path": path, **({"body": {}} if method == "PUT" else {})} for path in paths]
    answers = store.alice.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert {one["status"] for one in answers} <= {200, 201}


NEW = [f"{RECORDS}/new{number}" for number in range(25)]
OLD = [f"{RECORDS}/{number}" for number in range(MANY)]
GROUP = f"{BUCKET}/groups/g"
CHANGE: dict[str, Any] = {"data": {"n": 99}}
SHARE: dict[str, Any] = {"permissions": {"read": ["somebody"]}}

#: Reading -> statements.
READING: dict[str, tuple[Callable[[Store], Any], int]] = {
    "hello, anonymous": (lambda store: store.eve.anonymous().get("/v1/"), 0),
    # the groups
    "hello": (lambda store: store.alice.get("/v1/"), 1),
    # may they, the record, its access list
    "GET, owner": (lambda store: store.alice.get(RECORD), 3),
    "GET, member": (lambda store: store.rita.get(RECORD), 3),
    "GET, reader of this one": (lambda store: store.olaf.get(RECORD), 3),
    "GET of a bucket": (lambda store: store.alice.get(BUCKET), 3),
    # an access list is not shown
    "GET of some fields": (lambda store: store.alice.get(f"{RECORD}?_fields=n"), 2),
    "GET, 304": (lambda store: store.alice.get(RECORD, headers=known(store, MANY - 1), status=304), 2),
    # is it the record, or the collection
    "GET, 404": (lambda store: store.alice.get(f"{RECORDS}/nope", status=404), 3),
    "GET, 403": (lambda store: store.eve.get(RECORD, status=403), 1),
    "GET, 401": (lambda store: store.eve.anonymous().get(RECORD, status=401), 1),
    # may they, the page
    "list, owner": (lambda store: store.alice.get(RECORDS), 2),
    "list, member": (lambda store: store.rita.get(RECORDS), 2),
    # may they, what may they see, the page
    "list, reader of some": (lambda store: store.olaf.get(RECORDS), 3),
    "list of buckets": (lambda store: store.alice.get("/v1/buckets"), 2),
    # is the collection empty, or not there
    "list, 404": (lambda store: store.alice.get(f"{BUCKET}/collections/nope/records", status=404), 3),
    # may they, what may they see, may they create
    "list, 403": (lambda store: store.eve.get(RECORDS, status=403), 3),
    "list, 304, owner": (lambda store: store.alice.get(RECORDS, headers=known(store), status=304), 3),
    "list, 304, member": (lambda store: store.rita.get(RECORDS, headers=known(store), status=304), 3),
    "list, 304, reader of some": (lambda store: store.olaf.get(RECORDS, headers=known(store), status=304), 4),
    "poll, owner": (lambda store: poll(store, store.alice, 5), 2),
    "poll, member": (lambda store: poll(store, store.rita, 5), 2),
    "poll, reader of some": (lambda store: poll(store, store.olaf, 5), 3),
    "poll in vain, owner": (lambda store: poll(store, store.alice), 3),
    "poll in vain, member": (lambda store: poll(store, store.rita), 3),
    "poll in vain, reader of some": (lambda store: poll(store, store.olaf), 4),
    "total, owner": (lambda store: store.alice.head(RECORDS), 2),
    "total, reader of some": (lambda store: store.olaf.head(RECORDS), 3),
    "batch of 25 GET": (lambda store: batch(store, "GET", (OLD * 3)[:25]), 75),
    "/permissions": (lambda store: store.olaf.get("/v1/permissions?_limit=2"), 1),
}

#: Writing -> statements in a transaction, or before it.
WRITING: dict[str, tuple[Callable[[Store], Any], int]] = {
    # may they; the lock, is the id free, is the collection there, two for the access list, the record, the time
    "POST": (lambda store: store.alice.post_json(RECORDS, {}), 8),
    # may they; the lock, is the collection there, the record; its access list, and may they read it
    "POST of what is there": (lambda store: store.alice.post_json(RECORDS, {"data": {"id": "0"}}), 6),
    # one more to see whether there is a record, before anything is decided
    "PUT, new": (lambda store: store.alice.put_json(NEW[0], {}), 9),
    "PUT, new, shared": (lambda store: store.alice.put_json(NEW[0], SHARE), 9),
    "PUT, new or not at all": (lambda store: store.alice.put_json(NEW[0], {}, headers={"If-None-Match": "*"}), 9),
    # is there a record, may they; the lock, the record, its access list, the record, the time
    "PUT": (lambda store: store.alice.put_json(RECORD, CHANGE), 7),
    # two more for the access list
    "PUT of permissions": (lambda store: store.alice.put_json(RECORD, {**CHANGE, **SHARE}), 9),
    "PATCH": (lambda store: store.alice.patch_json(RECORD, CHANGE), 7),
    "PATCH of permissions": (lambda store: store.alice.patch_json(RECORD, SHARE), 9),
    "PATCH of nothing": (lambda store: store.alice.patch_json(RECORD, {"data": {"n": 0}}), 4),
    # may they; the lock, the record, its access list, the tombstone, the time
    "DELETE": (lambda store: store.alice.delete(RECORD), 6),
    # may they; the lock, the page, all access lists, all tombstones, the time
    "DELETE of a list": (lambda store: store.alice.delete(RECORDS), 6),
    # as a PUT, and two for the members
    "PUT of a group": (lambda store: store.alice.put_json(GROUP, {"data": {"members": ["a"]}}), 9),
    "DELETE of a group": (lambda store: store.alice.delete(GROUP), 8),
    "PUT of a collection, new": (lambda store: store.alice.put_json(f"{BUCKET}/collections/x", {}), 9),
    "PUT of a bucket, new": (lambda store: store.alice.put_json("/v1/buckets/x", {}), 7),
    # the look at each and three for the collection and the access list; the lock, may they, all records, the time
    "batch of 25 PUT, new": (lambda store: batch(store, "PUT", NEW), 4 * 25 + 4),
    # may they, the look, and the access list of each; the lock, all records, the time
    "batch of 10 PUT": (lambda store: batch(store, "PUT", OLD), 3 * MANY + 3),
    "batch of 10 DELETE": (lambda store: batch(store, "DELETE", OLD), 3 * MANY + 3),
}


def test_reading_costs_what_it_always_did(store: Store) -> None:
    found = {name: store.cost(operation) for name, (operation, _) in READING.items()}
    assert found == {name: (statements, 0) for name, (_, statements) in READING.items()}


@pytest.mark.parametrize("name", WRITING)
def test_writing_costs_what_it_always_did(store: Store, name: str) -> None:
    operation, statements = WRITING[name]
    found, around = store.cost(operation)
    assert found == statements, store.sent
    # In a batch, what has written already when the next request is tried has a savepoint of its own.
    assert around in ((2,) if "batch" not in name else (2, 2 + 2 * MANY, 2 + 2 * 25)), store.sent


def test_a_refused_write_begins_nothing(store: Store) -> None:
    assert store.cost(lambda store: store.eve.put_json(RECORD, CHANGE, status=403)) == (2, 0)
    assert store.cost(lambda store: store.eve.post_json(RECORDS, CHANGE, status=403)) == (1, 0)
    assert store.cost(lambda store: store.eve.delete(RECORD, status=403)) == (2, 0)


#: Deletion -> statements in a transaction, or before it.
DELETING: dict[str, tuple[str, int]] = {
    # may they; the locks of the list, of the collections, of the groups and of the records; the bucket; what is below:
    # values, records, times; its access list, those below, the members, the access lists that name groups; the
    # tombstone and the time
    "a bucket": (BUCKET, 15),
    "a collection": (COLLECTION, 13),
}


@pytest.mark.parametrize("name", DELETING)
@pytest.mark.parametrize("collections", [0, 6], ids=["few", "many"])
def test_a_cascade_costs_the_same_however_much_goes(store: Store, name: str, collections: int) -> None:
    for number in range(collections):
        path = f"{BUCKET}/collections/more{number}"
        store.alice.put_json(path, {})
        store.alice.put_json(f"{BUCKET}/groups/more{number}", {"data": {"members": ["a", "b"]}})
        batch(store, "PUT", [f"{path if number else COLLECTION}/records/m{one}" for one in range(20)])
    path, statements = DELETING[name]
    assert store.cost(lambda store: store.alice.delete(path)) == (statements, 2), store.sent
