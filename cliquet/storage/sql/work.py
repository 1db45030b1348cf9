"""The part of a transaction that a SQL storage has: what it locked, what it knows, what it has still to write."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, cast

from cliquet.database.session import Session
from cliquet.protocol import body
from cliquet.storage.base import Document, Head, Scope
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
    taken: dict[str, str]
    given_back: dict[str, str]


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
        for scope in sorted(set(scopes) - self._heads.keys(), key=lambda one: one.place):
            self._heads[scope] = self._lock(scope)
            self._known = {place: known for place, known in self._known.items() if place[0] != scope}

    def head(self, scope: Scope) -> Head:
        """The state of a scope, locked from now on."""
        self.lock([scope])
        return self._heads[scope]

    def move_head(self, scope: Scope, timestamp: int) -> None:
        """The time of a scope from now on."""
        if timestamp != self.head(scope).timestamp:
            self._heads[scope] = self.head(scope)._replace(timestamp=timestamp)
            self._moved |= {scope}

    def get(self, scope: Scope, record_id: str) -> Document | None:
        """A record or tombstone, as this transaction leaves it."""
        place = scope, record_id
        if place not in self._known:
            rows = self.session.read(self._prepared.get, {**_scope(scope), "id": record_id})
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
        rows = self.session.read(self._prepared.taken, {**_scope(scope), **lists})
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
        heads = [{**_scope(scope), "last_modified": self._heads[scope].timestamp} for scope in moved]
        self.session.write_many(self._prepared.move_head, heads)

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

    def _holds(self, scope: Scope, record_id: str, field: str, value: str) -> bool:
        """Whether the record still is what the table of values says."""
        found = self.get(scope, record_id)
        return found is not None and not found.deleted and unique_values(found.data, (field,)).get(field) == value

    def _lock(self, scope: Scope) -> Head:
        rows = self.session.read(self._prepared.lock, _scope(scope))
        if not rows:
            rows = self.session.returning(self._prepared.begin_scope, _scope(scope))
        return Head(*rows[0])


def _merged(before: Change, after: Change) -> Change:
    """Both changes as one: values that only the first of them held are never written."""
    kept = {} if after.document.deleted else before.taken
    taken = {field: value for field, value in kept.items() if field not in after.given_back}
    return Change(after.document, {**taken, **after.taken}, {**after.given_back, **before.given_back})


def _scope(scope: Scope) -> dict[str, Any]:
    return {"parent": scope.parent, "resource": scope.resource}


def _lists(wanted: dict[str, str]) -> tuple[tuple[str, Iterable[str]], ...]:
    return ("fields", wanted.keys()), ("values", wanted.values())


def _row(scope: Scope, change: Change) -> dict[str, Any]:
    document = change.document
    return {
        **_scope(scope),
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
        {**_scope(scope), "field": field, "value": value, "record": record_id}
        for (scope, record_id), change in changes.items()
        for field, value in getattr(change, which).items()
    ]
