"""A field of a record as SQL expressions, and what each dialect says differently."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.storage.sql.builder import Builder
from cliquet.storage.sql.tables import RECORD

__all__ = ["COLUMNS", "Dialect", "Expression", "Field", "Place", "column_field", "searched"]

Expression = sa.ColumnElement[Any]

#: Where a field is: the kind of place, and the value of the path that is bound to its expressions.
Place = tuple[str, Any]


@dataclass(frozen=True)
class Field:
    """What a field is compared by: the rank of its type, then its number or its text.

    :param rank: a number where the type is known before the row is read.
    :param json: the value itself, for the operators on arrays.
    """

    rank: Expression | int
    number: Expression
    text: Expression
    json: Expression


class Dialect(ABC):
    """What one kind of database says differently."""

    @abstractmethod
    def place(self, path: tuple[str, ...]) -> Place:
        """Where in a record the path leads."""

    @abstractmethod
    def json_field(self, kind: str, path: sa.BindParameter[Any]) -> Field:
        """The expressions of a field that is in the record's JSON."""

    @abstractmethod
    def path(self, name: str) -> sa.BindParameter[Any]:
        """The parameter that a path is bound to."""

    @abstractmethod
    def builder(self, database: Database) -> Builder:
        """What builds indexes there."""

    @abstractmethod
    def order_key(self, path: tuple[str, ...]) -> Expression:
        """The text by which a declared field is ordered (:mod:`cliquet.protocol.sortable`), as its indexes have it."""

    def key_by_time(self, path: tuple[str, ...]) -> Expression:
        """The same text, as the index in the order of time has it."""
        return self.order_key(path)

    @abstractmethod
    def of_resource(self, resource: str) -> Expression:
        """Whether a record is of a resource, in the words that the indexes on fields were made with."""

    def pinned(self, found: sa.Select[Any], resource: str, name: str | None = None) -> sa.Select[Any]:
        """A select that may use the indexes on fields.

        :param resource: whose records it is about; the indexes of a field have those of one resource only.
        :param name: the index that is meant; SQLite would not know.
        """
        named = found.where(self.of_resource(resource))
        return named if name is None else named.with_hint(RECORD, f"INDEXED BY {name}", "sqlite")

    @abstractmethod
    def has_id(self, found: sa.Select[Any]) -> Expression:
        """Whether a record has one of the ids that a select finds; each is looked up."""

    @abstractmethod
    def reached(self, found: sa.Select[Any], known: sa.FromClause) -> sa.Select[Any]:
        """Of the records found, those that have the times and ids of some rows; each is looked up."""

    @abstractmethod
    def first_of_each(self, rows: sa.FromClause, found: sa.Select[Any]) -> sa.Select[Any]:
        """What a select with a limit finds for each of some rows, which it names: times and ids."""

    @abstractmethod
    def number(self, value: float) -> Any:
        """A number as the driver has to get it."""

    @abstractmethod
    def one_of(self, expression: Expression, name: str, *, numbers: bool) -> Expression:
        """Whether an expression is among the values of a list that is bound as one parameter."""

    @abstractmethod
    def list_of(self, values: list[Any]) -> Any:
        """That list as the driver has to get it."""

    @abstractmethod
    def listed(self, name: str) -> sa.FromClause:
        """A table of the texts of a list that is bound as one parameter, with the column ``value``."""

    @abstractmethod
    def chosen(self, found: sa.Select[Any], name: str, *, recent: bool) -> sa.Subquery:
        """Of the records found, those whose ids are in a list that is bound: each is looked up by its id.

        :param recent: whether there is a condition on their time, so that looking through the others may be shorter.
        """

    @abstractmethod
    def like(self, text: Expression, name: str) -> Expression:
        """Whether a text is like the pattern that is bound."""

    @abstractmethod
    def digits(self, number: Expression) -> Expression:
        """A number as text."""

    @abstractmethod
    def pattern(self, value: str) -> str:
        """The value of a ``like`` as it has to be bound."""

    @abstractmethod
    def contains(self, field: Field, name: str, *, anything: bool) -> Expression:
        """Whether an array has all, or any, of the items that are bound as JSON."""

    @abstractmethod
    def rows(self, name: str, **columns: sa.types.TypeEngine[Any]) -> sa.FromClause:
        """A table of rows that are bound as values, with columns of these types."""

    @abstractmethod
    def of_rows(self, name: str, rows: Iterable[tuple[Any, ...]]) -> Mapping[str, Any]:
        """What is bound for :meth:`rows`; there is at least one."""

    @abstractmethod
    def each(self, found: sa.Select[Any], name: str) -> sa.FromClause:
        """A table of what a select finds, with the column ``value``; the select may name tables in front of it.

        :param found: selects one column.
        """

    def in_turn(self, found: sa.Select[Any]) -> sa.Select[Any]:
        """The row of the scope that is bound, locked: whoever comes first is served first."""
        return found

    def locked(self, found: sa.Select[Any]) -> sa.Select[Any]:
        """The rows of scopes, locked as they are by now, which may be later than what else the statement sees."""
        return found

    def beside(self, rows: sa.FromClause, found: sa.Select[Any]) -> sa.Select[Any]:
        """What a select finds for each of some rows, which it names; it is looked up for one after the other."""
        return found

    @abstractmethod
    def chosen_of(self, found: sa.Select[Any], ids: sa.Select[Any], *, recent: bool) -> sa.Subquery:
        """Those of the records found that have one of the ids that a select finds, each once.

        :param recent: whether there may be fewer records than ids.
        """

    @abstractmethod
    def among(self, column: Expression, values: sa.Select[Any]) -> Expression:
        """Whether a column is one of the values that a select finds: read once, and only if there is a row."""

    @abstractmethod
    def looked_up(self, table: sa.FromClause, condition: Expression, name: str) -> tuple[Any, Expression]:
        """The rows of a table that meet a condition on what is in front of it, and what to join them on.

        They are looked up by an index for one row after the other, whatever the statistics may say of all of them.
        """

    def provided(self, found: sa.Select[Any], condition: Expression, limit: Expression | None) -> sa.Select[Any]:
        """What is found, up to a limit, provided that something holds which is the same for all rows."""
        return found.where(condition).limit(limit)

    @abstractmethod
    def insert(self, table: sa.TableClause) -> Any:
        """An insertion that may say what happens to rows that are there already."""

    def among_scopes(self, table: sa.TableClause) -> Expression:
        """Whether a row is in one of the scopes that are bound as rows."""
        scopes = self.rows("scopes", parent=sa.Text(), resource=sa.Text())
        place = sa.tuple_(table.c.parent, table.c.resource)
        return place.in_(sa.select(scopes.c.parent, scopes.c.resource))

    @abstractmethod
    def column_text(self, column: Expression) -> Expression:
        """A text column, compared by code point."""

    def searched_in(self, text: Expression) -> Expression:
        """The text of a record as the column for searching has it, where there is one."""
        return text

    #: What stands for no limit, where one has to be said.
    everything: Expression = sa.cast(sa.null(), sa.Integer())
    #: Whether a row that is read while somebody else writes it has to be locked by name.
    locks_rows: bool = True
    #: Whether the records have a column for searching.
    has_data: bool = True


def column_field(name: str, dialect: Dialect) -> Field:
    """The expressions of a field that has a column of its own."""
    if name == "id":
        text = dialect.column_text(RECORD.c.id)
        return Field(1, sa.literal(0), text, sa.null())
    if name == "last_modified":
        return Field(2, RECORD.c.last_modified, sa.cast(RECORD.c.last_modified, sa.Text), sa.null())
    rank = sa.case((RECORD.c.deleted, sa.literal_column("3")), else_=sa.literal_column("6"))
    text = sa.case((RECORD.c.deleted, sa.literal_column("'true'")), else_=sa.null())
    return Field(rank, sa.null(), text, sa.null())


def searched(field: Field, dialect: Dialect) -> Expression:
    """The text in which ``like`` searches; a missing value has none."""
    if isinstance(field.rank, int):
        return field.text
    return sa.case(
        (field.rank == sa.literal_column("0"), sa.literal_column("'null'")),
        (field.rank == sa.literal_column("2"), dialect.digits(field.number)),
        else_=field.text,
    )


#: The fields that have columns.
COLUMNS = frozenset({"id", "last_modified", "deleted"})
