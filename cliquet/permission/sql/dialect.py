"""What the databases say differently about lists: of what, and for what, a SQL permission backend asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

__all__ = ["Dialect", "Expression", "Selected"]

Expression = sa.ColumnElement[Any]
Selected = sa.Select[Any] | sa.CompoundSelect[Any]


@dataclass(frozen=True)
class Dialect(ABC):
    """Makes tables of lists that are bound as values, however long they are. Two of a class say the same."""

    @abstractmethod
    def texts(self, name: str) -> sa.FromClause:
        """A table of texts, with the column ``value``."""

    @abstractmethod
    def rows(self, name: str, *columns: str) -> sa.FromClause:
        """A table of rows of texts, with these columns."""

    @abstractmethod
    def each(self, found: sa.Select[Any], name: str) -> Any:
        """A table of what a select finds, which may name tables in front of it.

        :param found: selects the columns ``key``, in which no text is twice, and ``value``.
        """

    @abstractmethod
    def among(self, column: Expression, name: str) -> Expression:
        """Whether a column is one of the texts that are bound for :meth:`texts`."""

    @abstractmethod
    def looked_up(self, table: sa.TableClause, condition: Expression, name: str) -> tuple[sa.FromClause, Expression]:
        """The rows of a table that meet a condition on one of those in front of it, and what to join them on.

        They are looked up by an index for one row after the other, whatever the statistics may say of all of them.
        """

    @abstractmethod
    def held_by(
        self, wanted: sa.FromClause, pair: Expression, principals: Selected
    ) -> tuple[sa.FromClause, Expression]:
        """What is wanted, together with each ACE that gives it to somebody, and the column that says to whom.

        Each that there could be is looked up by its key.

        :param pair: what the object and the permission of an ACE have to be.
        :param principals: selects whose ACEs count, some of them several times.
        """

    @abstractmethod
    def of_texts(self, name: str, texts: Iterable[str]) -> Mapping[str, Any]:
        """What is bound for :meth:`texts`."""

    @abstractmethod
    def of_rows(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Mapping[str, Any]:
        """What is bound for :meth:`rows`."""

    @abstractmethod
    def collect(self, column: Expression) -> Expression:
        """The texts of a column in a group of rows, as JSON; one may be there several times."""

    @abstractmethod
    def insert(self, table: sa.TableClause) -> Any:
        """An insertion that leaves rows alone which are there already."""
