"""Tells subscribers what was written and read: before the transaction commits, and after it did."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import structlog
from pyramid.request import Request
from zope.interface import implementedBy

from cliquet.database.transaction import Transaction
from cliquet.errors import ConfigurationError
from cliquet.model.change import Change
from cliquet.model.journal import Written
from cliquet.storage.base import Document
from cliquet.web.authentication import user_id
from cliquet.web.components import components

__all__ = [
    "ACTIONS",
    "AfterResourceChanged",
    "AfterResourceRead",
    "ResourceChanged",
    "ResourceRead",
    "note",
    "send",
    "tell_read",
    "watched",
]

_log = structlog.get_logger("cliquet")
_KEY = "cliquet.events"
#: How often subscribers may make changes because of changes.
MAX_ROUNDS = 5


class ACTIONS(Enum):
    """What may happen to a record.

    >>> ACTIONS.from_string_list(["create", "update"])
    (<ACTIONS.CREATE: 'create'>, <ACTIONS.UPDATE: 'update'>)
    """

    CREATE = "create"
    DELETE = "delete"
    READ = "read"
    UPDATE = "update"

    @staticmethod
    def from_string_list(names: Iterable[str]) -> tuple[ACTIONS, ...]:
        """The actions of some names.

        :raises ValueError: when there is no such action.
        """
        return tuple(ACTIONS(name) for name in names)


@dataclass(frozen=True)
class _Event:
    """What all events have.

    :param payload: plain values that say what happened, to what, when (ms) and by whom.
    :param request: the request because of which it happened.
    :param transaction: the transaction it is part of, before it commits; ``None`` afterwards.
    """

    payload: Mapping[str, Any]
    request: Any
    transaction: Transaction | None = None


@dataclass(frozen=True)
class _Changed(_Event):
    changes: Sequence[Change] = field(default_factory=tuple)

    @property
    def impacted_records(self) -> list[dict[str, Any]]:
        """For each record, ``new`` and, unless it was created, ``old``."""
        return [_record(change) for change in self.changes]

    impacted_objects = impacted_records


@dataclass(frozen=True)
class ResourceChanged(_Changed):
    """Records of one scope were created, updated or deleted, and the transaction is about to commit.

    Whoever raises refuses the whole request. Subscribers may write in the event's transaction, and must do nothing
    outside of it: when the database asks for another try, they are told again.

    :param changes: the records, in the order in which they were written.

    >>> event = ResourceChanged({"action": "create", "resource_name": "note"}, None)
    >>> event.impacted_records
    []
    """


@dataclass(frozen=True)
class AfterResourceChanged(_Changed):
    """The same, after the transaction was committed; what subscribers raise is logged.

    >>> AfterResourceChanged({"action": "create", "resource_name": "note"}, None).transaction is None
    True
    """


@dataclass(frozen=True)
class _Read(_Event):
    documents: Sequence[Document] = field(default_factory=tuple)

    @property
    def read_records(self) -> list[dict[str, Any]]:
        """The records."""
        return [document.copy() for document in self.documents]

    read_objects = read_records


@dataclass(frozen=True)
class ResourceRead(_Read):
    """Records were read, and are about to be answered.

    :param documents: the records.

    >>> ResourceRead({"action": "read"}, None, documents=[Document.make("x", 1, {})]).read_records
    [{'id': 'x', 'last_modified': 1}]
    """


@dataclass(frozen=True)
class AfterResourceRead(_Read):
    """The same; what subscribers raise is logged.

    >>> AfterResourceRead({"action": "read"}, None).read_records
    []
    """


_PARTNERS: Mapping[type, type] = {ResourceChanged: AfterResourceChanged, ResourceRead: AfterResourceRead}


class _Journal:
    """What was written in a transaction, with the requests that did; undone with it."""

    def __init__(self) -> None:
        self.entries: list[tuple[Request, Change]] = []

    def take(self) -> list[tuple[Request, Change]]:
        """All entries, which are then forgotten."""
        taken, self.entries = self.entries, []
        return taken

    def prepare(self) -> None:
        """Nothing can fail here."""

    def commit(self) -> None:
        """There is nothing to keep."""

    def rollback(self) -> None:
        self.entries = []

    def mark(self) -> int:
        return len(self.entries)

    def rewind(self, mark: int) -> None:
        del self.entries[mark:]

    def release(self, mark: int) -> None:
        """There is nothing to forget."""


def note(request: Request, transaction: Transaction, changes: Iterable[Change]) -> None:
    """Remember what was written, for the subscribers to be told before the transaction commits.

    >>> from cliquet.testing.app import make_wsgi_app
    >>> request = Request.blank("/")
    >>> request.registry = make_wsgi_app().registry
    >>> note(request, Transaction(), [])
    """
    if _watched(request, ResourceChanged) or components(request.registry).journals:
        journal = transaction.join(_KEY, _Journal)
        journal.entries += [(request, change) for change in changes]


def send(request: Request, transaction: Transaction) -> None:
    """Tell the subscribers what was written, and what they wrote because of it.

    >>> send(Request.blank("/"), Transaction())
    """
    told: list[tuple[Request, Change]] = []
    for _ in range(MAX_ROUNDS):
        entries = transaction.join(_KEY, _Journal).take()
        if not entries:
            _keep(told, transaction)
            return
        told += entries
        for event in _grouped(entries, transaction) if _watched(request, ResourceChanged) else ():
            request.registry.notify(event)
            transaction.after_commit(_later(request, event))
    raise ConfigurationError("Subscribers of ResourceChanged make changes because of their changes, without end.")


def tell_read(request: Request, resource: str, parent: str, data: Sequence[Any], timestamp: int) -> None:
    """Tell the subscribers which records were read, of what was answered.

    >>> from cliquet.testing.app import make_wsgi_app
    >>> request = Request.blank("/")
    >>> request.registry = make_wsgi_app().registry
    >>> tell_read(request, "note", "alice", [], 1000)
    """
    if not _watched(request, ResourceRead):
        return
    documents = [one for one in data if isinstance(one, Document)]
    payload = _payload(request, ACTIONS.READ.value, resource, parent, [one.id for one in documents], timestamp)
    event = ResourceRead(payload, request, documents=documents)
    request.registry.notify(event)
    _later(request, event)()


def watched(registry: Any) -> set[type]:
    """The events that anybody subscribed to.

    >>> from cliquet.testing.app import make_wsgi_app
    >>> watched(make_wsgi_app().registry)
    set()
    """
    kinds = (*_PARTNERS, *_PARTNERS.values())
    return {kind for kind in kinds if registry.adapters.subscriptions([implementedBy(kind)], None)}


def _watched(request: Request, kind: type) -> bool:
    """Whether anybody wants to know; asked before any work is done."""
    kinds = components(request.registry).watched
    return bool(kinds) and not kinds.isdisjoint((kind, _PARTNERS[kind]))


def _keep(told: Sequence[tuple[Request, Change]], transaction: Transaction) -> None:
    """Let the journals write what they have to, when nobody else writes any more; that is told to nobody."""
    written = [Written(change, user_id(request)) for request, change in told]
    for keep in components(told[0][0].registry).journals if told else ():
        keep(transaction, written)


def _grouped(entries: Sequence[tuple[Request, Change]], transaction: Transaction) -> list[ResourceChanged]:
    """One event for each action in each scope, in the order in which they began."""
    groups: dict[tuple[Any, ...], list[tuple[Request, Change]]] = {}
    for request, change in entries:
        groups.setdefault((change.cascade, change.scope, change.action), []).append((request, change))
    return [_event(group, transaction) for group in groups.values()]


def _event(group: Sequence[tuple[Request, Change]], transaction: Transaction) -> ResourceChanged:
    request, first = group[0]
    changes = [change for _, change in group]
    timestamp = max(change.new.last_modified for change in changes)
    ids = [change.id for change in changes]
    payload = _payload(request, first.action, first.scope.resource, first.scope.parent, ids, timestamp)
    return ResourceChanged(payload, request, transaction, changes)


def _payload(
    request: Request, action: str, resource: str, parent: str, ids: Sequence[str], timestamp: int
) -> dict[str, Any]:
    matched = {name: value for name, value in (request.matchdict or {}).items() if name != "id"}
    own = {f"{resource}_id": ids[0]} if len(ids) == 1 else {}
    prefix = f"/{components(request.registry).prefix}"
    return {
        "timestamp": timestamp,
        "action": action,
        "uri": request.path_info.removeprefix(prefix),
        "user_id": user_id(request),
        "resource_name": resource,
        "parent_uri": parent,
        **matched,
        **own,
    }


def _later(request: Request, event: Any) -> Callable[[], None]:
    """Tells the subscribers that wait for the commit."""

    def tell() -> None:
        values = {one.name: getattr(event, one.name) for one in dataclasses.fields(event)}
        try:
            request.registry.notify(_PARTNERS[type(event)](**{**values, "transaction": None}))
        except Exception as error:
            _log.error("Unable to notify", exc_info=error)

    return tell


def _record(change: Change) -> dict[str, Any]:
    old = {} if change.old is None else {"old": change.old.copy()}
    return {"new": change.new.copy(), **old}
