"""Records in a SQL database, whichever of those we speak."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from cliquet.database.limit import Limit
from cliquet.database.question import Question
from cliquet.database.statement import Rows, Statement
from cliquet.database.subset import Subset
from cliquet.database.transaction import Transaction
from cliquet.errors import UnicityError
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import (
    Count,
    Document,
    Edge,
    Everywhere,
    Head,
    Page,
    Scope,
    Tally,
    check_horizon,
    deletable,
    live,
    storable,
)
from cliquet.storage.documents import Documents
from cliquet.storage.sql import cascade, compile, everywhere, foresight
from cliquet.storage.sql.bound import of_scope
from cliquet.storage.sql.operations import Operations
from cliquet.storage.sql.work import Change, Work
from cliquet.storage.unicity import unique_values

__all__ = ["SQLStorage"]

_NO_ROWS: tuple[tuple[Any, ...], ...] = ((),) * 5


class SQLStorage(Operations):
    """Keeps records in the tables of :mod:`cliquet.storage.sql.tables`.

    :param database: where.
    :param dialect: what that database says differently.
    :param limit: how many ms a search that no index serves may take; 0 is any time.
    :param freshness: how many seconds it may take until it is known which fields have indexes.
    """

    def get(
        self, scope: Scope, record_id: str, *, tombstone: bool = False, transaction: Transaction | None = None
    ) -> Document:
        if transaction is not None:
            return live(self._work(transaction).get(scope, record_id), scope, record_id, tombstone=tombstone)
        rows = self.database.read(self._prepared.get, {**of_scope(scope), "id": record_id})
        found = Document(record_id, rows[0][0], rows[0][2], deleted=bool(rows[0][1])) if rows else None
        return live(found, scope, record_id, tombstone=tombstone)

    def page(self, scope: Scope, query: Query, *, transaction: Transaction | None = None) -> Page:
        head, documents = _split(self._many("page", scope, query, transaction))
        if query.unless == head.timestamp:
            return Page([], head.timestamp)
        check_horizon(query, head.horizon)
        end = len(documents) if query.limit is None else query.limit
        return Page(documents[:end], head.timestamp, len(documents) > end)

    def count(self, scope: Scope, query: Query, *, transaction: Transaction | None = None) -> Count:
        ((_, _, horizon, timestamp, total),) = self._many("count", scope, query, transaction)
        check_horizon(query, int(horizon or 0))
        return Count(total, timestamp or 0)

    def head(self, scope: Scope, *, transaction: Transaction | None = None) -> Head:
        if transaction is not None and (known := self._work(transaction).known_head(scope)):
            return known
        rows = self._rows(self._prepared.head, of_scope(scope), transaction)
        return Head(*rows[0]) if rows else Head()

    def foresee(
        self, transaction: Transaction, *, records: Iterable[tuple[Scope, str]] = (), scopes: Iterable[Scope] = ()
    ) -> list[Question]:
        work, writing = self._work(transaction), set(scopes)
        if len(writing) == 1 and all(scope in self._busy for scope in writing) and work.lock_soon(*writing):
            # What is seen before the lock would have changed by then.
            return foresight.locking(work, self._prepared, records, *writing)
        return foresight.looks(work, self._prepared, records, writing)

    def foresee_page(self, transaction: Transaction, scope: Scope, query: Query, *, count: bool = False) -> Question:
        name = "count" if count else "page"
        search = self.searches.of(name, scope, query)
        return foresight.many(self._work(transaction), self._prepared, search, name, scope, query)

    def finds(self, only: Set[str]) -> bool:
        return isinstance(only, Subset) and only.database is self.database

    def lock(self, scopes: Iterable[Scope], *, transaction: Transaction) -> None:
        self._work(transaction).lock(scopes)

    def create(
        self,
        scope: Scope,
        record: Mapping[str, Any],
        *,
        unique: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> Document:
        with self.within(transaction) as joined:
            return self._put(self._locked(joined, scope), scope, record["id"], record, unique, is_new=True)

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
            return self._put(self._locked(joined, scope), scope, record_id, record, unique)

    def put_many(
        self, scope: Scope, records: Iterable[Mapping[str, Any]], *, transaction: Transaction | None = None
    ) -> list[Document]:
        with self.within(transaction) as joined:
            work = self._locked(joined, scope)
            return [self._store(work, scope, record["id"], None, record) for record in records]

    def delete(
        self,
        scope: Scope,
        record_id: str,
        *,
        last_modified: int | None = None,
        transaction: Transaction | None = None,
    ) -> Document:
        with self.within(transaction) as joined:
            work = self._locked(joined, scope)
            existing = live(work.get(scope, record_id), scope, record_id)
            tombstone = Document.tombstone(record_id, work.assign(scope, existing, last_modified, self.clock()))
            work.put(scope, Change(tombstone))
            return tombstone

    def delete_page(
        self, scope: Scope, query: Query, *, transaction: Transaction | None = None
    ) -> tuple[Page, list[Document]]:
        with self.within(transaction) as joined:
            self._locked(joined, scope)
            page = self.page(scope, deletable(query), transaction=joined)
            self._work(joined).know(scope, page.documents)
            gone = [self.delete(scope, one.id, transaction=joined) for one in page.documents]
            return page, gone

    def purge(self, before: int, *, scope: Scope | None = None) -> int:
        if scope is None:
            rows = self.database.read(self._prepared.old_tombstones, {"before": before})
            return sum(self.purge(before, scope=Scope(resource, parent)) for parent, resource in rows)
        with Transaction() as transaction:
            work = self._locked(transaction, scope)
            return len(work.forget(scope, self._prepared.purge, {"before": before}))

    def delete_under(
        self, ancestor: str, edges: Sequence[Edge], *, transaction: Transaction | None = None
    ) -> list[tuple[Scope, Document]]:
        with self.within(transaction) as joined:
            return cascade.delete_under(self._work(joined), ancestor, edges, self.clock)

    def trim(
        self,
        scope: Scope,
        *,
        before: int | None = None,
        keep: int | None = None,
        filters: Iterable[Filter] = (),
        transaction: Transaction | None = None,
    ) -> int:
        if before is None and keep is None:
            return 0
        conditions = compile.split(self._prepared.dialect, tuple(filters))
        statement = self._prepared.trim((before is not None, keep is not None, conditions.shape))
        values = {"before": before, "keep": keep, **conditions.values}
        with self.within(transaction) as joined:
            gone = self._locked(joined, scope).forget(scope, statement, values)
            return sum(not deleted for _, _, deleted in gone)

    def tally(self) -> dict[str, Tally]:
        rows = self.database.read(self._prepared.tally, {})
        return {resource: Tally(records, tombstones) for resource, records, tombstones in rows}

    def everywhere(self, wanted: Everywhere, *, transaction: Transaction | None = None) -> list[tuple[str, str]]:
        rows = self._rows(*everywhere.statement(self._prepared, wanted), transaction)
        return [(parent, record_id) for parent, record_id in rows]

    def flush(self, *, keep_times: bool = False, transaction: Transaction | None = None) -> None:
        with self.within(transaction) as joined:
            work = self._work(joined)
            work.clear()
            work.session.flush()
            for statement, values in self._prepared.flush(self.clock() if keep_times else None):
                work.session.write(statement, values)

    def _work(self, transaction: Transaction) -> Work:
        return transaction.join(
            self, lambda: Work(self.database.session(transaction), self._prepared, transaction, self._busy)
        )

    def _locked(self, transaction: Transaction, scope: Scope) -> Work:
        work = self._work(transaction)
        work.lock([scope])
        return work

    def _rows(
        self,
        statement: Statement,
        values: Mapping[str, Any],
        transaction: Transaction | None,
        *,
        limit: Limit | None = None,
    ) -> Rows:
        if transaction is None:
            return self.database.read(statement, values, limit=limit)
        work = self._work(transaction)
        work.flush_for(values)
        return work.session.read(statement, values, limit=limit)

    def _many(self, name: str, scope: Scope, query: Query, transaction: Transaction | None) -> Rows:
        """The rows of a statement about many records."""
        if transaction is not None and (known := self._work(transaction).known_rows(name, scope, query)) is not None:
            return known
        search = self.searches.of(name, scope, self._known(query))
        if transaction is not None and isinstance(query.only, Subset):
            self._work(transaction).session.flush()
        return self._rows(getattr(self._prepared, name)(search.shape), search.values, transaction, limit=search.limit)

    def _known(self, query: Query) -> Query:
        """The same query, with the ids that count unless they can be found."""
        if query.only is None or self.finds(query.only):
            return query
        return dataclasses.replace(query, only=frozenset(query.only))

    def _put(
        self,
        work: Work,
        scope: Scope,
        record_id: str,
        record: Mapping[str, Any],
        unique: Iterable[str],
        *,
        is_new: bool = False,
    ) -> Document:
        wanted = unique_values(record, unique)
        rows = foresight.look(work, self._prepared, (scope, record_id), wanted)
        existing = work.get(scope, record_id)
        if is_new and existing is not None and not existing.deleted:
            raise UnicityError("id", existing.data)
        held = unique_values(existing.data, unique) if existing is not None and not existing.deleted else {}
        taken = {field: value for field, value in wanted.items() if held.get(field) != value}
        if found := work.holder(scope, record_id, taken, rows):
            raise UnicityError(found[0], found[1].data)
        back = {field: value for field, value in held.items() if wanted.get(field) != value}
        return self._store(work, scope, record_id, existing, record, taken, back)

    def _store(
        self,
        work: Work,
        scope: Scope,
        record_id: str,
        existing: Document | None,
        record: Mapping[str, Any],
        *values: dict[str, str],
    ) -> Document:
        storable(record)
        timestamp = work.assign(scope, existing, record.get("last_modified"), self.clock())
        document = Document.make(record_id, timestamp, record)
        work.put(scope, Change(document, *values))
        return document


def _split(rows: Rows) -> tuple[Head, Documents]:
    """The state of the scope, and the documents, from the rows of a page."""
    heads = [row for row in rows if row[0] is None]
    found = [row for row in rows if row[0] is not None]
    ids, _, texts, times, marks = zip(*found, strict=True) if found else _NO_ROWS
    return Head(*heads[0][3:]) if heads else Head(), Documents(ids, times, texts, marks)
