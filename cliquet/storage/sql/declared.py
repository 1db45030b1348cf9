"""A field of a resource for which indexes were declared, and what they are called."""

from __future__ import annotations

import hashlib
import json
from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql.tables import RECORD

__all__ = [
    "BY_ID",
    "KINDS",
    "PREFIX",
    "DeclaredField",
    "Pin",
    "Reading",
    "key_columns",
    "quoted",
    "said_differently",
]

#: The kinds of indexes of a field: in one direction with its time, against it, in the order of time, and the table of
#: entries.
KINDS = ("up", "down", "time", "entries")
#: What the names of all indexes on fields begin with.
PREFIX = "field_"
#: The name of SQLite's index of all records by their ids.
BY_ID = "sqlite_autoindex_record_1"
#: Changes when the content of the indexes does, so that they are built anew.
_VERSION = 2


class DeclaredField(NamedTuple):
    """One field of the records of a resource, under all parents.

    >>> field = DeclaredField("record", ("author", "name"))
    >>> field.name("up").startswith("field_") and field.name("up") != field.name("down")
    True
    """

    resource: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.resource}: {'.'.join(self.path)}"

    def name(self, kind: str) -> str:
        """The name of one of its indexes, in which no text of anybody is.

        :param kind: ``up`` follows the key, time and id; ``down`` the key, then time and id from the newest;
            ``time`` time and id, then the key; ``entries`` is the table of :mod:`cliquet.storage.sql.entries`.
        """
        content = json.dumps([_VERSION, self.resource, self.path]).encode()
        return f"{PREFIX}{hashlib.sha256(content).hexdigest()[:24]}_{kind}"


def key_columns(kind: str, key: Any, key_by_time: Any) -> list[Any]:
    """What an index on the values of a field is on.

    :param kind: ``up``, ``down`` or ``time``.
    :param key: the text by which the field is ordered.
    :param key_by_time: the same, as the index in the order of time has it.
    """
    times: list[Any] = [RECORD.c.last_modified, RECORD.c.id]
    if kind == "time":
        return [RECORD.c.parent, *times, key_by_time]
    return [RECORD.c.parent, key, *(times if kind == "up" else [one.desc() for one in times])]


class Pin(NamedTuple):
    """What a statement says besides its conditions, so that indexes on fields are used.

    :param resource: whose records it is about; the indexes of a field have those of one resource only.
    :param name: the index that has the order, or all that is equal; SQLite would not know.
    :param first: the place of the filter whose index is asked first, where there is no such index.
    """

    resource: str
    name: str | None = None
    first: int | None = None


class Reading(NamedTuple):
    """A way to read what is let through.

    :param rows: selects it.
    :param when: whether it is read this way, decided when the statement is run.
    :param is_sorted: whether it may be read in its order; otherwise it is read by another index, and sorted.
    """

    rows: sa.Select[Any]
    when: sa.ColumnElement[bool] | None = None
    is_sorted: bool = True

    def limit(self, limit: Any, everything: Any) -> Any:
        """How many rows are read: none in another way. SQLite would test any other condition row by row.

        :param limit: how many are wanted; nothing when all are.
        :param everything: what the database calls no limit.
        """
        if self.when is None:
            return limit
        return sa.case((self.when, everything if limit is None else limit), else_=sa.literal_column("0"))


def quoted(text: str) -> Any:
    """A literal, for what a database only recognises when it is part of the statement.

    >>> str(quoted("it's"))
    "'it''s'"
    """
    return sa.literal_column(
        str(sa.literal(text, sa.Text()).compile(compile_kwargs={"literal_binds": True})), sa.Text()
    )


def said_differently(expression: Any) -> sa.ColumnElement[Any]:
    """The same text, of which the indexes that have it know nothing."""
    same: sa.ColumnElement[Any] = expression.op("||")(sa.literal_column("''"))
    return sa.collate(same, "C")
