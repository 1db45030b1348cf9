"""A database's part of a transaction: one connection, from BEGIN to COMMIT or ROLLBACK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cliquet.database import together
from cliquet.database.conversation import Conversation, Host
from cliquet.database.driver import Order, Rows
from cliquet.database.effect import Effect, Key
from cliquet.database.limit import Limit
from cliquet.database.question import Asker, Inquiry
from cliquet.database.statement import Statement

__all__ = ["Session"]


class Session(Asker):
    """Runs statements in one transaction of the database, which begins with the first that locks or writes.

    What is read before that is read as it is at that moment, as anybody would.

    :param host: the database.
    """

    #: What waits is sent together with COMMIT, unless somebody else has to know first that nothing of it fails.
    commits_at_once = True

    def __init__(self, host: Host) -> None:
        self._host = host
        self._driver = host.driver
        self._conversation = Conversation(host)
        #: What is to be sent before somebody could miss it.
        self._pending: dict[Key, Effect] = {}
        #: One entry for each mark: whether the database knows of it.
        self._savepoints: list[bool] = []

    def read(self, statement: Statement, values: Mapping[str, Any], *, limit: Limit | None = None) -> Rows:
        """The rows of a statement that changes nothing.

        :raises SearchTimedOut: when the time was not enough.
        """
        if not self._conversation.is_open and not self._conversation.ended:
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
        self._conversation.begin()
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

    def waiting(self, *tables: str) -> Iterator[Key]:
        """The keys of the rows of some tables whose changes wait to be sent."""
        return (key for key in self._pending if key[0] in tables)

    def waits(self, *tables: str, begin: Key = ()) -> bool:
        """Whether changes of some tables wait to be sent.

        :param begin: the first columns of the key of the rows that count.
        """
        end = 1 + len(begin)
        return any(key[1:end] == begin for key in self.waiting(*tables))

    def flush(self) -> None:
        """Send what waits."""
        for order in self._outgoing():
            self._save()
            self._execute(order)

    def prepare(self) -> None:
        """Send what waits.

        :raises BackendError: when a statement failed and nothing has undone it since.
        """
        if self._conversation.failed is not None:
            raise self._conversation.failed
        self.flush()

    def commit(self) -> None:
        """Keep it; what waits is sent together with that.

        :raises BackendError: when a statement failed and nothing has undone it since, or when the database does not
            confirm; whether it kept it is then unknown.
        """
        try:
            if self._conversation.failed is not None or not self._conversation.has_begun:
                # What begins is sent again when the connection was lost before: it must not be what ends, too.
                self.prepare()
        except BaseException:
            self.rollback()
            raise
        self._conversation.commit(self._outgoing())

    def rollback(self) -> None:
        """Undo it."""
        self._pending.clear()
        self._conversation.rollback()

    def mark(self) -> tuple[int, dict[Key, Effect]]:
        """A point to come back to; the database hears of it when something is written after it."""
        self._savepoints.append(False)
        return len(self._savepoints) - 1, dict(self._pending)

    def rewind(self, mark: tuple[int, dict[Key, Effect]]) -> None:
        """Undo what was written after a mark."""
        number, self._pending = mark
        if self._savepoints[number]:
            self._command(f"ROLLBACK TO SAVEPOINT s{number}")
            self._conversation.failed = None
        self.release(mark)

    def release(self, mark: tuple[int, dict[Key, Effect]]) -> None:
        """Forget a mark."""
        number, _ = mark
        if self._savepoints[number]:
            self._command(f"RELEASE SAVEPOINT s{number}")
        del self._savepoints[number:]

    def _outgoing(self) -> list[Order]:
        """What waits, which does so no more."""
        effects, self._pending = self._pending, {}
        sent = self._driver.sending(self._host.statements, effects) if effects else ()
        return [_order(statement, many) for statement, many in sent]

    def _send(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        self._save()
        self._execute(_order(statement, many))

    def _save(self) -> None:
        self._conversation.begin()
        for mark, known in enumerate(self._savepoints):
            if not known:
                self._command(f"SAVEPOINT s{mark}")
                self._savepoints[mark] = True

    def _command(self, text: str) -> None:
        self._execute(Order(text))

    def _rows(self, statement: Statement, values: Mapping[str, Any], limit: Limit | None = None) -> Rows:
        return self._execute(Order(statement.text, statement.bind(values), fetch=True), limit)

    def _execute(self, order: Order, limit: Limit | None = None) -> Rows:
        return self._conversation.execute(order, limit)


def _order(statement: Statement, many: Sequence[Mapping[str, Any]]) -> Order:
    values = [statement.bind(one) for one in many]
    return Order(statement.text, values if len(values) > 1 else values[0], many=len(values) > 1)
