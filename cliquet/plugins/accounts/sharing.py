"""Who may do what with accounts: each belongs to itself, and to the administrators."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from cliquet.errors import InvalidInput, NotAuthenticated, Problem
from cliquet.model.change import Permissions
from cliquet.model.sharing import Shared
from cliquet.resource.policy import SharedAccess
from cliquet.storage.base import Document
from cliquet.web.authentication import user_id

__all__ = ["AccountAccess", "OwnAccounts"]


@dataclass(frozen=True)
class OwnAccounts(Shared):
    """An account may be written by the user that it is; nobody can change that.

    A client may repeat the permissions, as tools that copy records do.
    """

    def created(self, document: Document, given: Permissions | None) -> Permissions:
        """Let the account belong to itself, whoever created it."""
        _check(given, {"write": frozenset({self.owner(document.id)})})
        return super().created(document, None)

    def changed(self, document: Document, given: Permissions | None) -> Permissions:
        """Leave the permissions as they are, whoever changed the account."""
        before = self.stored(document.id)
        _check(given, before)
        return before


class AccountAccess(SharedAccess):
    """What shared records have; and nobody looks for accounts without having one.

    >>> AccountAccess().check(None) is None
    True
    """

    def _collection_get(self, resource: Any, shared: Shared) -> Shared:
        _check_user(resource.request, shared)
        return super()._collection_get(resource, shared)

    _collection_head = _collection_get

    def _collection_delete(self, resource: Any, shared: Shared) -> Shared:
        _check_user(resource.request, shared)
        return super()._collection_delete(resource, shared)

    def _put(self, resource: Any, shared: Shared) -> Shared:
        if shared.may_create():
            resource.check_name(shared, resource.record_id)
        return super()._put(resource, shared)


def _check_user(request: Request, shared: Shared) -> None:
    if user_id(request) is None and not shared.may_list("read"):
        raise NotAuthenticated("anonymous")


def _check(given: Permissions | None, stored: Permissions) -> None:
    """Whether the permissions in a body say nothing new."""
    wanted = {name: principals for name, principals in (given or {}).items() if principals}
    if wanted and wanted != stored:
        raise InvalidInput(Problem("body", "permissions", "An account belongs to its user: leave permissions out."))
