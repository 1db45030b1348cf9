"""What the databases' drivers do differently: connecting, beginning, and naming their errors."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from sqlalchemy import TableClause
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import Dialect as Language

from cliquet.database.effect import Effect, Key
from cliquet.database.limit import Limit
from cliquet.database.statement import Rows, Statement, Statements, Step
from cliquet.errors import BackendError

__all__ = ["UNLIMITED", "Driver"]

#: A block whose statement may take any time.
UNLIMITED: AbstractContextManager[object] = nullcontext()


class Driver(ABC):
    """One kind of database. Connections are in autocommit; transactions are begun by :attr:`begin`.

    :attr:`name` is SQLAlchemy's name of the dialect.
    """

    name: str
    begin: str
    errors: tuple[type[Exception], ...]
    shared_between_servers: bool

    @abstractmethod
    def language(self) -> Language:
        """SQLAlchemy's dialect, for compiling."""

    @abstractmethod
    def url(self, text: str) -> URL:
        """The URL that the settings give, completed.

        :raises ConfigurationError: when it cannot be used.
        """

    @abstractmethod
    def engine_options(self) -> Mapping[str, Any]:
        """Keywords for ``create_engine``."""

    @abstractmethod
    def connected(self, connection: Any) -> None:
        """Prepare a new connection of the driver."""

    def cursor(self, connection: Any) -> Any:
        """A cursor for statements that this dialect has compiled."""
        return connection.cursor()

    #: How many s a connection keeps the plans of its statements at first; 0 is for as long as it likes.
    plans_last: float = 0.0

    @abstractmethod
    def plan_again(self, cursor: Any) -> None:
        """Let a connection forget the plans of its statements."""

    def start(self, cursor: Any) -> None:
        """Begin a transaction."""
        cursor.execute(self.begin)

    def run(self, cursor: Any, steps: Sequence[Step], *, begins: bool = False) -> list[Rows]:
        """Run statements one after the other, and return the rows of each; after one that fails none is run.

        :param begins: whether a transaction begins before them.
        """
        if begins:
            self.start(cursor)
        return [_rows(cursor, step) for step in steps]

    @abstractmethod
    def insert(self, table: TableClause) -> Any:
        """An insertion that may say what happens to rows that are there already."""

    @abstractmethod
    def provided(self, found: Any, condition: Any) -> Any:
        """A select that finds what it found, provided that something holds which is the same for all rows."""

    @abstractmethod
    def limited(
        self, connection: Any, limit: Limit, observe: Callable[[str], None], *, within: bool
    ) -> AbstractContextManager[object]:
        """A block whose statement on a connection of the pool is stopped after some time.

        :param observe: called with the text of each statement that this takes.
        :param within: whether a transaction has begun.
        """

    @abstractmethod
    def sending(
        self, statements: Statements, effects: Mapping[Key, Effect]
    ) -> Sequence[tuple[Statement, Sequence[Mapping[str, Any]]]]:
        """The statements that make some changes, each with the sets of values that it is run with."""

    @abstractmethod
    def translate(self, error: Exception) -> BackendError:
        """The driver's error in the words of Cliquet."""

    @abstractmethod
    def is_lost(self, error: Exception, connection: Any) -> bool:
        """Whether the connection is of no use any more."""


def _rows(cursor: Any, step: Step) -> Rows:
    text, values, many, fetch = step
    (cursor.executemany if many else cursor.execute)(text, *(() if values is None else (values,)))
    rows: Rows = cursor.fetchall() if fetch else ()
    return rows
