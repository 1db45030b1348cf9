"""The store as its people use it, what they do with it, and what that costs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kinto
from cliquet.testing.app import Client

__all__ = [
    "BUCKET",
    "CHANGE",
    "COLLECTION",
    "GROUP",
    "MANY",
    "ONE",
    "RECORD",
    "RECORDS",
    "TWO",
    "WRITING",
    "Store",
    "batch",
    "known",
    "poll",
    "start",
]

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
    by one, and eve nothing; mary writes as a member of a group. sam has nothing either, but for what settings say.
    """

    def __init__(self, alice: Client) -> None:
        self.alice, self.rita, self.olaf = alice, alice.as_user("rita"), alice.as_user("olaf")
        self.eve, self.mary, self.sam = (alice.as_user(name) for name in ("eve", "mary", "sam"))
        self.sent: list[str] = []
        storage: Any = alice.storage
        storage.database.observe = self.sent.append
        self.etags: list[str] = []

    def plant(self) -> None:
        """A bucket with a group, and a collection of records."""
        rita, olaf, mary = (one.get("/v1/").json["user"]["id"] for one in (self.rita, self.olaf, self.mary))
        permissions = {"read": ["/buckets/b/groups/g"], "write": ["/buckets/b/groups/writers"]}
        self.alice.put_json(BUCKET, {"permissions": permissions})
        self.alice.put_json(f"{BUCKET}/groups/g", {"data": {"members": [rita]}})
        self.alice.put_json(f"{BUCKET}/groups/writers", {"data": {"members": [mary]}})
        self.alice.put_json(COLLECTION, {})
        self.alice.put_json(f"{BUCKET}/collections/e", {})
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


def start(request: pytest.FixtureRequest, serve: Callable[[Any], Client], **more: str) -> Store:
    """The store of a fixture whose parameter is a kind of database, with some settings more; nothing is in it."""
    settings: dict[str, Any] = request.getfixturevalue(f"{request.param}_settings")
    permission = {"permission_backend": f"cliquet.permission.{request.param}"}
    places = {**permission, "permission_url": settings["storage_url"], "project_name": "kinto"}
    plugins = "cliquet.plugins.permissions_endpoint"
    return Store(serve(kinto.main(None, **{**settings, **places, "includes": plugins, **more})))


def known(store: Store, before: int = 0) -> dict[str, str]:
    """The tag of the list, or of one of the records before the last one."""
    return {"If-None-Match": store.etags[-1 - before]}


def poll(store: Store, person: Client, since: int = 0) -> None:
    person.get(f"{RECORDS}?_since={since or store.etags[-1]}")


def batch(store: Store, method: str, paths: list[str], person: Client | None = None) -> None:
    requests = [
        {"method": method, "path": path, **({"body": {}} if method in ("PUT", "POST") else {})} for path in paths
    ]
    answers = (person or store.alice).post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert {one["status"] for one in answers} <= {200, 201}


NEW = [f"{RECORDS}/new{number}" for number in range(25)]
OLD = [f"{RECORDS}/{number}" for number in range(MANY)]
GROUP = f"{BUCKET}/groups/g"
CHANGE: dict[str, Any] = {"data": {"n": 99}}
SHARE: dict[str, Any] = {"permissions": {"read": ["somebody"]}}

#: What is read with one statement, of one snapshot: may they, what they ask for, its access list, the parent.
ONE: dict[str, Callable[[Store], Any]] = {
    # the groups
    "hello": lambda store: store.alice.get("/v1/"),
    "GET, owner": lambda store: store.alice.get(RECORD),
    "GET, member": lambda store: store.rita.get(RECORD),
    "GET, reader of this one": lambda store: store.olaf.get(RECORD),
    "GET of a bucket": lambda store: store.alice.get(BUCKET),
    "GET of some fields": lambda store: store.alice.get(f"{RECORD}?_fields=n"),
    "GET, 304": lambda store: store.alice.get(RECORD, headers=known(store, MANY - 1), status=304),
    "GET, 403": lambda store: store.eve.get(RECORD, status=403),
    "GET, 401": lambda store: store.eve.anonymous().get(RECORD, status=401),
    "list, owner": lambda store: store.alice.get(RECORDS),
    "list, member": lambda store: store.rita.get(RECORDS),
    "list, 404": lambda store: store.alice.get(f"{BUCKET}/collections/nope/records", status=404),
    "list, 304, owner": lambda store: store.alice.get(RECORDS, headers=known(store), status=304),
    "list, 304, member": lambda store: store.rita.get(RECORDS, headers=known(store), status=304),
    "poll, owner": lambda store: poll(store, store.alice, 5),
    "poll, member": lambda store: poll(store, store.rita, 5),
    "poll in vain, owner": lambda store: poll(store, store.alice),
    "poll in vain, member": lambda store: poll(store, store.rita),
    "sorted and filtered list": lambda store: store.alice.get(f"{RECORDS}?_sort=-n&min_n=3&_limit=2"),
    "total, owner": lambda store: store.alice.head(RECORDS),
    "batch of 25 GET": lambda store: batch(store, "GET", (OLD * 3)[:25]),
    "/permissions": lambda store: store.olaf.get("/v1/permissions?_limit=2"),
}

#: What takes two: what the caller may see, and then the page of that; or why there is nothing.
TWO: dict[str, Callable[[Store], Any]] = {
    # is it the record, or the collection
    "GET, 404": lambda store: store.alice.get(f"{RECORDS}/nope", status=404),
    "list, reader of some": lambda store: store.olaf.get(RECORDS),
    "list of buckets": lambda store: store.alice.get("/v1/buckets"),
    # may they create
    "list, 403": lambda store: store.eve.get(RECORDS, status=403),
    "list, 304, reader of some": lambda store: store.olaf.get(RECORDS, headers=known(store), status=304),
    "poll, reader of some": lambda store: poll(store, store.olaf, 5),
    "poll in vain, reader of some": lambda store: poll(store, store.olaf),
    "total, reader of some": lambda store: store.olaf.head(RECORDS),
}

#: Writing: all that is to be known, the lock, all that changes; whatever it is, and however much.
WRITING: dict[str, Callable[[Store], Any]] = {
    "POST": lambda store: store.alice.post_json(RECORDS, {}),
    "POST, named": lambda store: store.alice.post_json(RECORDS, {"data": {"id": "named"}}),
    "PUT, new": lambda store: store.alice.put_json(NEW[0], {}),
    "PUT, new, shared": lambda store: store.alice.put_json(NEW[0], SHARE),
    "PUT, new or not at all": lambda store: store.alice.put_json(NEW[0], {}, headers={"If-None-Match": "*"}),
    "PUT, member": lambda store: store.mary.put_json(RECORD, CHANGE),
    "PUT": lambda store: store.alice.put_json(RECORD, CHANGE),
    "PUT of permissions": lambda store: store.alice.put_json(RECORD, {**CHANGE, **SHARE}),
    "PATCH": lambda store: store.alice.patch_json(RECORD, CHANGE),
    "PATCH of permissions": lambda store: store.alice.patch_json(RECORD, SHARE),
    "DELETE": lambda store: store.alice.delete(RECORD),
    "DELETE of a list": lambda store: store.alice.delete(RECORDS),
    "PUT of a group": lambda store: store.alice.put_json(GROUP, {"data": {"members": ["a"]}}),
    "PATCH of a group": lambda store: store.alice.patch_json(GROUP, {"data": {"members": ["a"]}}),
    "DELETE of a group": lambda store: store.alice.delete(GROUP),
    "PUT of a collection, new": lambda store: store.alice.put_json(f"{BUCKET}/collections/x", {}),
    "PUT of a bucket, new": lambda store: store.alice.put_json("/v1/buckets/x", {}),
    "batch of 25 PUT, new": lambda store: batch(store, "PUT", NEW),
    "batch of 10 PUT": lambda store: batch(store, "PUT", OLD),
    "batch of 10 DELETE": lambda store: batch(store, "DELETE", OLD),
    "batch of 25 POST": lambda store: batch(store, "POST", [RECORDS] * 25),
}
