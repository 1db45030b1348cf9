"""The fixtures of the bucket tree: two users, nobody, and buckets that go in the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cliquet.conformance.client import Client
from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, bucket, fresh

__all__ = ["Grove", "Grow", "label", "needs"]

#: How many buckets are deleted together.
AT_ONCE = 10
#: Makes a record of a resource, with what is above it, in a bucket of its own.
Grow = Callable[[str], Place]


class Grove:
    """The people and their buckets.

    :param owner: the first user, to whom the buckets belong.
    :param guest: the second user, with whom they are shared.
    """

    def __init__(self, owner: Person, guest: Person) -> None:
        self._owner = owner
        self._guest = guest

    @pytest.fixture(scope="session")
    def owner(self) -> Iterator[Person]:
        """The first user."""
        yield self._owner
        self._owner.client.close()

    @pytest.fixture(scope="session")
    def guest(self) -> Iterator[Person]:
        """The second user."""
        yield self._guest
        self._guest.client.close()

    @pytest.fixture(scope="session")
    def nobody(self) -> Iterator[Person]:
        """Somebody anonymous."""
        client = Client(self._owner.client.base_url)
        yield Person(client)
        client.close()

    @pytest.fixture(scope="session")
    def hello(self) -> dict[str, Any]:
        """What the service says of itself to the first user."""
        return dict(self._owner.get("/").expect(200).body)

    @pytest.fixture(scope="session")
    def made(self) -> Iterator[list[Place]]:
        """The buckets that are to be deleted."""
        places: list[Place] = []
        yield places
        _delete(self._owner, places)

    @pytest.fixture
    def grow(self, made: list[Place]) -> Iterator[Grow]:
        """Records of any resource, in new buckets, which go when there are some."""

        def grown(kind: str) -> Place:
            made.append(self._owner.create(bucket(fresh())))
            return _below(self._owner, made[-1], kind)

        yield grown
        if len(made) >= AT_ONCE:
            _delete(self._owner, made)

    @pytest.fixture
    def bucket(self, grow: Grow) -> Place:
        """A bucket of the first user."""
        return grow("bucket")

    @pytest.fixture
    def group(self, bucket: Place) -> Place:
        """A group in the bucket, without members."""
        return _below(self._owner, bucket, "group")

    @pytest.fixture
    def collection(self, bucket: Place) -> Place:
        """A collection in the bucket."""
        return _below(self._owner, bucket, "collection")

    @pytest.fixture
    def record(self, collection: Place) -> Place:
        """A record in the collection."""
        return self._owner.create(collection.child("record", fresh()), {"title": "First"})


def _below(owner: Person, top: Place, kind: str) -> Place:
    """A record of a resource in a bucket."""
    if kind == "bucket":
        return top
    if kind == "record":
        top, kind = _below(owner, top, "collection"), "record"
    return owner.create(top.child(kind, fresh()))


def _delete(owner: Person, places: list[Place]) -> None:
    """Delete some things, in one batch where that works."""
    if owner.batch(*({"method": "DELETE", "path": str(place)} for place in places)).status != 200:
        for place in places:
            owner.delete(place)
    places.clear()


def label(value: object) -> str:
    """How a value is called in the name of a case.

    >>> label("x" * 100), label({"a": None})
    ("'xxxxxxxxxxxxxxxxxxxxxxxxxxx...", "{'a': None}")
    """
    text = repr(value)
    return text if len(text) <= 31 else f"{text[:28]}..."


def needs(hello: dict[str, Any], capability: str) -> dict[str, Any]:
    """Skip the case unless the service has a capability; what it says about it."""
    found = hello.get("capabilities", {}).get(capability)
    if found is None:
        pytest.skip(f"the service does not publish the capability `{capability}`")
    return dict(found)
