"""What a SQL permission backend does for those who run it, and how its statements are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import Any

from cliquet.database import migrations
from cliquet.database.engine import Database
from cliquet.database.statement import Statement
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError
from cliquet.permission.base import Permission
from cliquet.permission.sql.dialect import Dialect
from cliquet.permission.sql.effects import Effects
from cliquet.permission.sql.objects import Pages
from cliquet.permission.sql.statements import Builder
from cliquet.permission.sql.work import TABLES, Work

__all__ = ["Operations", "Values"]

Values = Mapping[str, Any]


class Operations(Permission):
    """The part of a permission backend that knows where the tables are.

    :param database: where.
    :param dialect: what that database says differently.
    """

    durable = True
    shared_between_processes = True
    foresees = True

    def __init__(self, database: Database, dialect: Dialect) -> None:
        self.database = database
        database.speak(dialect)
        self.shared_between_servers = database.driver.shared_between_servers
        self.dialect = dialect
        self.builder = Builder(dialect)
        self._builders = (self.builder, Pages(dialect))
        self._effects = Effects(dialect)

    def flush(self, *, transaction: Transaction | None = None) -> None:
        self._write(transaction, ("flush_entries", {}), ("flush_members", {}))

    def ping(self) -> bool:
        with suppress(BackendError):
            self.database.probe(self._statement("ping"))
            return True
        return False

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        return migrations.upgrade(self.database, dry_run=dry_run)

    def check_schema(self) -> None:
        migrations.check(self.database)
        self.database.close()

    def close(self) -> None:
        self.database.close()

    def _statement(self, name: str, *shape: Any) -> Statement:
        key = ("permission", name, *shape)
        builder = next(one for one in self._builders if hasattr(one, name))
        return self.database.statements.get(key, lambda: getattr(builder, name)(*shape))

    def _work(self, transaction: Transaction) -> Work:
        return transaction.join(self, lambda: Work(self.database.session(transaction), self._effects))

    def _joined(self, transaction: Transaction | None) -> AbstractContextManager[Work]:
        """The backend's part of a transaction, or of one of its own."""
        return self._alone() if transaction is None else nullcontext(self._work(transaction))

    @contextmanager
    def _alone(self) -> Iterator[Work]:
        with Transaction() as own:
            yield self._work(own)

    def _read(
        self, name: str, values: Values, transaction: Transaction | None, *shape: Any
    ) -> Sequence[tuple[Any, ...]]:
        statement = self._statement(name, *shape)
        if transaction is None:
            return self.database.read(statement, values)
        work = self._work(transaction)
        work.flush_for(*TABLES)
        return work.session.read(statement, values)

    def _write(self, transaction: Transaction | None, *works: tuple[str, Values]) -> None:
        """Change what need not be known, at once."""
        with self._joined(transaction) as work:
            for name, values in works:
                work.session.write(self._statement(name), values)
            work.doubt()
