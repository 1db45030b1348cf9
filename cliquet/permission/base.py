"""What a permission backend is: who is a member of which group, and who may do what with which object."""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Set

from cliquet.database.question import Question
from cliquet.database.transaction import Transaction
from cliquet.permission.operated import Operated
from cliquet.permission.values import (
    ACE,
    Foreseen,
    Lists,
    Objects,
    Range,
    Selection,
    id_of,
    list_of,
    parent_of,
    possible,
    storable,
)

__all__ = [
    "ACE",
    "AUTHENTICATED",
    "EVERYONE",
    "Foreseen",
    "Lists",
    "Objects",
    "Permission",
    "Range",
    "Selection",
    "parent_of",
    "possible",
    "storable",
]

#: The principal of everybody who is somebody; as a member of a group, it stands for all users.
AUTHENTICATED = "system.Authenticated"
#: The principal of everybody, also of who is nobody in particular.
EVERYONE = "system.Everyone"


class Permission(Operated):
    """Keeps groups and ACEs. Every backend passes :class:`cliquet.testing.permission.PermissionContract`.

    A group is a principal, named by the path of its object. Texts hold neither NUL nor lone surrogates: to write one
    that does is a :class:`~cliquet.errors.BackendError`, to ask for one finds nothing.

    Every method takes an optional ``transaction``; without one it is a transaction of its own. Nothing is locked:
    whoever replaces the ACEs of an object holds the lock of the record's scope.

    >>> from cliquet.permission.memory import MemoryPermission
    >>> permission: Permission = MemoryPermission()
    >>> permission.add_member("/buckets/b/groups/g", "alice")
    >>> permission.grant("/buckets/b", "read", "/buckets/b/groups/g")
    >>> permission.check([("/buckets/b", "read")], [], user_id="alice")
    True
    """

    #: Whether permissions outlive the process.
    durable: bool = False
    #: Whether several processes may use the same permissions.
    shared_between_processes: bool = False
    #: Whether several machines may.
    shared_between_servers: bool = False

    # Groups

    @abstractmethod
    def principals_of(self, user_id: str, *, transaction: Transaction | None = None) -> frozenset[str]:
        """The groups of a user: those with the user, or :data:`AUTHENTICATED`, among their members."""

    @abstractmethod
    def memberships(self, user_id: str, *, transaction: Transaction | None = None) -> frozenset[str]:
        """The groups that have the user itself among their members."""

    @abstractmethod
    def add_member(self, group: str, user_id: str, *, transaction: Transaction | None = None) -> None:
        """Let a user be a member of a group, if not already."""

    @abstractmethod
    def remove_member(self, group: str, user_id: str, *, transaction: Transaction | None = None) -> None:
        """Let a user be no member of a group any more."""

    @abstractmethod
    def set_members(self, group: str, user_ids: Iterable[str], *, transaction: Transaction | None = None) -> None:
        """Let exactly these users be the members of a group."""

    @abstractmethod
    def remove_group(self, group: str, *, transaction: Transaction | None = None) -> None:
        """Forget a group's members, and every ACE that names it as principal: its name grants nothing any more.

        The ACEs *on* the group, as on any object, are removed by :meth:`delete`.
        """

    @abstractmethod
    def remove_groups_under(self, ancestor: str, *, transaction: Transaction | None = None) -> None:
        """:meth:`remove_group` for all groups below an ancestor."""

    # Who may do what

    @abstractmethod
    def check(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        named: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> bool:
        """Whether one of the principals, or a group of the user, has one of the permissions wanted.

        :param wanted: pairs of object id and permission.
        :param user_id: whose groups count as well; ``None`` for nobody in particular.
        :param named: groups; to be a member of one is enough, whatever is wanted.
        """

    @abstractmethod
    def granting(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> list[ACE]:
        """The ACEs because of which :meth:`check` says yes, sorted."""

    @abstractmethod
    def accessible(
        self,
        parent: str,
        permissions: Iterable[str],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> dict[str, frozenset[str]]:
        """The children of a list on which somebody directly has some of the permissions: id, and which of them.

        :param parent: the path of the list, such as ``/buckets/b/collections``; what is deeper is not meant.
        """

    def accessible_ids(
        self,
        parent: str,
        permissions: Iterable[str],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        transaction: Transaction | None = None,
    ) -> Set[str]:
        """The last parts of their paths, which a database may keep to itself until somebody looks at them."""
        found = self.accessible(parent, permissions, principals, user_id=user_id, transaction=transaction)
        return frozenset(object_id[len(parent) + 1 :] for object_id in found)

    @abstractmethod
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
        """A page of the objects on which somebody directly has permissions, in the order of their paths (code points).

        With ``lists`` and a limit, and not by id, a page costs the same however many objects there are.

        :param lists: the lists that count; ``None`` for all.
        :param by_id: order by the last part of the path first.
        :param after: the last object of the page before.
        :param limit: most objects in the page, at least 1; ``None`` for all.
        """

    def numbers_of(
        self,
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        lists: Iterable[Lists],
        transaction: Transaction | None = None,
    ) -> dict[str, int]:
        """How many objects with an id somebody directly has permissions on, by the path of the list that they are in.

        :param lists: the lists that count.
        """
        found = self.objects_of(principals, user_id=user_id, lists=lists, transaction=transaction)
        return dict(Counter(list_of(uri) for uri, _ in found.entries if id_of(uri)))

    @abstractmethod
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
        """The objects on which one principal has a permission that nobody else has, in the order of their paths.

        :param lists: the lists that count.
        :param after: the last object of the page before.
        :param limit: most objects in the page, at least 1; ``None`` for all.
        """

    # ACEs

    @abstractmethod
    def permissions_of(
        self, *object_ids: str, transaction: Transaction | None = None
    ) -> dict[str, dict[str, frozenset[str]]]:
        """For each of the objects, the principals by permission; an object without ACEs has an empty dict."""

    @abstractmethod
    def replace(
        self, object_id: str, permissions: Mapping[str, Iterable[str]], *, transaction: Transaction | None = None
    ) -> None:
        """Let exactly these principals have these permissions; permissions that are not named stay as they are."""

    @abstractmethod
    def grant(self, object_id: str, permission: str, principal: str, *, transaction: Transaction | None = None) -> None:
        """Add an ACE, if it is not there."""

    @abstractmethod
    def revoke(
        self, object_id: str, permission: str, principal: str, *, transaction: Transaction | None = None
    ) -> None:
        """Remove an ACE, if it is there."""

    @abstractmethod
    def delete(self, *object_ids: str, transaction: Transaction | None = None) -> None:
        """Remove the ACEs on objects."""

    @abstractmethod
    def delete_under(self, ancestor: str, *, inclusive: bool = False, transaction: Transaction | None = None) -> None:
        """Remove the ACEs on all objects below an ancestor.

        :param inclusive: whether those on the ancestor go, too.
        """

    @abstractmethod
    def erase(self, principal: str, *, transaction: Transaction | None = None) -> None:
        """Remove a principal from every ACE and every group, for good."""

    # Looking ahead

    #: Whether it pays to say what will be asked.
    foresees: bool = False

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
        """What will be asked in a transaction, where it pays to know that before.

        :param wanted: what :meth:`check` will be asked, in one or in several calls, for the same principals and user.
        :param named: the same.
        :param objects: those whose ACEs will be read.
        :param groups: those whose members will be set.
        """
        return Foreseen()

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
        """The same for :meth:`accessible`; nothing where it does not pay.

        :param some: whether it is enough to know if there are any.
        """
        return None
