"""From a request to the method of a resource, and back to a response."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from pyramid.request import Request
from pyramid.response import Response

from cliquet.database.transaction import Transaction
from cliquet.errors import CliquetError
from cliquet.model.foresight import Outlook
from cliquet.protocol import body, patch
from cliquet.resource.context import Context
from cliquet.resource.viewset import READING
from cliquet.rest.call import Call, Reply
from cliquet.web import calls, events, replies, summary, transactions
from cliquet.web.authentication import identify
from cliquet.web.subrequests import PREPARED

__all__ = ["make_view", "outlook_of"]

#: (endpoint, method) -> how the request is read.
_READ: dict[tuple[str, str], Callable[[Any, Request], Call]] = {
    ("collection", "GET"): lambda one, request: one.context.reader.listing(request, lambda: one.binding),
    ("collection", "HEAD"): lambda one, request: one.context.reader.listing(request, lambda: one.binding),
    ("collection", "DELETE"): lambda one, request: one.context.reader.listing(request, lambda: one.binding),
    ("collection", "POST"): lambda one, request: one.context.reader.writing(request),
    ("record", "GET"): lambda one, request: one.context.reader.reading(request),
    ("record", "PUT"): lambda one, request: one.context.reader.writing(request, one.record_id),
    ("record", "PATCH"): lambda one, request: one.context.reader.changing(request),
    ("record", "DELETE"): lambda one, request: one.context.reader.deleting(request),
}
_BODIES = {"POST": (patch.JSON,), "PUT": (patch.JSON,), "PATCH": tuple(patch.FORMS)}


def make_view(context: Context, endpoint: str, method: str) -> Callable[[Request], Response]:
    """The view of one method of one endpoint.

    The order of the checks is the protocol's: what is accepted and sent, who asks, what is asked, what is there.
    """

    def view(request: Request) -> Response:
        request.environ["cliquet.resource"] = context.name
        summary.bind(request, collection_id=context.name)
        calls.negotiate(request)
        if method in _BODIES:
            calls.media_type(request, _BODIES[method])
            calls.check_length(request, context.max_bytes)
        resource = request.environ.pop(PREPARED, None) or context.resource(request, context)
        resource.access.check(request)
        verb = _verb(endpoint, request.method)
        resource.reading = _reading(endpoint, verb, method)
        lent = transactions.current(request)
        resource.transaction = Transaction() if lent is None else lent
        _admit(resource, verb, lent)
        if method == "GET":
            return _respond_reading(resource, verb, lent)
        return transactions.run(
            request, lambda transaction: _respond(resource, verb, transaction), first=resource.transaction
        )

    view.__name__ = f"{context.name}_{endpoint}_{method.lower()}"
    return view


def _admit(resource: Any, verb: str, lent: Transaction | None) -> None:
    """Find out whether the caller may, and read what they ask for; who is refused leaves no lock behind."""
    try:
        resource.granted = resource.access.share(resource, verb)
        _ = resource.call
    except BaseException:
        if lent is None:
            resource.transaction.rollback()
        raise


def outlook_of(context: Context, endpoint: str, request: Request, transaction: Transaction) -> Outlook | None:
    """What a request of a batch is going to ask; nothing when something is wrong with it, as it will be told."""
    verb = _verb(endpoint, request.method)
    if (endpoint, request.method) not in _READ and request.method != "HEAD":
        return None
    resource = context.resource(request, context)
    resource.transaction, resource.reading = transaction, _reading(endpoint, verb, request.method)
    try:
        found: Outlook | None = resource.access.outlook(resource, verb)
    except CliquetError:
        return None
    request.environ[PREPARED] = resource
    return found if found is None or found.listing is None else found._replace(listing=None)


def _reading(endpoint: str, verb: str, method: str) -> Callable[[Any, Request], Call]:
    return _READ[endpoint, {"collection_head": "HEAD", "get": "GET"}.get(verb, method)]


def _verb(endpoint: str, method: str) -> str:
    if endpoint == "collection":
        return f"collection_{method.lower()}"
    return "get" if method == "HEAD" else method.lower()


def _bind(resource: Any, reply: Reply) -> None:
    """What the line in the log says about a collection."""
    if isinstance(reply.data, Sequence):
        summary.bind(
            resource.request,
            collection_timestamp=reply.timestamp,
            nb_records=len(reply.data),
            limit=resource.call.query.limit,
        )


def _tell(resource: Any, reply: Reply) -> None:
    """Let the subscribers of events know."""
    if reply.changes:
        events.note(resource.request, resource.transaction, reply.changes)
    elif reply.data is not None:
        listed = reply.data if isinstance(reply.data, Sequence) else [reply.data]
        timestamp = reply.timestamp or 0
        events.tell_read(resource.request, resource.context.name, resource.parent_id, listed, timestamp)


def _respond_reading(resource: Any, verb: str, lent: Transaction | None) -> Response:
    """The answer of what should change nothing; whatever an application changes all the same is kept."""
    if lent is not None:
        return _respond(resource, verb, lent)
    with resource.transaction:
        return _respond(resource, verb, resource.transaction)


def _respond(resource: Any, verb: str, transaction: Transaction) -> Response:
    resource.transaction = transaction
    reply = getattr(resource, verb)()
    if isinstance(reply, Reply):
        _bind(resource, reply)
        _tell(resource, reply)
        bound = resource.binding if reply.after is not None else b""
        anonymous = resource.request.method in READING and identify(resource.request) is None
        lifetime = resource.cache_seconds() if anonymous else None
        return replies.respond(resource.request, reply, bound=bound, lifetime=lifetime)
    if isinstance(reply, Response):
        return reply
    return Response(body=body.encode(reply), content_type="application/json")
