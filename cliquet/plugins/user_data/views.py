"""``/__user_data__``: what belongs to somebody is listed, exported and erased there."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from cliquet.errors import InvalidInput, Problem
from cliquet.plugins.named import check_named
from cliquet.plugins.user_data.belongings import SIZE, Belonging, Belongings
from cliquet.plugins.user_data.erasure import Erasure
from cliquet.protocol import body, querystring
from cliquet.protocol.fields import Fields
from cliquet.protocol.order import key
from cliquet.rest.call import Reply
from cliquet.storage.base import Document
from cliquet.web import calls, replies, transactions
from cliquet.web.authentication import user_id
from cliquet.web.components import components

__all__ = ["erase", "export", "listed"]

#: The setting that lets people do it for themselves.
SELF_SERVICE = "user-data_self_service"


def listed(request: Request) -> Response:
    """A page of what belongs to somebody, without its content."""
    calls.negotiate(request)
    principal = _principal(request, "user-data_read_principals")
    parts = components(request.registry)
    pairs, bound = calls.parameters(request), calls.bound_to(request, principal)
    if unknown := [name for name, _ in pairs if name not in ("_limit", "_token")]:
        raise InvalidInput(Problem("querystring", unknown[0], f"Unknown filter field '{unknown[0]}'"))
    limits = querystring.Limits(parts.settings.paginate_by, parts.settings.storage_max_fetch_size)
    limit = querystring.parse([pair for pair in pairs if pair[0] == "_limit"], Fields(), now=0, limits=limits).limit
    assert limit is not None, "every page has a limit"
    tokens = [text for name, text in pairs if name == "_token"]
    after = parts.tokens.read(tokens[-1], bound)[0].text if tokens else None
    found = list(itertools.islice(Belongings.of(parts, principal).after(after, enough=limit + 1), limit + 1))
    more = (key(found[limit - 1].uri),) if len(found) > limit else None
    return replies.respond(request, Reply([one.shown() for one in found[:limit]], after=more), bound=bound)


def export(request: Request) -> Response:
    """All that belongs to somebody, a line of JSON each, with the content of what is theirs."""
    principal = _principal(request, "user-data_read_principals")
    belongings = Belongings.of(components(request.registry), principal)
    return Response(app_iter=_lines(belongings), content_type="application/x-ndjson", cache_control="no-store")


def erase(request: Request) -> dict[str, Any]:
    """Erase all that belongs to somebody, and their name from the rest."""
    calls.negotiate(request)
    principal = _principal(request, "user-data_delete_principals")

    def work(transaction: Any) -> dict[str, int]:
        erasure = Erasure(request, principal, transaction)
        erasure.run()
        return erasure.counts

    return {"data": {"principal": principal, **transactions.run(request, work)}}


def _principal(request: Request, setting: str) -> str:
    """The principal in the path, when the caller may go on.

    :raises NotAllowed: when the settings do not say so.
    :raises InvalidInput: when it cannot be one user.
    """
    wanted: str = request.matchdict["principal"]
    settings = request.registry.settings
    if not (settings[SELF_SERVICE] and user_id(request) == wanted):
        check_named(request, settings[setting])
    policy, colon, name = wanted.partition(":")
    if not (policy and colon and name) or body.fault(wanted):
        raise InvalidInput(Problem("path", None, "A user is named by a policy and an id, such as account:alice."))
    return wanted


def _lines(belongings: Belongings) -> Iterator[bytes]:
    found = belongings.after(None, enough=SIZE)
    while some := list(itertools.islice(found, SIZE)):
        documents = belongings.documents([one for one in some if _is_theirs(one)])
        permissions = belongings.permissions(one.uri for one in some if one.alone and not one.private)
        for one in some:
            yield body.encode(_line(one, documents.get(one.uri), permissions.get(one.uri))) + b"\n"


def _is_theirs(one: Belonging) -> bool:
    """Whether somebody may have the content, for they wrote it or could have."""
    return one.private or "write" in one.permissions


def _line(one: Belonging, document: Document | None, permissions: Any) -> dict[str, Any]:
    data = {} if document is None else {"data": document.data}
    shared = {"shared": {name: sorted(who) for name, who in sorted(permissions.items())}} if permissions else {}
    return {**one.shown(), **data, **shared}
