"""What requests about shared records are going to ask of the backends, one row for each verb."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from cliquet.errors import CliquetError
from cliquet.model.foresight import Listing, Outlook
from cliquet.model.judge import Grounds
from cliquet.model.sharing import Shared
from cliquet.protocol.query import Query
from cliquet.rest.call import Call
from cliquet.storage.base import Scope, deletable

__all__ = ["OF_VERBS"]


def _get(resource: Any, shared: Shared) -> Outlook:
    record_id = resource.record_id
    grounds = shared.grounds("read:attributes", record_id)
    return Outlook(shared.who, grounds, (shared.uri(record_id),), records=((_scope(resource), record_id),))


def _put(resource: Any, shared: Shared) -> Outlook:
    grounds = shared.grounds("write", resource.record_id) | shared.creation
    return _writing(resource, shared, resource.record_id, grounds, shared.parents)


def _patch(resource: Any, shared: Shared) -> Outlook:
    return _writing(resource, shared, resource.record_id, shared.grounds("write", resource.record_id), shared.parents)


def _post(resource: Any, shared: Shared) -> Outlook | None:
    record_id = resource.named_id
    grounds = shared.creation | shared.grounds("read:attributes", record_id)
    return _writing(resource, shared, record_id, grounds, shared.parents)


def _list(resource: Any, shared: Shared) -> Outlook | None:
    return _listing(resource, shared, "read", ("read", "write"), _asked)


def _total(resource: Any, shared: Shared) -> Outlook | None:
    found = _listing(resource, shared, "read", ("read", "write"), lambda call: call.query)
    if found is None or found.listing is None:
        return found
    return found._replace(listing=found.listing._replace(total=True))


def _emptying(resource: Any, shared: Shared) -> Outlook | None:
    found = _listing(resource, shared, "write", ("write",), lambda call: deletable(call.query))
    return None if found is None else found._replace(scopes=(_scope(resource),))


def _writing(resource: Any, shared: Shared, record_id: str, grounds: Grounds, parents: Any) -> Outlook:
    uri, scope = shared.uri(record_id), _scope(resource)
    groups = (uri,) if shared.members else ()
    return Outlook(shared.who, grounds, (uri,), groups, ((scope, record_id), *parents), (scope,))


def _listing(
    resource: Any, shared: Shared, permission: str, directly: tuple[str, ...], query: Callable[[Call], Query]
) -> Outlook | None:
    """Nothing when the query string is wrong: who may list has to be told so, and others have not."""
    try:
        asked = query(resource.call)
    except CliquetError:
        return None
    grounds = shared.listing(permission)
    usual = shared.lists_all(permission)
    listing = Listing(_scope(resource), asked, shared.path, frozenset(directly), grounds.given, usual)
    return Outlook(shared.who, grounds, records=shared.parents, listing=listing)


def _asked(call: Call) -> Query:
    return call.query.narrowed(unless=call.when.known)


def _scope(resource: Any) -> Scope:
    return Scope(resource.context.name, resource.parent_id)


#: The name of a method of a resource -> what it is going to ask.
OF_VERBS: Mapping[str, Callable[[Any, Shared], Outlook | None]] = MappingProxyType(
    {
        "collection_get": _list,
        "collection_head": _total,
        "collection_post": _post,
        "collection_delete": _emptying,
        "get": _get,
        "put": _put,
        "patch": _patch,
        "delete": _patch,
    }
)
