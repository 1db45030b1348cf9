"""Requests to the store that nobody should send, from people who should not see everything."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from typing import Any

from tests.functional.hostile import Hostile, Sent
from tests.functional.hostile_corpus import IDS, ODD_NAMES, PREFIXES, VALUES

__all__ = ["PEOPLE", "SETUP", "HostileToStore"]

SETUP = "/__setup__"

BUCKETS = ["vault"] * 6 + ["default"] * 3 + ["small", "other", "nothing"]
COLLECTIONS = ["c"] * 8 + ["inbox"] * 4 + ["closed"] * 2 + ["typed", "d"]
NAMES = ["a", "b", "c", "first", "shared", "hidden", "g", "members"]
SINGLE = [
    "/", "/__heartbeat__", "/__version__", "/__api__", "/__counters__", SETUP, "/unknown", "/batch",
    "/__user_data__/account:carol", "/__user_data__/account:dave", "/__user_data__/account:carol/export",
    "/__user_data__/system.Everyone/export", "/accounts/carol/validate/x", "/accounts/carol/reset-password",
]  # fmt: skip
PERMISSIONS = ["read", "write", "collection:create", "group:create", "record:create", "read:attributes", "", "x"]
PRINCIPALS = [
    "system.Everyone", "system.Authenticated", "account:dave", "account:carol", "basicauth:bob",
    "/buckets/vault/groups/g", "/buckets/open0/groups/g", "/buckets/", "/", "*", "%",
]  # fmt: skip
POINTERS = [
    "/data", "/data/a", "/data/", "/permissions", "/permissions/read", "/permissions/read/system.Everyone",
    "/permissions/read/~1buckets~1vault~1groups~1g", "/permissions/write/account:dave", "/permissions/x/y",
    "/permissions/read/-", "/permissions/record:create/account:dave", "", "a", "/data/~2", "/data/a/b/c",
    "/permissions/read/",
]  # fmt: skip
SCHEMAS: list[Any] = [
    {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]},
    {"type": 5}, {"$ref": "#"}, {"$ref": "http://a.example/"}, {"pattern": "(a+)+$"}, True, [], "x",
    {"properties": {"a": {"$ref": "#/properties/a"}}}, {"allOf": [{"$ref": "#"}]},
    {"properties": {"a": {"pattern": "^(a|a)*$"}}}, {"patternProperties": {"(": {}}},
]  # fmt: skip


def _basic(name: str, password: str = "secret") -> str:
    return "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()


#: Who sends requests. ``dave`` has an account, and so has carol, whose password nobody here knows.
PEOPLE: dict[str, Sequence[str]] = {
    "dave": [_basic("dave")] * 4,
    "eve": [_basic("eve")] * 4,
    "nobody": [""],
    "carol with another password": [_basic("carol", "guess")],
}


class HostileToStore(Hostile):
    """Makes requests to all that the store and its plugins serve.

    :param opened: a bucket that everybody may write.
    """

    def __init__(self, seed: int, opened: str = "open") -> None:
        super().__init__(seed)
        self.opened = opened
        self._last = Sent("GET", "/")
        self._tags: list[tuple[str, str]] = []

    def request(self) -> Sent:
        sent = self._last = self._known() if self._tags and self._chance(0.03) else super().request()
        if "Authorization" not in sent.headers:
            sent.headers["Authorization"] = self._pick([one for texts in PEOPLE.values() for one in texts])
        return sent

    def learn(self, status: int, headers: dict[str, str], content: Any) -> None:
        super().learn(status, headers, content)
        self.ids = [str(one) for one in self.ids]
        if status == 200 and self._last.method == "GET" and "etag" in headers and not self._last.query:
            self._tags = [*self._tags[-20:], (self._last.path, headers["etag"])]

    def _known(self) -> Sent:
        """A request for what somebody has already."""
        path, tag = self._pick(self._tags)
        return Sent("GET", path, "", {"If-None-Match": tag})

    def _part(self) -> Any:
        found = super()._part()
        # What is no JSON by itself is a text in the answer to a batch.
        if isinstance(found, dict) and SETUP in str(found.get("path")):
            found["path"] = "/"
        return found

    def _path(self, method: str) -> str:
        return str(self._pick(PREFIXES)) + self._place(
            single=method in ("PUT", "PATCH") or self._chance(0.1 if method == "POST" else 0.5)
        )

    def _place(self, *, single: bool) -> str:
        """A path, of a list or of one of its members."""
        if self._chance(0.07):
            return str(self._pick(SINGLE))
        bucket = f"/buckets/{self._one_of([self.opened] * 12 + BUCKETS)}"
        collection = f"{bucket}/collections/{self._one_of(COLLECTIONS)}"
        lists = [f"{collection}/records"] * 8 + [f"{bucket}/groups"] * 3 + [f"{bucket}/collections"] * 3
        lists += ["/buckets", f"{bucket}/history", f"{bucket}/quota", "/permissions", "/accounts"]
        lists += [f"{bucket}/snapshot/collections/{self._one_of(COLLECTIONS)}@{self._pick([*self.times, 'x', '-1'])}"]
        found = self._pick(lists)
        return f"{found}/{self._member(found)}" if single else found

    def _member(self, path: str) -> str:
        names = {"collections": COLLECTIONS, "buckets": BUCKETS, "accounts": ["dave", "carol", "new", "a@b.example"]}
        return self._one_of(names.get(path.rpartition("/")[2], [*NAMES, *self.ids]))

    def _one_of(self, names: Sequence[str]) -> str:
        return str(self._pick(IDS) if self._chance(0.03) else self._pick(names))

    def _body(self, method: str) -> bytes:
        found = super()._body(method)
        if not found.startswith(b'{"data": {') or self._chance(0.3):
            return found
        content = json.loads(found)
        if self._chance(0.6):
            content["permissions"] = self._permissions()
        if self._chance(0.2):
            del content["data"]
        return json.dumps(content).encode()

    def _permissions(self) -> Any:
        if self._chance(0.1):
            return self._pick(VALUES)
        names = [self._pick(PERMISSIONS) for _ in range(self._random.randrange(3))]
        return {name: self._principals() for name in names}

    def _principals(self) -> Any:
        if self._chance(0.15):
            return self._pick(VALUES)
        return [self._pick([*PRINCIPALS, *PRINCIPALS, *VALUES]) for _ in range(self._random.randrange(3))]

    def _record(self) -> dict[str, Any]:
        record: dict[str, Any] = {"title": self._random.randrange(100)}
        for _ in range(self._random.randrange(3)):
            record[self._pick([*ODD_NAMES[1:-1], "a", "b", "id", "password", "cache_expires"])] = self._pick(VALUES)
        if self._chance(0.3):
            record["members"] = self._principals()
        if self._chance(0.2):
            record["schema"] = self._pick(SCHEMAS)
        if self._chance(0.2):
            record["id"] = self._one_of([*NAMES, *COLLECTIONS, *BUCKETS])
        if self._chance(0.1):
            record["last_modified"] = self._pick([*self.times, *VALUES])
        return record

    def _operation(self) -> Any:
        operation = super()._operation()
        if isinstance(operation, dict) and "path" in operation:
            operation["path"] = self._pick(POINTERS)
            if "value" in operation and self._chance(0.3):
                operation["value"] = self._permissions()
        return operation
