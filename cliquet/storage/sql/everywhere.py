"""The statement that finds the records of a resource under all parents, in the order of their paths."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.database.statement import Statement
from cliquet.storage.sql.bound import number, text
from cliquet.storage.sql.compile import compile_filters, split
from cliquet.storage.sql.fields import Dialect, Expression
from cliquet.storage.sql.prepared import Prepared
from cliquet.storage.sql.tables import RECORD, TIMELINE
from cliquet.storage.values import Everywhere

__all__ = ["build", "statement"]

_SLASH = sa.literal_column("'/'", sa.Text())


def statement(prepared: Prepared, wanted: Everywhere) -> tuple[Statement, dict[str, Any]]:
    """The statement for what is wanted, and what to bind."""
    conditions = split(prepared.dialect, wanted.filters)
    shape = (conditions.shape, wanted.after is not None, wanted.descending)
    values = {"resource": wanted.resource, "limit": wanted.limit, **conditions.values}
    if wanted.after is not None:
        values |= {"at": wanted.after[0], "past": wanted.after[1]}
    return prepared.shaped("everywhere", shape, lambda: build(prepared.dialect, shape)), values


def build(dialect: Dialect, shape: tuple[Any, ...]) -> Any:
    """Parents and ids. A slash after the parent makes the order of the parents that of the paths below them.

    The scopes are read in that order from an index, and of each no more than is wanted.
    """
    conditions, continued, descending = shape
    scope = TIMELINE.alias("scope")
    place: Expression = scope.c.parent + _SLASH
    mine = (RECORD.c.parent == scope.c.parent, RECORD.c.resource == text("resource"), sa.not_(RECORD.c.deleted))
    ids = sa.select(RECORD.c.id).where(*mine, *compile_filters(dialect, conditions))
    if continued:
        after = RECORD.c.id < text("past") if descending else RECORD.c.id > text("past")
        ids = ids.where((place != text("at")) | after)
    ids = ids.order_by(_directed(RECORD.c.id, descending=descending)).limit(number("limit"))
    one = dialect.each(ids.correlate(scope), "one")
    found = sa.select(scope.c.parent, one.c.value).select_from(scope.join(one, sa.true()))
    found = found.where(scope.c.resource == text("resource"))
    if continued:
        found = found.where(place <= text("at") if descending else place >= text("at"))
    value = dialect.column_text(one.c.value)
    return found.order_by(_directed(place, descending=descending), _directed(value, descending=descending)).limit(
        number("limit")
    )


def _directed(key: Expression, *, descending: bool) -> Any:
    return key.desc() if descending else key.asc()
