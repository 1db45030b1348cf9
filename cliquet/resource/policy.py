"""Who may do what with the records of a resource."""

from __future__ import annotations

from typing import Any, Protocol

from pyramid.request import Request

from cliquet.errors import InvalidInput, NotAllowed, NotAuthenticated, RecordNotFound
from cliquet.model.foresight import Outlook, look
from cliquet.model.sharing import NotShared, Shared, Sharing
from cliquet.resource import outlooks
from cliquet.web.authentication import user_id

__all__ = ["Access", "Private", "Public", "SharedAccess"]


class Access(Protocol):
    """Decides whether a request may go on.

    >>> access: Access = Private()
    """

    def check(self, request: Request) -> None:
        """Who asks: let them pass, or raise :class:`NotAuthenticated` or :class:`NotAllowed`."""

    def share(self, resource: Any, verb: str) -> Sharing:
        """May they: the permissions on the records; raises :class:`NotAllowed` when they may not.

        :param resource: the resource of the request, whose body was not read.
        :param verb: the name of the method that will be called, such as ``collection_get``.
        """

    def outlook(self, resource: Any, verb: str) -> Outlook | None:
        """What the request is going to ask of the backends, when it pays to ask for all of it at once."""


class Public:
    """Anybody may do anything, without saying who they are; give such a resource a ``get_parent_id`` of its own.

    >>> Public().check(None) is None
    True
    """

    def check(self, request: Request) -> None:
        """Lets everything pass."""

    def share(self, resource: Any, verb: str) -> Sharing:
        """There are no permissions on records."""
        return NotShared(resource.list_path)

    def outlook(self, resource: Any, verb: str) -> Outlook | None:
        """What there is to ask are single records, which are read when they are locked."""
        return None


class Private(Public):
    """Any authenticated user may do anything in a space of their own."""

    def check(self, request: Request) -> None:
        """Whether somebody in particular asks.

        :raises NotAuthenticated: when not.
        """
        if user_id(request) is None:
            raise NotAuthenticated("anonymous")


class SharedAccess:
    """Each record has permissions, directly or from the records above it (``docs/protocol/sharing``).

    What a request needs is asked before its body is read; the verbs ask again what depends on what they find.

    >>> SharedAccess().check(None) is None
    True
    """

    def check(self, request: Request) -> None:
        """Lets everything pass: what is shared may be shared with everybody."""

    def share(self, resource: Any, verb: str) -> Sharing:
        """The permissions on the records.

        :raises NotAllowed: when the caller may not do what the verb does.
        """
        shared: Shared = resource.granted if resource.is_foreseen else resource.shared()
        if not resource.is_foreseen and (found := self._outlook(resource, shared, verb)) is not None:
            look(shared.storage, shared.judge.permission, resource.transaction, found)
        allow = getattr(self, f"_{verb}")
        allowed: Shared = allow(resource, shared)
        return allowed

    def outlook(self, resource: Any, verb: str) -> Outlook | None:
        """What the request is going to ask, as far as its path tells; of a list, also what its query does."""
        resource.granted = resource.shared()
        found = self._outlook(resource, resource.granted, verb)
        resource.is_foreseen = found is not None and found.listing is None
        return found

    def _outlook(self, resource: Any, shared: Shared, verb: str) -> Outlook | None:
        return outlooks.OF_VERBS[verb](resource, shared) if resource.context.parts.foresees else None

    def _collection_get(self, resource: Any, shared: Shared) -> Shared:
        return _listing(shared, "read", ("read", "write"))

    _collection_head = _collection_get

    def _collection_delete(self, resource: Any, shared: Shared) -> Shared:
        return _listing(shared, "write", ("write",))

    def _collection_post(self, resource: Any, shared: Shared) -> Shared:
        if not shared.may_create() and not _names_readable(resource, shared):
            raise NotAllowed(shared.who.name)
        return shared

    def _get(self, resource: Any, shared: Shared) -> Shared:
        shared.check("read:attributes", resource.record_id)
        return shared

    def _put(self, resource: Any, shared: Shared) -> Shared:
        record_id = resource.record_id
        if not _exists(resource, record_id):
            shared.check_create()
        elif not shared.may("write", record_id):
            if resource.request.headers.get("If-None-Match") != "*":
                raise NotAllowed(shared.who.name)
            shared.check_create()
        return shared

    def _patch(self, resource: Any, shared: Shared) -> Shared:
        record_id = resource.record_id
        readable = shared.may("write", record_id) or (shared.may_list("read") and not _exists(resource, record_id))
        if not readable:
            raise NotAllowed(shared.who.name)
        return shared

    _delete = _patch


def _listing(shared: Shared, permission: str, directly: tuple[str, ...]) -> Shared:
    """All of the list, or the records that are shared with the caller one by one."""
    if shared.may_list(permission):
        return shared
    only = shared.accessible(directly)
    if not only:
        shared.check_create()
    return shared.restricted(only)


def _names_readable(resource: Any, shared: Shared) -> bool:
    """Whether the body names a record that is there, and that the caller may read; a broken one names none."""
    try:
        wanted = (resource.call.data or {}).get("id")
    except InvalidInput:
        return False
    return wanted is not None and _exists(resource, wanted) and shared.may("read:attributes", wanted)


def _exists(resource: Any, record_id: str) -> bool:
    try:
        resource.model.get(record_id)
    except RecordNotFound:
        return False
    return True
