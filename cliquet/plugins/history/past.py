"""What the records of a scope were at a moment, from what they are and from the entries about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cliquet.model.access import Level
from cliquet.model.model import Model
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Document

__all__ = ["Past"]

#: The time of the record that an entry is about.
_TIME = "target.data.last_modified"
#: How many records are looked up at a time.
CHUNK = 500


@dataclass(frozen=True)
class Past:
    """The past of the records of one scope.

    :param records: the records.
    :param entries: the history that has entries about them.
    :param levels: the records above them, from the root down.
    :param size: most records or entries that are read at a time.
    """

    records: Model
    entries: Model
    levels: Sequence[Level]
    size: int = 1000

    def at(self, timestamp: int) -> list[Document]:
        """The records as they were at a moment of their timeline, newest first.

        Records that did not change since are read first: whatever changes in the meantime has an entry by then.

        :param timestamp: in ms.
        """
        unchanged = (Filter("last_modified", timestamp, "max"),)
        found = {one.id: one for one in self.records.walk(Query(unchanged), size=self.size)}
        changed = sorted(self._changed_since(timestamp) - found.keys())
        for start in range(0, len(changed), CHUNK):
            found |= self._last_before(timestamp, changed[start : start + CHUNK])
        return sorted(found.values(), key=lambda one: (one.last_modified, one.id), reverse=True)

    @property
    def known(self) -> bool:
        """Whether there is an entry about the parent."""
        query = Query((Filter("uri", self.levels[-1].uri),), limit=1)
        return bool(self.entries.page(query).documents)

    def _changed_since(self, timestamp: int) -> set[str]:
        """The records that changed after a moment, and were there before."""
        first = {}
        for one in self._about(Filter(_TIME, timestamp, "gt")):
            first[one.data[self._id]] = one.data["action"]
        return {record_id for record_id, action in first.items() if action != "create"}

    def _last_before(self, timestamp: int, ids: Iterable[str]) -> dict[str, Document]:
        """Some records as they were at a moment, as far as there are entries about them."""
        missing = set(ids)
        found = {}
        for one in self._about(Filter(_TIME, timestamp, "max"), Filter(self._id, tuple(missing), "in")):
            record_id = one.data[self._id]
            if record_id in missing and one.data["action"] != "delete":
                record = one.data["target"]["data"]
                found[record_id] = Document.make(record_id, record["last_modified"], record)
            missing.discard(record_id)
            if not missing:
                break
        return found

    def _about(self, *filters: Filter) -> Iterator[Document]:
        """Entries about the records, newest first."""
        above = [Filter(f"{level.resource}_id", level.uri.rpartition("/")[2]) for level in self.levels[1:]]
        kind = Filter("resource_name", self.records.scope.resource)
        return self.entries.walk(Query((kind, *above, *filters)), size=self.size)

    @property
    def _id(self) -> str:
        return f"{self.records.scope.resource}_id"
