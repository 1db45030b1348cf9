"""The statements about pages of objects."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.permission.sql.dialect import Dialect, Expression
from cliquet.permission.sql.parts import held, same, text, who
from cliquet.permission.sql.tables import ENTRY

__all__ = ["LISTS", "Pages"]

#: The columns of a table of lists: which kind, from where to where, and after which list and object the page begins.
LISTS = ("kind", "low", "high", "at", "past")
_SLASH = sa.literal_column("'/'", sa.Text())
_NOTHING = sa.literal_column("''", sa.Text())
_ONE = sa.literal_column("1", sa.Integer())


def _limit() -> sa.BindParameter[Any]:
    return sa.bindparam("limit", type_=sa.Integer())


def _list(object_id: Expression) -> Expression:
    """The list that an object is in: what is left of its path without all at its end that is no slash."""
    return sa.func.rtrim(object_id, sa.func.replace(object_id, _SLASH, _NOTHING), type_=sa.Text())


def _id(place: Expression, object_id: Expression) -> Expression:
    """The last part of the path of an object in a list."""
    return sa.func.substr(object_id, sa.func.length(place) + _ONE, type_=sa.Text())


def _directed(column: Expression, *, descending: bool) -> Any:
    return column.desc() if descending else column.asc()


class Pages:
    """Makes the expressions for one dialect.

    :param dialect: what the database says differently.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    def nearest(self, descending: bool) -> Any:
        """A page of the objects that somebody has in some lists, in the order of their paths.

        For each principal and each kind of list, the index has them in that order: no more than a page is read of each,
        and of all these the first are the page.
        """
        mine = who(self._dialect).cte("who")
        lists = sa.select(self._dialect.rows("lists", *LISTS)).cte("wanted")
        one = self._dialect.each(self._first(mine, lists, descending=descending), "one")
        found = sa.select(one.c.key, self._dialect.collect(one.c.value))
        found = found.select_from(mine.join(lists, sa.true()).join(one, sa.true())).group_by(one.c.key)
        return found.order_by(_directed(one.c.key, descending=descending)).limit(_limit())

    def sorted(self, shape: tuple[bool, bool, bool, bool, bool]) -> Any:
        """A page of the objects that somebody has, in any order: all of them are read."""
        chosen, by_id, continued, limited, descending = shape
        own, source = held(self._dialect, *([self._chosen()] if chosen else []))
        place = (own.list, own.object_id)
        found = sa.select(place[1], self._dialect.collect(own.permission)).select_from(source).group_by(*place)
        keys, after = ([_id(*place), place[1]], ["after_id", "after"]) if by_id else ([place[1]], ["after"])
        if continued:
            mine, theirs = sa.tuple_(*keys), sa.tuple_(*map(text, after))
            found = found.where(mine < theirs if descending else mine > theirs)
        found = found.order_by(*(_directed(key, descending=descending) for key in keys))
        return found.limit(_limit()) if limited else found

    def numbers(self) -> Any:
        """How many objects with an id somebody has in each of some lists."""
        lists = sa.select(self._dialect.rows("lists", *LISTS)).subquery("wanted")
        mine = who(self._dialect).subquery("who")
        of_them = (ENTRY.c.principal == mine.c.principal, same(ENTRY.c.principal, mine.c.principal))
        there = (ENTRY.c.kind == lists.c.kind, ENTRY.c.list >= lists.c.low, ENTRY.c.list < lists.c.high)
        own, on = self._dialect.looked_up(ENTRY, sa.and_(*of_them, *there, ENTRY.c.object_id != ENTRY.c.list), "own")
        found = sa.select(own.c.list, sa.func.count(own.c.object_id.distinct()))
        return found.select_from(mine.join(lists, sa.true()).join(own, on)).group_by(own.c.list)

    def held_alone(self, limited: bool) -> Any:
        """The objects on which nobody else has a permission."""
        other = ENTRY.alias("other")
        same = (other.c.object_id == ENTRY.c.object_id, other.c.permission == ENTRY.c.permission)
        shared = sa.exists(_ONE).where(*same, other.c.principal != ENTRY.c.principal)
        own = (ENTRY.c.principal == text("principal"), ENTRY.c.kind == text("kind"), ENTRY.c.list < text("high"))
        after = sa.tuple_(ENTRY.c.list, ENTRY.c.object_id) > sa.tuple_(text("at"), text("past"))
        alone = (ENTRY.c.permission == text("permission"), sa.not_(shared))
        found = sa.select(ENTRY.c.object_id).where(*own, after, *alone).order_by(ENTRY.c.list, ENTRY.c.object_id)
        return found.limit(_limit()) if limited else found

    def _first(self, mine: Any, lists: Any, *, descending: bool) -> sa.Select[Any]:
        """The first objects that a principal has in lists of a kind, with its permissions on each."""
        own = ENTRY.alias("own")
        place = (own.c.list, own.c.object_id)
        reached, begin = sa.tuple_(*place), sa.tuple_(lists.c.at, lists.c.past)
        end = own.c.list >= lists.c.low if descending else own.c.list < lists.c.high
        bounds = (end, reached < begin if descending else reached > begin)
        found = sa.select(own.c.object_id.label("key"), self._dialect.collect(own.c.permission).label("value"))
        found = found.where(own.c.principal == mine.c.principal, own.c.kind == lists.c.kind, *bounds).group_by(*place)
        ordered = found.order_by(*(_directed(column, descending=descending) for column in place))
        return ordered.limit(_limit()).correlate(mine, lists)

    def _chosen(self) -> Expression:
        """Whether an object is in one of some lists."""
        lists = self._dialect.rows("lists", *LISTS)
        same = (lists.c.kind == ENTRY.c.kind, lists.c.low <= ENTRY.c.list, lists.c.high > ENTRY.c.list)
        return sa.exists(_ONE).select_from(lists).where(*same)
