"""The changes of rows that a storage sends at the end of a transaction."""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from cliquet.database.effect import Effect, Kind
from cliquet.protocol import body
from cliquet.storage.sql.compile import searchable
from cliquet.storage.sql.fields import Dialect
from cliquet.storage.sql.tables import RECORD, TIMELINE, UNIQUE
from cliquet.storage.values import Document, Scope

__all__ = ["Effects"]

#: A number with a fraction or an exponent, between what numbers are between; times and ids look different.
_FRACTION = re.compile(r"[:,\[]\s*-?\d+[.eE][\d.eE+-]*\s*[,\]}]")
_TRUE: Any = sa.literal_column("1") == sa.literal_column("1")
_PLACE = {"parent": sa.Text(), "resource": sa.Text()}
_DOCUMENT = {**_PLACE, "id": sa.Text(), "body": sa.Text(), "data": sa.Text()}
_TIMES = {"last_modified": sa.BigInteger(), "deleted": sa.Boolean()}
_VALUE = {**_PLACE, "field": sa.Text(), "value": sa.Text(), "record": sa.Text()}


class Effects:
    """Makes them for one dialect.

    :param dialect: what the database says differently.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._record = Kind("record", {**_DOCUMENT, **_TIMES}, self._put)
        self._time = Kind("timeline", {**_PLACE, "last_modified": sa.BigInteger()}, _move)
        self._taken = Kind("taken", _VALUE, self._take)
        self._free = Kind("free", _VALUE, _give_back)

    def put(self, scope: Scope, document: Document) -> Effect:
        """A record or tombstone instead of what was there."""
        data = _data(document) if self._dialect.has_data else None
        times = (document.last_modified, document.deleted)
        return Effect(self._record, (*scope.place, document.id, document.json, data, *times))

    def move(self, scope: Scope, timestamp: int) -> Effect:
        """The time of a scope that is locked."""
        return Effect(self._time, (*scope.place, timestamp))

    def take(self, scope: Scope, field: str, value: str, record_id: str) -> Effect:
        """A value of a unique field, for a record that may have it: whoever had it before has it no more."""
        return Effect(self._taken, (*scope.place, field, value, record_id))

    def give_back(self, scope: Scope, field: str, value: str, record_id: str) -> Effect:
        """The value that a record had in a unique field."""
        return Effect(self._free, (*scope.place, field, value, record_id))

    def _put(self, rows: sa.FromClause) -> Any:
        names = [name for name in self._record.columns if name != "data"]
        values: list[Any] = [rows.c[name] for name in names]
        if self._dialect.has_data:
            names, values = [*names, "data"], [*values, self._dialect.searched_in(rows.c.data)]
        return self._upsert(RECORD, names, sa.select(*values).where(_TRUE), ("parent", "resource", "id"))

    def _take(self, rows: sa.FromClause) -> Any:
        return self._upsert(UNIQUE, list(_VALUE), sa.select(*rows.c).where(_TRUE), list(_VALUE)[:4])

    def _upsert(self, table: sa.TableClause, names: list[str], rows: Any, key: Any) -> Any:
        insert = self._dialect.insert(table).from_select(names, rows)
        replaced = {name: insert.excluded[name] for name in names if name not in key}
        return insert.on_conflict_do_update(index_elements=list(key), set_=replaced)


def _move(rows: sa.FromClause) -> Any:
    same = (TIMELINE.c.parent == rows.c.parent, TIMELINE.c.resource == rows.c.resource)
    return sa.update(TIMELINE).where(*same).values(last_modified=rows.c.last_modified)


def _give_back(rows: sa.FromClause) -> Any:
    return sa.delete(UNIQUE).where(*(UNIQUE.c[name] == rows.c[name] for name in _VALUE))


def _data(document: Document) -> str:
    """The JSON to search in."""
    if _FRACTION.search(document.json) is None:
        return document.json
    return body.encode(searchable(document.data)).decode()
