"""One SQL database: its pool of connections, and statements run on them."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import sqlalchemy as sa

from cliquet.database.dialogue import first_cursor
from cliquet.database.driver import UNLIMITED, Driver
from cliquet.database.limit import Limit, named
from cliquet.database.registry import KEY, Databases
from cliquet.database.session import Session
from cliquet.database.statement import Statement, Statements
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError, ConfigurationError, Overloaded
from cliquet.settings import Settings

__all__ = ["Database", "Pool", "from_settings"]


@dataclass(frozen=True)
class Pool:
    """How many connections are kept and opened, and how long (s) somebody waits for one."""

    size: int = 25
    max_overflow: int = 5
    timeout: float = 10.0
    recycle: int = -1


def _unobserved(_: str) -> None:
    """Nobody counts the statements."""


@functools.lru_cache(maxsize=16)
def _statements(driver: Driver, dialects: frozenset[type]) -> Statements:
    """Those of all databases of a kind: what a statement says depends on its shape, and on nothing else.

    :param dialects: the classes of what says them.
    """
    return Statements(driver.language)


class Database:
    """A database that several backends may share. Connects when first used.

    :param url: where it is, as the settings say.
    :param driver: what kind it is.
    :param pool: limits.
    :param observe: called with the text of each statement that is sent; tests count with it.
    """

    def __init__(
        self, url: str, driver: Driver, *, pool: Pool | None = None, observe: Callable[[str], None] = _unobserved
    ) -> None:
        self.url = url
        self.driver = driver
        self.observe = observe
        self._pool = pool or Pool()
        self._failures: tuple[type[Exception], ...] = (sa.exc.DBAPIError, *driver.errors)
        self._dialects: frozenset[type] = frozenset()
        self.statements = _statements(driver, self._dialects)

    @cached_property
    def engine(self) -> sa.Engine:
        """SQLAlchemy's engine; its connections are in autocommit."""
        engine = sa.create_engine(
            self.driver.url(self.url),
            poolclass=sa.QueuePool,
            pool_size=self._pool.size,
            max_overflow=self._pool.max_overflow,
            pool_timeout=self._pool.timeout,
            pool_recycle=self._pool.recycle,
            **self.driver.engine_options(),
        )
        connected = self.driver.connected
        sa.event.listen(engine, "connect", lambda connection, _: connected(connection))
        weakref.finalize(self, engine.dispose)
        return engine

    def speak(self, dialect: object) -> None:
        """Share statements with those databases only for which backends say them in the same way.

        :param dialect: how one more backend says them.
        """
        self._dialects |= {type(dialect)}
        self.statements = _statements(self.driver, self._dialects)

    def read(
        self, statement: Statement, values: Mapping[str, Any], *, limit: Limit | None = None
    ) -> Sequence[tuple[Any, ...]]:
        """The rows of one statement, in autocommit.

        A connection that was lost while it waited in the pool is replaced, once.

        :raises SearchTimedOut: when the time was not enough.
        :raises BackendError: when the database does not answer.
        """
        try:
            return self._read(statement, values, limit)
        except _Lost:
            self.engine.dispose()
        try:
            return self._read(statement, values, limit)
        except _Lost as lost:
            raise lost.error from lost.error.original

    def connect(self) -> sa.Connection:
        """A connection of SQLAlchemy, in autocommit, for backends that need no transaction."""
        return self.engine.connect()

    def session(self, transaction: Transaction) -> Session:
        """The database's part of a transaction."""
        return transaction.join(self, lambda: Session(self))

    def probe(self, statement: Statement) -> None:
        """Run a statement on a connection of its own, which takes none from the pool.

        :raises BackendError: when the database does not answer.
        """
        try:
            connection = self._probes.raw_connection()
            try:
                self.driver.cursor(connection.driver_connection).execute(statement.text, statement.bind({}))
            finally:
                connection.close()
        except self._failures as error:
            raise self.driver.translate(getattr(error, "orig", None) or error) from error

    @cached_property
    def _probes(self) -> sa.Engine:
        return sa.create_engine(self.driver.url(self.url), poolclass=sa.NullPool, **self.driver.engine_options())

    def checkout(self) -> sa.PoolProxiedConnection:
        """A connection of the driver.

        :raises Overloaded: when none becomes free in time.
        :raises BackendError: when the database cannot be reached.
        """
        try:
            return self.engine.raw_connection()
        except sa.exc.TimeoutError as error:
            raise Overloaded(error) from error
        except self._failures as error:
            original = getattr(error, "orig", None) or error
            raise self.driver.translate(original) from error

    def close(self) -> None:
        """Close the connections that nobody uses."""
        self.engine.dispose()

    def _read(self, statement: Statement, values: Mapping[str, Any], limit: Limit | None) -> Sequence[tuple[Any, ...]]:
        connection = self.checkout()
        try:
            self.observe(statement.text)
            cursor = first_cursor(self.driver, connection)
            with self.driver.limited(connection, limit, self.observe, within=False) if limit else UNLIMITED:
                cursor.execute(statement.text, statement.bind(values))
                rows: Sequence[tuple[Any, ...]] = cursor.fetchall()
            return rows
        except self.driver.errors as error:
            raise self._failed(error, connection, limit) from error
        finally:
            connection.close()

    def _failed(self, error: Exception, connection: sa.PoolProxiedConnection, limit: Limit | None) -> Exception:
        translated = named(self.driver.translate(error), limit)
        if self.driver.is_lost(error, connection.driver_connection):
            connection.invalidate(error)
            return _Lost(translated)
        return translated


def from_settings(registry: Any, backend: str, driver: Driver) -> Database:
    """The database that the settings of a backend name; backends with the same URL share it.

    :param registry: Pyramid's.
    :param backend: ``storage``, ``cache`` or ``permission``.
    :raises ConfigurationError: when the URL is missing or cannot be used.
    """
    settings: Settings = registry["cliquet.settings"]
    url: str = getattr(settings, f"{backend}_url")
    if not url:
        raise ConfigurationError(f"Setting '{backend}_url' is missing: where is the database?")
    driver.url(url)
    pool = Pool(
        getattr(settings, f"{backend}_pool_size"),
        settings.storage_max_overflow,
        settings.storage_pool_timeout,
        settings.storage_pool_recycle,
    )
    databases: Databases = registry[KEY]
    return databases.get(url, lambda: Database(url, driver, pool=pool, observe=databases.observe))


class _Lost(Exception):
    """The connection was of no use any more."""

    def __init__(self, error: BackendError) -> None:
        super().__init__(str(error))
        self.error = error
