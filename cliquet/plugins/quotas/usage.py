"""How much is stored in a record and below it."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cliquet.model.access import Level
from cliquet.storage.base import Document

__all__ = ["Usage", "row_id", "size"]


def size(document: Document | None) -> int:
    """The length of a record's JSON, without blanks, in UTF-8 bytes; what is left of a deleted one has none.

    >>> size(Document.make("x", 1000, {"name": "é"})), size(Document.tombstone("x", 1001)), size(None)
    (43, 0, 0)
    """
    return 0 if document is None or document.deleted else len(document.json.encode())


def row_id(uri: str) -> str:
    """The id of the record that says how much is stored in another one, given the path of that one.

    >>> row_id("/buckets/b") == row_id("/buckets/b"), row_id("/buckets/b") == row_id("/buckets/c")
    (True, False)
    """
    return str(uuid.uuid5(uuid.NAMESPACE_URL, uri))


@dataclass
class Usage:
    """The bytes of a record and of those below it, and how many of each resource are below.

    >>> usage = Usage()
    >>> usage.add(5, "book", 1)
    >>> usage + Usage(10, Counter(book=2))
    Usage(size=15, counts=Counter({'book': 3}))
    """

    size: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, size: int, resource: str = "", count: int = 0) -> None:
        """Take a change into account.

        :param resource: of which records there are more, or fewer.
        """
        self.size += size
        if count:
            self.counts[resource] += count

    def __add__(self, other: Usage) -> Usage:
        counts = Counter(self.counts)
        counts.update(other.counts)
        return Usage(self.size + other.size, counts)

    def row(self, level: Level, resources: Iterable[str]) -> dict[str, Any]:
        """What is stored about it.

        :param resources: what may be below the record.
        """
        about = {"id": row_id(level.uri), "uri": level.uri, "resource_name": level.resource}
        return {**about, **{f"{name}_count": self.counts[name] for name in resources}, "storage_size": self.size}

    @classmethod
    def read(cls, row: Mapping[str, Any], resources: Iterable[str]) -> Usage:
        """The same from what is stored."""
        return cls(row["storage_size"], Counter({name: row.get(f"{name}_count", 0) for name in resources}))
