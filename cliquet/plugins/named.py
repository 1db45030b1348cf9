"""Lets those pass whom a setting names."""

from __future__ import annotations

from collections.abc import Collection

from pyramid.request import Request

from cliquet.errors import NotAllowed
from cliquet.web.authentication import who
from cliquet.web.components import components

__all__ = ["check_named", "is_named"]


def is_named(request: Request, principals: Collection[str]) -> bool:
    """Whether who sends a request is among some principals, by themselves or as a member of a group.

    >>> from cliquet.testing.app import make_wsgi_app
    >>> request = Request.blank("/")
    >>> request.registry = make_wsgi_app().registry
    >>> is_named(request, ["system.Everyone"]), is_named(request, ["system.Authenticated"])
    (True, False)
    """
    asking, parts = who(request), components(request.registry)
    if not asking.principals.isdisjoint(principals):
        return True
    groups = [principal for principal in principals if principal.startswith("/")]
    if not groups or parts.permission is None:
        return False
    return not parts.judge.groups_of(asking).isdisjoint(groups)


def check_named(request: Request, principals: Collection[str]) -> None:
    """Whether somebody may go on whom a setting may name.

    :raises NotAllowed: when it does not.
    """
    if not is_named(request, principals):
        raise NotAllowed(who(request).name)
