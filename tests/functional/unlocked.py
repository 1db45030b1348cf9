"""Storages with the heart taken out: the checkers have to find that they are wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from cliquet.database.engine import Database
from cliquet.database.session import Session
from cliquet.database.sqlite import SQLite
from cliquet.database.statement import Statement
from cliquet.database.transaction import Transaction
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sql.work import Work

__all__ = ["Deferred", "UnlockedStorage"]


@dataclass(frozen=True)
class Deferred(SQLite):
    """SQLite that takes its lock when something is written, and not before."""

    begin = "BEGIN"


class StaleReads:
    """A database's part of a transaction that reads outside of it, where no lock holds anybody."""

    def __init__(self, database: Database, session: Session) -> None:
        self._database = database
        self._session = session

    def read(self, statement: Statement, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        return self._database.read(statement, values)

    def lock(self, statement: Statement, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        return self._database.read(statement, values)

    def lock_soon(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Nobody is kept out."""

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class UnlockedStorage(SQLStorage):
    """Reads the time of a scope, and what is there, before it is alone; and takes its time, by its clock."""

    def _work(self, transaction: Transaction) -> Work:
        def begin() -> Work:
            session = StaleReads(self.database, self.database.session(transaction))
            return Work(cast(Session, session), self._prepared, transaction, self._busy)

        return transaction.join(self, begin)
