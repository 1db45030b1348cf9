"""What is said to a database on one connection, from BEGIN to COMMIT or ROLLBACK."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from time import monotonic
from typing import Any, Protocol

from sqlalchemy import PoolProxiedConnection

from cliquet.database.driver import UNLIMITED, Driver
from cliquet.database.limit import Limit, named
from cliquet.database.statement import Rows, Statement, Statements, Step
from cliquet.errors import BackendError

__all__ = ["Dialogue", "Host", "first_cursor"]

#: So many s are the longest time for which plans are kept: each time they are kept twice as long as before.
_LONGEST = 600.0


class Host(Protocol):
    """What is needed of a database."""

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


class Dialogue:
    """One transaction of a database; it takes a connection, and begins, with the first statement that is said.

    :param host: the database.
    """

    def __init__(self, host: Host) -> None:
        self._host = host
        self._driver = host.driver
        self._connection: PoolProxiedConnection | None = None
        #: What is sent along with the next statement, in front of it.
        self._ahead: list[Step] = []
        self._ended = False
        #: Whether the connection broke.
        self.lost = False
        #: The error after which the database would answer COMMIT by undoing everything, without saying so.
        self.failed: BackendError | None = None

    @property
    def is_open(self) -> bool:
        """Whether what is read belongs to the transaction."""
        return self._connection is not None or self._ended or bool(self._ahead)

    def say_first(self, step: Step) -> None:
        """Run a statement whose rows nobody wants, before the next one, with which it is sent."""
        self._ahead.append(step)

    def settle(self) -> None:
        """Wait for no other statement any more."""
        if self._ahead:
            self.say()

    def say(self, *steps: Step, limit: Limit | None = None) -> list[Rows]:
        """Run statements, which are sent at once where the driver can do that, and return the rows of each.

        :param limit: how long they may take.
        """
        if limit is not None:
            self.settle()
        ahead, self._ahead = self._ahead, []
        return self._answered([*ahead, *steps], limit)[len(ahead) :]

    def commit(self, steps: Sequence[Step]) -> None:
        """Run the last statements, and keep everything.

        :raises BackendError: when a statement failed and nothing has undone it, or the database does not confirm, and
            then it is unknown whether it kept it.
        """
        try:
            if self.failed is not None:
                raise self.failed
            if steps and self._connection is None:
                # A connection may have been lost while it waited in the pool; what says COMMIT, is not said twice.
                self.say()
            if self._connection is not None:
                self.say(*steps, Step("COMMIT"))
            self._release()
        except BaseException:
            self.rollback()
            raise

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

    def _answered(self, steps: Sequence[Step], limit: Limit | None) -> list[Rows]:
        if self._ended:
            raise RuntimeError("the transaction has ended")
        if self.lost and self.failed is not None:
            raise self.failed
        if self._connection is not None:
            return self._run(self._connection, steps, limit)
        try:
            return self._begin(steps)
        except BackendError:
            if not self.lost:
                raise
        # The connection was lost while it waited in the pool; it is replaced, once.
        self.lost, self.failed = False, None
        self._host.close()
        return self._begin(steps)

    def _begin(self, steps: Sequence[Step]) -> list[Rows]:
        connection = self._connection = self._host.checkout()
        self._host.observe(self._driver.begin)
        try:
            return self._run(connection, steps, None, begins=True)
        except BackendError:
            if self.lost:
                connection.close()
                self._connection = None
            raise

    def _run(
        self, connection: PoolProxiedConnection, steps: Sequence[Step], limit: Limit | None, *, begins: bool = False
    ) -> list[Rows]:
        for step in steps:
            self._host.observe(step.text)
        try:
            cursor = (first_cursor if begins else kept_cursor)(self._driver, connection)
            with self._driver.limited(connection, limit, self._host.observe, within=True) if limit else UNLIMITED:
                return self._driver.run(cursor, steps, begins=begins)
        except self._driver.errors as error:
            if self._driver.is_lost(error, connection.driver_connection):
                self.lost = True
                connection.invalidate(error)
            self.failed = named(self._driver.translate(error), limit)
            raise self.failed from error

    def _release(self) -> None:
        self._ended = True
        self._ahead.clear()
        if self._connection is not None:
            self._connection.close()
            self._connection = None
