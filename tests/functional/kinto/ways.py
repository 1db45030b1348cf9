"""The ways in which somebody comes to read a record, and in which that ends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

__all__ = ["WAYS", "Ask", "Place", "Way"]


class Ask(NamedTuple):
    """One request."""

    method: str
    path: str
    body: Any = None
    headers: Mapping[str, str] = MappingProxyType({})

    def part(self) -> dict[str, Any]:
        """The same as a part of a batch."""
        body = {} if self.body is None else {"body": self.body}
        return {"method": self.method, "path": self.path, "headers": dict(self.headers), **body}


class Place(NamedTuple):
    """A bucket with one record.

    :param reader: the user who may read the record, or may not.
    """

    bucket: str
    reader: str

    @property
    def collection(self) -> str:
        return f"{self.bucket}/collections/c"

    @property
    def record(self) -> str:
        return f"{self.collection}/records/r"

    @property
    def group(self) -> str:
        return f"{self.bucket}/groups/g"

    @property
    def foreign(self) -> str:
        """A bucket that has a group only."""
        return f"{self.bucket}-team"


class Way(NamedTuple):
    """How it begins, and the one request by which it ends."""

    grant: Callable[[Place], Sequence[Ask]]
    revoke: Callable[[Place], Ask]


def _share(path: str, *principals: str, permission: str = "read") -> Ask:
    return Ask("PATCH", path, {"permissions": {permission: list(principals)}})


def _members(path: str, *members: str) -> Ask:
    return Ask("PUT", path, {"data": {"members": list(members)}})


def _batch(*asks: Ask) -> Ask:
    return Ask("POST", "/batch", {"requests": [one.part() for one in asks]})


def _through_group(place: Place) -> Sequence[Ask]:
    return [_members(place.group, place.reader), _share(place.bucket, place.group)]


def _through_foreign_group(place: Place) -> Sequence[Ask]:
    group = f"{place.foreign}/groups/g"
    return [Ask("PUT", place.foreign, {}), _members(group, place.reader), _share(place.collection, group)]


def _remove(place: Place) -> Ask:
    patch = [{"op": "remove", "path": f"/permissions/read/{place.reader}"}]
    return Ask("PATCH", place.record, patch, {"Content-Type": "application/json-patch+json"})


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        "reader-of-record": Way(lambda place: [_share(place.record, place.reader)], lambda place: _share(place.record)),
        "reader-removed-by-patch": Way(lambda place: [_share(place.record, place.reader)], _remove),
        "writer-of-record": Way(
            lambda place: [_share(place.record, place.reader, permission="write")],
            lambda place: _share(place.record, permission="write"),
        ),
        "reader-of-collection": Way(
            lambda place: [_share(place.collection, place.reader)],
            lambda place: Ask("PUT", place.collection, {"permissions": {"write": []}}),
        ),
        "reader-of-bucket": Way(lambda place: [_share(place.bucket, place.reader)], lambda place: _share(place.bucket)),
        "member": Way(_through_group, lambda place: Ask("PATCH", place.group, {"data": {"members": []}})),
        "group": Way(_through_group, lambda place: Ask("DELETE", place.group)),
        "list-of-groups": Way(_through_group, lambda place: Ask("DELETE", f"{place.bucket}/groups")),
        "bucket-of-group": Way(_through_foreign_group, lambda place: Ask("DELETE", place.foreign)),
        "batch": Way(_through_group, lambda place: _batch(_members(place.group), _share(place.bucket))),
        "record-made-again": Way(
            lambda place: [_share(place.record, place.reader)],
            lambda place: _batch(Ask("DELETE", place.record), Ask("PUT", place.record, {})),
        ),
        "collection-made-again": Way(
            lambda place: [_share(place.collection, place.reader), _share(place.record, place.reader)],
            lambda place: _batch(
                Ask("DELETE", place.collection), Ask("PUT", place.collection, {}), Ask("PUT", place.record, {})
            ),
        ),
    }
)
