"""What is said to a database in one transaction; what needs no answer of its own goes along with what is said next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol

from sqlalchemy import PoolProxiedConnection

from cliquet.database.driver import UNLIMITED, Driver, Order, Rows
from cliquet.database.limit import Limit, named
from cliquet.database.statement import Statement, Statements
from cliquet.errors import BackendError

__all__ = ["Conversation", "Host", "first_cursor"]

#: So many s are the longest time for which plans are kept: each time they are kept twice as long as before.
_LONGEST = 600.0


class Host(Protocol):
    """What a conversation needs of its database."""

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


class Conversation:
    """From BEGIN to COMMIT or ROLLBACK.

    :param host: the database.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._driver = host.driver
        self._connection: PoolProxiedConnection | None = None
        #: What is sent together with the next statement, BEGIN first.
        self._ahead: list[Order] = []
        #: Whether the connection broke in the middle.
        self._lost = False
        #: Whether nothing more can be said.
        self.ended = False
        #: The error after which the database would answer COMMIT by undoing everything, without saying so.
        self.failed: BackendError | None = None

    @property
    def is_open(self) -> bool:
        """Whether a connection was taken."""
        return self._connection is not None

    @property
    def has_begun(self) -> bool:
        """Whether the database knows of it."""
        return self._connection is not None and not self._begins(self._ahead)

    def begin(self) -> None:
        """Take a connection, if there is none yet; the database hears of it with the next statement."""
        if self._connection is None and not self.ended:
            self._connection = self._host.checkout()
            self._ahead = [Order(self._driver.begin)]

    def execute(self, order: Order, limit: Limit | None = None) -> Rows:
        """The rows of a statement, which is sent together with what is ahead of it.

        :raises SearchTimedOut: when the time was not enough.
        :raises BackendError: when the database refuses one of them, or does not answer.
        """
        if limit and self._ahead:
            self.execute(self._ahead.pop())
        connection = self._connection
        if connection is None:
            raise RuntimeError("the transaction has ended")
        if self._lost and self.failed is not None:
            raise self.failed
        orders, self._ahead = [*self._ahead, order], []
        begins = self._begins(orders)
        try:
            return self._send_first(connection, orders) if begins else self._send(connection, orders, limit)
        except self._driver.errors as error:
            refusal = named(self._driver.translate(error), limit)
            if begins:
                self._undo()
            else:
                self.failed = refusal
            raise refusal from error

    def commit(self, orders: Sequence[Order]) -> None:
        """Keep it, and the changes of some last statements, which are sent at the same time.

        :raises BackendError: when the database does not confirm; whether it kept it is then unknown.
        """
        try:
            if self.has_begun:
                self._ahead += orders
                self.execute(Order("COMMIT"))
        except BackendError:
            self._undo()
            raise
        except BaseException:
            if self._connection is not None:
                self._connection.invalidate()
            raise
        finally:
            self._close()

    def rollback(self) -> None:
        """Undo it."""
        self._undo()
        self.ended = True

    def _begins(self, orders: Sequence[Order]) -> bool:
        return bool(orders) and orders[0].text == self._driver.begin

    def _send_first(self, connection: PoolProxiedConnection, orders: Sequence[Order]) -> Rows:
        """Begin; a connection that was lost, as it may be while it waits in the pool, is replaced, once."""
        try:
            return self._send(connection, orders)
        except self._driver.errors:
            if not self._lost:
                raise
        self._undo()
        self._host.close()
        self._connection = self._host.checkout()
        return self._send(self._connection, orders)

    def _send(self, connection: PoolProxiedConnection, orders: Sequence[Order], limit: Limit | None = None) -> Rows:
        for one in orders:
            self._host.observe(one.text)
        try:
            cursor = (first_cursor if self._begins(orders) else kept_cursor)(self._driver, connection)
            with self._driver.limited(connection, limit, self._host.observe, within=True) if limit else UNLIMITED:
                return self._driver.send(cursor, orders)
        except self._driver.errors as error:
            if self._driver.is_lost(error, connection.driver_connection):
                self._lost = True
                connection.invalidate(error)
            raise

    def _undo(self) -> None:
        """Let the database forget all of it; a connection that cannot is thrown away, which does so, too."""
        try:
            if self._connection is not None and self.has_begun and not self._lost:
                self._host.observe("ROLLBACK")
                kept_cursor(self._driver, self._connection).execute("ROLLBACK")
        except self._driver.errors as error:
            if self._connection is not None:
                self._connection.invalidate(error)
        finally:
            self._close(ended=self.ended)

    def _close(self, *, ended: bool = True) -> None:
        self.ended, self._lost, self._ahead = ended, False, []
        if self._connection is not None:
            self._connection.close()
            self._connection = None
