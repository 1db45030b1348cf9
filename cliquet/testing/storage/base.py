"""What the tests of a storage share: its fixtures, and the words they are told in."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from cliquet.protocol.query import Filter, Query, Sort, total_order
from cliquet.storage.base import Document, Page, Scope, Storage

__all__ = ["ALICE", "BOB", "START", "Contract", "ManualClock", "following", "ids", "ordered_by", "save", "walk"]

#: The time in ms at which every test begins.
START = 1_700_000_000_000
ALICE = Scope("article", "alice")
BOB = Scope("article", "bob")


class ManualClock:
    """A clock that a test sets.

    >>> clock = ManualClock()
    >>> clock.now += 5
    >>> clock() - START
    5
    """

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> int:
        return self.now


class Contract:
    """The fixtures of a contract. Each test begins at the same time, and with an empty storage."""

    @pytest.fixture(scope="class")
    @classmethod
    def clock(cls) -> ManualClock:
        """The clock that the storage has to use."""
        return ManualClock()

    @pytest.fixture
    def storage(self, clock: ManualClock) -> Storage:
        """A migrated storage that asks ``clock`` for the time; of a test, or of the class."""
        raise NotImplementedError("A test of a storage gives a fixture named storage.")

    @pytest.fixture(autouse=True)
    def _empty_storage(self, storage: Storage, clock: ManualClock) -> None:
        """Let nothing of an earlier test be left."""
        clock.now = START
        storage.flush()


def save(storage: Storage, *records: dict[str, Any], scope: Scope = ALICE) -> list[Document]:
    """Create records; those without an id are called a, b, c, ..."""
    return [storage.create(scope, {"id": chr(97 + number), **record}) for number, record in enumerate(records)]


def ids(page: Page) -> list[str]:
    """The ids of a page, in its order."""
    return [document.id for document in page.documents]


def ordered_by(*fields: str, **others: Any) -> Query:
    """A query sorted by fields; ``-`` before a name is descending.

    >>> ordered_by("-title").sort[0]
    Sort(field='title', direction=-1)
    """
    asked = [Sort(field.removeprefix("-"), -1 if field.startswith("-") else 1) for field in fields]
    return Query(sort=total_order(asked), **others)


def following(since: int) -> Query:
    """The query for everything that happened after a time."""
    changes = (Filter("last_modified", since, "gt"),)
    return dataclasses.replace(ordered_by("last_modified"), filters=changes, since=since, tombstones=True)


def walk(storage: Storage, query: Query, size: int, scope: Scope = ALICE) -> list[str]:
    """The ids of all pages of some size, one after the other."""
    found: list[str] = []
    page = storage.page(scope, dataclasses.replace(query, limit=size))
    while True:
        assert len(page.documents) <= size, "a page is longer than its limit"
        found += ids(page)
        if not page.more:
            return found
        assert len(page.documents) == size, "a page that is not the last is not full"
        assert len(found) < 10_000, "the walk has no end"
        place = query.position(page.documents[-1].data)
        page = storage.page(scope, dataclasses.replace(query, limit=size, after=place))
