"""The permissions on the records of one scope: asked for, kept, shown, and gone with their records."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence, Set
from dataclasses import dataclass, field
from typing import Protocol, Self

from cliquet.database.transaction import Transaction
from cliquet.errors import NotAllowed, RecordNotFound
from cliquet.model.access import Kind, Level, place
from cliquet.model.change import Change, Permissions
from cliquet.model.judge import NO_GROUNDS, Grounds, Judge, Who
from cliquet.model.unshared import NotShared
from cliquet.storage.base import Document, Edge, Scope, Storage

__all__ = ["NotShared", "Shared", "Sharing"]


class Sharing(Protocol):
    """What the verbs ask about the permissions of records."""

    @property
    def only(self) -> Set[str] | None:
        """The ids that the caller may see in a list; ``None`` is all."""

    def within(self, transaction: Transaction | None) -> Sharing:
        """The same in a transaction."""

    def uri(self, record_id: str) -> str:
        """The path of a record, without the version."""

    def check(self, permission: str, record_id: str) -> None:
        """Raise :class:`NotAllowed` unless the caller has a permission on a record."""

    def may(self, permission: str, record_id: str) -> bool:
        """Whether the caller has a permission on a record."""

    def check_create(self) -> None:
        """Raise :class:`NotAllowed` unless the caller may create records here."""

    def check_parent(self) -> None:
        """Raise :class:`RecordNotFound` when the parent is missing."""

    def stored(self, record_id: str) -> Permissions:
        """The permissions on a record."""

    def created(self, document: Document, given: Permissions | None) -> Permissions:
        """Keep the permissions on a new record."""

    def changed(self, document: Document, given: Permissions | None) -> Permissions:
        """Keep the permissions on a record that was changed; ``None`` leaves them as they are."""

    def gone(self, documents: Sequence[Document]) -> list[Change]:
        """Forget the permissions on deleted records, and everything below them; says what was below."""

    def shown(self, record_id: str, permissions: Permissions) -> dict[str, list[str]] | None:
        """The permissions on a record that the caller may see; ``None`` where there are none at all."""


def _nobody(record_id: str) -> str:
    return ""


@dataclass(frozen=True)
class Shared:
    """The permissions of records in the permission backend.

    :param kind: what the records are.
    :param who: the caller.
    :param above: the objects from the root down to the parent.
    :param path: the path of the list.
    :param owner: the principal that a new record belongs to, given its id; empty for the caller.
    :param explicit: whether who changes a record gets the permission to write it.
    :param members: the field that holds the members, when the records are groups.
    :param only: the ids that the caller may see in the list; ``None`` is all.
    :param decided: what was asked before, in this request.
    :param enough: what is enough for what was asked.
    """

    judge: Judge
    storage: Storage
    kind: Kind
    who: Who
    path: str
    above: tuple[Level, ...] = ()
    owner: Callable[[str], str] = _nobody
    explicit: bool = False
    members: str = ""
    only: Set[str] | None = None
    transaction: Transaction | None = None
    decided: dict[tuple[str, str], bool] = field(default_factory=dict)
    enough: dict[tuple[str, str], Grounds] = field(default_factory=dict)

    def within(self, transaction: Transaction | None) -> Self:
        """The same in a transaction."""
        return self if transaction is self.transaction else dataclasses.replace(self, transaction=transaction)

    def restricted(self, only: Set[str]) -> Self:
        """The same, where the caller sees only some of the records."""
        return dataclasses.replace(self, only=only)

    def uri(self, record_id: str) -> str:
        """The path of a record."""
        return f"{self.path}/{record_id}"

    # May they?

    def may(self, permission: str, record_id: str) -> bool:
        """Whether the caller has a permission on a record."""
        return self._decide(permission, (*self.above, Level(self.kind.name, self.uri(record_id))))

    def check(self, permission: str, record_id: str) -> None:
        """Whether the caller has a permission on a record.

        :raises NotAllowed: when not.
        """
        if not self.may(permission, record_id):
            raise NotAllowed(self.who.name)

    def may_create(self) -> bool:
        """Whether the caller may create records here."""
        return self._decide(f"{self.kind.name}:create", self.above)

    def check_create(self) -> None:
        """Whether the caller may create records here.

        :raises NotAllowed: when not.
        """
        if not self.may_create():
            raise NotAllowed(self.who.name)

    def may_list(self, permission: str) -> bool:
        """Whether the caller has a permission on every record of the list, present and future."""
        place = permission, self.path
        if place not in self.decided:
            allowed = self.judge.grants(self.who, self.listing(permission), transaction=self.transaction)
            self.judge.habits.note((self.who.user_id, *place), allowed=allowed)
            self.decided[place] = allowed
        return self.decided[place]

    def accessible(self, permissions: Iterable[str]) -> Set[str]:
        """The ids of the records on which the caller directly has one of some permissions.

        Where the storage can find them by itself, they are not read.
        """
        found = self.judge.accessible(self.who, self.path, permissions, transaction=self.transaction)
        return found if self.storage.finds(found) else frozenset(found)

    def check_parent(self) -> None:
        """Whether the parent exists.

        :raises RecordNotFound: when it does not.
        """
        if not self.above:
            return
        scope, record_id = place(self.above)
        try:
            self.storage.get(scope, record_id, transaction=self.transaction)
        except RecordNotFound:
            raise RecordNotFound(record_id, scope.resource, parent=True) from None

    # What will be asked

    def grounds(self, permission: str, record_id: str) -> Grounds:
        """What is enough for a permission on a record."""
        return self._enough(permission, (*self.above, Level(self.kind.name, self.uri(record_id))))

    @property
    def creation(self) -> Grounds:
        """What is enough to create records here."""
        return self._enough(f"{self.kind.name}:create", self.above)

    def listing(self, permission: str) -> Grounds:
        """What is enough for a permission on every record of the list: above, or by the settings alone."""
        place = permission, self.path
        if place not in self.enough:
            alone = self.judge.by_setting(self.who, self.kind.name, permission)
            above = self.judge.grounds(self.who, self.above, permission) if self.above else NO_GROUNDS
            self.enough[place] = above | alone
        return self.enough[place]

    def lists_all(self, permission: str) -> bool:
        """Whether the caller may be expected to have a permission on every record of the list, as they had before."""
        return self.judge.habits.expects((self.who.user_id, permission, self.path))

    @property
    def parents(self) -> tuple[tuple[Scope, str], ...]:
        """The place of the parent, if there is one."""
        return (place(self.above),) if self.above else ()

    # What is stored

    def stored(self, record_id: str) -> Permissions:
        """The permissions on a record."""
        uri = self.uri(record_id)
        return self.judge.permission.permissions_of(uri, transaction=self.transaction)[uri]

    def created(self, document: Document, given: Permissions | None) -> Permissions:
        """Keep the permissions on a new record, which belongs to its owner."""
        return self._keep(document, _with(given or {}, self.owner(document.id) or self.who.name))

    def changed(self, document: Document, given: Permissions | None) -> Permissions:
        """Keep the permissions on a record that was changed.

        :param given: all of them, the permissions that are not named being emptied; ``None`` leaves them as they are.
        """
        before = self.stored(document.id)
        after = before if given is None else given
        if self.explicit:
            after = _with(after, self.who.name)
        return self._keep(document, after, before)

    def gone(self, documents: Sequence[Document]) -> list[Change]:
        """Forget the permissions on deleted records, and everything below them."""
        uris = [self.uri(document.id) for document in documents]
        if uris:
            self.judge.permission.delete(*uris, transaction=self.transaction)
        edges = self.judge.tree.edges(self.kind.name)
        return [change for uri in uris for change in self._cascade(uri, edges)]

    def shown(self, record_id: str, permissions: Permissions) -> dict[str, list[str]] | None:
        """The permissions, to a caller who may directly write the record; nothing to others."""
        writers = permissions.get("write", frozenset())
        if writers.isdisjoint(self.who.principals) and not self._writes_as_member(record_id, writers):
            return {}
        return {name: sorted(principals) for name, principals in sorted(permissions.items()) if principals}

    def _decide(self, permission: str, levels: Sequence[Level]) -> bool:
        place = permission, levels[-1].uri if levels else ""
        if place not in self.decided:
            grounds = self._enough(permission, levels)
            self.decided[place] = self.judge.grants(self.who, grounds, transaction=self.transaction)
        return self.decided[place]

    def _enough(self, permission: str, levels: Sequence[Level]) -> Grounds:
        place = permission, levels[-1].uri if levels else ""
        if place not in self.enough:
            self.enough[place] = self.judge.grounds(self.who, levels, permission)
        return self.enough[place]

    def _writes_as_member(self, record_id: str, writers: Iterable[str]) -> bool:
        """Whether the caller is in one of the groups among those who may write; asked only when there are any."""
        if not any(principal.startswith("/") for principal in writers):
            return False
        return self.judge.holds(self.who, self.uri(record_id), "write", transaction=self.transaction)

    def _keep(self, document: Document, after: Permissions, before: Permissions | None = None) -> Permissions:
        uri, permission = self.uri(document.id), self.judge.permission
        kept = {name: principals for name, principals in after.items() if principals}
        if kept != before:
            emptied = {name: frozenset[str]() for name in before or () if name not in kept}
            permission.replace(uri, {**kept, **emptied}, transaction=self.transaction)
        if self.members:
            permission.set_members(uri, document.data.get(self.members, ()), transaction=self.transaction)
        return kept

    def _cascade(self, uri: str, edges: Sequence[Edge]) -> list[Change]:
        permission, transaction = self.judge.permission, self.transaction
        if self.members:
            permission.remove_group(uri, transaction=transaction)
        if not edges:
            return []
        # First the locks of all that is below: whoever writes there keeps permissions as well, until their end.
        removed = self.storage.delete_under(uri, edges, transaction=transaction)
        permission.delete_under(uri, transaction=transaction)
        permission.remove_groups_under(uri, transaction=transaction)
        return [
            self._removed(scope, old) for scope, old in removed if not self.judge.tree.kinds[scope.resource].journal
        ]

    def _removed(self, scope: Scope, old: Document) -> Change:
        """The end of a record below one that was deleted, at the time from which on its scope is empty."""
        tree, time = self.judge.tree, self.storage.head(scope, transaction=self.transaction).timestamp
        uri = f"{scope.parent}/{tree.kinds[scope.resource].segment}/{old.id}"
        depth = tree.ancestors(scope.resource).index(self.kind.name) + 1
        return Change("delete", scope, uri, Document.tombstone(old.id, time), old, cascade=depth)


def _with(permissions: Permissions, writer: str) -> dict[str, frozenset[str]]:
    return {**permissions, "write": permissions.get("write", frozenset()) | {writer}}
