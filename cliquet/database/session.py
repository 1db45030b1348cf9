"""A database's part of a transaction: one connection, from BEGIN to COMMIT or ROLLBACK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cliquet.database import together
from cliquet.database.dialogue import Dialogue, Host
from cliquet.database.effect import Effect, Key
from cliquet.database.limit import Limit
from cliquet.database.question import Asker, Inquiry
from cliquet.database.statement import Rows, Statement, Step

__all__ = ["Companion", "Session"]

#: A statement, and the sets of values that it is run with.
Sending = tuple[Statement, Sequence[Mapping[str, Any]]]


class Session(Asker):
    """Runs statements in one transaction of the database, which begins with the first that locks or writes.

    What is read before that is read as it is at that moment, as anybody would.

    :param host: the database.
    """

    #: The last statements are sent with COMMIT.
    ends_at_once = True

    def __init__(self, host: Host) -> None:
        self._host = host
        self._dialogue = Dialogue(host)
        #: What is to be sent before somebody could miss it.
        self._pending: dict[Key, Effect] = {}
        #: The tables that they are about; others need not be looked for.
        self._tables: set[str] = set()
        #: One entry for each mark: whether the database knows of it.
        self._savepoints: list[bool] = []

    def read(self, statement: Statement, values: Mapping[str, Any], *, limit: Limit | None = None) -> Rows:
        """The rows of a statement that changes nothing.

        :raises SearchTimedOut: when the time was not enough.
        """
        if not self._dialogue.is_open:
            return self._host.read(statement, values, limit=limit)
        return self._rows(statement, values, limit)

    def ask(self, inquiry: Inquiry) -> None:
        """Ask several questions with one statement, which sees what waits to be sent."""
        if not inquiry.settled:
            self.flush()
        shape = together.shape_of(inquiry)
        statement = self._host.statements.get(shape, lambda: together.build(inquiry, self._host.driver.provided))
        together.tell(inquiry, self.read(statement, together.values_of(inquiry), limit=inquiry.limit))

    def lock(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """The rows of a statement that locks them, and changes nothing that could be waiting to be sent."""
        return self._rows(statement, values)

    def lock_soon(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """The same, before the next statement and on the same way, when nobody wants the rows."""
        self._dialogue.say_first(Step(statement.text, statement.bind(values)))

    def write(self, statement: Statement, values: Mapping[str, Any]) -> None:
        """Run a statement that changes rows."""
        self.flush()
        self._send([(statement, [values])])

    def returning(self, statement: Statement, values: Mapping[str, Any]) -> Rows:
        """The rows that a changing statement returns."""
        self.flush()
        self._save()
        return self._rows(statement, values)

    def write_many(self, statement: Statement, many: Sequence[Mapping[str, Any]]) -> None:
        """Run a changing statement once for each set of values."""
        if many:
            self.flush()
            self._send([(statement, many)])

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
            self._send(self._taken())

    def prepare(self) -> None:
        """Send what waits.

        :raises BackendError: when a statement failed and nothing has undone it since.
        """
        if self._dialogue.failed is not None:
            raise self._dialogue.failed
        self.flush()

    def commit(self) -> None:
        """Send what waits, and keep it.

        :raises BackendError: when the database does not confirm; whether it kept it is then unknown.
        """
        self._dialogue.commit(_steps(self._taken()) if self._pending else [])

    def rollback(self) -> None:
        """Undo it; a connection that cannot is thrown away, which undoes it, too."""
        self._pending.clear()
        self._dialogue.rollback()

    def mark(self) -> tuple[int, dict[Key, Effect]]:
        """A point to come back to; the database hears of it when something is written after it."""
        self._savepoints.append(False)
        return len(self._savepoints) - 1, dict(self._pending)

    def rewind(self, mark: tuple[int, dict[Key, Effect]]) -> None:
        """Undo what was written after a mark."""
        number, self._pending = mark
        self._tables = {key[0] for key in self._pending}
        if self._savepoints[number]:
            self._dialogue.say(Step(f"ROLLBACK TO SAVEPOINT s{number}"))
            self._dialogue.failed = None
        self.release(mark)

    def release(self, mark: tuple[int, dict[Key, Effect]]) -> None:
        """Forget a mark."""
        number, _ = mark
        if self._savepoints[number]:
            self._dialogue.say_first(Step(f"RELEASE SAVEPOINT s{number}"))
        del self._savepoints[number:]

    def _taken(self) -> Sequence[Sending]:
        """What waits, as the statements that send it; it waits no more."""
        effects, self._pending = self._pending, {}
        self._tables.clear()
        return self._host.driver.sending(self._host.statements, effects)

    def _send(self, sendings: Sequence[Sending]) -> None:
        if steps := _steps(sendings):
            self._save()
            self._dialogue.say(*steps)

    def _save(self) -> None:
        for mark, known in enumerate(self._savepoints):
            if not known:
                self._dialogue.say_first(Step(f"SAVEPOINT s{mark}"))
                self._savepoints[mark] = True

    def _rows(self, statement: Statement, values: Mapping[str, Any], limit: Limit | None = None) -> Rows:
        return self._dialogue.say(_step(statement, values), limit=limit)[0]


class Companion:
    """A participant whose session prepares, commits and rolls back; it only knows something.

    >>> Companion().prepare()
    """

    def prepare(self) -> None:
        """The session sends what waits."""

    def commit(self) -> None:
        """The session does it."""

    def rollback(self) -> None:
        """The session does it."""

    def release(self, mark: object) -> None:
        """There is nothing to forget."""


def _step(statement: Statement, values: Mapping[str, Any]) -> Step:
    return Step(statement.text, statement.bind(values), fetch=True)


def _steps(sendings: Sequence[Sending]) -> list[Step]:
    """Statements whose rows nobody wants."""
    bound = [(statement.text, [statement.bind(one) for one in many]) for statement, many in sendings]
    return [Step(text, many, many=True) if len(many) > 1 else Step(text, many[0]) for text, many in bound]
