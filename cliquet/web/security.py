"""What Pyramid asks about users, answered by the policies; for the views that applications write."""

from __future__ import annotations

from typing import Any

from pyramid.authorization import ACLHelper, Authenticated, Everyone
from pyramid.request import Request
from pyramid.security import Denied

from cliquet.web.authentication import identify, user_id

__all__ = ["PRIVATE", "SecurityPolicy"]

#: The permission of views that any authenticated user may call.
PRIVATE = "private"


class SecurityPolicy:
    """Pyramid's view of :mod:`cliquet.web.authentication`."""

    def identity(self, request: Request) -> Any:
        """Who sends the request."""
        return identify(request)

    def authenticated_userid(self, request: Request) -> str | None:
        """Their prefixed id."""
        return user_id(request)

    def permits(self, request: Request, context: Any, permission: str) -> Any:
        """Whether they may: anybody authenticated where the permission is ``private``, else what the ACL says."""
        principals = self._principals(request)
        if permission == PRIVATE:
            return Authenticated in principals or Denied("not authenticated")
        return ACLHelper().permits(context, principals, permission)

    def remember(self, request: Request, userid: str, **_: Any) -> list[tuple[str, str]]:
        """Nothing is remembered: each request carries its credentials."""
        return []

    def forget(self, request: Request, **_: Any) -> list[tuple[str, str]]:
        """See :meth:`remember`."""
        return []

    def _principals(self, request: Request) -> list[str]:
        found = user_id(request)
        return [Everyone] if found is None else [Everyone, Authenticated, found]
