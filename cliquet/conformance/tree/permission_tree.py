"""Cases of docs/protocol/buckets on its table of permissions: every permission that can be stored, every request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.place import bucket as bucket_at
from cliquet.conformance.sections import section

#: A permission, and the resource of the record that it is on.
Permission = tuple[str, str]

#: Everything that an access list may hold.
STORED: tuple[Permission, ...] = (
    ("bucket", "read"),
    ("bucket", "write"),
    ("bucket", "collection:create"),
    ("bucket", "group:create"),
    ("collection", "read"),
    ("collection", "write"),
    ("collection", "record:create"),
    ("group", "read"),
    ("group", "write"),
    ("record", "read"),
    ("record", "write"),
)
BUCKET_READ: set[Permission] = {("bucket", "write"), ("bucket", "read")}
COLLECTION_READ: set[Permission] = {("collection", "write"), ("collection", "read")}
#: The table: what grants a permission.
GRANTED_BY: dict[Permission, set[Permission]] = {
    ("bucket", "write"): {("bucket", "write")},
    ("bucket", "read"): BUCKET_READ,
    ("bucket", "read:attributes"): {*BUCKET_READ, ("bucket", "collection:create"), ("bucket", "group:create")},
    ("bucket", "collection:create"): {("bucket", "write"), ("bucket", "collection:create")},
    ("bucket", "group:create"): {("bucket", "write"), ("bucket", "group:create")},
    ("collection", "write"): {("bucket", "write"), ("collection", "write")},
    ("collection", "read"): {*BUCKET_READ, *COLLECTION_READ},
    ("collection", "read:attributes"): {*BUCKET_READ, *COLLECTION_READ, ("collection", "record:create")},
    ("collection", "record:create"): {("bucket", "write"), ("collection", "write"), ("collection", "record:create")},
    ("group", "write"): {("bucket", "write"), ("group", "write")},
    ("group", "read"): {*BUCKET_READ, ("group", "write"), ("group", "read")},
    ("group", "read:attributes"): {*BUCKET_READ, ("group", "write"), ("group", "read")},
    ("record", "write"): {("bucket", "write"), ("collection", "write"), ("record", "write")},
    ("record", "read"): {*BUCKET_READ, *COLLECTION_READ, ("record", "write"), ("record", "read")},
    ("record", "read:attributes"): {*BUCKET_READ, *COLLECTION_READ, ("record", "write"), ("record", "read")},
}
ABOVE = {"group": "bucket", "collection": "bucket", "record": "collection"}


def holds(stored: Permission, wanted: Permission) -> bool:
    """Whether the table says that one permission grants another."""
    return stored in GRANTED_BY[wanted]


@dataclass
class Stand:
    """A bucket with one thing of each kind, in which the guest has exactly one permission."""

    places: dict[str, Place]
    spent: bool = False

    @property
    def bucket(self) -> Place:
        """The bucket of all."""
        return self.places["bucket"]

    def check(self, answer: Answer, *, allowed: bool, status: int) -> Answer:
        """Fail unless the answer is that status when allowed, else a refusal."""
        self.spent = self.spent or (answer.status < 300 and not answer.asked.startswith(("GET", "HEAD")))
        return answer.expect(status) if allowed else answer.refused(403, 121)


def built(owner: Person, guest: Person, stored: Permission) -> Stand:
    """A new stand."""
    top = bucket_at(fresh())
    collection = top.child("collection", "c")
    places = {"bucket": top, "group": top.child("group", "g"), "collection": collection}
    places["record"] = collection.child("record", "r")
    for kind, place in places.items():
        owner.create(place, {"here": kind}, {stored[1]: [guest.id]} if kind == stored[0] else None)
    return Stand(places)


class Stands:
    """The stands in use, one per permission; one that was changed is replaced."""

    def __init__(self, owner: Person, guest: Person) -> None:
        self._owner = owner
        self._guest = guest
        self._kept: dict[Permission, Stand] = {}

    def take(self, stored: Permission) -> Stand:
        """A stand as it was built."""
        kept = self._kept.get(stored)
        if kept is not None and kept.spent:
            self._owner.delete(kept.bucket)
        if kept is None or kept.spent:
            self._kept[stored] = built(self._owner, self._guest, stored)
        return self._kept[stored]

    def clear(self) -> None:
        """Delete them all."""
        for stand in self._kept.values():
            self._owner.delete(stand.bucket)


@pytest.fixture(scope="module")
def stands(owner: Person, guest: Person) -> Iterator[Stands]:
    """Where the guest has one permission."""
    made = Stands(owner, guest)
    yield made
    made.clear()


@pytest.fixture
def stand(stands: Stands, stored: Permission) -> Stand:
    """A bucket in which the guest has the permission that the case is about."""
    return stands.take(stored)


def name_of(value: object) -> str | None:
    """How a permission is called in a report."""
    return f"{value[1]} on {value[0]}" if isinstance(value, tuple) else None


each_permission = pytest.mark.parametrize("stored", STORED, ids=name_of)
each_kind = pytest.mark.parametrize("kind", ["bucket", "group", "collection", "record"])
each_child = pytest.mark.parametrize("kind", ["group", "collection", "record"])


@section("buckets#permission-tree")
@each_permission
@each_kind
def test_reading(guest: Person, stand: Stand, stored: Permission, kind: str) -> None:
    allowed = holds(stored, (kind, "read:attributes"))
    answer = stand.check(guest.get(stand.places[kind]), allowed=allowed, status=200)
    if allowed:
        assert answer.data["here"] == kind
        assert stand.check(guest.head(stand.places[kind]), allowed=True, status=200).timestamp == answer.timestamp
    else:
        guest.head(stand.places[kind]).expect(403)


@section("buckets#permission-tree")
@each_permission
@each_kind
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_writing(guest: Person, stand: Stand, stored: Permission, kind: str, method: str) -> None:
    write: dict[str, Callable[[Place], Answer]] = {
        "PUT": lambda place: guest.put(place, {"by": "guest"}),
        "PATCH": lambda place: guest.patch(place, {"by": "guest"}),
        "DELETE": guest.delete,
    }
    stand.check(write[method](stand.places[kind]), allowed=holds(stored, (kind, "write")), status=200)


@section("buckets#permission-tree")
@each_permission
@each_child
@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_creating(guest: Person, stand: Stand, stored: Permission, kind: str, method: str) -> None:
    new = stand.places[kind].sibling(fresh())
    answer = guest.put(new, {}) if method == "PUT" else guest.post(new.siblings, {"id": new.id})
    stand.check(answer, allowed=holds(stored, (ABOVE[kind], f"{kind}:create")), status=201)


@section("buckets#permission-tree")
@each_permission
@each_child
def test_creating_what_is_there_already(guest: Person, stand: Stand, stored: Permission, kind: str) -> None:
    place = stand.places[kind]
    allowed = holds(stored, (ABOVE[kind], f"{kind}:create")) or holds(stored, (kind, "write"))
    answer = stand.check(guest.put(place, {}, headers={"If-None-Match": "*"}), allowed=allowed, status=412)
    shown = answer.body.get("details", {}) if allowed else {}
    assert ("existing" in shown) == (allowed and holds(stored, (kind, "read:attributes"))), f"{answer}: {shown}"


@section("buckets#permission-tree")
@each_permission
@each_child
def test_posting_what_is_there_already(guest: Person, stand: Stand, stored: Permission, kind: str) -> None:
    place = stand.places[kind]
    answer = guest.post(place.siblings, {"id": place.id, "here": "nowhere"})
    allowed = holds(stored, (kind, "read:attributes"))
    stand.check(answer, allowed=allowed, status=200)
    if allowed:
        assert answer.data["here"] == kind


@section("buckets#permission-tree")
@each_permission
@each_child
def test_listing(guest: Person, stand: Stand, stored: Permission, kind: str) -> None:
    place = stand.places[kind]
    listed = holds(stored, (ABOVE[kind], "read")) or stored in {(kind, "read"), (kind, "write")}
    allowed = listed or holds(stored, (ABOVE[kind], f"{kind}:create"))
    answer = stand.check(guest.get(place.siblings), allowed=allowed, status=200)
    if allowed:
        assert [record["id"] for record in answer.data] == ([place.id] if listed else []), str(answer)
        assert guest.total(place.siblings) == listed


@section("buckets#permission-tree")
@each_permission
def test_listing_buckets(guest: Person, stand: Stand, stored: Permission) -> None:
    answer = guest.get("/buckets", {"id": stand.bucket.id})
    found = [record["id"] for record in answer.expect(200).data]
    assert found == ([stand.bucket.id] if stored in BUCKET_READ else []), f"{answer}: {found}"


@section("buckets#permission-tree")
@each_permission
@each_child
def test_deleting_a_list(guest: Person, stand: Stand, stored: Permission, kind: str) -> None:
    place = stand.places[kind]
    deleted = holds(stored, (ABOVE[kind], "write")) or stored == (kind, "write")
    allowed = deleted or holds(stored, (ABOVE[kind], f"{kind}:create"))
    answer = stand.check(guest.delete(place.siblings), allowed=allowed, status=200)
    if allowed:
        assert [record["id"] for record in answer.data] == ([place.id] if deleted else []), str(answer)
