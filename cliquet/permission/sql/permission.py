"""Permissions in a SQL database, whichever of those we speak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from cliquet.database import migrations
from cliquet.database.engine import Database
from cliquet.database.statement import Statement
from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError
from cliquet.permission.base import ACE, AUTHENTICATED, Lists, Objects, Permission, Range, possible, storable
from cliquet.permission.sql.dialect import Dialect
from cliquet.permission.sql.objects import LISTS, Pages
from cliquet.permission.sql.parts import PAIR
from cliquet.permission.sql.statements import Builder
from cliquet.permission.values import id_of, kind_of, list_of

__all__ = ["SQLPermission"]

Values = Mapping[str, Any]


class SQLPermission(Permission):
    """Keeps permissions in the tables of :mod:`cliquet.permission.sql.tables`.

    :param database: where; when it is the storage's as well, a transaction keeps or undoes the work of both.
    :param dialect: what that database says differently.
    """

    durable = True
    shared_between_processes = True

    def __init__(self, database: Database, dialect: Dialect) -> None:
        self.database = database
        self.shared_between_servers = database.driver.shared_between_servers
        self._dialect = dialect
        self._builders = (Builder(dialect), Pages(dialect))

    def principals_of(self, user_id: str, *, transaction: Transaction | None = None) -> frozenset[str]:
        rows = self._read("principals_of", self._users(user_id), transaction)
        return frozenset(group for (group,) in rows)

    def memberships(self, user_id: str, *, transaction: Transaction | None = None) -> frozenset[str]:
        rows = self._read("principals_of", self._texts("users", [user_id]), transaction)
        return frozenset(group for (group,) in rows)

    def add_member(self, group: str, user_id: str, *, transaction: Transaction | None = None) -> None:
        storable(group, user_id)
        self._write(transaction, ("add_member", {"group": group, "user_id": user_id}))

    def remove_member(self, group: str, user_id: str, *, transaction: Transaction | None = None) -> None:
        if possible(group) and possible(user_id):
            self._write(transaction, ("remove_member", {"group": group, "user_id": user_id}))

    def set_members(self, group: str, user_ids: Iterable[str], *, transaction: Transaction | None = None) -> None:
        members = sorted(set(user_ids))
        storable(group, *members)
        values = {"group": group, **self._dialect.of_texts("users", members)}
        self._write(transaction, ("keep_members", values), *([("add_members", values)] if members else []))

    def remove_group(self, group: str, *, transaction: Transaction | None = None) -> None:
        if possible(group):
            self._write(transaction, ("remove_group", {"group": group}), ("forget_principal", {"principal": group}))

    def remove_groups_under(self, ancestor: str, *, transaction: Transaction | None = None) -> None:
        if possible(ancestor):
            values = Range.under(ancestor)._asdict()
            self._write(transaction, ("remove_groups", values), ("forget_principals", values))

    def check(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> bool:
        return bool(self._granting("check", wanted, self._who(principals, user_id), transaction))

    def granting(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> list[ACE]:
        rows = self._granting("granting", wanted, self._who(principals, user_id), transaction)
        return sorted(ACE(*row) for row in rows)

    def accessible(
        self,
        parent: str,
        permissions: Iterable[str],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> dict[str, frozenset[str]]:
        asked = self._texts("permissions", permissions)
        if not possible(parent):
            return {}
        place = _place(f"{parent}/")
        rows = self._read("accessible", {**place, **asked, **self._who(principals, user_id)}, transaction)
        found: dict[str, frozenset[str]] = {}
        for object_id, permission in rows:
            found[object_id] = found.get(object_id, frozenset()) | {permission}
        return found

    def objects_of(
        self,
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        lists: Iterable[Lists] | None = None,
        by_id: bool = False,
        after: str | None = None,
        limit: int | None = None,
        descending: bool = True,
        transaction: Transaction | None = None,
    ) -> Objects:
        wanted = None if lists is None else list(lists)
        values = {**self._who(principals, user_id), **self._lists(wanted or (), after, descending=descending)}
        values |= {} if after is None else {"after": after, "after_id": id_of(after)}
        values |= {} if limit is None else {"limit": limit + 1}
        if wanted is not None and limit is not None and not by_id:
            rows = self._read("nearest", values, transaction, descending)
        else:
            shape = (wanted is not None, by_id, after is not None, limit is not None, descending)
            rows = self._read("sorted", values, transaction, shape)
        entries = [(object_id, self._dialect.collected(held)) for object_id, held in rows]
        return Objects(entries[:limit], limit is not None and len(entries) > limit)

    def held_alone(
        self,
        principal: str,
        permission: str,
        *,
        lists: Lists,
        after: str | None = None,
        limit: int | None = None,
        transaction: Transaction | None = None,
    ) -> list[str]:
        at, past = lists.beginning(after, descending=False)
        place = {"principal": principal, "permission": permission, "at": at, "past": past}
        if not all(map(possible, (*place.values(), *lists))):
            return []
        values = {**place, **lists._asdict(), **({} if limit is None else {"limit": limit})}
        rows = self._read("held_alone", values, transaction, limit is not None)
        return [object_id for (object_id,) in rows]

    def permissions_of(
        self, *object_ids: str, transaction: Transaction | None = None
    ) -> dict[str, dict[str, frozenset[str]]]:
        found: dict[str, dict[str, frozenset[str]]] = {object_id: {} for object_id in object_ids}
        rows = self._read("permissions_of", self._texts("objects", object_ids), transaction) if object_ids else ()
        for object_id, permission, principal in rows:
            principals = found[object_id].get(permission, frozenset())
            found[object_id][permission] = principals | {principal}
        return found

    def replace(
        self, object_id: str, permissions: Mapping[str, Iterable[str]], *, transaction: Transaction | None = None
    ) -> None:
        wanted = sorted({(name, principal) for name, principals in permissions.items() for principal in principals})
        storable(object_id, *permissions, *(principal for _, principal in wanted))
        pairs, named = self._dialect.of_rows("wanted", PAIR, wanted), self._dialect.of_texts("permissions", permissions)
        values = {"object_id": object_id, **_place(object_id), **pairs, **named}
        works = [("keep_entries", values)] if permissions else []
        self._write(transaction, *works, *([("add_entries", values)] if wanted else []))

    def grant(self, object_id: str, permission: str, principal: str, *, transaction: Transaction | None = None) -> None:
        storable(object_id, permission, principal)
        values = {"object_id": object_id, "permission": permission, "principal": principal}
        self._write(transaction, ("grant", {**values, **_place(object_id)}))

    def revoke(
        self, object_id: str, permission: str, principal: str, *, transaction: Transaction | None = None
    ) -> None:
        values = {"object_id": object_id, "permission": permission, "principal": principal}
        if all(map(possible, values.values())):
            self._write(transaction, ("revoke", values))

    def delete(self, *object_ids: str, transaction: Transaction | None = None) -> None:
        if object_ids:
            self._write(transaction, ("delete", self._texts("objects", object_ids)))

    def delete_under(self, ancestor: str, *, inclusive: bool = False, transaction: Transaction | None = None) -> None:
        if possible(ancestor):
            with self.within(transaction) as joined:
                self._write(joined, ("delete_under", Range.under(ancestor)._asdict()))
                self.delete(*([ancestor] if inclusive else []), transaction=joined)

    def erase(self, principal: str, *, transaction: Transaction | None = None) -> None:
        if possible(principal):
            member = {"user_id": principal, "group": principal}
            self._write(transaction, ("forget_user", member), ("forget_principal", {"principal": principal}))

    def flush(self, *, transaction: Transaction | None = None) -> None:
        self._write(transaction, ("flush_entries", {}), ("flush_members", {}))

    def ping(self) -> bool:
        try:
            self.database.probe(self._statement("ping"))
        except BackendError:
            return False
        return True

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        return migrations.upgrade(self.database, dry_run=dry_run)

    def check_schema(self) -> None:
        migrations.check(self.database)
        self.database.close()

    def close(self) -> None:
        self.database.close()

    def _granting(
        self, name: str, wanted: Iterable[tuple[str, str]], who: Values, transaction: Transaction | None
    ) -> Sequence[tuple[Any, ...]]:
        pairs = [pair for pair in wanted if possible("".join(pair))]
        if not pairs:
            return ()
        return self._read(name, {**self._dialect.of_rows("wanted", PAIR, pairs), **who}, transaction)

    def _who(self, principals: Iterable[str], user_id: str | None) -> Values:
        return {**self._texts("principals", principals), **self._users(user_id)}

    def _users(self, user_id: str | None) -> Values:
        return self._texts("users", () if user_id is None else (user_id, AUTHENTICATED))

    def _lists(self, lists: Iterable[Lists], after: str | None, *, descending: bool) -> Values:
        rows = [(*one, *one.beginning(after, descending=descending)) for one in lists]
        return self._dialect.of_rows("lists", LISTS, rows)

    def _texts(self, name: str, texts: Iterable[str]) -> Values:
        return self._dialect.of_texts(name, filter(possible, texts))

    def _statement(self, name: str, *shape: Any) -> Statement:
        key = ("permission", name, *shape)
        builder = next(one for one in self._builders if hasattr(one, name))
        return self.database.statements.get(key, lambda: getattr(builder, name)(*shape))

    def _read(
        self, name: str, values: Values, transaction: Transaction | None, *shape: Any
    ) -> Sequence[tuple[Any, ...]]:
        statement = self._statement(name, *shape)
        if transaction is None:
            return self.database.read(statement, values)
        return self.database.session(transaction).read(statement, values)

    def _write(self, transaction: Transaction | None, *works: tuple[str, Values]) -> None:
        with self.within(transaction) as joined:
            for name, values in works:
                self.database.session(joined).write(self._statement(name), values)


def _place(object_id: str) -> Values:
    """The list that an object is in."""
    return {"kind": kind_of(object_id), "list": list_of(object_id)}
