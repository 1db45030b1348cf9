"""Records in the memory of one process: the executable specification of a storage."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cliquet.clock import Clock, now
from cliquet.database.transaction import Transaction
from cliquet.errors import UnicityError
from cliquet.protocol.query import Filter, Query
from cliquet.protocol.timestamps import assign
from cliquet.storage.base import (
    Count,
    Document,
    Edge,
    Everywhere,
    Head,
    Page,
    Scope,
    Storage,
    Tally,
    check_horizon,
    deletable,
    live,
    storable,
)
from cliquet.storage.undo import Undo
from cliquet.storage.unicity import unique_values

__all__ = ["MemoryStorage", "load_from_config"]


@dataclass
class _Table:
    """One scope: its state, its records and tombstones by id."""

    head: Head = field(default_factory=Head)
    documents: dict[str, Document] = field(default_factory=dict)


class MemoryStorage(Storage):
    """Keeps records in dicts under one lock, so that it is easy to see that it is right.

    >>> storage = MemoryStorage(clock=lambda: 1000)
    >>> storage.create(Scope("article", "alice"), {"id": "x", "title": "A"}).last_modified
    1000
    """

    def __init__(self, *, clock: Clock = now) -> None:
        super().__init__(clock=clock)
        self._lock = threading.RLock()
        self._tables: dict[Scope, _Table] = {}
        self._kept: dict[str, str] = {}

    def get(
        self, scope: Scope, record_id: str, *, tombstone: bool = False, transaction: Transaction | None = None
    ) -> Document:
        with self._lock:
            found = self._table(scope).documents.get(record_id)
        return live(found, scope, record_id, tombstone=tombstone)

    def page(self, scope: Scope, query: Query, *, transaction: Transaction | None = None) -> Page:
        with self._lock:
            table = self._table(scope)
            head = table.head
            documents = list(table.documents.values())
        if query.unless == head.timestamp:
            return Page([], head.timestamp)
        check_horizon(query, head.horizon)
        found = {document.id: document for document in documents if query.matches(document.data)}
        ordered = [found[record["id"]] for record in query.ordered([document.data for document in found.values()])]
        end = len(ordered) if query.limit is None else query.limit
        return Page(ordered[:end], head.timestamp, len(ordered) > end)

    def count(self, scope: Scope, query: Query, *, transaction: Transaction | None = None) -> Count:
        with self._lock:
            table = self._table(scope)
            head, documents = table.head, list(table.documents.values())
        check_horizon(query, head.horizon)
        return Count(sum(not one.deleted and query.matches(one.data) for one in documents), head.timestamp)

    def head(self, scope: Scope, *, transaction: Transaction | None = None) -> Head:
        with self._lock:
            return self._table(scope).head

    def lock(self, scopes: Iterable[Scope], *, transaction: Transaction) -> None:
        self._participant(transaction)

    def create(
        self,
        scope: Scope,
        record: Mapping[str, Any],
        *,
        unique: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> Document:
        with self.within(transaction) as joined:
            self._participant(joined)
            existing = self._table(scope).documents.get(record["id"])
            if existing is not None and not existing.deleted:
                raise UnicityError("id", existing.data)
            return self._put(joined, scope, record["id"], record, unique)

    def replace(
        self,
        scope: Scope,
        record_id: str,
        record: Mapping[str, Any],
        *,
        unique: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> Document:
        with self.within(transaction) as joined:
            self._participant(joined)
            return self._put(joined, scope, record_id, record, unique)

    def delete(
        self,
        scope: Scope,
        record_id: str,
        *,
        last_modified: int | None = None,
        transaction: Transaction | None = None,
    ) -> Document:
        with self.within(transaction) as joined:
            self._participant(joined)
            live(self._table(scope).documents.get(record_id), scope, record_id)
            timestamp = self._assign(joined, scope, record_id, last_modified)
            return self._set(joined, scope, Document.tombstone(record_id, timestamp))

    def delete_page(
        self, scope: Scope, query: Query, *, transaction: Transaction | None = None
    ) -> tuple[Page, list[Document]]:
        with self.within(transaction) as joined:
            self._participant(joined)
            page = self.page(scope, deletable(query))
            return page, [self.delete(scope, document.id, transaction=joined) for document in page.documents]

    def delete_under(
        self, ancestor: str, edges: Sequence[Edge], *, transaction: Transaction | None = None
    ) -> list[tuple[Scope, Document]]:
        with self.within(transaction) as joined:
            self._participant(joined)
            scopes = self._scopes_under(ancestor, edges)
            return [(scope, document) for scope in scopes for document in self._clear(joined, scope)]

    def trim(
        self,
        scope: Scope,
        *,
        before: int | None = None,
        keep: int | None = None,
        filters: Iterable[Filter] = (),
        transaction: Transaction | None = None,
    ) -> int:
        meant = Query(tuple(filters), tombstones=True)
        with self.within(transaction) as joined:
            self._participant(joined)
            documents = [one for one in self._table(scope).documents.values() if meant.matches(one.data)]
            old = [one for one in documents if before is not None and one.last_modified < before]
            newest = sorted((one for one in documents if not one.deleted), key=_age, reverse=True)
            gone = {one.id: one for one in [*old, *newest[len(newest) if keep is None else keep :]]}
            self._forget(joined, scope, gone)
            return sum(not one.deleted for one in gone.values())

    def purge(self, before: int, *, scope: Scope | None = None) -> int:
        with Transaction() as transaction:
            self._participant(transaction)
            return sum(
                self._purge(transaction, one, before) for one in ([scope] if scope is not None else list(self._tables))
            )

    def tally(self) -> dict[str, Tally]:
        with self._lock:
            kept = [(scope.resource, one) for scope, table in self._tables.items() for one in table.documents.values()]
        tombstones = Counter(resource for resource, document in kept if document.deleted)
        total = Counter(resource for resource, _ in kept)
        return {name: Tally(total[name] - tombstones[name], tombstones[name]) for name in sorted(total)}

    def everywhere(self, wanted: Everywhere, *, transaction: Transaction | None = None) -> list[tuple[str, str]]:
        with self._lock:
            mine = [(scope.parent, table) for scope, table in self._tables.items() if scope.resource == wanted.resource]
            return wanted.chosen((parent, one) for parent, table in mine for one in table.documents.values())

    def flush(self, *, keep_times: bool = False, transaction: Transaction | None = None) -> None:
        with self.within(transaction) as joined:
            undo, old = self._participant(joined).undo, self._tables
            times = {scope: assign(table.head.timestamp, self.clock()).scope for scope, table in old.items()}
            self._tables = {scope: _Table(Head(time)) for scope, time in times.items()} if keep_times else {}
            undo.append(lambda: setattr(self, "_tables", old))

    def ping(self) -> bool:
        return True

    def keep(self, name: str, value: str) -> str:
        with self._lock:
            return self._kept.setdefault(name, value)

    def _table(self, scope: Scope) -> _Table:
        return self._tables.get(scope) or _Table()

    def _own(self, scope: Scope) -> _Table:
        return self._tables.setdefault(scope, _Table())

    def _participant(self, transaction: Transaction) -> Undo:
        return transaction.join(self, lambda: Undo(self._lock))

    def _put(
        self, transaction: Transaction, scope: Scope, record_id: str, record: Mapping[str, Any], unique: Iterable[str]
    ) -> Document:
        storable(record)
        self._check_unique(scope, record_id, unique_values(record, unique))
        timestamp = self._assign(transaction, scope, record_id, record.get("last_modified"))
        return self._set(transaction, scope, Document.make(record_id, timestamp, record))

    def _check_unique(self, scope: Scope, record_id: str, wanted: dict[str, str]) -> None:
        for field_name, digest in wanted.items():
            for other in self._table(scope).documents.values():
                taken = not other.deleted and other.id != record_id
                if taken and unique_values(other.data, (field_name,)).get(field_name) == digest:
                    raise UnicityError(field_name, other.data)

    def _assign(self, transaction: Transaction, scope: Scope, record_id: str, wanted: int | None) -> int:
        table = self._own(scope)
        current = table.documents.get(record_id)
        before = current.last_modified if current else None
        assigned = assign(table.head.timestamp, self.clock(), wanted=wanted, current=before)
        old, table.head = table.head, table.head._replace(timestamp=assigned.scope)
        self._participant(transaction).undo.append(lambda: setattr(table, "head", old))
        return assigned.record

    def _set(self, transaction: Transaction, scope: Scope, document: Document) -> Document:
        documents = self._own(scope).documents
        old = documents.get(document.id)
        documents[document.id] = document
        back = documents.pop if old is None else documents.__setitem__
        arguments = (document.id,) if old is None else (document.id, old)
        self._participant(transaction).undo.append(lambda: back(*arguments))
        return document

    def _purge(self, transaction: Transaction, scope: Scope, before: int) -> int:
        documents = self._table(scope).documents.values()
        gone = {one.id: one for one in documents if one.deleted and one.last_modified < before}
        self._forget(transaction, scope, gone)
        return len(gone)

    def _forget(self, transaction: Transaction, scope: Scope, gone: Mapping[str, Document]) -> None:
        table = self._table(scope)
        horizon = max([table.head.horizon, *(one.last_modified for one in gone.values())])
        kept = {record_id: document for record_id, document in table.documents.items() if record_id not in gone}
        self._become(transaction, scope, _Table(table.head._replace(horizon=horizon), kept))

    def _scopes_under(self, ancestor: str, edges: Sequence[Edge]) -> list[Scope]:
        """The scopes below an ancestor: edge by edge, and those of an edge in the order of their places."""
        found: dict[str, list[Scope]] = {}
        for edge in edges:
            above = [
                (scope.parent, one) for scope in found.get(edge.parent, ()) for one in self._table(scope).documents
            ]
            scopes = {edge.under(*one) for one in above} if edge.parent else {Scope(edge.resource, ancestor)}
            found.setdefault(edge.resource, []).extend(sorted(scopes, key=lambda scope: scope.place))
        return [scope for scopes in found.values() for scope in scopes]

    def _clear(self, transaction: Transaction, scope: Scope) -> list[Document]:
        """Empty a scope, whose time goes on; returns its live records by id."""
        table = self._table(scope)
        if table.documents:
            time = assign(table.head.timestamp, self.clock()).scope
            self._become(transaction, scope, _Table(Head(time, time)))
        return [one for _, one in sorted(table.documents.items()) if not one.deleted]

    def _become(self, transaction: Transaction, scope: Scope, table: _Table) -> None:
        old = self._own(scope)
        self._tables[scope] = table
        self._participant(transaction).undo.append(lambda: self._tables.__setitem__(scope, old))


def _age(document: Document) -> tuple[int, str]:
    return document.last_modified, document.id


def load_from_config(config: Any) -> MemoryStorage:
    """The backend that the settings ask for.

    >>> load_from_config(None).ping()
    True
    """
    return MemoryStorage()
