"""The records of one scope: reading and writing them, with or without HTTP."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound
from cliquet.ids import UUID4, Generator
from cliquet.protocol.query import Filter, Query, Sort, total_order
from cliquet.storage.base import Count, Document, Page, Scope, Storage

__all__ = ["Model"]


class Model:
    """The records of one scope.

    :param storage: where they are kept.
    :param resource: the kind of record, such as ``article``.
    :param parent: whose, or below what they are.
    :param id_generator: makes ids for new records.
    :param unique_fields: fields whose values no two live records share.
    :param transaction: what all calls are part of; without one, each is a transaction of its own.

    >>> from cliquet.storage.memory import MemoryStorage
    >>> articles = Model(MemoryStorage(), resource="article", parent="basicauth:alice")
    >>> made = articles.create_record({"title": "Hello"})
    >>> articles.get_record(made["id"])["title"]
    'Hello'
    """

    def __init__(
        self,
        storage: Storage,
        *,
        resource: str = "",
        parent: str = "",
        id_generator: Generator | None = None,
        unique_fields: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> None:
        self.storage = storage
        self.scope = Scope(resource, parent)
        self.id_generator = id_generator or UUID4()
        self.unique_fields = tuple(unique_fields)
        self.transaction = transaction

    # What hooks and programs use: records are dicts that the caller owns.

    def timestamp(self) -> int:
        """The scope's time in ms; 0 when nothing was ever written."""
        return self.storage.head(self.scope, transaction=self.transaction).timestamp

    def get_record(self, record_id: str) -> dict[str, Any]:
        """One record.

        :raises RecordNotFound: when there is none.
        """
        return self.get(record_id).copy()

    def get_records(
        self,
        filters: Iterable[Filter] = (),
        sorting: Iterable[Sort] = (),
        limit: int | None = None,
        *,
        include_deleted: bool = False,
    ) -> list[dict[str, Any]]:
        """The records that meet all filters."""
        query = Query(tuple(filters), total_order(list(sorting)), limit, tombstones=include_deleted)
        return [document.copy() for document in self.page(query).documents]

    def create_record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """A new record; it gets an id unless it has one.

        :raises UnicityError: when the id, or the value of a unique field, is taken.
        """
        return self.create(record).copy()

    def update_record(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record instead of the one with the same id, if there is one.

        :raises UnicityError: when the value of a unique field is taken.
        """
        return self.replace(record["id"], record).copy()

    def delete_record(self, record: Mapping[str, Any] | str, last_modified: int | None = None) -> dict[str, Any]:
        """The tombstone of a record, which may be given by its id.

        :raises RecordNotFound: when there is none.
        """
        record_id = record if isinstance(record, str) else record["id"]
        return self.delete(record_id, last_modified=last_modified).copy()

    def delete_records(self, filters: Iterable[Filter] = ()) -> list[dict[str, Any]]:
        """The tombstones of all records that meet all filters."""
        _, gone = self.delete_page(Query(tuple(filters)))
        return [document.copy() for document in gone]

    # What the verbs use: documents as they are stored.

    def lock(self) -> None:
        """Let nobody else write in the scope until the transaction ends."""
        if self.transaction is not None:
            self.storage.lock([self.scope], transaction=self.transaction)

    def get(self, record_id: str) -> Document:
        """One record; raises :class:`RecordNotFound`."""
        return self.storage.get(self.scope, record_id, transaction=self.transaction)

    def find(self, record_id: str) -> Document | None:
        """One record, or nothing."""
        try:
            return self.get(record_id)
        except RecordNotFound:
            return None

    def page(self, query: Query) -> Page:
        """Some records; see :meth:`cliquet.storage.base.Storage.page`."""
        return self.storage.page(self.scope, query, transaction=self.transaction)

    def walk(self, query: Query, *, size: int = 1000) -> Iterator[Document]:
        """All records of a query, page by page; in between others may write.

        :param size: most records that are held at a time.

        >>> from cliquet.storage.memory import MemoryStorage
        >>> articles = Model(MemoryStorage(), resource="article")
        >>> made = [articles.create_record({"n": number})["n"] for number in range(5)]
        >>> [document.data["n"] for document in articles.walk(Query(), size=2)]
        [4, 3, 2, 1, 0]
        """
        more = True
        while more:
            documents, _, more = self.page(dataclasses.replace(query, limit=size))
            yield from documents
            if more:
                query = dataclasses.replace(query, after=query.position(documents[-1].data))

    def count(self, query: Query) -> Count:
        """How many records match."""
        return self.storage.count(self.scope, query, transaction=self.transaction)

    def create(self, record: Mapping[str, Any]) -> Document:
        """A new record; raises :class:`UnicityError`."""
        named = {**record, "id": record.get("id") or self.id_generator()}
        return self.storage.create(self.scope, named, unique=self.unique_fields, transaction=self.transaction)

    def replace(self, record_id: str, record: Mapping[str, Any]) -> Document:
        """A record instead of what was there; raises :class:`UnicityError`."""
        return self.storage.replace(
            self.scope, record_id, record, unique=self.unique_fields, transaction=self.transaction
        )

    def delete(self, record_id: str, *, last_modified: int | None = None) -> Document:
        """The tombstone of a record; raises :class:`RecordNotFound`."""
        return self.storage.delete(self.scope, record_id, last_modified=last_modified, transaction=self.transaction)

    def delete_page(self, query: Query) -> tuple[Page, list[Document]]:
        """Exactly the records of a page, and their tombstones."""
        return self.storage.delete_page(self.scope, query, transaction=self.transaction)
