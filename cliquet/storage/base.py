"""What a storage backend is: records of one scope, their timestamps and their tombstones."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from cliquet.clock import Clock, now
from cliquet.database.question import Question
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError, HorizonPassed, RecordNotFound
from cliquet.protocol import body
from cliquet.protocol.query import Filter, Query
from cliquet.storage.values import Count, Document, Edge, Everywhere, Head, Page, Scope, Tally

__all__ = ["Count", "Document", "Edge", "Everywhere", "Head", "Page", "Scope", "Storage", "Tally"]


class Storage(ABC):
    """Keeps records. Every backend passes :class:`cliquet.testing.storage.StorageContract`.

    Every method takes an optional ``transaction``; without one it is a transaction of its own. Whatever writes holds
    the lock of its scope until the transaction ends, so that timestamps become visible in their order.

    :param clock: answers the time in ms.

    >>> from cliquet.storage.memory import MemoryStorage
    >>> storage: Storage = MemoryStorage(clock=lambda: 1000)
    >>> created = storage.create(Scope("note", "alice"), {"id": "x", "text": "Hello"})
    >>> storage.page(Scope("note", "alice"), Query())
    Page(documents=[Document({"id":"x","last_modified":1000,"text":"Hello"})], timestamp=1000, more=False)
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

    # Looking ahead

    #: Whether it pays to say what will be asked.
    foresees: bool = False

    def foresee(
        self, transaction: Transaction, *, records: Iterable[tuple[Scope, str]] = (), scopes: Iterable[Scope] = ()
    ) -> Sequence[Question]:
        """What will be asked in a transaction, so that it can be asked together with other things, if that pays.

        :param records: the records that will be read, by scope and id.
        :param scopes: the scopes that will be locked; one that many write to may be locked from now on.
        """
        return ()

    def foresee_page(
        self, transaction: Transaction, scope: Scope, query: Query, *, count: bool = False
    ) -> Question | None:
        """The same for a page, or for a total; nothing where it does not pay."""
        return None

    def finds(self, only: Set[str]) -> bool:
        """Whether the ids of some records need not be read, because those who keep them are asked where records are."""
        return False

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

    def put_many(
        self, scope: Scope, records: Iterable[Mapping[str, Any]], *, transaction: Transaction | None = None
    ) -> list[Document]:
        """Records with this content instead of what was there, which nobody looks up: what journals write.

        They have no unique fields. ``last_modified`` may date one (ms), after all that is in the scope.
        """
        with self.within(transaction) as joined:
            return [self.replace(scope, record["id"], record, transaction=joined) for record in records]

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
    def delete_under(
        self, ancestor: str, edges: Sequence[Edge], *, transaction: Transaction | None = None
    ) -> list[tuple[Scope, Document]]:
        """Remove everything below an object, tombstones included, however much it is; says which live records went.

        All scopes concerned are locked before anything is removed: edge by edge, those of an edge in the order of
        their places; also those that nobody has written to, so that who is about to be the first has to wait. Their
        timelines go on, and their horizons are the new times: whoever followed one of them has to start over.

        :param ancestor: the path of the object, such as ``/buckets/b``.
        :param edges: which records are under which, from the top down.
        """

    @abstractmethod
    def trim(
        self,
        scope: Scope,
        *,
        before: int | None = None,
        keep: int | None = None,
        filters: Iterable[Filter] = (),
        transaction: Transaction | None = None,
    ) -> int:
        """Forget records as if they had never been, and tombstones; moves the horizon. Says how many live records went.

        :param before: the time in ms from which on records and tombstones stay.
        :param keep: how many live records stay, the newest ones.
        :param filters: of which records this is said; others stay.
        """

    @abstractmethod
    def purge(self, before: int, *, scope: Scope | None = None) -> int:
        """Forget tombstones dated before a time in ms, in one scope or all; moves the horizon. Says how many."""

    # Operating

    @abstractmethod
    def tally(self) -> dict[str, Tally]:
        """How many records and tombstones there are of each resource that has any, under all parents together."""

    @abstractmethod
    def everywhere(self, wanted: Everywhere, *, transaction: Transaction | None = None) -> list[tuple[str, str]]:
        """The live records of a resource under all parents together: parent and id, in the order of their paths."""

    @abstractmethod
    def flush(self, *, keep_times: bool = False, transaction: Transaction | None = None) -> None:
        """Forget everything; with whatever others write meanwhile, or without it.

        :param keep_times: whether the timelines go on from now, so that who follows them sees that something happened;
            otherwise they are forgotten, too.
        """

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

    def index(self, wanted: Mapping[str, Iterable[str]], *, dry_run: bool = False) -> Iterator[str]:
        """Have indexes on fields, as far as the backend has such, and no others, while others write; says what is done.

        :param wanted: resource -> its fields; dots lead into objects.
        :param dry_run: only say it.
        """
        return iter(())

    def indexed(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that have indexes, by resource."""
        return {}

    def keep(self, name: str, value: str) -> str:
        """A text kept with the data: the first one ever given under this name wins."""
        return value

    def close(self) -> None:  # noqa: B027  # some have nothing to let go of
        """Let go of connections."""

    def within(self, transaction: Transaction | None) -> AbstractContextManager[Transaction]:
        """The transaction given, or one of our own around the block."""
        return Transaction() if transaction is None else nullcontext(transaction)


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
    if found := body.fault(dict(record), depth=body.STORED_DEPTH):
        raise BackendError(message=f"A record cannot be stored: {found}")
