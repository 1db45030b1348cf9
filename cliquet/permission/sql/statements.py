"""Every statement of a SQL permission backend. Ids and principals are values, also in lists of any length."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from cliquet.permission.sql.dialect import Dialect
from cliquet.permission.sql.parts import NO_NUMBER, NO_TEXT, PAIR, everybody, groups, held, text, within
from cliquet.permission.sql.tables import ENTRY, MEMBER

__all__ = ["AccessibleIds", "Builder"]

_ONE: Any = sa.literal_column("1")
_NUMBERS = (NO_NUMBER.label("time"), NO_NUMBER.label("mark"))
_ENTRIES: tuple[Any, ...] = (ENTRY.c.object_id, ENTRY.c.permission, ENTRY.c.principal, *_NUMBERS)


class Builder:
    """Makes the expressions for one dialect.

    :param dialect: what the database says differently.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect

    # Groups

    def principals_of(self) -> Any:
        """The groups of some users."""
        return groups(self._dialect)

    def members_of(self) -> Any:
        """The members of a group, in the columns of a question."""
        texts = (NO_TEXT.label("word"), NO_TEXT.label("text"))
        return sa.select(MEMBER.c.user_id, *texts, *_NUMBERS).where(MEMBER.c.principal == text("group"))

    def remove_groups(self) -> Any:
        """Forget the members of all groups of a range."""
        return sa.delete(MEMBER).where(within(MEMBER.c.principal))

    def forget_user(self) -> Any:
        """Forget a principal, as a member and as a group."""
        return sa.delete(MEMBER).where((MEMBER.c.user_id == text("user_id")) | (MEMBER.c.principal == text("group")))

    # Who may do what

    def check(self) -> Any:
        """A row when somebody has one of the permissions wanted."""
        return sa.select(_ONE).select_from(self._granting().subquery("granting")).limit(_ONE)

    def check_or_named(self) -> Any:
        """A row when somebody has one of the permissions wanted, or is a member of one of the groups named."""
        return sa.select(_ONE).select_from(self.granting_or_named().subquery("granting")).limit(_ONE)

    def granting(self) -> Any:
        """The ACEs by which somebody has one of the permissions wanted, in the columns of a question."""
        return self._granting().add_columns(*_NUMBERS)

    def granting_or_named(self) -> Any:
        """The same; and of the groups named, those that somebody is a member of, without a permission."""
        columns = (MEMBER.c.principal.label("object_id"), NO_TEXT.label("permission"), NO_TEXT.label("principal"))
        mine = (self._dialect.among(MEMBER.c.user_id, "users"), self._dialect.among(MEMBER.c.principal, "named"))
        return sa.union_all(self.granting(), sa.select(*columns, *_NUMBERS).where(*mine))

    def accessible(self) -> Any:
        """The children of a list on which somebody has some of the permissions, in the columns of a question."""
        return self._own().distinct()

    def some_accessible(self) -> Any:
        """One of them."""
        return self._own().limit(_ONE)

    def accessible_ids(self) -> Any:
        """The last parts of their paths, some of them several times."""
        after = sa.func.length(text("list")) + _ONE
        entries, source = self._accessible()
        return sa.select(sa.func.substr(entries.object_id, after, type_=sa.Text()).label("id")).select_from(source)

    # ACEs

    def permissions_of(self) -> Any:
        """All ACEs on some objects, in the columns of a question."""
        return sa.select(*_ENTRIES).where(self._dialect.among(ENTRY.c.object_id, "objects"))

    def delete_under(self) -> Any:
        """Remove the ACEs on the objects of a range."""
        return sa.delete(ENTRY).where(within(ENTRY.c.object_id))

    def forget_principal(self) -> Any:
        """Remove the ACEs that name a principal."""
        return sa.delete(ENTRY).where(ENTRY.c.principal == text("principal"))

    def forget_principals(self) -> Any:
        """Remove the ACEs that name a principal of a range."""
        return sa.delete(ENTRY).where(within(ENTRY.c.principal))

    # Operating

    def flush_entries(self) -> Any:
        """Forget all ACEs."""
        return sa.delete(ENTRY)

    def flush_members(self) -> Any:
        """Forget all groups."""
        return sa.delete(MEMBER)

    def ping(self) -> Any:
        """Whether the tables are there."""
        return sa.select(ENTRY.c.object_id).limit(_ONE)

    def _granting(self) -> sa.Select[Any]:
        """The ACEs by which somebody has one of the permissions wanted; one may be there several times."""
        wanted = self._dialect.rows("wanted", *PAIR)
        pair = sa.and_(ENTRY.c.object_id == wanted.c.first, ENTRY.c.permission == wanted.c.second)
        source, principal = self._dialect.held_by(wanted, pair, everybody(self._dialect))
        columns = (wanted.c.first.label("object_id"), wanted.c.second.label("permission"), principal)
        return sa.select(*columns).select_from(source)

    def _own(self) -> sa.Select[Any]:
        entries, source = self._accessible()
        return sa.select(entries.object_id, entries.permission, NO_TEXT.label("text"), *_NUMBERS).select_from(source)

    def _accessible(self) -> tuple[Any, sa.FromClause]:
        place = (ENTRY.c.kind == text("kind"), ENTRY.c.list == text("list"))
        return held(self._dialect, *place, self._dialect.among(ENTRY.c.permission, "permissions"))


@dataclass(frozen=True)
class AccessibleIds:
    """Makes :meth:`Builder.accessible_ids`: a value, so that a part of other statements is the same for all databases.

    :param dialect: what the database says differently.
    """

    dialect: Dialect

    def __call__(self) -> Any:
        return Builder(self.dialect).accessible_ids()
