"""``/snapshot``: lists of records as they were at a moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from pyramid.config import Configurator
from pyramid.request import Request
from pyramid.response import Response

from cliquet.errors import InvalidInput, NotAllowed, Problem, RecordNotFound
from cliquet.model.access import Tree
from cliquet.model.model import Model
from cliquet.model.sharing import Shared
from cliquet.plugins.history.past import Past
from cliquet.protocol import preconditions, values
from cliquet.resource import Reply
from cliquet.resource.context import Context
from cliquet.web import calls, replies
from cliquet.web.components import components
from cliquet.web.service import declare

__all__ = ["Endpoint", "endpoints", "serve"]

#: Times are below this.
LATEST = 2**63


class Endpoint(NamedTuple):
    """A snapshot: the name of its route, the resource of its records, and its path."""

    name: str
    resource: str
    path: str


def serve(config: Configurator, journals: Mapping[str, str]) -> None:
    """Declare the snapshots of all lists below the records that have a history.

    :param journals: resources without a parent, and the names of the resources of their histories.
    """
    parts = components(config.registry)
    for root, history in journals.items():
        for one in endpoints(parts.tree, parts.contexts, root):
            views = {"GET": _view(parts.contexts[one.resource], history)}
            declare(config, one.name, one.path, views, description=f"{one.resource} of the past")


def endpoints(tree: Tree, contexts: Mapping[str, Any], root: str) -> Iterator[Endpoint]:
    """The snapshots of all lists below the records of a root.

    Where the records of one resource alone are below a record, the snapshot of their list is also that of the record.
    """
    above = contexts[root].viewset.path("record").replace("{id}", f"{{{root}_id}}")
    for kind in _below(tree, root):
        parent, rest = tree.kinds[kind].under, contexts[kind].list_path.removeprefix(above)
        yield Endpoint(f"{kind}-snapshot", kind, f"{above}/snapshot{rest}@{{at}}")
        if parent != root and len(_children(tree, parent)) == 1:
            yield Endpoint(f"{parent}-{kind}-snapshot", kind, f"{above}/snapshot{rest.rpartition('/')[0]}@{{at}}")


def _children(tree: Tree, resource: str) -> list[str]:
    return [kind.name for kind in tree.children(resource) if not kind.journal]


def _below(tree: Tree, resource: str) -> Iterator[str]:
    for name in _children(tree, resource):
        yield name
        yield from _below(tree, name)


def _view(context: Context, history: str) -> Callable[[Request], Response]:
    """The view of the snapshots of one resource."""

    def view(request: Request) -> Response:
        calls.negotiate(request)
        resource = context.resource(request, context)
        shared: Shared = resource.shared()
        if not shared.may_list("read"):
            raise NotAllowed(shared.who.name)
        reply = _reply(request, resource.model, shared, _entries(context, history, shared))
        return replies.respond(request, reply)

    return view


def _entries(context: Context, history: str, shared: Shared) -> Model:
    """The history that has entries about the records."""
    found: Model = context.parts.contexts[history].model(shared.above[0].uri)
    return found


def _reply(request: Request, records: Model, shared: Shared, entries: Model) -> Reply:
    wanted = _timestamp(request.matchdict["at"])
    # What is asked of the future is the present; whoever follows the list from there misses nothing.
    timestamp = min(wanted, records.timestamp())
    environ = request.environ
    preconditions.parse(environ.get("HTTP_IF_MATCH"), environ.get("HTTP_IF_NONE_MATCH")).check_read(timestamp)
    past = Past(records, entries, shared.above, size=components(request.registry).settings.storage_max_fetch_size)
    found = past.at(timestamp)
    if not found:
        _check_known(shared, past)
    return Reply(found, timestamp)


def _timestamp(text: str) -> int:
    try:
        return values.timestamp(text, LATEST)
    except ValueError as error:
        raise InvalidInput(Problem("path", None, str(error))) from None


def _check_known(shared: Shared, past: Past) -> None:
    """Whether the parent is there, or ever was."""
    try:
        shared.check_parent()
    except RecordNotFound:
        if not past.known:
            raise
