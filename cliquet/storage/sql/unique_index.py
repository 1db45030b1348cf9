"""Whether the values of unique fields are known for the records that were stored before the fields were declared so."""

from __future__ import annotations

from collections.abc import Iterable

from cliquet.database.engine import Database
from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Query, Sort, total_order
from cliquet.storage.base import Document, Scope, Storage
from cliquet.storage.sql.prepared import Prepared
from cliquet.storage.unicity import unique_values

__all__ = ["UniqueIndex"]

#: Records that are read at a time.
_CHUNK = 500


class UniqueIndex:
    """Remembers for which fields of which resources the table of unique values is complete.

    :param storage: reads and locks the records.
    :param database: holds the table.
    :param prepared: the statements.
    """

    def __init__(self, storage: Storage, database: Database, prepared: Prepared) -> None:
        self._storage = storage
        self._database = database
        self._prepared = prepared

    def is_complete(self, resource: str, fields: Iterable[str]) -> bool:
        """Whether every record's values of the fields are in the table; it is so when there are no records."""
        wanted = set(fields)
        rows = self._database.read(self._prepared.kept, {"name": _name(resource)})
        if wanted <= set(rows[0][0].split() if rows else ()):
            return True
        if self._database.read(self._prepared.any_record, {"resource": resource}):
            return False
        with Transaction() as transaction:
            self._remember(transaction, resource, wanted)
        return True

    def complete(self, resource: str, fields: Iterable[str]) -> int:
        """Put what is missing into the table, scope by scope; says how many records were read.

        Where two records have the same value already, the older one keeps it.
        """
        wanted = tuple(sorted(fields))
        scopes = self._database.read(self._prepared.scopes_of, {"resource": resource})
        count = sum(self._scope(Scope(resource, parent), wanted) for (parent,) in scopes)
        with Transaction() as transaction:
            self._remember(transaction, resource, wanted)
        return count

    def _scope(self, scope: Scope, fields: tuple[str, ...]) -> int:
        oldest = total_order([Sort("last_modified")])
        count, after = 0, None
        with Transaction() as transaction:
            self._storage.lock([scope], transaction=transaction)
            while True:
                query = Query(sort=oldest, limit=_CHUNK, after=after)
                page = self._storage.page(scope, query, transaction=transaction)
                self._take(transaction, scope, page.documents, fields)
                count += len(page.documents)
                if not page.more:
                    return count
                after = query.position(page.documents[-1].data)

    def _take(
        self, transaction: Transaction, scope: Scope, documents: Iterable[Document], fields: tuple[str, ...]
    ) -> None:
        rows = [
            {"parent": scope.parent, "resource": scope.resource, "field": field, "value": value, "record": document.id}
            for document in documents
            for field, value in unique_values(document.data, fields).items()
        ]
        self._database.session(transaction).write_many(self._prepared.take_if_free, rows)

    def _remember(self, transaction: Transaction, resource: str, fields: Iterable[str]) -> None:
        values = {"name": _name(resource), "value": " ".join(sorted(fields))}
        self._database.session(transaction).write(self._prepared.remember, values)


def _name(resource: str) -> str:
    return f"unique fields of {resource}"
