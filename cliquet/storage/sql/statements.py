"""Every statement of a SQL storage. Each begins with the scope: parent first, then resource."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

from cliquet.storage.sql import sorting
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.tables import METADATA, RECORD, TIMELINE, UNIQUE

__all__ = ["Builder"]


def _text(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=sa.Text())


def _number(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=sa.BigInteger())


def _in_scope(table: Any) -> list[Expression]:
    return [table.c.parent == _text("parent"), table.c.resource == _text("resource")]


class Builder:
    """Makes the expressions for one dialect.

    :param dialect: what the database says differently.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def get(self) -> Any:
        """One record or tombstone."""
        found = sa.select(RECORD.c.last_modified, RECORD.c.deleted, RECORD.c.body)
        return found.where(*_in_scope(RECORD), RECORD.c.id == _text("id"))

    def head(self) -> Any:
        """The state of a scope."""
        return sa.select(TIMELINE.c.last_modified, TIMELINE.c.horizon).where(*_in_scope(TIMELINE))

    def lock(self) -> Any:
        """The same, locked; SQLite has locked everything already."""
        return self.head().with_for_update() if self._dialect.locks_rows else self.head()

    def begin_scope(self) -> Any:
        """The row of a scope that may have none, locked."""
        insert = self._insert(TIMELINE).values(
            parent=_text("parent"), resource=_text("resource"), last_modified=sa.literal(0), horizon=sa.literal(0)
        )
        kept = insert.on_conflict_do_update(
            index_elements=["parent", "resource"], set_={"last_modified": TIMELINE.c.last_modified}
        )
        return kept.returning(TIMELINE.c.last_modified, TIMELINE.c.horizon)

    def move_head(self) -> Any:
        """Set the time of a scope that is locked."""
        return sa.update(TIMELINE).where(*_in_scope(TIMELINE)).values(last_modified=_number("last_modified"))

    def move_horizon(self) -> Any:
        """Set the horizon of a scope that is locked."""
        return sa.update(TIMELINE).where(*_in_scope(TIMELINE)).values(horizon=_number("horizon"))

    def page(self, shape: tuple[Any, ...]) -> Any:
        """The state of the scope, and the rows of a page, from one snapshot; the row without an id is the state."""
        filters, sort, tombstones, limited, continued, conditional = shape
        rows = sa.select(
            RECORD.c.id,
            RECORD.c.last_modified,
            RECORD.c.deleted,
            RECORD.c.body,
            sa.literal_column("0").label("horizon"),
        ).where(*_in_scope(RECORD), *self._conditions(filters, tombstones=tombstones))
        if continued:
            rows = rows.where(sorting.after(self._dialect, sort))
        if conditional:
            rows = rows.where(sa.func.coalesce(self._time(), 0) != _number("unless"))
        rows = rows.order_by(*sorting.order_by(self._dialect, sort))
        if limited:
            rows = rows.limit(sa.bindparam("limit", type_=sa.Integer()))
        state = sa.select(
            sa.cast(sa.null(), sa.Text()).label("id"),
            TIMELINE.c.last_modified,
            sa.false().label("deleted"),
            sa.cast(sa.null(), sa.Text()).label("body"),
            TIMELINE.c.horizon,
        ).where(*_in_scope(TIMELINE))
        return sa.union_all(state, sa.select(rows.subquery()))

    def count(self, shape: tuple[Any, ...]) -> Any:
        """The state of the scope, and how many live records match."""
        horizon = sa.select(TIMELINE.c.horizon).where(*_in_scope(TIMELINE)).scalar_subquery()
        counted = sa.select(sa.func.count(), self._time(), horizon).select_from(RECORD)
        return counted.where(*_in_scope(RECORD), *self._conditions(shape, tombstones=False))

    def put(self) -> Any:
        """A record or tombstone instead of what was there."""
        values: dict[str, Any] = {
            "parent": _text("parent"),
            "resource": _text("resource"),
            "id": _text("id"),
            "last_modified": _number("last_modified"),
            "deleted": sa.bindparam("deleted", type_=sa.Boolean()),
            "body": _text("body"),
        }
        if self._dialect.has_data:
            values["data"] = sa.cast(_text("data"), JSONB())
        insert = self._insert(RECORD).values(**values)
        replaced = [name for name in values if name not in ("parent", "resource", "id")]
        return insert.on_conflict_do_update(
            index_elements=["parent", "resource", "id"], set_={name: insert.excluded[name] for name in replaced}
        )

    def taken(self) -> Any:
        """Which of some values of unique fields are taken, and by which records."""
        values = self._dialect.one_of(UNIQUE.c.value, "values", numbers=False)
        found = sa.select(UNIQUE.c.field, UNIQUE.c.value, UNIQUE.c.record)
        fields = self._dialect.one_of(UNIQUE.c.field, "fields", numbers=False)
        return found.where(*_in_scope(UNIQUE), fields, values)

    def take(self) -> Any:
        """A value of a unique field, for a record that may have it: whoever had it before has it no more."""
        names = ("parent", "resource", "field", "value", "record")
        insert = self._insert(UNIQUE).values(**{name: _text(name) for name in names})
        return insert.on_conflict_do_update(
            index_elements=["parent", "resource", "field", "value"], set_={"record": insert.excluded.record}
        )

    def take_if_free(self) -> Any:
        """A value of a unique field, for a record that may have it unless another one has."""
        names = ("parent", "resource", "field", "value", "record")
        return self._insert(UNIQUE).values(**{name: _text(name) for name in names}).on_conflict_do_nothing()

    def give_back(self) -> Any:
        """The value that a record had in a unique field."""
        mine = (UNIQUE.c.field == _text("field"), UNIQUE.c.value == _text("value"), UNIQUE.c.record == _text("record"))
        return sa.delete(UNIQUE).where(*_in_scope(UNIQUE), *mine)

    def old_tombstones(self) -> Any:
        """The scopes that have tombstones from before a time."""
        old = RECORD.c.deleted & (RECORD.c.last_modified < _number("before"))
        return sa.select(RECORD.c.parent, RECORD.c.resource).where(old).distinct()

    def purge(self) -> Any:
        """Forget the tombstones of a scope from before a time."""
        old = (RECORD.c.deleted, RECORD.c.last_modified < _number("before"))
        return sa.delete(RECORD).where(*_in_scope(RECORD), *old).returning(RECORD.c.id, RECORD.c.last_modified)

    def forget_values(self) -> Any:
        """Forget the unique values that purged records left behind."""
        theirs = self._dialect.one_of(UNIQUE.c.record, "records", numbers=False)
        return sa.delete(UNIQUE).where(*_in_scope(UNIQUE), theirs)

    def flush(self) -> list[Any]:
        """Forget everything; the timelines first, for their locks are the scopes' locks."""
        return [sa.delete(table) for table in (TIMELINE, RECORD, UNIQUE)]

    def ping(self) -> Any:
        """Whether the tables are there."""
        return sa.select(METADATA.c.name).limit(1)

    def keep(self) -> Any:
        """Keep a text under a name that has none yet."""
        return self._insert(METADATA).values(name=_text("name"), value=_text("value")).on_conflict_do_nothing()

    def remember(self) -> Any:
        """A text under a name, whatever was there."""
        insert = self._insert(METADATA).values(name=_text("name"), value=_text("value"))
        return insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})

    def any_record(self) -> Any:
        """Whether a resource has records."""
        return sa.select(RECORD.c.id).where(RECORD.c.resource == _text("resource")).limit(1)

    def scopes_of(self) -> Any:
        """The parents that a resource has records under."""
        return sa.select(TIMELINE.c.parent).where(TIMELINE.c.resource == _text("resource"))

    def kept(self) -> Any:
        """The text under a name."""
        return sa.select(METADATA.c.value).where(METADATA.c.name == _text("name"))

    def _time(self) -> Any:
        return sa.select(TIMELINE.c.last_modified).where(*_in_scope(TIMELINE)).scalar_subquery()

    def _conditions(self, filters: tuple[Any, ...], *, tombstones: bool) -> list[Expression]:
        compiled = compile_filters(self._dialect, filters)
        return compiled if tombstones else [sa.not_(RECORD.c.deleted), *compiled]

    def _insert(self, table: Any) -> Any:
        return postgresql.insert(table) if self._dialect.has_data else sqlite.insert(table)
