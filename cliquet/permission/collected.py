"""A permission backend that collects the changes of a transaction and makes them when it commits."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

from cliquet.database.transaction import Transaction
from cliquet.permission.base import ACE, AUTHENTICATED, Lists, Objects, Permission, Range, Selection, storable
from cliquet.permission.pending import Change, Pending, Region
from cliquet.permission.state import State

__all__ = ["Collected"]

T = TypeVar("T")


class Collected(Permission):
    """Says what each method asks or changes, in terms of :class:`~cliquet.permission.state.State`.

    A backend says how to ask, and how to keep changes. Whoever is in the transaction sees its changes at once,
    everybody else when they are kept.
    """

    @abstractmethod
    def ask(self, region: Region, question: Callable[[State], T], changes: Sequence[Change]) -> T:
        """The answer to a question, as if some changes had been kept."""

    @abstractmethod
    def keep(self, changes: list[Change]) -> None:
        """Make changes, all at once."""

    def begin(self, transaction: Transaction) -> Pending:
        """The backend's part of a transaction."""
        return Pending(self.keep)

    def pending(self, transaction: Transaction) -> Pending:
        """The same, begun when it is not yet."""
        return transaction.join(self, lambda: self.begin(transaction))

    def principals_of(self, user_id: str, *, transaction: Transaction | None = None) -> frozenset[str]:
        return self._groups(user_id, transaction)

    def memberships(self, user_id: str, *, transaction: Transaction | None = None) -> frozenset[str]:
        region = Region(users=frozenset({user_id}))
        return self._ask(region, lambda state: state.groups.get(user_id, frozenset()), transaction)

    def add_member(self, group: str, user_id: str, *, transaction: Transaction | None = None) -> None:
        storable(group, user_id)
        region = Region(users=frozenset({user_id}))
        self._change(region, lambda state: state.set_member(group, user_id, member=True), transaction)

    def remove_member(self, group: str, user_id: str, *, transaction: Transaction | None = None) -> None:
        region = Region(users=frozenset({user_id}))
        self._change(region, lambda state: state.set_member(group, user_id, member=False), transaction)

    def set_members(self, group: str, user_ids: Iterable[str], *, transaction: Transaction | None = None) -> None:
        members = frozenset(user_ids)
        storable(group, *members)
        region = Region(users=members, groups=frozenset({group}))
        self._change(region, lambda state: state.set_members(group, members), transaction)

    def remove_group(self, group: str, *, transaction: Transaction | None = None) -> None:
        groups = frozenset({group})
        self._change(Region(groups=groups), lambda state: state.remove_groups(groups), transaction)

    def remove_groups_under(self, ancestor: str, *, transaction: Transaction | None = None) -> None:
        groups = Range.under(ancestor)
        self._change(Region(groups_under=groups), lambda state: state.remove_groups(groups), transaction)

    def check(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        named: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> bool:
        pairs, who, groups = frozenset(wanted), frozenset(principals), frozenset(named)
        region = Region(objects=frozenset(object_id for object_id, _ in pairs), users=_users(user_id))
        return self._ask(region, lambda state: state.allows(pairs, who, user_id, groups), transaction)

    def granting(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> list[ACE]:
        pairs, named = frozenset(wanted), frozenset(principals)
        region = Region(objects=frozenset(object_id for object_id, _ in pairs), users=_users(user_id))
        return self._ask(region, lambda state: state.granting(pairs, named | state.groups_of(user_id)), transaction)

    def accessible(
        self,
        parent: str,
        permissions: Iterable[str],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> dict[str, frozenset[str]]:
        asked = frozenset(permissions)
        who = frozenset(principals) | self._groups(user_id, transaction)
        region = Region(holders=who, parent=parent)
        return self._ask(region, lambda state: state.accessible(parent, asked, who), transaction)

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
        page = Selection(None if lists is None else tuple(lists), by_id, after, limit, descending)
        who = frozenset(principals) | self._groups(user_id, transaction)
        return self._ask(Region(holders=who, page=page), lambda state: state.objects_of(who, page), transaction)

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
        page = Selection((lists,), after=after, limit=limit, descending=False)
        region = Region(holders=frozenset({principal}), page=page._replace(limit=None))
        return self._ask(region, lambda state: state.held_alone(principal, permission, page), transaction)

    def permissions_of(
        self, *object_ids: str, transaction: Transaction | None = None
    ) -> dict[str, dict[str, frozenset[str]]]:
        region = Region(objects=frozenset(object_ids))
        return self._ask(region, lambda state: {one: state.permissions_of(one) for one in object_ids}, transaction)

    def replace(
        self, object_id: str, permissions: Mapping[str, Iterable[str]], *, transaction: Transaction | None = None
    ) -> None:
        wanted = {permission: frozenset(principals) for permission, principals in permissions.items()}
        storable(object_id, *wanted, *(principal for principals in wanted.values() for principal in principals))
        self._change(_on(object_id), lambda state: state.replace(object_id, wanted), transaction)

    def grant(self, object_id: str, permission: str, principal: str, *, transaction: Transaction | None = None) -> None:
        storable(object_id, permission, principal)
        self._change(_on(object_id), lambda state: state.grant(object_id, permission, principal), transaction)

    def revoke(
        self, object_id: str, permission: str, principal: str, *, transaction: Transaction | None = None
    ) -> None:
        self._change(_on(object_id), lambda state: state.revoke(object_id, permission, principal), transaction)

    def delete(self, *object_ids: str, transaction: Transaction | None = None) -> None:
        self._change(_on(*object_ids), lambda state: state.delete(object_ids), transaction)

    def delete_under(self, ancestor: str, *, inclusive: bool = False, transaction: Transaction | None = None) -> None:
        below = Range.under(ancestor)
        region = Region(objects=frozenset({ancestor} if inclusive else ()), under=below)

        def change(state: State) -> None:
            state.delete(region.objects)
            state.delete_under(below)

        self._change(region, change, transaction)

    def erase(self, principal: str, *, transaction: Transaction | None = None) -> None:
        one = frozenset({principal})
        self._change(Region(users=one, groups=one), lambda state: state.erase(principal), transaction)

    def flush(self, *, transaction: Transaction | None = None) -> None:
        self._change(Region(everything=True), lambda state: state.clear(), transaction)

    def _groups(self, user_id: str | None, transaction: Transaction | None) -> frozenset[str]:
        if user_id is None:
            return frozenset()
        return self._ask(Region(users=_users(user_id)), lambda state: state.groups_of(user_id), transaction)

    def _ask(self, region: Region, question: Callable[[State], T], transaction: Transaction | None) -> T:
        changes = [] if transaction is None else self.pending(transaction).changes
        return self.ask(region, question, changes)

    def _change(self, region: Region, change: Callable[[State], None], transaction: Transaction | None) -> None:
        with self.within(transaction) as joined:
            self.pending(joined).changes.append(Change(change, region))


def _users(user_id: str | None) -> frozenset[str]:
    return frozenset() if user_id is None else frozenset({user_id, AUTHENTICATED})


def _on(*object_ids: str) -> Region:
    return Region(objects=frozenset(object_ids))
