"""The statements about records. Each begins with the scope: parent first, then resource."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa

from cliquet.storage.sql import indexed, sorting
from cliquet.storage.sql.bound import in_scope, number, one_row, text
from cliquet.storage.sql.choices import readings
from cliquet.storage.sql.compile import compile_filters
from cliquet.storage.sql.declared import Pin, Reading
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.merged import MergedPage
from cliquet.storage.sql.ranges import RangePage
from cliquet.storage.sql.subsets import SubsetPage
from cliquet.storage.sql.tables import METADATA, RECORD, TIMELINE, UNIQUE
from cliquet.storage.sql.window import is_by_time

__all__ = ["Records"]


_NO_TEXT: Any = sa.cast(sa.null(), sa.Text())
_NO_NUMBER: Any = sa.cast(sa.null(), sa.BigInteger())


def _row(table: Any) -> tuple[Any, ...]:
    """The columns of a question: id, nothing, JSON, time, whether it is a tombstone."""
    mark = sa.cast(table.c.deleted, sa.Integer()).label("mark")
    return table.c.id, _NO_TEXT.label("word"), table.c.body, table.c.last_modified, mark


_ROW: tuple[Any, ...] = _row(RECORD)
#: A row without an id is the state of the scope: its time and its horizon.
_STATE: tuple[Any, ...] = (
    _NO_TEXT.label("id"),
    _NO_TEXT.label("word"),
    _NO_TEXT.label("body"),
    TIMELINE.c.last_modified,
    TIMELINE.c.horizon,
)
#: Where a record is, and a number by which who asked knows it again.
_WANTED: dict[str, Any] = {"parent": sa.Text(), "resource": sa.Text(), "id": sa.Text(), "number": sa.BigInteger()}


#: The expressions that rows are ordered by, each with its direction.
Order = list[tuple[Any, int]]


class Piece(NamedTuple):
    """A part of what is found, the order that it is read in, and how much of it is wanted."""

    rows: sa.Select[Any]
    order: Order
    limit: Expression | None


class Records:
    """Makes the expressions for one dialect.

    :param dialect: what the database says differently.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def get(self) -> Any:
        """One record or tombstone."""
        found = sa.select(RECORD.c.last_modified, RECORD.c.deleted, RECORD.c.body)
        return found.where(*in_scope(RECORD), RECORD.c.id == text("id"))

    def wanted(self) -> Any:
        """Some records and tombstones, in the columns of a question; the last one is twice the number of the record,
        and one more if it is a tombstone."""
        return self._wanted(self._dialect.rows("wanted", **_WANTED))

    def wanted_one(self) -> Any:
        """The same for one of them."""
        return self._wanted(one_row("wanted", **_WANTED))

    def page(self, shape: tuple[Any, ...]) -> Any:
        """The state of the scope, and the rows of a page, from one snapshot, in the columns of a question."""
        filters, sort, _, limited, _, conditional, restricted, pin = shape
        if callable(restricted) and limited and is_by_time(filters, sort):
            return _with_state(SubsetPage(self._dialect, shape, _row, self._time()).rows())
        limit = sa.bindparam("limit", type_=sa.Integer()) if limited else None
        if limited and pin is not None and pin.first is not None and filters[pin.first][1]:
            made = MergedPage if filters[pin.first][0] in indexed.LISTED else RangePage
            rows = made(self._dialect, shape, pin, _row).rows()
        else:
            rows = self._rows(shape, limit)
        if conditional:
            rows = self._dialect.provided(rows, sa.func.coalesce(self._time(), 0) != number("unless"), limit)
        elif limited:
            rows = rows.limit(limit)
        return _with_state(rows)

    def _rows(self, shape: tuple[Any, ...], limit: Any) -> sa.Select[Any]:
        """The rows of a page, and of those after it, in their order."""
        filters, sort, tombstones, _, continued, _, restricted, pin = shape
        order = sorting.order_by(self._dialect, sort)
        positions = sorting.after(self._dialect, sort) if continued else [(sa.true(), 0)]
        pieces = [
            Piece(
                one.rows.where(position) if continued else one.rows,
                _kept(order[same:], one),
                one.limit(limit, self._dialect.everything),
            )
            for one in self._readings(filters, pin, tombstones=tombstones)
            for position, same in positions
        ]
        if restricted:
            found, order = self._chosen(pieces[0].rows, order, restricted, recent=_is_recent(filters))
        else:
            found, order = _joined(pieces, order) if len(pieces) > 1 else (pieces[0].rows, order)
        return _ordered(Piece(found, order, None))

    def count(self, shape: tuple[Any, ...]) -> Any:
        """How many live records match, in the columns of a question: nothing, nothing, horizon, time, number."""
        filters, restricted, pin = shape
        horizon = sa.select(TIMELINE.c.horizon).where(*in_scope(TIMELINE)).scalar_subquery()
        columns = (_NO_TEXT.label("name"), _NO_TEXT.label("word"), sa.cast(horizon, sa.Text()).label("text"))
        counted = sa.select(*columns, self._time().label("time"), sa.func.count().label("mark"))
        conditions = self._conditions(filters, tombstones=False)
        if not restricted:
            counted = counted.select_from(RECORD).where(*conditions)
            return counted if pin is None else self._dialect.pinned(counted, pin.resource)
        live = sa.select(RECORD.c.id).where(*conditions)
        return counted.select_from(self._restricted(live, restricted, recent=_is_recent(filters)))

    def taken(self) -> Any:
        """Which of some values of unique fields are taken, and by which records, in the columns of a question."""
        values = self._dialect.one_of(UNIQUE.c.value, "values", numbers=False)
        columns = (UNIQUE.c.field.label("name"), UNIQUE.c.value.label("word"), UNIQUE.c.record.label("text"))
        found = sa.select(*columns, _NO_NUMBER.label("time"), _NO_NUMBER.label("mark"))
        fields = self._dialect.one_of(UNIQUE.c.field, "fields", numbers=False)
        return found.where(*in_scope(UNIQUE), fields, values)

    def take_if_free(self) -> Any:
        """A value of a unique field, for a record that may have it unless another one has."""
        names = ("parent", "resource", "field", "value", "record")
        return self._dialect.insert(UNIQUE).values(**{name: text(name) for name in names}).on_conflict_do_nothing()

    def tally(self) -> Any:
        """How many live records and tombstones each resource has."""
        dead = sa.func.count().filter(RECORD.c.deleted)
        counted = sa.select(RECORD.c.resource, sa.func.count() - dead, dead)
        return counted.group_by(RECORD.c.resource).order_by(RECORD.c.resource)

    def ping(self) -> Any:
        """Whether the tables are there."""
        return sa.select(METADATA.c.name).limit(1)

    def keep(self) -> Any:
        """Keep a text under a name that has none yet."""
        return self._dialect.insert(METADATA).values(name=text("name"), value=text("value")).on_conflict_do_nothing()

    def remember(self) -> Any:
        """A text under a name, whatever was there."""
        insert = self._dialect.insert(METADATA).values(name=text("name"), value=text("value"))
        return insert.on_conflict_do_update(index_elements=["name"], set_={"value": insert.excluded.value})

    def any_record(self) -> Any:
        """Whether a resource has records."""
        return sa.select(RECORD.c.id).where(RECORD.c.resource == text("resource")).limit(1)

    def kept(self) -> Any:
        """The text under a name."""
        return sa.select(METADATA.c.value).where(METADATA.c.name == text("name"))

    def _wanted(self, wanted: sa.FromClause) -> Any:
        mark = sa.cast(
            wanted.c.number * sa.literal_column("2") + sa.cast(RECORD.c.deleted, sa.Integer()), sa.BigInteger()
        )
        here = (RECORD.c.parent == wanted.c.parent, RECORD.c.resource == wanted.c.resource, RECORD.c.id == wanted.c.id)
        return self._dialect.beside(wanted, sa.select(*_ROW[:4], mark.label("mark")).where(*here))

    def _time(self) -> Any:
        return sa.select(TIMELINE.c.last_modified).where(*in_scope(TIMELINE)).scalar_subquery()

    def _conditions(self, filters: tuple[Any, ...], *, tombstones: bool) -> list[Expression]:
        return [*self._living(tombstones=tombstones), *compile_filters(self._dialect, filters, by_ids=True)]

    def _living(self, *, tombstones: bool) -> list[Expression]:
        return [*in_scope(RECORD), *([] if tombstones else [sa.not_(RECORD.c.deleted)])]

    def _readings(self, filters: tuple[Any, ...], pin: Pin | None, *, tombstones: bool) -> list[Reading]:
        """The rows that are let through: at once, or in one of two ways when it has to be seen which one is shorter."""
        found = sa.select(*_ROW) if pin is None else self._dialect.pinned(sa.select(*_ROW), pin.resource)
        found = found.where(*self._living(tombstones=tombstones))
        if pin is not None and (several := readings(self._dialect, found, filters, pin)):
            return several
        found = found.where(*compile_filters(self._dialect, filters, by_ids=True))
        return [Reading(found if pin is None else self._dialect.pinned(found, pin.resource, pin.name))]

    def _chosen(self, found: sa.Select[Any], order: Order, ids: Any, *, recent: bool) -> tuple[sa.Select[Any], Order]:
        """Those of the records found that have a chosen id, and what to order them by."""
        return _of(list(self._restricted(_labelled(found, order), ids, recent=recent).c), order)

    def _restricted(self, found: sa.Select[Any], ids: Any, *, recent: bool) -> sa.Subquery:
        """Those of the records found whose ids are bound, or are found by what makes a select of them."""
        if not callable(ids):
            return self._dialect.chosen(found, "only", recent=recent)
        held = sa.select(ids().subquery("held").c.id)
        return self._dialect.chosen_of(found, held, recent=recent)


def _with_state(rows: sa.Select[Any]) -> Any:
    """The state of the scope, and then rows."""
    return sa.union_all(sa.select(*_STATE).where(*in_scope(TIMELINE)), sa.select(rows.subquery()))


def _is_recent(filters: tuple[Any, ...]) -> bool:
    """Whether some filter asks for what has changed since a time."""
    return any(scanned and scanned[0] == "last_modified" and name in ("gt", "min") for name, _, scanned in filters)


def _kept(order: Order, reading: Reading) -> Order:
    """An order by time; in words that no index knows, where it is not to be read in that order."""
    if reading.is_sorted:
        return order
    (key, direction), *rest = order
    return [(key + sa.literal_column("0"), direction), *rest]


def _ordered(piece: Piece) -> sa.Select[Any]:
    """The rows of a piece, in its order."""
    keys = (key.asc() if direction > 0 else key.desc() for key, direction in piece.order)
    ordered = piece.rows.order_by(*keys)
    return ordered if piece.limit is None else ordered.limit(piece.limit)


def _joined(pieces: list[Piece], order: Order) -> tuple[sa.Select[Any], Order]:
    """Pieces that are read in their order, of each no more than is wanted, and what to order all of them by."""
    labelled = [piece._replace(rows=_labelled(piece.rows, order)) for piece in pieces]
    several = [sa.select(_ordered(piece).cte()) for piece in labelled]
    return _of(list(sa.union_all(*several).subquery("piece").c), order)


def _labelled(found: sa.Select[Any], order: Order) -> sa.Select[Any]:
    """The same, with what it is ordered by as further columns."""
    return found.add_columns(*(key.label(f"key{index}") for index, (key, _) in enumerate(order)))


def _of(columns: list[Any], order: Order) -> tuple[sa.Select[Any], Order]:
    """The rows among columns that :func:`_labelled` made, and what to order them by."""
    directions = [direction for _, direction in order]
    return sa.select(*columns[: len(_ROW)]), list(zip(columns[len(_ROW) :], directions, strict=True))
