"""The part of a transaction that a SQL storage has: what it locked, what it knows, what it has still to write."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from cliquet.database.session import Session
from cliquet.database.statement import Statement
from cliquet.protocol import body
from cliquet.protocol.timestamps import assign
from cliquet.storage.base import Document, Edge, Head, Scope
from cliquet.storage.sql.bound import of_scope
from cliquet.storage.sql.compile import searchable
from cliquet.storage.sql.prepared import Prepared
from cliquet.storage.unicity import unique_values

__all__ = ["Change", "Work"]

Place = tuple[Scope, str]
#: Something that may be a number with a fraction or an exponent.
_FRACTION = re.compile(r"\d[.eE][\d+-]")


class Change(NamedTuple):
    """A document to write, and the values of unique fields that come and go with it."""

    document: Document
    taken: Mapping[str, str] = MappingProxyType({})
    given_back: Mapping[str, str] = MappingProxyType({})


class Work:
    """Collects changes and sends them together, at the end or before something is searched.

    :param session: the database's part of the transaction.
    :param prepared: the statements.
    """

    def __init__(self, session: Session, prepared: Prepared) -> None:
        self.session = session
        self._prepared = prepared
        self._heads: dict[Scope, Head] = {}
        self._moved: frozenset[Scope] = frozenset()
        self._known: dict[Place, Document | None] = {}
        self._pending: dict[Place, Change] = {}
        self._taken: dict[tuple[Scope, str, str], str] = {}

    def lock(self, scopes: Iterable[Scope]) -> None:
        """Lock scopes, in one order for everybody, until the end of the transaction.

        What was read of a scope before its lock may have changed while we waited: it is read again.
        """
        missing = set(scopes) - self._heads.keys()
        if missing and (len(missing) == 1 or not self._prepared.dialect.locks_rows):
            missing -= self._locked(missing)
        if missing:
            self._hold(self.session.returning(self._prepared.begin, self._rows("scopes", missing)))

    def lock_below(self, edge: Edge, above: Iterable[Scope]) -> set[Scope]:
        """The same for the scopes below the records of others, which are locked already."""
        names = self._prepared.dialect.list_of([scope.parent for scope in above])
        values = {"parents": names, "above": edge.parent, "segment": edge.segment, "resource": edge.resource}
        return self._hold(self.session.returning(self._prepared.begin_below, values))

    def head(self, scope: Scope) -> Head:
        """The state of a scope, locked from now on."""
        self.lock([scope])
        return self._heads[scope]

    def known_head(self, scope: Scope) -> Head | None:
        """The state of a scope, if it is locked."""
        return self._heads.get(scope)

    def move_head(self, scope: Scope, timestamp: int) -> None:
        """The time of a scope from now on."""
        if timestamp != self.head(scope).timestamp:
            self._heads[scope] = self.head(scope)._replace(timestamp=timestamp)
            self._moved |= {scope}

    def assign(self, scope: Scope, existing: Document | None, wanted: int | None, now: int) -> int:
        """The time of a change in ms, from which on the scope has its new time."""
        before = existing.last_modified if existing is not None else None
        assigned = assign(self.head(scope).timestamp, now, wanted=wanted, current=before)
        self.move_head(scope, assigned.scope)
        return assigned.record

    def get(self, scope: Scope, record_id: str) -> Document | None:
        """A record or tombstone, as this transaction leaves it."""
        place = scope, record_id
        if place not in self._known:
            rows = self.session.read(self._prepared.get, {**of_scope(scope), "id": record_id})
            self._known[place] = Document(record_id, rows[0][0], rows[0][2], deleted=bool(rows[0][1])) if rows else None
        return self._known[place]

    def put(self, scope: Scope, change: Change) -> None:
        """Write a document, in time."""
        place = scope, change.document.id
        before = self._pending.get(place)
        if before is not None:
            change = _merged(before, change)
        self._known[place] = change.document
        self._pending[place] = change
        self._taken |= {(scope, field, value): change.document.id for field, value in change.taken.items()}

    def holder(self, scope: Scope, record_id: str, wanted: dict[str, str]) -> tuple[str, Document] | None:
        """The first of the fields whose value another live record has, and that record."""
        if not wanted:
            return None
        lists = {name: self._prepared.dialect.list_of(list(values)) for name, values in _lists(wanted)}
        rows = self.session.read(self._prepared.taken, {**of_scope(scope), **lists})
        stored = {(field, value): record for field, value, record in rows}
        for field, value in wanted.items():
            for candidate in (self._taken.get((scope, field, value)), stored.get((field, value))):
                if candidate is not None and candidate != record_id and self._holds(scope, candidate, field, value):
                    return field, cast(Document, self.get(scope, candidate))
        return None

    def know(self, scope: Scope, documents: Iterable[Document]) -> None:
        """Documents that were just read, so that they need not be read again."""
        self._known |= {(scope, document.id): document for document in documents}

    def flush(self) -> None:
        """Send what is pending."""
        changes, self._pending = self._pending, {}
        back, taken = _unique_rows(changes, "given_back"), _unique_rows(changes, "taken")
        self.session.write_many(self._prepared.give_back, back)
        self.session.write_many(self._prepared.take, taken)
        self.session.write_many(self._prepared.put, [_row(scope, change) for (scope, _), change in changes.items()])
        moved, self._moved = self._moved, frozenset()
        heads = [{**of_scope(scope), "last_modified": self._heads[scope].timestamp} for scope in moved]
        self.session.write_many(self._prepared.move_head, heads)

    def flush_for(self, values: Mapping[str, Any]) -> None:
        """Send what is pending, unless a statement with these values is about a scope that nothing is pending of."""
        scope = Scope(values["resource"], values["parent"]) if "parent" in values else None
        if scope is None or scope in self._moved or any(pending == scope for pending, _ in self._pending):
            self.flush()

    def forget(self, scope: Scope, statement: Statement, values: Mapping[str, Any]) -> Sequence[tuple[str, int, bool]]:
        """Run a statement that forgets records and tombstones of a scope, which is locked, as if they had never been.

        Returns, of each, the id, the time, and whether it was a tombstone.
        """
        self.flush()
        gone = self.session.returning(statement, {**of_scope(scope), **values})
        if gone:
            records = self._prepared.dialect.list_of([record_id for record_id, _, _ in gone])
            horizon = max([self.head(scope).horizon, *(timestamp for _, timestamp, _ in gone)])
            self.session.write(self._prepared.forget_values, {**of_scope(scope), "records": records})
            self.session.write(self._prepared.move_horizon, {**of_scope(scope), "horizon": horizon})
            self._drop({scope: self._heads[scope]._replace(horizon=horizon)})
        return gone

    def remove(self, scopes: Iterable[Scope]) -> Sequence[tuple[Any, ...]]:
        """Remove all that is in scopes, which are locked: parent, resource and content of each record and tombstone."""
        values = self._rows("scopes", scopes)
        self.session.write(self._prepared.remove_values, values)
        return self.session.returning(self._prepared.remove, values)

    def move_on(self, times: Mapping[Scope, int]) -> None:
        """The time of scopes that are empty now; whoever saw them before has to start over."""
        rows = [(*scope.place, time) for scope, time in times.items()]
        self.session.write(self._prepared.move_on, self._prepared.dialect.of_rows("moved", rows))
        self._drop({scope: Head(time, time) for scope, time in times.items()})

    def clear(self) -> None:
        """Nothing is known any more, and nothing is to be sent: everything was forgotten."""
        self._heads, self._moved, self._known, self._pending, self._taken = {}, frozenset(), {}, {}, {}

    def prepare(self) -> None:
        """Nothing may be left to send when the database commits."""
        self.flush()

    def commit(self) -> None:
        """The database's part does it."""

    def rollback(self) -> None:
        """The database's part does it."""
        self._pending.clear()

    def mark(self) -> tuple[Any, ...]:
        """What has to be put back."""
        return dict(self._heads), self._moved, dict(self._known), dict(self._pending), dict(self._taken)

    def rewind(self, mark: tuple[Any, ...]) -> None:
        """Put it back; locks that were taken since are taken again when they are needed."""
        self._heads, self._moved, self._known, self._pending, self._taken = mark

    def release(self, mark: tuple[Any, ...]) -> None:
        """There is nothing to forget."""

    def _drop(self, heads: Mapping[Scope, Head]) -> None:
        """Nothing is known any more of the content of scopes, but their state."""
        self._heads |= heads
        self._known = {place: known for place, known in self._known.items() if place[0] not in heads}
        self._taken = {taken: holder for taken, holder in self._taken.items() if taken[0] not in heads}

    def _holds(self, scope: Scope, record_id: str, field: str, value: str) -> bool:
        """Whether the record still is what the table of values says."""
        found = self.get(scope, record_id)
        return found is not None and not found.deleted and unique_values(found.data, (field,)).get(field) == value

    def _locked(self, scopes: set[Scope]) -> set[Scope]:
        """Those of some scopes that have been written before: locked where that takes no more than reading."""
        if len(scopes) == 1:
            return self._hold(self.session.read(self._prepared.lock, of_scope(*scopes)))
        return self._hold(self.session.read(self._prepared.heads, self._rows("scopes", scopes)))

    def _hold(self, rows: Iterable[tuple[Any, ...]]) -> set[Scope]:
        """Take note of scopes that were locked."""
        found = {Scope(resource, parent): Head(*state) for parent, resource, *state in rows}
        self._heads |= found
        self._known = {place: known for place, known in self._known.items() if place[0] not in found}
        return set(found)

    def _rows(self, name: str, scopes: Iterable[Scope]) -> Mapping[str, Any]:
        return self._prepared.dialect.of_rows(name, [scope.place for scope in scopes])


def _merged(before: Change, after: Change) -> Change:
    """Both changes as one: values that only the first of them held are never written."""
    kept = {} if after.document.deleted else before.taken
    taken = {field: value for field, value in kept.items() if field not in after.given_back}
    return Change(after.document, {**taken, **after.taken}, {**after.given_back, **before.given_back})


def _lists(wanted: dict[str, str]) -> tuple[tuple[str, Iterable[str]], ...]:
    return ("fields", wanted.keys()), ("values", wanted.values())


def _row(scope: Scope, change: Change) -> dict[str, Any]:
    document = change.document
    return {
        **of_scope(scope),
        "id": document.id,
        "last_modified": document.last_modified,
        "deleted": document.deleted,
        "body": document.json,
        "data": _data(document),
    }


def _data(document: Document) -> str:
    """The JSON to search in."""
    if _FRACTION.search(document.json) is None:
        return document.json
    return body.encode(searchable(document.data)).decode()


def _unique_rows(changes: dict[Place, Change], which: str) -> list[dict[str, Any]]:
    return [
        {**of_scope(scope), "field": field, "value": value, "record": record_id}
        for (scope, record_id), change in changes.items()
        for field, value in getattr(change, which).items()
    ]
