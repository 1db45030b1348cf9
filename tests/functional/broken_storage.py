"""Records in memory, with faults to switch on, for tests of the conformance kit."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Query
from cliquet.storage.base import Count, Document, Edge, Page, Scope
from cliquet.storage.memory import MemoryStorage

__all__ = ["BrokenStorage", "load_from_config"]


class BrokenStorage(MemoryStorage):
    """A backend that does what it should, but for some faults."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__()
        self._faults = frozenset(faults)

    def page(self, scope: Scope, query: Query, *, transaction: Transaction | None = None) -> Page:
        return super().page(scope, self._widened(query), transaction=transaction)

    def count(self, scope: Scope, query: Query, *, transaction: Transaction | None = None) -> Count:
        return super().count(scope, self._widened(query), transaction=transaction)

    def delete_under(
        self, ancestor: str, edges: Sequence[Edge], *, transaction: Transaction | None = None
    ) -> list[tuple[Scope, Document]]:
        if "records outlive their collection" in self._faults:
            return []
        removed = super().delete_under(ancestor, edges, transaction=transaction)
        if "timelines begin again" in self._faults:
            for scope in [scope for scope in self._tables if scope.parent.startswith(ancestor)]:
                del self._tables[scope]
        return removed

    def _widened(self, query: Query) -> Query:
        return dataclasses.replace(query, only=None) if "lists show everything" in self._faults else query


def load_from_config(config: Any) -> BrokenStorage:
    """The backend with the faults that the settings name."""
    return BrokenStorage(config.registry.settings["faults"].split(","))
