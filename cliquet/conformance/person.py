"""Somebody who uses the bucket tree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from cliquet.conformance.client import Answer, Client, Query
from cliquet.conformance.place import Place

__all__ = ["JSON_PATCH", "MERGE_PATCH", "Person"]

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
Record = dict[str, Any]
Headers = Mapping[str, str] | None
Principals = Mapping[str, Iterable[str]]


class Person:
    """A user, or nobody in particular, with the requests that the cases are made of.

    :param client: how to reach the service as that person.
    :param user_id: who they are to the service; empty for nobody.
    """

    def __init__(self, client: Client, user_id: str = "") -> None:
        self.client = client
        self.id = user_id

    def ask(self, method: str, path: Place | str, query: Query = (), headers: Headers = None, **sent: Any) -> Answer:
        """Any request."""
        return self.client.request(method, str(path), query=query, headers=headers, **sent)

    def get(self, path: Place | str, query: Query = (), headers: Headers = None) -> Answer:
        """Read a record or a list."""
        return self.ask("GET", path, query, headers)

    def head(self, path: Place | str, query: Query = (), headers: Headers = None) -> Answer:
        """Read the headers only."""
        return self.ask("HEAD", path, query, headers)

    def put(
        self, place: Place, data: Record | None = None, permissions: Principals | None = None, headers: Headers = None
    ) -> Answer:
        """Create or replace a record."""
        return self.ask("PUT", place, headers=headers, body=envelope(data, permissions))

    def post(
        self, path: str, data: Record | None = None, permissions: Principals | None = None, headers: Headers = None
    ) -> Answer:
        """Create a record in a list."""
        return self.ask("POST", path, headers=headers, body=envelope(data, permissions))

    def patch(
        self, place: Place, data: Record | None = None, permissions: Mapping[str, Any] | None = None, **headers: str
    ) -> Answer:
        """Change a record; ``If_Match="..."`` is the header ``If-Match``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.ask("PATCH", place, headers=named, body=envelope(data, permissions))

    def apply(self, place: Place, kind: str, body: Any) -> Answer:
        """Change a record by a body of some media type."""
        return self.ask("PATCH", place, headers={"Content-Type": kind}, body=body)

    def delete(self, path: Place | str, query: Query = (), headers: Headers = None) -> Answer:
        """Delete a record, or what is in a list."""
        return self.ask("DELETE", path, query, headers)

    def create(self, place: Place, data: Record | None = None, permissions: Principals | None = None) -> Place:
        """A record that now exists."""
        self.put(place, data, permissions).expect(201)
        return place

    def share(self, place: Place, permission: str, *principals: str) -> None:
        """Let these principals, and nobody else, hold a permission."""
        self.patch(place, permissions={permission: list(principals)}).expect(200)

    def data(self, place: Place) -> Record:
        """A record as it is."""
        found = self.get(place).expect(200).data
        assert isinstance(found, dict), f"GET {place}: `data` is no record but {found!r}"
        return found

    def access(self, place: Place) -> dict[str, set[str]]:
        """The access list that this person is shown."""
        return access_of(self.get(place).expect(200))

    def ids(self, path: str, query: Query = ()) -> list[str]:
        """The ids in a list, in order."""
        return [record["id"] for record in self.get(path, query).expect(200).data]

    def walk(self, path: str, query: Query = (), method: str = "GET", most: int = 50) -> list[list[Record]]:
        """Every page of a list."""
        answer = self.ask(method, path, query).expect(200)
        pages = [answer.data]
        while following := answer.header("Next-Page"):
            assert len(pages) < most, f"{answer}: still a Next-Page after {most} pages"
            answer = self.client.follow(following, method).expect(200)
            pages.append(answer.data)
        return pages

    def total(self, path: str, query: Query = ()) -> int:
        """How many records HEAD counts."""
        answer = self.head(path, query).expect(200)
        counts = {answer.header(name) for name in ("Total-Objects", "Total-Records")}
        assert len(counts) == 1 and all(count.isdigit() for count in counts), f"{answer}: the totals are {counts}"
        return int(counts.pop())

    def batch(self, *requests: Mapping[str, Any], **members: Any) -> Answer:
        """Several requests in one."""
        return self.ask("POST", "/batch", body={"requests": list(requests), **members})


def envelope(data: Record | None, permissions: Mapping[str, Any] | None) -> Record:
    """The body of a write."""
    body: Record = {} if data is None else {"data": data}
    if permissions is None:
        return body
    listed = {name: sorted(value) if isinstance(value, set) else value for name, value in permissions.items()}
    return {**body, "permissions": listed}


def access_of(answer: Answer) -> dict[str, set[str]]:
    """The access list in an answer."""
    body = answer.body
    assert isinstance(body.get("permissions"), dict), f"{answer}: `permissions` is {body.get('permissions')!r}"
    found = {name: set(principals) for name, principals in body["permissions"].items()}
    assert all(found.values()), f"{answer}: permissions that nobody holds are shown: {found}"
    return found
