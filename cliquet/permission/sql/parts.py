"""What the statements have in common: values that are bound by name, and who asks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.permission.sql.dialect import Dialect, Expression, Selected
from cliquet.permission.sql.tables import ENTRY, MEMBER

__all__ = ["NO_NUMBER", "NO_TEXT", "PAIR", "everybody", "groups", "held", "same", "text", "who", "within"]

#: What a question does not need of its columns.
NO_TEXT: Any = sa.cast(sa.null(), sa.Text())
NO_NUMBER: Any = sa.cast(sa.null(), sa.BigInteger())
#: The columns of a table of pairs.
PAIR = ("first", "second")


def text(name: str) -> sa.BindParameter[Any]:
    """A text."""
    return sa.bindparam(name, type_=sa.Text())


def within(column: Expression) -> Expression:
    """Whether a column is in a range of ids."""
    return sa.and_(column >= text("low"), column < text("high"))


def groups(dialect: Dialect) -> sa.Select[Any]:
    """The groups of the users given."""
    return sa.select(MEMBER.c.principal).where(dialect.among(MEMBER.c.user_id, "users")).distinct()


def who(dialect: Dialect) -> sa.Select[Any]:
    """The principals given, and the groups of the users given."""
    named = sa.select(dialect.texts("principals").c.value.label("principal"))
    return sa.select(sa.union(named, groups(dialect)).subquery("known"))


def everybody(dialect: Dialect) -> Selected:
    """The same principals, some of them several times: to sort these out costs more than to look for them twice."""
    named = sa.select(dialect.texts("principals").c.value.label("principal"))
    mine = sa.select(MEMBER.c.principal).where(dialect.among(MEMBER.c.user_id, "users"))
    return sa.union_all(named, mine)


def same(column: Expression, principal: Expression) -> Expression:
    """Whether a column is a principal, said so that a planner expects few rows.

    Of some principals there are a million ACEs, and of most of them a few; what is equal to one that is not known
    counts as an average.
    """
    return column.between(principal, principal)


def held(dialect: Dialect, *conditions: Expression) -> tuple[Any, sa.FromClause]:
    """The ACEs that somebody has and that meet some conditions: their columns, and where they are selected from."""
    mine = who(dialect).subquery("who")
    own = (ENTRY.c.principal == mine.c.principal, same(ENTRY.c.principal, mine.c.principal))
    entries, found = dialect.looked_up(ENTRY, sa.and_(*own, *conditions), "own")
    return entries.c, mine.join(entries, found)
