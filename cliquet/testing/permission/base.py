"""What the tests of a permission backend share: the fixture, and names that are easily mistaken for each other."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.permission.base import Permission

__all__ = ["BUCKET", "COLLECTION", "GROUP", "LISTS", "LOOKALIKES", "Contract", "held"]

BUCKET = "/buckets/b"
COLLECTION = "/buckets/b/collections/c"
GROUP = "/buckets/b/groups/g"
#: Paths of lists, some of which are below others.
LISTS = ("/buckets", "/buckets/b/collections", "/buckets/b/collections/c/records", "/buckets/b/groups")
#: Ids that a pattern, a query language or a careless comparison takes for one another.
LOOKALIKES = (
    "ab",
    "a_b",
    "a%b",
    "a.b",
    "a+b",
    "a*b",
    "a?b",
    "a[a-z]b",
    "a\\b",
    "a'b",
    "a''b",
    'a"b',
    "a;b--",
    ":name",
    "%(name)s",
    "$1",
    "{b}",
    "A_B",
    "a b",
    "ab ",
    "ab\n",
    "ab0",
    "ab-",
    "é",
    "e\u0301",
    "😀",
    "日本",
    "[1]",
    "null",
    "",
)


class Contract:
    """The fixture of a contract. Each test begins with an empty backend."""

    @pytest.fixture
    def permission(self) -> Permission:
        """A migrated permission backend; of a test, or of the class."""
        raise NotImplementedError("A test of a permission backend gives a fixture named permission.")

    @pytest.fixture(autouse=True)
    def _empty_permission(self, permission: Permission) -> None:
        """Let nothing of an earlier test be left."""
        permission.flush()


def held(permission: Permission, *object_ids: str, **options: Any) -> dict[str, dict[str, set[str]]]:
    """The ACEs on objects, without the objects that have none."""
    found = permission.permissions_of(*object_ids, **options)
    return {one: {name: set(who) for name, who in names.items()} for one, names in found.items() if names}
