"""What running a SQL storage takes, besides reading and writing: its schema, its indexes, its connections."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from cliquet.clock import Clock, now
from cliquet.database import migrations
from cliquet.database.engine import Database
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError
from cliquet.storage.base import Storage
from cliquet.storage.sql.busy import Busy
from cliquet.storage.sql.fields import Dialect
from cliquet.storage.sql.indexes import Indexes
from cliquet.storage.sql.prepared import Prepared
from cliquet.storage.sql.searches import Searches
from cliquet.storage.sql.unique_index import UniqueIndex

__all__ = ["Operations"]


class Operations(Storage):
    """The part of a SQL storage that is about the database as a whole.

    :param database: where the records are.
    :param dialect: what that database says differently.
    :param limit: how many ms a search that no index serves may take; 0 is any time.
    :param freshness: how many seconds it may take until it is known which fields have indexes.
    """

    durable = True
    shared_between_processes = True
    foresees = True

    def __init__(
        self, database: Database, dialect: Dialect, *, clock: Clock = now, limit: int = 0, freshness: float = 10.0
    ) -> None:
        super().__init__(clock=clock)
        self.database, self.dialect = database, dialect
        self.shared_between_servers = database.driver.shared_between_servers
        self._prepared = Prepared(database, dialect)
        self._busy = Busy()
        self._index = UniqueIndex(self, database, self._prepared)
        self._indexes = Indexes(database, self._prepared, dialect.builder(database), seconds=freshness)
        self.searches = Searches(dialect, self._indexes, limit)

    def ping(self) -> bool:
        try:
            self.database.probe(self._prepared.ping)
        except BackendError:
            return False
        return True

    def keep(self, name: str, value: str) -> str:
        with Transaction() as transaction:
            self.database.session(transaction).write(self._prepared.keep, {"name": name, "value": value})
        ((kept,),) = self.database.read(self._prepared.kept, {"name": name})
        return str(kept)

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        steps = migrations.upgrade(self.database, dry_run=dry_run)
        if not dry_run:
            self._indexes.read()
        return steps

    def knows_unique(self, resource: str, fields: Iterable[str]) -> bool:
        return self._index.is_complete(resource, fields)

    def index_unique(self, resource: str, fields: Iterable[str]) -> int:
        return self._index.complete(resource, fields)

    def index(self, wanted: Mapping[str, Iterable[str]], *, dry_run: bool = False) -> Iterator[str]:
        return self._indexes.update(wanted, dry_run=dry_run)

    def indexed(self) -> Mapping[str, tuple[str, ...]]:
        return self._indexes.listed()

    def check(self) -> None:
        migrations.check(self.database)
        self._indexes.read()
        self.database.close()

    def close(self) -> None:
        self.database.close()
