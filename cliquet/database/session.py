"""A database's part of a transaction: one connection, from BEGIN to COMMIT or ROLLBACK."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import PoolProxiedConnection

from cliquet.database.driver import Driver
from cliquet.database.statement import Statement
from cliquet.errors import BackendError

__all__ = ["Session"]


class Session:
    """Runs statements in one transaction of the database.

    :param checkout: takes a connection from the pool.
    :param driver: what kind of database it is.
    :param observe: called with the text of each statement.
    """

    def __init__(
        self, checkout: Callable[[], PoolProxiedConnection], driver: Driver, observe: Callable[[str], None]
    ) -> None:
        self._checkout = checkout
        self._driver = driver
        self._observe = observe
        self._connection: PoolProxiedConnection | None = None
        #: One entry for each mark: whether the database knows of it.
        self._savepoints: list[bool] = []
        #: Whether the connection broke.
        self.lost = False
        #: The error after which the database would answer COMMIT by undoing everything, without saying so.
        self._failed: BackendError | None = None

    def begin(self) -> None:
        """Take a connection and begin."""
        self._connection = self._checkout()
        self._observe(self._driver.begin)
        try:
            self._driver.start(self._connection.cursor())
        except self._driver.errors as error:
            self._note_loss(error, self._connection)
            self._release()
            raise self._driver.translate(error) from error

    def read(self, statement: Statement, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """The rows of a statement that changes nothing but locks."""
        return self._execute(statement.text, statement.bind(values))

    def write(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Run a statement that changes rows."""
        self._save()
        self._execute(statement.text, statement.bind(values))

    def returning(self, statement: Statement, values: Mapping[str, Any]) -> Sequence[tuple[Any, ...]]:
        """The rows that a changing statement returns."""
        self._save()
        return self.read(statement, values)

    def write_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        """Run a changing statement once for each set of values."""
        if len(many) == 1:
            return self.write(statement, many[0])
        if many:
            self._save()
            self._execute(statement.text, [statement.bind(values) for values in many], many=True)
        return None

    def prepare(self) -> None:
        """Everything was sent already.

        :raises BackendError: when a statement failed and nothing has undone it since.
        """
        if self._failed is not None:
            raise self._failed

    def commit(self) -> None:
        """Keep it.

        :raises BackendError: when the database does not confirm; whether it kept it is then unknown.
        """
        try:
            self._command("COMMIT")
        finally:
            self._release()

    def rollback(self) -> None:
        """Undo it; a connection that cannot is thrown away, which undoes it, too."""
        connection = self._connection
        if connection is None:
            return
        try:
            if not self.lost:
                self._observe("ROLLBACK")
                connection.cursor().execute("ROLLBACK")
        except self._driver.errors as error:
            connection.invalidate(error)
        finally:
            self._release()

    def mark(self) -> int:
        """A point to come back to; the database hears of it when something is written after it."""
        self._savepoints.append(False)
        return len(self._savepoints) - 1

    def rewind(self, mark: int) -> None:
        """Undo what was written after a mark."""
        if self._savepoints[mark]:
            self._command(f"ROLLBACK TO SAVEPOINT s{mark}")
            self._failed = None
        self.release(mark)

    def release(self, mark: int) -> None:
        """Forget a mark."""
        if self._savepoints[mark]:
            self._command(f"RELEASE SAVEPOINT s{mark}")
        del self._savepoints[mark:]

    def _save(self) -> None:
        for mark, known in enumerate(self._savepoints):
            if not known:
                self._command(f"SAVEPOINT s{mark}")
                self._savepoints[mark] = True

    def _command(self, text: str) -> None:
        self._execute(text, None)

    def _execute(self, text: str, values: Any, *, many: bool = False) -> Sequence[tuple[Any, ...]]:
        connection = self._connection
        if connection is None:
            raise RuntimeError("the transaction has ended")
        if self.lost and self._failed is not None:
            raise self._failed
        self._observe(text)
        try:
            cursor = connection.cursor()
            arguments = () if values is None else (values,)
            (cursor.executemany if many else cursor.execute)(text, *arguments)
            rows: Sequence[tuple[Any, ...]] = cursor.fetchall() if cursor.description else ()
            return rows
        except self._driver.errors as error:
            self._note_loss(error, connection)
            self._failed = self._driver.translate(error)
            raise self._failed from error

    def _note_loss(self, error: Exception, connection: PoolProxiedConnection) -> None:
        if self._driver.is_lost(error, connection.driver_connection):
            self.lost = True
            connection.invalidate(error)

    def _release(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
