"""The changes of rows that a permission backend sends at the end of a transaction."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.database.effect import Effect, Kind
from cliquet.permission.sql.dialect import Dialect
from cliquet.permission.sql.tables import ENTRY, MEMBER
from cliquet.permission.values import kind_of, list_of

__all__ = ["Effects"]

_ENTRY = {"object_id": sa.Text(), "permission": sa.Text(), "principal": sa.Text()}
_PLACED = {**_ENTRY, "kind": sa.Text(), "list": sa.Text()}
_PRINCIPAL = {"principal": sa.Text()}
_MEMBER = {"user_id": sa.Text(), "principal": sa.Text()}


class Effects:
    """Makes them for one dialect.

    :param dialect: what the database says differently.
    """

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._granted = Kind("granted", _PLACED, lambda rows: self._add(ENTRY, rows))
        self._revoked = Kind("revoked", _ENTRY, lambda rows: _remove(ENTRY, rows))
        self._unlisted = Kind("unlisted", {"object_id": sa.Text()}, lambda rows: _remove(ENTRY, rows))
        self._joined = Kind("joined", _MEMBER, lambda rows: self._add(MEMBER, rows))
        self._left = Kind("left", _MEMBER, lambda rows: _remove(MEMBER, rows))
        self._disbanded = Kind("disbanded", _PRINCIPAL, lambda rows: _remove(MEMBER, rows))
        self._unnamed = Kind("unnamed", _PRINCIPAL, lambda rows: _remove(ENTRY, rows))

    def grant(self, object_id: str, permission: str, principal: str) -> Effect:
        """An ACE, if it is not there."""
        return Effect(self._granted, (object_id, permission, principal, kind_of(object_id), list_of(object_id)))

    def revoke(self, object_id: str, permission: str, principal: str) -> Effect:
        """No such ACE any more."""
        return Effect(self._revoked, (object_id, permission, principal))

    def unlist(self, object_id: str) -> Effect:
        """No ACEs on an object any more, whichever there are."""
        return Effect(self._unlisted, (object_id,))

    def join(self, user_id: str, group: str) -> Effect:
        """A user is a member of a group, if not already."""
        return Effect(self._joined, (user_id, group))

    def leave(self, user_id: str, group: str) -> Effect:
        """A user is no member of a group any more."""
        return Effect(self._left, (user_id, group))

    def disband(self, group: str) -> Effect:
        """No members of a group any more."""
        return Effect(self._disbanded, (group,))

    def unname(self, principal: str) -> Effect:
        """No ACEs that name a principal any more."""
        return Effect(self._unnamed, (principal,))

    def _add(self, table: sa.TableClause, rows: sa.FromClause) -> Any:
        rows_of = sa.select(*rows.c).where(sa.literal_column("1") == sa.literal_column("1"))
        return self._dialect.insert(table).from_select([column.name for column in rows.c], rows_of)


def _remove(table: sa.TableClause, rows: sa.FromClause) -> Any:
    return sa.delete(table).where(*(table.c[column.name] == column for column in rows.c))
