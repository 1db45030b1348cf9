"""Statements that PostgreSQL keeps, run by the C library itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import psycopg
from psycopg import pq
from psycopg.adapt import Transformer

from cliquet.database.arrays import written
from cliquet.database.statement import Rows, Step

__all__ = ["PreparedCursor"]

#: How many statements a connection keeps.
_MOST = 500
#: So many bytes of values cost as much in quotes as the way that is saved by quoting them.
_SHORT = 10_000
#: The first libpq that closes a prepared statement.
_CLOSES = 17_00_00
#: What a server says of a statement that it keeps no more, or whose answer would be another one than before.
_FORGOTTEN = frozenset({"26000", "0A000"})
_FINE = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)
#: No two cursors of a connection give the same name to a statement.
_NUMBERS = itertools.count(1)
_NUL = b"\0"
_WRITTEN: Mapping[type, Callable[[Any], str]] = MappingProxyType(
    {str: str, int: str, bool: str, float: repr, Decimal: str, list: written, tuple: written}
)


class PreparedCursor:
    """What is used here of a cursor, at a third of the price of psycopg's: it waits inside of the C library.

    Values are sent as text; the statements say of which types they are.

    :param connection: an open one, in autocommit, straight to the server.
    """

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._server: Any = connection.pgconn
        self._encoding: str = connection.info.encoding
        # Without a name for it, Python encodes several times as fast.
        self._encode: Callable[[str], bytes] = (
            str.encode if self._encoding == "utf-8" else lambda text: text.encode(self._encoding)
        )
        self._loading = Transformer(connection)
        self._literal: Callable[[bytes], bytes] = pq.Escaping(connection.pgconn).escape_literal
        self._names: dict[str, bytes] = {}
        self._found: Any = None

    def execute(self, text: str, values: Sequence[Any] | None = None) -> None:
        """Run a statement; without values it may be several, which are not kept.

        :raises psycopg.Error: when the server refuses, or does not answer.
        """
        if values is None:
            self._found = self._checked(self._server.exec_(self._encode(text)))
            return
        self._execute(text, self._all_sent(values))

    def run(self, steps: Sequence[Step]) -> list[Rows]:
        """The rows of several statements, which are kept, too.

        Those before one whose rows are wanted are sent with it, as one text, unless that would be a long one: who waits
        once lets others go first once.

        :raises psycopg.Error: that of the first that fails; what comes after it is not run.
        """
        rows: list[Rows] = []
        several: list[Step] = []
        for step in steps:
            several.append(step)
            if step.fetch or step is steps[-1]:
                self._send(several)
                rows += [*((),) * (len(several) - 1), self.fetchall() if step.fetch else ()]
                several = []
        return rows

    def _send(self, steps: Sequence[Step]) -> None:
        text, values, many, _ = steps[0]
        if len(steps) == 1 and not many:
            self.execute(text, values)
            return
        asked = [(step.text, values) for step in steps for values in (step.values if step.many else (step.values,))]
        sent = [(text, None if values is None else self._all_sent(values)) for text, values in asked]
        if sum([len(value) for _, values in sent for value in values or () if value]) > _SHORT:
            for text, values in sent:
                self._execute(text, values) if values is not None else self.execute(text)
            return
        self._found = self._server.exec_(b";".join([self._said(text, values) for text, values in sent]))
        if self._found.status not in _FINE:
            self._forget(self._found, [step.text for step in steps])
            self._checked(self._found)

    def _execute(self, text: str, sent: Sequence[bytes | None]) -> None:
        self._found = self._server.exec_prepared(self._name(text), sent)
        if self._found.status not in _FINE:
            self._forget(self._found, [text])
            self._checked(self._found)

    def _said(self, text: str, sent: Sequence[bytes | None] | None) -> bytes:
        """A statement with its values in it, quoted as the C library does it."""
        if sent is None:
            return self._encode(text)
        quoted = b",".join([b"NULL" if value is None else self._literal(value) for value in sent])
        return b"EXECUTE %s(%s)" % (self._name(text), quoted) if quoted else b"EXECUTE " + self._name(text)

    def executemany(self, text: str, many: Sequence[Sequence[Any]]) -> None:
        """Run a statement for each set of values."""
        for values in many:
            self.execute(text, values)

    def fetchall(self) -> Rows:
        """The rows that the last statement has found."""
        self._loading.set_pgresult(self._found)
        rows: Rows = self._loading.load_rows(0, self._found.ntuples, tuple)
        return rows

    def _name(self, text: str) -> bytes:
        """Under which a statement is kept, as the last of all to be forgotten."""
        name = self._names.pop(text, None)
        if name is None:
            return self._prepared(text)
        self._names[text] = name
        return name

    def _prepared(self, text: str) -> bytes:
        if len(self._names) >= _MOST:
            self._close(self._names.pop(next(iter(self._names))))
        name = b"cliquet_%d" % next(_NUMBERS)
        self._checked(self._server.prepare(name, self._encode(text)))
        self._names[text] = name
        return name

    def _close(self, name: bytes) -> None:
        """As the protocol has it, where the library can say it, for poolers do not understand the statement."""
        if pq.version() >= _CLOSES:
            self._checked(self._server.close_prepared(name))
        else:
            self._checked(self._server.exec_(b"DEALLOCATE " + name))

    def _forget(self, answer: Any, texts: Sequence[str]) -> None:
        state = answer.error_field(pq.DiagnosticField.SQLSTATE) or b""
        if state.decode() in _FORGOTTEN:
            for text in texts:
                self._names.pop(text, None)

    def _checked(self, found: Any) -> Any:
        if found.status not in _FINE:
            error = psycopg.errors.error_from_result(found, self._encoding)
            # Of a connection that is gone nobody says so by a code.
            raise error if error.sqlstate else psycopg.OperationalError(str(error))
        return found

    def _all_sent(self, values: Sequence[Any]) -> list[bytes | None]:
        sent = [self._encode(value) if type(value) is str else self._sent(value) for value in values]
        if _NUL in b"".join(filter(None, sent)):
            raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
        return sent

    def _sent(self, value: Any) -> bytes | None:
        return None if value is None else self._encode(_WRITTEN[type(value)](value))
