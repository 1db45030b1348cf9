"""Every statement of a SQL permission backend. Ids and principals are values, also in lists of any length."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.permission.sql.dialect import Dialect, Expression
from cliquet.permission.sql.parts import PAIR, among, groups, held, text, who, within
from cliquet.permission.sql.tables import ENTRY, MEMBER

__all__ = ["Builder"]


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

    def add_member(self) -> Any:
        """Let a user be a member of a group."""
        return self._dialect.insert(MEMBER).values(user_id=text("user_id"), principal=text("group"))

    def remove_member(self) -> Any:
        """Let a user be no member of a group."""
        return sa.delete(MEMBER).where(MEMBER.c.user_id == text("user_id"), MEMBER.c.principal == text("group"))

    def keep_members(self) -> Any:
        """Let nobody but some users be members of a group."""
        others = sa.not_(self._among(MEMBER.c.user_id, "users"))
        return sa.delete(MEMBER).where(MEMBER.c.principal == text("group"), others)

    def add_members(self) -> Any:
        """Let users be members of a group; in their order, so that two who do so do not wait for each other."""
        users = self._dialect.texts("users")
        rows = sa.select(users.c.value, text("group")).order_by(users.c.value)
        return self._dialect.insert(MEMBER).from_select(["user_id", "principal"], rows)

    def remove_group(self) -> Any:
        """Forget the members of a group."""
        return sa.delete(MEMBER).where(MEMBER.c.principal == text("group"))

    def remove_groups(self) -> Any:
        """Forget the members of all groups of a range."""
        return sa.delete(MEMBER).where(within(MEMBER.c.principal))

    def forget_user(self) -> Any:
        """Forget a principal, as a member and as a group."""
        return sa.delete(MEMBER).where((MEMBER.c.user_id == text("user_id")) | (MEMBER.c.principal == text("group")))

    # Who may do what

    def check(self) -> Any:
        """A row when somebody has one of the permissions wanted."""
        return self._granting(sa.literal_column("1")).limit(sa.literal_column("1"))

    def granting(self) -> Any:
        """The ACEs by which somebody has one of the permissions wanted."""
        columns = (ENTRY.c.object_id, ENTRY.c.permission, ENTRY.c.principal)
        return self._granting(*columns).distinct()

    def accessible(self) -> Any:
        """The children of a list on which somebody has some of the permissions."""
        found = held(self._dialect, ENTRY.c.object_id, ENTRY.c.permission)
        place = (ENTRY.c.kind == text("kind"), ENTRY.c.list == text("list"))
        return found.where(*place, self._among(ENTRY.c.permission, "permissions")).distinct()

    # ACEs

    def permissions_of(self) -> Any:
        """All ACEs on some objects."""
        found = sa.select(ENTRY.c.object_id, ENTRY.c.permission, ENTRY.c.principal)
        return found.where(self._among(ENTRY.c.object_id, "objects"))

    def keep_entries(self) -> Any:
        """On an object, let nobody but those wanted have some permissions."""
        wanted = self._dialect.rows("wanted", *PAIR)
        same = (wanted.c.first == ENTRY.c.permission, wanted.c.second == ENTRY.c.principal)
        others = ~sa.exists(sa.select(sa.literal_column("1")).select_from(wanted).where(*same))
        named = self._among(ENTRY.c.permission, "permissions")
        return sa.delete(ENTRY).where(ENTRY.c.object_id == text("object_id"), named, others)

    def add_entries(self) -> Any:
        """On an object, let those wanted have permissions."""
        wanted = self._dialect.rows("wanted", *PAIR)
        row = (text("object_id"), wanted.c.first, wanted.c.second, text("kind"), text("list"))
        rows = sa.select(*row).order_by(wanted.c.first, wanted.c.second)
        return self._dialect.insert(ENTRY).from_select([column.name for column in ENTRY.c], rows)

    def grant(self) -> Any:
        """Add an ACE."""
        return self._dialect.insert(ENTRY).values(**{column.name: text(column.name) for column in ENTRY.c})

    def revoke(self) -> Any:
        """Remove an ACE."""
        names = ("object_id", "permission", "principal")
        return sa.delete(ENTRY).where(*(ENTRY.c[name] == text(name) for name in names))

    def delete(self) -> Any:
        """Remove the ACEs on objects."""
        return sa.delete(ENTRY).where(self._among(ENTRY.c.object_id, "objects"))

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
        return sa.select(ENTRY.c.object_id).limit(sa.literal_column("1"))

    def _granting(self, *columns: Any) -> sa.Select[Any]:
        wanted, mine = self._dialect.rows("wanted", *PAIR), who(self._dialect).subquery("who")
        same = (ENTRY.c.object_id == wanted.c.first, ENTRY.c.permission == wanted.c.second)
        entries = wanted.join(ENTRY, sa.and_(*same)).join(mine, ENTRY.c.principal == mine.c.principal)
        return sa.select(*columns).select_from(entries)

    def _among(self, column: Expression, name: str) -> Expression:
        return among(self._dialect, column, name)
