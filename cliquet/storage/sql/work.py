"""The part of a transaction that a SQL storage has: what it locked, and what it knows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple, cast

from cliquet.database.session import Companion, Session
from cliquet.database.statement import Rows, Statement
from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Query
from cliquet.protocol.timestamps import assign
from cliquet.storage.base import Document, Edge, Head, Scope
from cliquet.storage.sql.bound import of_scope
from cliquet.storage.sql.busy import Busy
from cliquet.storage.sql.prepared import Prepared
from cliquet.storage.unicity import unique_values

__all__ = ["NEVER", "Change", "State", "Work"]

Place = tuple[Scope, str]


class State(NamedTuple):
    """All columns of the row of a scope: when they are as they were, nobody has written there since."""

    timestamp: int = 0
    horizon: int = 0
    cascades: int = 0


#: A scope without a row.
NEVER = State()


class Change(NamedTuple):
    """A document to write, and the values of unique fields that come and go with it."""

    document: Document
    taken: Mapping[str, str] = MappingProxyType({})
    given_back: Mapping[str, str] = MappingProxyType({})


class Work(Companion):
    """Knows what was read, and hands what is to be written to the session, which sends it in time.

    What was read before a scope was locked counts as long as the scope's row is as it was then.

    :param session: the database's part of the transaction.
    :param prepared: the statements.
    :param transaction: what it is part of: others know something, too.
    :param busy: is told in which scopes others were faster.
    """

    def __init__(self, session: Session, prepared: Prepared, transaction: Transaction, busy: Busy) -> None:
        self.session = session
        self._prepared = prepared
        self._transaction = transaction
        self._busy = busy
        self._heads: dict[Scope, Head] = {}
        #: The rows of scopes that were locked by who looked, and not taken note of yet.
        self._arrived: dict[Scope, Rows] = {}
        self._seen: dict[Scope, State] = {}
        self._known: dict[Place, Document | None] = {}
        self._rows_of: tuple[str, Scope, Query, Rows] | None = None
        self._taken: dict[tuple[Scope, str, str], str] = {}

    def lock(self, scopes: Iterable[Scope]) -> None:
        """Lock scopes, in one order for everybody, until the end of the transaction.

        What was read before, and may have changed while we waited, is read again.
        """
        if not (missing := set(scopes) - self._heads.keys()):
            return
        seen = not missing.isdisjoint(self._seen)
        unwritten = all(self._seen.get(scope) == NEVER for scope in missing)
        if not unwritten and (len(missing) == 1 or not self._prepared.dialect.locks_rows):
            missing -= self._hold(self._locked(missing))
        if missing:
            self._hold(self.session.lock(self._prepared.begin, self._rows("scopes", missing)))
        if seen and not self._seen:
            self._transaction.look_again()

    def lock_soon(self, scope: Scope) -> bool:
        """Lock a scope, if anybody has ever written there, before the next question is asked, and on the same way.

        What was read before counts no more. Returns whether that is to be: the scope is not locked yet.
        """
        if scope in self._heads or scope in self._arrived:
            return False
        self._transaction.doubt()
        self._forget_unlocked()
        self.session.lock_soon(self._prepared.lock, of_scope(scope))
        return True

    def arrive(self, scope: Scope, rows: Rows) -> None:
        """The row of a scope, if there is one, which is locked."""
        self._arrived[scope] = rows

    def stop(self, scope: Scope) -> set[Scope]:
        """Lock a scope because what is above it is deleted, which nobody may overlook."""
        return self._hold(self.session.returning(self._prepared.stop, self._rows("scopes", [scope])))

    def stop_below(self, edge: Edge, above: Iterable[Scope]) -> set[Scope]:
        """The same for the scopes below the records of others, which are locked already."""
        names = self._prepared.dialect.list_of([scope.parent for scope in above])
        values = {"parents": names, "above": edge.parent, "segment": edge.segment, "resource": edge.resource}
        return self._hold(self.session.returning(self._prepared.stop_below, values))

    def head(self, scope: Scope) -> Head:
        """The state of a scope, locked from now on."""
        if scope not in self._heads:
            self.lock([scope])
        return self._heads[scope]

    def known_head(self, scope: Scope) -> Head | None:
        """The state of a scope, if it is locked."""
        return self._heads.get(scope)

    def move_head(self, scope: Scope, timestamp: int) -> None:
        """The time of a scope from now on."""
        head = self.head(scope)
        if timestamp != head.timestamp:
            self._heads[scope] = Head(timestamp, head.horizon)
            self.session.later(("timeline", *scope.place), self._prepared.effects.move(scope, timestamp))

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
            found = Document(record_id, rows[0][0], rows[0][2], deleted=bool(rows[0][1])) if rows else None
            self._known[place] = found
        return self._known[place]

    def put(self, scope: Scope, change: Change) -> None:
        """Write a document, in time."""
        document, effects = change.document, self._prepared.effects
        for field, value in change.given_back.items():
            self._later(scope, field, value, effects.give_back(scope, field, value, document.id))
        for field, value in change.taken.items():
            self._later(scope, field, value, effects.take(scope, field, value, document.id))
            self._taken[scope, field, value] = document.id
        self._known[scope, document.id] = document
        self._rows_of = None
        self.session.later(("record", *scope.place, document.id), effects.put(scope, document))

    def holder(
        self, scope: Scope, record_id: str, wanted: dict[str, str], rows: Rows | None = None
    ) -> tuple[str, Document] | None:
        """The first of the fields whose value another live record has, and that record.

        :param rows: who has them as far as it is stored, if that was asked just now.
        """
        if not wanted:
            return None
        if rows is None:
            rows = self.session.read(self._prepared.taken, self.values_of(scope, wanted))
        stored = {(row[0], row[1]): row[2] for row in rows}
        for field, value in wanted.items():
            for candidate in (self._taken.get((scope, field, value)), stored.get((field, value))):
                if candidate is not None and candidate != record_id and self._holds(scope, candidate, field, value):
                    return field, cast(Document, self.get(scope, candidate))
        return None

    def values_of(self, scope: Scope, wanted: dict[str, str]) -> dict[str, Any]:
        """What is bound to ask who has some values."""
        list_of = self._prepared.dialect.list_of
        return {**of_scope(scope), "fields": list_of(list(wanted)), "values": list_of(list(wanted.values()))}

    # What is known before it is asked for

    def knows(self, scope: Scope, record_id: str) -> bool:
        """Whether a record, or that there is none, is known."""
        return (scope, record_id) in self._known

    def know(self, scope: Scope, documents: Iterable[Document]) -> None:
        """Documents that were just read, so that they need not be read again."""
        self._known |= {(scope, document.id): document for document in documents}

    def know_places(self, found: Mapping[Place, Document | None]) -> None:
        """The same for records that may not be there."""
        self._known |= {place: document for place, document in found.items() if place not in self._known}

    def has_seen(self, scope: Scope) -> bool:
        """Whether the state of a scope is known, or was when somebody looked."""
        return scope in self._heads or scope in self._seen

    def see(self, states: Mapping[Scope, State]) -> None:
        """The states of scopes, which may change until they are locked."""
        self._seen |= states

    def know_rows(self, name: str, scope: Scope, query: Query, rows: Rows) -> None:
        """The answer of a statement about many records, as it was when somebody looked."""
        self._rows_of = name, scope, query, rows

    def known_rows(self, name: str, scope: Scope, query: Query) -> Rows | None:
        """The answer, if it is the one that is known."""
        known = self._rows_of
        return known[3] if known is not None and known[:3] == (name, scope, query) else None

    # What is sent at once

    def flush_for(self, values: Mapping[str, Any]) -> None:
        """Send what waits, unless a statement with these values is about a scope that nothing waits of."""
        place = (values["parent"], values["resource"]) if "parent" in values else ()
        if self.session.waits("record", "timeline", "unique", begin=place):
            self.session.flush()

    def forget(self, scope: Scope, statement: Statement, values: Mapping[str, Any]) -> Sequence[tuple[str, int, bool]]:
        """Run a statement that forgets records and tombstones of a scope, which is locked, as if they had never been.

        Returns, of each, the id, the time, and whether it was a tombstone.
        """
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
        """Nothing is known any more: everything was forgotten."""
        self._heads, self._arrived, self._seen, self._known, self._rows_of, self._taken = {}, {}, {}, {}, None, {}

    # A participant of a transaction

    def mark(self) -> tuple[Any, ...]:
        """What has to be put back."""
        seen = dict(self._arrived), dict(self._seen)
        return dict(self._heads), *seen, dict(self._known), self._rows_of, dict(self._taken)

    def rewind(self, mark: tuple[Any, ...]) -> None:
        """Put it back; locks that were taken since are taken again when they are needed."""
        self._heads, self._arrived, self._seen, self._known, self._rows_of, self._taken = mark

    def _later(self, scope: Scope, field: str, value: str, effect: Any) -> None:
        self.session.later(("unique", *scope.place, field, value), effect)

    def _drop(self, heads: Mapping[Scope, Head]) -> None:
        """Nothing is known any more of the content of scopes, but their state."""
        self._heads |= heads
        self._rows_of = None
        self._known = {place: known for place, known in self._known.items() if place[0] not in heads}
        self._taken = {taken: holder for taken, holder in self._taken.items() if taken[0] not in heads}

    def _holds(self, scope: Scope, record_id: str, field: str, value: str) -> bool:
        """Whether the record still is what the table of values says."""
        found = self.get(scope, record_id)
        return found is not None and not found.deleted and unique_values(found.data, (field,)).get(field) == value

    def _locked(self, scopes: set[Scope]) -> Iterable[tuple[Any, ...]]:
        """The rows of those of some scopes that were written before: locked where that takes no more than reading."""
        if len(scopes) == 1:
            (scope,) = scopes
            return self._arrived.pop(scope, None) or self.session.lock(self._prepared.lock, of_scope(scope))
        return self.session.lock(self._prepared.heads, self._rows("scopes", scopes))

    def _hold(self, rows: Iterable[tuple[Any, ...]]) -> set[Scope]:
        """Take note of scopes that were locked; when one is not as it was, what was read before counts no more.

        Nor does it when nobody has ever written there: who empties the whole storage leaves no trace of that.
        """
        found = {Scope(resource, parent): State(*state) for parent, resource, *state in rows}
        self._busy.note(scope for scope, state in found.items() if self._seen.get(scope, state) != state)
        if any(self._seen.get(scope) != state or state == NEVER for scope, state in found.items()):
            self._transaction.doubt()
            self._forget_unlocked()
        self._heads |= {scope: Head(*state[:2]) for scope, state in found.items()}
        return set(found)

    def _forget_unlocked(self) -> None:
        self._rows_of = None
        self._seen = {}
        self._known = {place: known for place, known in self._known.items() if place[0] in self._heads}

    def _rows(self, name: str, scopes: Iterable[Scope]) -> Mapping[str, Any]:
        return self._prepared.dialect.of_rows(name, [scope.place for scope in scopes])
