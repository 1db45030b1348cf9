"""What a permission backend is: who is a member of which group, and who may do what with which object."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError

__all__ = ["ACE", "AUTHENTICATED", "EVERYONE", "Objects", "Permission", "Range", "parent_of", "possible", "storable"]

#: The principal of everybody who is somebody; as a member of a group, it stands for all users.
AUTHENTICATED = "system.Authenticated"
#: The principal of everybody, also of who is nobody in particular.
EVERYONE = "system.Everyone"


class ACE(NamedTuple):
    """An access control entry: on this object, this principal has this permission.

    :param object_id: the path of the object without the version prefix, such as ``/buckets/b``.

    >>> ACE("/buckets/b", "read", "basicauth:alice").permission
    'read'
    """

    object_id: str
    permission: str
    principal: str


class Objects(NamedTuple):
    """Some objects with the permissions that somebody has on them, in order, and whether there are more after these.

    >>> Objects([("/buckets/b", frozenset({"read"}))], more=True).entries[-1]
    ('/buckets/b', frozenset({'read'}))
    """

    entries: list[tuple[str, frozenset[str]]]
    more: bool = False


class Range(NamedTuple):
    """The ids below an ancestor: from ``low`` on, before ``high``.

    >>> Range.under("/buckets/b")
    Range(low='/buckets/b/', high='/buckets/b0')
    >>> "/buckets/b/groups/g" in Range.under("/buckets/b"), "/buckets/b_/groups/g" in Range.under("/buckets/b")
    (True, False)
    """

    low: str
    high: str

    @classmethod
    def under(cls, ancestor: str) -> Range:
        """What begins with the ancestor and a slash; the character after the slash is the zero."""
        return cls(f"{ancestor}/", f"{ancestor}0")

    def __contains__(self, one: object) -> bool:
        return isinstance(one, str) and self.low <= one < self.high


class Permission(ABC):
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
        transaction: Transaction | None = None,
    ) -> bool:
        """Whether one of the principals, or a group of the user, has one of the permissions wanted.

        :param wanted: pairs of object id and permission.
        :param user_id: whose groups count as well; ``None`` for nobody in particular.
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

    @abstractmethod
    def objects_of(
        self,
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        after: str | None = None,
        limit: int | None = None,
        descending: bool = True,
        transaction: Transaction | None = None,
    ) -> Objects:
        """A page of all objects on which somebody directly has permissions, ordered by id (code points).

        :param after: the last id of the page before.
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

    # Operating

    @abstractmethod
    def flush(self) -> None:
        """Forget everything."""

    @abstractmethod
    def ping(self) -> bool:
        """Whether the backend answers; writes nothing."""

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        """Bring the schema up to date, and say what was done, or would be."""
        return []

    def check_schema(self) -> None:  # noqa: B027  # most backends have nothing to check
        """Whether the backend can serve this version.

        :raises SchemaOutdated: says what to type.
        """

    def close(self) -> None:  # noqa: B027  # some have nothing to let go of
        """Let go of connections."""

    @contextmanager
    def within(self, transaction: Transaction | None) -> Iterator[Transaction]:
        """The transaction given, or one of our own around the block."""
        if transaction is not None:
            yield transaction
        else:
            with Transaction() as own:
                yield own


def parent_of(object_id: str) -> str:
    """The path of the list that an object is in.

    >>> parent_of("/buckets/b/collections/c")
    '/buckets/b/collections'
    """
    return object_id.rpartition("/")[0]


def possible(text: str) -> bool:
    """Whether a text can be kept by every backend.

    >>> possible("/buckets/é"), possible("nul" + chr(0)), possible(chr(0xD800))
    (True, False, False)
    """
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def storable(*texts: str) -> None:
    """Whether texts can be kept.

    :raises BackendError: when one cannot.

    >>> storable("/buckets/b", "nul" + chr(0))
    Traceback (most recent call last):
      ...
    cliquet.errors.BackendError: A permission cannot be stored: 'nul\\x00' holds NUL or a lone surrogate
    """
    for text in texts:
        if not possible(text):
            raise BackendError(message=f"A permission cannot be stored: {text!r} holds NUL or a lone surrogate")
