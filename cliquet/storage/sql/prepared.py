"""The statements of a SQL storage, compiled once."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from cliquet.database.engine import Database
from cliquet.database.statement import Statement
from cliquet.storage.sql.fields import Dialect
from cliquet.storage.sql.statements import Builder

__all__ = ["Prepared"]


class Prepared:
    """Statements by name, and by the shape of a query.

    :param database: compiles and keeps them.
    :param dialect: what the database says differently.
    """

    def __init__(self, database: Database, dialect: Dialect) -> None:
        self.dialect = dialect
        self._database = database
        self._builder = Builder(dialect)

    def __getattr__(self, name: str) -> Statement:
        """The statement that the builder makes under that name."""
        statement = Statement(getattr(self._builder, name)(), self._database.statements.language)
        setattr(self, name, statement)
        return statement

    def page(self, shape: tuple[Any, ...]) -> Statement:
        """The statement of a page."""
        return self._database.statements.get(("page", shape), lambda: self._builder.page(shape))

    def count(self, shape: tuple[Any, ...]) -> Statement:
        """The statement of a total."""
        return self._database.statements.get(("count", shape), lambda: self._builder.count(shape))

    @cached_property
    def flushes(self) -> list[Statement]:
        """The statements that forget everything."""
        return [Statement(clause, self._database.statements.language) for clause in self._builder.flush()]
