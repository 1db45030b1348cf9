"""The specification of a permission backend: groups and ACEs in dicts, what changes them, and what they answer."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Mapping, Set

from cliquet.permission.base import ACE, AUTHENTICATED, Objects, Range, Selection, parent_of

__all__ = ["State"]


class State:
    """All groups and ACEs of a backend, or those that a question or change is about. Holds no empty sets.

    :param aces: object id -> permission -> principals.
    :param groups: user id -> groups.

    The inner dicts are replaced, never changed; so that a copy costs little.

    >>> state = State()
    >>> state.grant("/buckets/b", "read", "alice")
    >>> state.permissions_of("/buckets/b")
    {'read': frozenset({'alice'})}
    """

    def __init__(
        self,
        aces: Mapping[str, Mapping[str, frozenset[str]]] | None = None,
        groups: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        self.aces = dict(aces or {})
        self.groups = dict(groups or {})

    def copy(self) -> State:
        """A state that changes apart from this one."""
        return State(self.aces, self.groups)

    # Changes

    def set_members(self, group: str, user_ids: Set[str]) -> None:
        """Let exactly these users be the members of a group."""
        for user_id in [*self.groups, *user_ids]:
            self._set_groups(user_id, self._changed(user_id, group, member=user_id in user_ids))

    def set_member(self, group: str, user_id: str, *, member: bool) -> None:
        """Let a user be a member of a group, or not."""
        self._set_groups(user_id, self._changed(user_id, group, member=member))

    def remove_groups(self, which: Container[str]) -> None:
        """Forget the members of groups, and the ACEs that name them as principal."""
        for user_id, groups in list(self.groups.items()):
            self._set_groups(user_id, frozenset(group for group in groups if group not in which))
        self._remove_principals(which)

    def replace(self, object_id: str, permissions: Mapping[str, frozenset[str]]) -> None:
        """Let exactly these principals have these permissions."""
        self._set_permissions(object_id, {**self.aces.get(object_id, {}), **permissions})

    def grant(self, object_id: str, permission: str, principal: str) -> None:
        """Add an ACE."""
        self.replace(object_id, {permission: self._principals(object_id, permission) | {principal}})

    def revoke(self, object_id: str, permission: str, principal: str) -> None:
        """Remove an ACE."""
        self.replace(object_id, {permission: self._principals(object_id, permission) - {principal}})

    def delete(self, which: Collection[str]) -> None:
        """Remove the ACEs on objects."""
        for object_id in which:
            self.aces.pop(object_id, None)

    def clear(self) -> None:
        """Forget everything."""
        self.aces.clear()
        self.groups.clear()

    def delete_under(self, below: Range) -> None:
        """Remove the ACEs on the objects of a range."""
        self.delete([object_id for object_id in self.aces if object_id in below])

    def erase(self, principal: str) -> None:
        """Remove a principal from every ACE and every group."""
        self.groups.pop(principal, None)
        self.remove_groups({principal})

    # Answers

    def groups_of(self, user_id: str | None) -> frozenset[str]:
        """The groups of a user; nobody in particular has none."""
        if user_id is None:
            return frozenset()
        return self.groups.get(user_id, frozenset()) | self.groups.get(AUTHENTICATED, frozenset())

    def permissions_of(self, object_id: str) -> dict[str, frozenset[str]]:
        """The principals by permission."""
        return dict(self.aces.get(object_id, {}))

    def allows(self, wanted: Iterable[tuple[str, str]], who: Set[str], user_id: str | None, named: Set[str]) -> bool:
        """Whether somebody, or a group of the user, has one of the permissions wanted, or the user is in a group."""
        groups = self.groups_of(user_id)
        return not groups.isdisjoint(named) or bool(self.granting(wanted, who | groups))

    def granting(self, wanted: Iterable[tuple[str, str]], who: Set[str]) -> list[ACE]:
        """The ACEs by which somebody has one of the permissions wanted, sorted."""
        found = {
            (object_id, permission): self._principals(object_id, permission) & who for object_id, permission in wanted
        }
        return sorted(ACE(*pair, principal) for pair, principals in found.items() for principal in principals)

    def accessible(self, parent: str, permissions: Set[str], who: Set[str]) -> dict[str, frozenset[str]]:
        """The children of a list on which somebody has some of the permissions."""
        children = (object_id for object_id in self.aces if parent_of(object_id) == parent)
        found = {object_id: self._held(object_id, who) & permissions for object_id in children}
        return {object_id: held for object_id, held in found.items() if held}

    def objects_of(self, who: Set[str], page: Selection) -> Objects:
        """A page of the objects on which somebody has permissions."""
        ordered = sorted(filter(page.holds, self.aces), key=page.place, reverse=page.descending)
        found = [(object_id, held) for object_id in ordered if (held := self._held(object_id, who))]
        end = len(found) if page.limit is None else page.limit
        return Objects(found[:end], len(found) > end)

    def held_alone(self, principal: str, permission: str, page: Selection) -> list[str]:
        """A page of the objects on which nobody else has a permission."""
        found = (object_id for object_id in sorted(filter(page.holds, self.aces)))
        alone = [object_id for object_id in found if self._principals(object_id, permission) == {principal}]
        return alone[: page.limit]

    def _principals(self, object_id: str, permission: str) -> frozenset[str]:
        return self.aces.get(object_id, {}).get(permission, frozenset())

    def _held(self, object_id: str, who: Set[str]) -> frozenset[str]:
        return frozenset(permission for permission, those in self.aces[object_id].items() if those & who)

    def _changed(self, user_id: str, group: str, *, member: bool) -> frozenset[str]:
        groups = self.groups.get(user_id, frozenset())
        return groups | {group} if member else groups - {group}

    def _set_groups(self, user_id: str, groups: frozenset[str]) -> None:
        self.groups[user_id] = groups
        if not groups:
            del self.groups[user_id]

    def _set_permissions(self, object_id: str, permissions: Mapping[str, frozenset[str]]) -> None:
        self.aces[object_id] = {permission: those for permission, those in permissions.items() if those}
        if not self.aces[object_id]:
            del self.aces[object_id]

    def _remove_principals(self, which: Container[str]) -> None:
        for object_id, permissions in list(self.aces.items()):
            named = {each for those in permissions.values() for each in those if each in which}
            if named:
                self._set_permissions(object_id, {name: those - named for name, those in permissions.items()})
