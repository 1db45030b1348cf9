"""Records in the memory of one process: the executable specification of a storage."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from cliquet.clock import Clock, now
from cliquet.database.transaction import Transaction
from cliquet.errors import UnicityError
from cliquet.protocol.query import Query
from cliquet.protocol.timestamps import assign
from cliquet.storage.base import Count, Document, Head, Page, Scope, Storage, check_horizon, deletable, live, storable
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

    def purge(self, before: int, *, scope: Scope | None = None) -> int:
        with self._lock:
            tables = [self._table(scope)] if scope is not None else list(self._tables.values())
            return sum(_purge(table, before) for table in tables)

    def flush(self) -> None:
        with self._lock:
            self._tables.clear()

    def ping(self) -> bool:
        return True

    def keep(self, name: str, value: str) -> str:
        with self._lock:
            return self._kept.setdefault(name, value)

    def _table(self, scope: Scope) -> _Table:
        return self._tables.get(scope) or _Table()

    def _own(self, scope: Scope) -> _Table:
        return self._tables.setdefault(scope, _Table())

    def _participant(self, transaction: Transaction) -> _Undo:
        return transaction.join(self, lambda: _Undo(self._lock))

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


class _Undo:
    """Holds the lock, and what it takes to undo everything, until the end of a transaction."""

    def __init__(self, lock: threading.RLock) -> None:
        self._lock = lock
        self.undo: list[Callable[[], Any]] = []
        lock.acquire()

    def prepare(self) -> None:
        """Nothing can fail here."""

    def commit(self) -> None:
        self._lock.release()

    def rollback(self) -> None:
        self.rewind(0)
        self.commit()

    def mark(self) -> int:
        return len(self.undo)

    def rewind(self, mark: int) -> None:
        while len(self.undo) > mark:
            self.undo.pop()()

    def release(self, mark: int) -> None:
        """There is nothing to forget."""


def _purge(table: _Table, before: int) -> int:
    gone = [one for one in table.documents.values() if one.deleted and one.last_modified < before]
    for document in gone:
        del table.documents[document.id]
    horizon = max([table.head.horizon, *(document.last_modified for document in gone)])
    table.head = table.head._replace(horizon=horizon)
    return len(gone)


def load_from_config(config: Any) -> MemoryStorage:
    """The backend that the settings ask for.

    >>> load_from_config(None).ping()
    True
    """
    return MemoryStorage()
