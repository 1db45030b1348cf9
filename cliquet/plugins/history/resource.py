"""``/history``: the entries, for who may read the record that they are about, or could at that time."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from functools import cached_property
from typing import Any

from cliquet.errors import NotAllowed
from cliquet.model.sharing import Shared
from cliquet.plugins.history import entry
from cliquet.protocol.query import Filter, Query
from cliquet.resource import Call, Reply, ShareableResource
from cliquet.resource.policy import SharedAccess
from cliquet.rest import read
from cliquet.storage.base import Document

__all__ = ["History", "HistoryAccess", "resource"]


class HistoryAccess(SharedAccess):
    """Readers of the record above see all of its history; others what they could read when it happened."""

    def _collection_get(self, resource: Any, shared: Shared) -> Shared:
        if not resource.sees_anything:
            raise NotAllowed(shared.who.name)
        return shared

    _collection_head = _collection_get


class History(ShareableResource):
    """The entries of the history of one record and of all below it (``docs/protocol/history``)."""

    access = HistoryAccess()

    def collection_get(self) -> Reply | Mapping[str, Any]:
        """A page of entries."""
        reply = read.page(self.model, self.sharing, self._visible)
        documents: Any = reply.data
        return dataclasses.replace(
            reply, data=[entry.shown(one) if isinstance(one, Document) else one for one in documents]
        )

    def collection_head(self) -> Reply | Mapping[str, Any]:
        """How many entries there are."""
        return read.count(self.model, self.sharing, self._visible)

    @property
    def sees_anything(self) -> bool:
        """Whether the caller may read the record above, or could read anything that there is an entry about."""
        if self._seen is None:
            return True
        return bool(self.model.page(Query(filters=(self._seen,), limit=1)).documents)

    @property
    def _visible(self) -> Call:
        """What the request asks for, as far as the caller may see it."""
        if self._seen is None:
            return self.call
        query = self.call.query
        return dataclasses.replace(self.call, query=dataclasses.replace(query, filters=(*query.filters, self._seen)))

    @cached_property
    def _seen(self) -> Filter | None:
        """Which entries the caller sees; ``None`` is all."""
        shared = self.shared()
        if shared.may_list("read"):
            return None
        principals = shared.who.principals | shared.judge.groups_of(shared.who, transaction=self.transaction)
        return Filter(entry.READERS, tuple(sorted(principals)), "contains_any")


def resource(names: list[str]) -> type[History]:
    """The resource of the entries about the records of some resources.

    >>> "shelf_id" in [node.name for node in resource(["shelf"]).schema.children]
    True
    """
    return type("History", (History,), {"schema": entry.schema(names)})
