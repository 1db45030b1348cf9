"""What the databases say differently about lists: of what, and for what, a SQL permission backend asks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sa

__all__ = ["Dialect", "Expression"]

Expression = sa.ColumnElement[Any]


class Dialect(ABC):
    """Makes tables of lists that are bound as values, however long they are."""

    @abstractmethod
    def texts(self, name: str) -> sa.FromClause:
        """A table of texts, with the column ``value``."""

    @abstractmethod
    def pairs(self, name: str) -> sa.FromClause:
        """A table of pairs of texts, with the columns ``first`` and ``second``."""

    @abstractmethod
    def of_texts(self, name: str, texts: Iterable[str]) -> Mapping[str, Any]:
        """What is bound for :meth:`texts`."""

    @abstractmethod
    def of_pairs(self, name: str, pairs: Iterable[tuple[str, str]]) -> Mapping[str, Any]:
        """What is bound for :meth:`pairs`."""

    @abstractmethod
    def collect(self, column: Expression) -> Expression:
        """The different values of a column in a group of rows."""

    @abstractmethod
    def collected(self, value: Any) -> frozenset[str]:
        """What :meth:`collect` gave."""

    @abstractmethod
    def insert(self, table: sa.TableClause) -> Any:
        """An insertion that leaves rows alone which are there already."""
