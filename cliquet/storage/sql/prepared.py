"""The statements of a SQL storage, compiled once."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from cliquet.database.engine import Database
from cliquet.database.statement import Statement
from cliquet.storage.sql.effects import Effects
from cliquet.storage.sql.fields import Dialect
from cliquet.storage.sql.removals import Removals
from cliquet.storage.sql.statements import Records
from cliquet.storage.sql.timelines import Timelines

__all__ = ["Prepared"]


class Prepared:
    """Statements by name, and by the shape of a query.

    :param database: compiles and keeps them.
    :param dialect: what the database says differently.
    """

    def __init__(self, database: Database, dialect: Dialect) -> None:
        self.dialect = dialect
        self._database = database
        database.speak(dialect)
        self._records, self._removals = Records(dialect), Removals(dialect)
        self.effects = Effects(dialect)
        self._build: dict[str, Callable[..., Any]] = {}
        self._builders = (self._records, self._removals, Timelines(dialect))

    def __getattr__(self, name: str) -> Statement:
        """The statement that a builder makes under that name."""
        statement = self._database.statements.get(("storage", name), self._found(name))
        setattr(self, name, statement)
        return statement

    def page(self, shape: tuple[Any, ...]) -> Statement:
        """The statement of a page."""
        return self._database.statements.get(("page", shape), lambda: self._records.page(shape))

    def count(self, shape: tuple[Any, ...]) -> Statement:
        """The statement of a total."""
        return self._database.statements.get(("count", shape), lambda: self._records.count(shape))

    def question(self, name: str, shape: tuple[Any, ...] = ()) -> Callable[[], Any]:
        """What builds the expression of a statement, for one that is asked together with others."""
        build: Callable[..., Any] = self._build.get(name) or self._found(name)
        return functools.partial(build, shape) if shape else build

    def _found(self, name: str) -> Callable[..., Any]:
        found: Callable[..., Any] = getattr(next(one for one in self._builders if hasattr(one, name)), name)
        self._build[name] = found
        return found

    def trim(self, shape: tuple[Any, ...]) -> Statement:
        """The statement that forgets what is too old, or too much."""
        return self._database.statements.get(("trim", shape), lambda: self._removals.trim(shape))

    def shaped(self, name: str, shape: tuple[Any, ...], build: Callable[[], Any]) -> Statement:
        """A statement that is built elsewhere, for a shape."""
        return self._database.statements.get((name, shape), build)

    def flush(self, now: int | None) -> list[tuple[Statement, dict[str, Any]]]:
        """The statements that forget everything, with their values.

        :param now: the time in ms from which timelines go on; without it, they are forgotten.
        """
        removals, language = self._removals, self._database.statements.language
        times = (removals.forget_times(), {}) if now is None else (removals.go_on(), {"now": now})
        clauses: list[tuple[Any, dict[str, Any]]] = [(clause, {}) for clause in removals.stop_writers()]
        clauses += [times, *((clause, {}) for clause in removals.flush())]
        return [(Statement(clause, language), values) for clause, values in clauses]
