"""Permissions in a SQL database, whichever of those we speak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import Any

from cliquet.database.question import Inquiry, Question, ask
from cliquet.database.subset import Subset
from cliquet.database.transaction import Transaction
from cliquet.permission.base import ACE, Foreseen, Lists, Objects, Range, possible, storable
from cliquet.permission.sql import bound, foresight, held
from cliquet.permission.sql.operations import Operations, Values
from cliquet.permission.sql.statements import AccessibleIds
from cliquet.permission.sql.work import Asked, Pair, Person
from cliquet.permission.values import id_of

__all__ = ["SQLPermission"]


class SQLPermission(Operations):
    """Keeps permissions in the tables of :mod:`cliquet.permission.sql.tables`.

    :param database: where; when it is the storage's as well, a transaction keeps or undoes the work of both.
    :param dialect: what that database says differently.
    """

    def principals_of(self, user_id: str, *, transaction: Transaction | None = None) -> frozenset[str]:
        rows = self._read("principals_of", bound.users(self.dialect, user_id), transaction)
        return frozenset(group for (group,) in rows)

    def memberships(self, user_id: str, *, transaction: Transaction | None = None) -> frozenset[str]:
        rows = self._read("principals_of", bound.texts(self.dialect, "users", [user_id]), transaction)
        return frozenset(group for (group,) in rows)

    def add_member(self, group: str, user_id: str, *, transaction: Transaction | None = None) -> None:
        storable(group, user_id)
        with self._joined(transaction) as work:
            work.set_member(group, user_id, member=True)

    def remove_member(self, group: str, user_id: str, *, transaction: Transaction | None = None) -> None:
        if possible(group) and possible(user_id):
            with self._joined(transaction) as work:
                work.set_member(group, user_id, member=False)

    def set_members(self, group: str, user_ids: Iterable[str], *, transaction: Transaction | None = None) -> None:
        members = frozenset(user_ids)
        storable(group, *members)
        with self._joined(transaction) as work:
            if work.members(group) is None:
                ask(Inquiry((foresight.members(self, work, group),)))
            work.set_members(group, members)

    def remove_group(self, group: str, *, transaction: Transaction | None = None) -> None:
        if possible(group):
            with self._joined(transaction) as work:
                work.remove_group(group)

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
        named: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> bool:
        pairs, groups = list(wanted), list(named)
        if transaction is not None:
            asked = [*pairs, *((group, None) for group in groups)] if groups else pairs
            known = self._work(transaction).holds(Person(frozenset(principals), user_id), asked)
            if known is not None:
                return known
        who = bound.who(self.dialect, principals, user_id)
        return bool(self._granting("check", bound.pairs(pairs, groups), who, transaction))

    def granting(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> list[ACE]:
        who = bound.who(self.dialect, principals, user_id)
        rows = self._granting("granting", bound.pairs(wanted), who, transaction)
        return sorted({ACE(*row[:3]) for row in rows})

    def accessible(
        self,
        parent: str,
        permissions: Iterable[str],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> dict[str, frozenset[str]]:
        if not possible(parent):
            return {}
        person, asked = Person(frozenset(principals), user_id), frozenset(permissions)
        return dict(self._accessible(Asked(parent, asked, person), transaction))

    def accessible_ids(
        self,
        parent: str,
        permissions: Iterable[str],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> Set[str]:
        if not possible(parent):
            return frozenset()
        asked = Asked(parent, frozenset(permissions), Person(frozenset(principals), user_id))
        return Subset(
            self.database,
            AccessibleIds(self.dialect),
            bound.accessible(self.dialect, asked),
            lambda: bool(self._accessible(asked._replace(some=True), transaction)),
            lambda: frozenset(path[len(parent) + 1 :] for path in self._accessible(asked, transaction)),
        )

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
        who = bound.who(self.dialect, principals, user_id)
        values = {**who, **bound.lists(self.dialect, wanted or (), after, descending=descending)}
        values |= {} if after is None else {"after": after, "after_id": id_of(after)}
        values |= {} if limit is None else {"limit": limit + 1}
        if wanted is not None and limit is not None and not by_id:
            rows, read = self._read("nearest", values, transaction, descending), held.of_several
        else:
            shape = (wanted is not None, by_id, after is not None, limit is not None, descending)
            rows, read = self._read("sorted", values, transaction, shape), held.of_one
        entries = [(object_id, read(collected)) for object_id, collected in rows]
        return Objects(entries[:limit], limit is not None and len(entries) > limit)

    def numbers_of(
        self,
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        lists: Iterable[Lists],
        transaction: Transaction | None = None,
    ) -> dict[str, int]:
        who = bound.who(self.dialect, principals, user_id)
        values = {**who, **bound.lists(self.dialect, lists, None, descending=False)}
        return dict(self._read("numbers", values, transaction))

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
        return [object_id for (object_id,) in self._read("held_alone", values, transaction, limit is not None)]

    def permissions_of(
        self, *object_ids: str, transaction: Transaction | None = None
    ) -> dict[str, dict[str, frozenset[str]]]:
        if transaction is None:
            with Transaction() as own:
                return self.permissions_of(*object_ids, transaction=own)
        work = self._work(transaction)
        foresight.know_entries(self, work, object_ids)
        return {object_id: dict(work.entries(object_id) or {}) for object_id in object_ids}

    def replace(
        self, object_id: str, permissions: Mapping[str, Iterable[str]], *, transaction: Transaction | None = None
    ) -> None:
        named = {name: frozenset(principals) for name, principals in permissions.items()}
        storable(object_id, *named, *(principal for principals in named.values() for principal in principals))
        with self.within(transaction) as joined:
            work = self._work(joined)
            foresight.know_entries(self, work, (object_id,))
            work.replace(object_id, work.entries(object_id) or {}, named)

    def grant(self, object_id: str, permission: str, principal: str, *, transaction: Transaction | None = None) -> None:
        storable(object_id, permission, principal)
        with self._joined(transaction) as work:
            work.grant(object_id, permission, principal)

    def revoke(
        self, object_id: str, permission: str, principal: str, *, transaction: Transaction | None = None
    ) -> None:
        if all(map(possible, (object_id, permission, principal))):
            with self._joined(transaction) as work:
                work.revoke(object_id, permission, principal)

    def delete(self, *object_ids: str, transaction: Transaction | None = None) -> None:
        with self._joined(transaction) as work:
            for object_id in filter(possible, object_ids):
                work.delete(object_id)

    def foresee(
        self,
        transaction: Transaction,
        *,
        wanted: Iterable[tuple[str, str]] = (),
        principals: Iterable[str] = (),
        user_id: str | None = None,
        named: Iterable[str] = (),
        objects: Iterable[str] = (),
        groups: Iterable[str] = (),
    ) -> Foreseen:
        work = self._work(transaction)
        pairs = bound.pairs(wanted, named)
        person = Person(frozenset(principals), user_id)
        asked = foresight.held(self, work, pairs, person)
        members = [foresight.members(self, work, group) for group in groups if work.members(group) is None]
        others = (*foresight.entries(self, work, objects), *members)
        return Foreseen(asked, others, work.holds(person, pairs) is True)

    def foresee_accessible(
        self,
        transaction: Transaction,
        parent: str,
        permissions: Iterable[str],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        some: bool = False,
    ) -> Question | None:
        asked = Asked(parent, frozenset(permissions), Person(frozenset(principals), user_id), some)
        return foresight.accessible(self, self._work(transaction), asked)

    def delete_under(self, ancestor: str, *, inclusive: bool = False, transaction: Transaction | None = None) -> None:
        if possible(ancestor):
            with self.within(transaction) as joined:
                self._write(joined, ("delete_under", Range.under(ancestor)._asdict()))
                self.delete(*([ancestor] if inclusive else []), transaction=joined)

    def erase(self, principal: str, *, transaction: Transaction | None = None) -> None:
        if possible(principal):
            member = {"user_id": principal, "group": principal}
            self._write(transaction, ("forget_user", member), ("forget_principal", {"principal": principal}))

    def _granting(
        self, name: str, pairs: Sequence[Pair], who: Values, transaction: Transaction | None
    ) -> Sequence[tuple[Any, ...]]:
        if not pairs:
            return ()
        statement, values = bound.wanted(self.dialect, name, pairs)
        return self._read(statement, {**values, **who}, transaction)

    def _accessible(self, asked: Asked, transaction: Transaction | None) -> Mapping[str, frozenset[str]]:
        with self._joined(transaction) as work:
            if work.accessible(asked) is None:
                ask(Inquiry((foresight.accessible(self, work, asked),)))
            return work.accessible(asked) or {}
