"""Who may do what with the records of a resource."""

from __future__ import annotations

from typing import Protocol

from pyramid.request import Request

from cliquet.errors import NotAuthenticated
from cliquet.web.authentication import user_id

__all__ = ["Access", "Private", "Public"]


class Access(Protocol):
    """Decides whether a request may go on."""

    def check(self, request: Request) -> None:
        """Let it pass, or raise :class:`NotAuthenticated` or :class:`NotAllowed`."""


class Public:
    """Anybody may do anything, without saying who they are; give such a resource a ``get_parent_id`` of its own.

    >>> Public().check(None) is None
    True
    """

    def check(self, request: Request) -> None:
        """Lets everything pass."""


class Private:
    """Any authenticated user may do anything in a space of their own."""

    def check(self, request: Request) -> None:
        """Whether somebody in particular asks.

        :raises NotAuthenticated: when not.
        """
        if user_id(request) is None:
            raise NotAuthenticated("anonymous")
