"""Where the records of the bucket tree are."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

__all__ = ["KINDS", "Place", "bucket", "fresh"]

#: The resources of the tree and the last segment of their lists.
KINDS: Final = {"bucket": "buckets", "group": "groups", "collection": "collections", "record": "records"}


@dataclass(frozen=True)
class Place:
    """The path of a record of some resource, without the version prefix.

    >>> str(bucket("b").child("collection", "c").child("record", "r"))
    '/buckets/b/collections/c/records/r'
    >>> str(bucket("b").list("group")), bucket("b").id, bucket("b").siblings
    ('/buckets/b/groups', 'b', '/buckets')
    """

    kind: str
    siblings: str
    id: str

    def __str__(self) -> str:
        return f"{self.siblings}/{quote(self.id, safe='')}"

    def list(self, kind: str) -> str:
        """The path of a list below."""
        return f"{self}/{KINDS[kind]}"

    def child(self, kind: str, record_id: str) -> Place:
        """Something below."""
        return Place(kind, self.list(kind), record_id)

    def sibling(self, record_id: str) -> Place:
        """Something beside."""
        return Place(self.kind, self.siblings, record_id)


def bucket(record_id: str) -> Place:
    """The place of a bucket."""
    return Place("bucket", "/buckets", record_id)


def fresh() -> str:
    """An id that nothing has had."""
    return f"kit-{uuid.uuid4().hex[:16]}"
