"""What a storage backend is: records of one scope, their timestamps and their tombstones."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple

from cliquet.clock import Clock, now
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError, HorizonPassed, RecordNotFound
from cliquet.protocol import body
from cliquet.protocol.query import Query

__all__ = ["Count", "Document", "Head", "Page", "Scope", "Storage"]

_SERVERS = ("id", "last_modified", "deleted")


class Scope(NamedTuple):
    """Where records live: the kind of record, and whose or below what.

    >>> Scope("record", "/buckets/b/collections/c").parent
    '/buckets/b/collections/c'
    """

    resource: str
    parent: str

    @property
    def place(self) -> tuple[str, str]:
        """The order in which locks are taken."""
        return self.parent, self.resource


class Head(NamedTuple):
    """The state of a scope: its time in ms, and the time up to which tombstones are gone."""

    timestamp: int = 0
    horizon: int = 0


class Document:
    """A record or a tombstone as it is stored; the JSON is parsed when somebody asks for :attr:`data`.

    >>> document = Document.make("x", 12, {"title": "A"})
    >>> document.json, document.data["title"]
    ('{"id":"x","last_modified":12,"title":"A"}', 'A')
    """

    __slots__ = ("_data", "deleted", "id", "json", "last_modified")

    def __init__(self, id: str, last_modified: int, json: str, *, deleted: bool = False) -> None:
        self.id = id
        self.last_modified = last_modified
        self.json = json
        self.deleted = deleted
        self._data: dict[str, Any] | None = None

    @classmethod
    def make(cls, id: str, last_modified: int, fields: Mapping[str, Any]) -> Document:
        """A record; what the server decides wins over the same names among ``fields``."""
        others = {name: value for name, value in fields.items() if name not in _SERVERS}
        return cls(id, last_modified, body.encode({"id": id, "last_modified": last_modified, **others}).decode())

    @classmethod
    def tombstone(cls, id: str, last_modified: int) -> Document:
        """What is left of a deleted record."""
        content = {"id": id, "last_modified": last_modified, "deleted": True}
        return cls(id, last_modified, body.encode(content).decode(), deleted=True)

    @property
    def data(self) -> dict[str, Any]:
        """The record as a dict that others see too: read it, and change a :meth:`copy`."""
        if self._data is None:
            self._data = self.copy()
        return self._data

    def copy(self) -> dict[str, Any]:
        """The record as a dict that the caller may change."""
        copied: dict[str, Any] = body.decode(self.json.encode())
        return copied

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Document) and self.json == other.json

    __hash__ = None  # type: ignore[assignment]  # equality is about content

    def __repr__(self) -> str:
        return f"Document({self.json})"


class Page(NamedTuple):
    """Some records of a scope, all from one moment.

    :param documents: in the order asked for.
    :param timestamp: the scope's time in ms at that moment.
    :param more: whether there are records after these.
    """

    documents: list[Document]
    timestamp: int
    more: bool = False


class Count(NamedTuple):
    """How many live records match, and the scope's time in ms at the same moment."""

    total: int
    timestamp: int


class Storage(ABC):
    """Keeps records. Every backend passes :class:`cliquet.testing.storage.StorageContract`.

    Every method takes an optional ``transaction``; without one it is a transaction of its own. Whatever writes holds
    the lock of its scope until the transaction ends, so that timestamps become visible in their order.

    :param clock: answers the time in ms.
    """

    #: Whether records outlive the process.
    durable: bool = False
    #: Whether several processes may use the same records.
    shared_between_processes: bool = False
    #: Whether several machines may.
    shared_between_servers: bool = False

    def __init__(self, *, clock: Clock = now) -> None:
        self.clock = clock

    # Reading

    @abstractmethod
    def get(
        self, scope: Scope, record_id: str, *, tombstone: bool = False, transaction: Transaction | None = None
    ) -> Document:
        """One record.

        :param tombstone: whether what is left of a deleted record will do.
        :raises RecordNotFound: when there is none.
        """

    @abstractmethod
    def page(self, scope: Scope, query: Query, *, transaction: Transaction | None = None) -> Page:
        """Records, timestamp and "is there more" from one snapshot (``docs/protocol/timestamps``).

        :raises HorizonPassed: when ``query.since`` is before the scope's horizon.
        """

    @abstractmethod
    def count(self, scope: Scope, query: Query, *, transaction: Transaction | None = None) -> Count:
        """How many live records the filters of a query let through, whatever its page."""

    @abstractmethod
    def head(self, scope: Scope, *, transaction: Transaction | None = None) -> Head:
        """The state of a scope; reading it writes nothing."""

    # Writing

    @abstractmethod
    def lock(self, scopes: Iterable[Scope], *, transaction: Transaction) -> None:
        """Take the locks of scopes until the transaction ends, in one order for everybody."""

    @abstractmethod
    def create(
        self,
        scope: Scope,
        record: Mapping[str, Any],
        *,
        unique: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> Document:
        """A new record; ``record["id"]`` names it, ``record["last_modified"]`` may date it (ms).

        :param unique: fields whose values no other live record of the scope may have.
        :raises UnicityError: when the id, or a value, is taken.
        """

    @abstractmethod
    def replace(
        self,
        scope: Scope,
        record_id: str,
        record: Mapping[str, Any],
        *,
        unique: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> Document:
        """A record with this content instead of what was there, if anything was.

        :raises UnicityError: when another record has the value of a unique field.
        """

    @abstractmethod
    def delete(
        self,
        scope: Scope,
        record_id: str,
        *,
        last_modified: int | None = None,
        transaction: Transaction | None = None,
    ) -> Document:
        """The tombstone that takes a record's place, dated ``last_modified`` (ms) if that is after the record.

        :raises RecordNotFound: when there is no live record.
        """

    @abstractmethod
    def delete_page(
        self, scope: Scope, query: Query, *, transaction: Transaction | None = None
    ) -> tuple[Page, list[Document]]:
        """Delete exactly the live records of a page: that page, and the tombstones in the same order."""

    @abstractmethod
    def purge(self, before: int, *, scope: Scope | None = None) -> int:
        """Forget tombstones dated before a time in ms, in one scope or all; moves the horizon. Says how many."""

    # Operating

    @abstractmethod
    def flush(self) -> None:
        """Forget everything, timestamps included."""

    @abstractmethod
    def ping(self) -> bool:
        """Whether the backend answers; writes nothing."""

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        """Bring the schema up to date, and say what was done, or would be."""
        return []

    def check(self) -> None:  # noqa: B027  # most backends have nothing to check
        """Whether the backend can serve this version.

        :raises SchemaOutdated: says what to type.
        """

    def knows_unique(self, resource: str, fields: Iterable[str]) -> bool:
        """Whether clashes with all records are seen, also with those stored before the fields were unique."""
        return True

    def index_unique(self, resource: str, fields: Iterable[str]) -> int:
        """See to it that they are; says how many records were read."""
        return 0

    def keep(self, name: str, value: str) -> str:
        """A text kept with the data: the first one ever given under this name wins."""
        return value

    def close(self) -> None:  # noqa: B027  # some have nothing to let go of
        """Let go of connections."""

    @contextmanager
    def within(self, transaction: Transaction | None) -> Iterator[Transaction]:
        """The transaction given, or one of our own around the block."""
        if transaction is not None:
            yield transaction
        else:
            with Transaction() as own:
                yield own


def live(document: Document | None, scope: Scope, record_id: str, *, tombstone: bool = False) -> Document:
    """The document when it is what was asked for.

    :raises RecordNotFound: when it is not.
    """
    if document is None or (document.deleted and not tombstone):
        raise RecordNotFound(record_id, scope.resource)
    return document


def check_horizon(query: Query, horizon: int) -> None:
    """Whether the tombstones that a reader asks for are all still there.

    :raises HorizonPassed: when they are not.
    """
    if query.since is not None and query.since < horizon:
        raise HorizonPassed(horizon)


def deletable(query: Query) -> Query:
    """The query for the records that a deletion of a page is about: live ones, and no 304."""
    return dataclasses.replace(query, tombstones=False, since=None, unless=None)


def storable(record: Mapping[str, Any]) -> None:
    """Whether a record can be kept, whatever a hook made of it.

    :raises BackendError: when it holds what the protocol has no JSON for.
    """
    if found := body.fault(dict(record)):
        raise BackendError(message=f"A record cannot be stored: {found}")
