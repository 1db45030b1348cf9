"""A database's part of a transaction: one connection, from BEGIN to COMMIT or ROLLBACK."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol

from sqlalchemy import PoolProxiedConnection

from cliquet.database import together
from cliquet.database.driver import UNLIMITED, Driver
from cliquet.database.effect import Effect, Key
from cliquet.database.limit import Limit, named
from cliquet.database.question import Asker, Inquiry
from cliquet.database.statement import Statement, Statements
from cliquet.errors import BackendError

__all__ = ["Host", "Session", "first_cursor"]

Rows = Sequence[tuple[Any, ...]]
#: So many s are the longest time for which plans are kept: each time they are kept twice as long as before.
_LONGEST = 600.0


class Host(Protocol):
    """What a session needs of its database."""

    driver: Driver
    statements: Statements
    observe: Callable[[str], None]

    def checkout(self) -> PoolProxiedConnection:
        """A connection."""

    def read(self, statement: Statement, values: Mapping[str, Any], *, limit: Limit | None = None) -> Rows:
        """The rows of one statement, outside of any transaction."""

    def close(self) -> None:
        """Let go of connections that nobody uses."""


def kept_cursor(driver: Driver, connection: PoolProxiedConnection) -> Any:
    """The cursor of a connection, which runs one statement after the other."""
    cursor = connection.info.get("cursor")
    if cursor is None:
        cursor = connection.info["cursor"] = driver.cursor(connection.driver_connection)
    return cursor


def first_cursor(driver: Driver, connection: PoolProxiedConnection) -> Any:
    """The same, for the first statement after the connection was taken from the pool."""
    cursor = kept_cursor(driver, connection)
    if driver.plans_last:
        until, seconds = connection.info.get("plans") or (0.0, driver.plans_last)
        if until < (now := monotonic()):
            connection.info["plans"] = now + seconds, min(2 * seconds, _LONGEST)
            if until:
                driver.plan_again(cursor)
    return cursor


class Session(Asker):
    """Runs statements in one transaction of the database, which begins with the first that locks or writes.

    What is read before that is read as it is at that moment, as anybody would.

    :param host: the database.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._driver = host.driver
        self._connection: PoolProxiedConnection | None = None
        self._ended = False
        #: What is to be sent before somebody could miss it.
        self._pending: dict[Key, Effect] = {}
        #: The tables that they are about; others need not be looked for.
        self._tables: set[str] = set()
        #: One entry for each mark: whether the database knows of it.
        self._savepoints: list[bool] = []
        #: Whether the connection broke.
        self.lost = False
        #: The error after which the database would answer COMMIT by undoing everything, without saying so.
        self._failed: BackendError | None = None

    def read(self, statement: Statement, values: Mapping[str, Any], *, limit: Limit | None = None) -> Rows:
        """The rows of a statement that changes nothing.

        :raises SearchTimedOut: when the time was not enough.
        """
        if self._connection is None and not self._ended:
            return self._host.read(statement, values, limit=limit)
        return self._rows(statement, values, limit)

    def ask(self, inquiry: Inquiry) -> None:
        """Ask several questions with one statement, which sees what waits to be sent."""
        if not inquiry.settled:
            self.flush()
        shape = together.shape_of(inquiry)
        statement = self._host.statements.get(shape, lambda: together.build(inquiry, self._driver.provided))
        together.tell(inquiry, self.read(statement, together.values_of(inquiry), limit=inquiry.limit))

    def lock(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """The rows of a statement that locks them, and changes nothing that could be waiting to be sent."""
        self._begin()
        return self._rows(statement, values)

    def write(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Run a statement that changes rows."""
        self.flush()
        self._send(statement, [values])

    def returning(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """The rows that a changing statement returns."""
        self.flush()
        self._save()
        return self._rows(statement, values)

    def write_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        """Run a changing statement once for each set of values."""
        if many:
            self.flush()
            self._send(statement, many)

    def later(self, key: Key, effect: Effect) -> None:
        """Change a row before the transaction ends, or somebody looks; of several changes of a row the last one counts.

        :param key: which row; it is locked, or nobody else changes it.
        """
        self._pending[key] = effect
        self._tables.add(key[0])

    def waiting(self, *tables: str) -> Iterator[Key]:
        """The keys of the rows of some tables whose changes wait to be sent."""
        return iter(()) if self._tables.isdisjoint(tables) else (key for key in self._pending if key[0] in tables)

    def waits(self, *tables: str, begin: Key = ()) -> bool:
        """Whether changes of some tables wait to be sent.

        :param begin: the first columns of the key of the rows that count.
        """
        if self._tables.isdisjoint(tables):
            return False
        end = 1 + len(begin)
        return any(key[1:end] == begin for key in self.waiting(*tables))

    def flush(self) -> None:
        """Send what waits."""
        if self._pending:
            effects, self._pending = self._pending, {}
            self._tables.clear()
            for statement, many in self._driver.sending(self._host.statements, effects):
                self._send(statement, many)

    def prepare(self) -> None:
        """Send what waits.

        :raises BackendError: when a statement failed and nothing has undone it since.
        """
        if self._failed is not None:
            raise self._failed
        self.flush()

    def commit(self) -> None:
        """Keep it.

        :raises BackendError: when the database does not confirm; whether it kept it is then unknown.
        """
        try:
            if self._connection is not None:
                self._command("COMMIT")
        except BaseException:
            if self._connection is not None and not self.lost:
                self._connection.invalidate()
            raise
        finally:
            self._release()

    def rollback(self) -> None:
        """Undo it; a connection that cannot is thrown away, which undoes it, too."""
        connection = self._connection
        try:
            if connection is not None and not self.lost:
                self._host.observe("ROLLBACK")
                kept_cursor(self._driver, connection).execute("ROLLBACK")
        except self._driver.errors as error:
            if connection is not None:
                connection.invalidate(error)
        finally:
            self._release()

    def mark(self) -> tuple[int, dict[Key, Effect]]:
        """A point to come back to; the database hears of it when something is written after it."""
        self._savepoints.append(False)
        return len(self._savepoints) - 1, dict(self._pending)

    def rewind(self, mark: tuple[int, dict[Key, Effect]]) -> None:
        """Undo what was written after a mark."""
        number, self._pending = mark
        self._tables = {key[0] for key in self._pending}
        if self._savepoints[number]:
            self._command(f"ROLLBACK TO SAVEPOINT s{number}")
            self._failed = None
        self.release(mark)

    def release(self, mark: tuple[int, dict[Key, Effect]]) -> None:
        """Forget a mark."""
        number, _ = mark
        if self._savepoints[number]:
            self._command(f"RELEASE SAVEPOINT s{number}")
        del self._savepoints[number:]

    def _begin(self) -> None:
        """Take a connection and begin; a connection that was lost while it waited in the pool is replaced, once."""
        if self._connection is not None or self._ended:
            return
        try:
            self._connection = self._begun()
        except BackendError:
            if not self.lost:
                raise
            self.lost = False
            self._host.close()
            self._connection = self._begun()

    def _begun(self) -> PoolProxiedConnection:
        connection = self._host.checkout()
        self._host.observe(self._driver.begin)
        try:
            self._driver.start(first_cursor(self._driver, connection))
        except self._driver.errors as error:
            self._note_loss(error, connection)
            if not self.lost:
                connection.invalidate(error)
            connection.close()
            raise self._driver.translate(error) from error
        return connection

    def _send(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        self._save()
        values = [statement.bind(one) for one in many]
        self._execute(statement.text, values if len(many) > 1 else values[0], many=len(many) > 1)

    def _save(self) -> None:
        self._begin()
        for mark, known in enumerate(self._savepoints):
            if not known:
                self._command(f"SAVEPOINT s{mark}")
                self._savepoints[mark] = True

    def _command(self, text: str) -> None:
        self._execute(text, None)

    def _rows(self, statement: Statement, values: Mapping[str, Any], limit: Limit | None = None) -> Rows:
        rows: Rows = self._execute(statement.text, statement.bind(values), fetch=True, limit=limit)
        return rows

    def _execute(
        self, text: str, values: Any, *, many: bool = False, fetch: bool = False, limit: Limit | None = None
    ) -> Rows:
        connection = self._connection
        if connection is None:
            raise RuntimeError("the transaction has ended")
        if self.lost and self._failed is not None:
            raise self._failed
        self._host.observe(text)
        try:
            cursor = kept_cursor(self._driver, connection)
            arguments: Iterable[Any] = () if values is None else (values,)
            with self._driver.limited(connection, limit, self._host.observe, within=True) if limit else UNLIMITED:
                (cursor.executemany if many else cursor.execute)(text, *arguments)
                rows: Rows = cursor.fetchall() if fetch else ()
            return rows
        except self._driver.errors as error:
            self._note_loss(error, connection)
            self._failed = named(self._driver.translate(error), limit)
            raise self._failed from error

    def _note_loss(self, error: Exception, connection: PoolProxiedConnection) -> None:
        if self._driver.is_lost(error, connection.driver_connection):
            self.lost = True
            connection.invalidate(error)

    def _release(self) -> None:
        self._ended = True
        self._pending.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
