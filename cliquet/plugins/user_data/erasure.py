"""Erases what belongs to somebody."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pyramid.request import Request

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound
from cliquet.model.change import Change
from cliquet.model.sharing import NotShared
from cliquet.permission.base import Lists, Permission
from cliquet.plugins.user_data.belongings import private_contexts
from cliquet.plugins.user_data.journals import Journals
from cliquet.protocol.query import Query
from cliquet.resource.context import Context
from cliquet.resource.paths import Paths, Place
from cliquet.rest import write
from cliquet.rest.call import Call
from cliquet.storage.base import Document, Edge
from cliquet.web import events, transactions
from cliquet.web.components import Components, components

__all__ = ["Erasure"]

#: How many objects are deleted at a time.
SIZE = 500


@dataclass
class Erasure:
    """The erasure of one principal, in one transaction.

    :param request: who asks for it.
    :param deleted: the paths of the shared records that were deleted; what was below them went with them.
    :param counts: how much was done.
    """

    request: Request
    principal: str
    transaction: Transaction
    deleted: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=lambda: {"objects": 0, "groups": 0, "records": 0})

    def run(self) -> None:
        """Erase everything.

        The order is that of the locks: what is above comes first, journals are last. Journals are told of all that was
        done before they are erased, so that nothing of it is in them afterwards.
        """
        parts = components(self.request.registry)
        if parts.permission is not None:
            self._objects(parts, parts.permission)
            self._memberships(parts, parts.permission)
            parts.permission.erase(self.principal, transaction=self.transaction)
        for context in private_contexts(parts):
            self._private(context)
        self._tell()
        Journals(parts, self.transaction).forget(self.principal, self.deleted)

    # Shared records

    def _objects(self, parts: Components, permission: Permission) -> None:
        """Delete what nobody else may change, with all that is below, from the top down."""
        paths = Paths.of(parts)
        for kind in sorted(paths.contexts, key=lambda kind: int(kind.partition("/")[0])):
            for uris in self._alone(permission, Lists(kind)):
                places = [place for uri in uris if (place := paths.find(uri)) is not None]
                for _, same in itertools.groupby(places, key=lambda place: place.scope):
                    self._delete(permission, list(same))

    def _alone(self, permission: Permission, lists: Lists) -> Iterator[list[str]]:
        after = None
        while uris := permission.held_alone(
            self.principal, "write", lists=lists, after=after, limit=SIZE, transaction=self.transaction
        ):
            yield uris
            after = uris[-1]

    def _delete(self, permission: Permission, places: list[Place]) -> None:
        """Delete records of one list, unless they were shared a moment ago."""
        place = places[0]
        model = place.context.model(place.scope.parent, transaction=self.transaction)
        model.lock()
        stored = permission.permissions_of(*(one.uri for one in places), transaction=self.transaction)
        alone = frozenset({self.principal})
        mine = [one for one in places if stored[one.uri].get("write") == alone]
        shared = place.shared(transaction=self.transaction).restricted(frozenset(one.record_id for one in mine))
        try:
            reply = write.delete_page(model, shared, Call(query=Query()))
        except RecordNotFound:
            return
        self._note(reply.changes)
        gone = [change.uri for change in reply.changes if not change.cascade]
        self.deleted += gone
        self.counts["objects"] += len(gone)

    def _memberships(self, parts: Components, permission: Permission) -> None:
        """Take them out of the groups that remain."""
        paths = Paths.of(parts)
        for uri in sorted(permission.memberships(self.principal, transaction=self.transaction)):
            place = paths.find(uri)
            if place is not None and place.context.resource.members_field:
                self._leave(place)

    def _leave(self, place: Place) -> None:
        model = place.context.model(place.scope.parent, transaction=self.transaction)
        model.lock()
        before, name = model.find(place.record_id), place.context.resource.members_field
        if before is None:
            return
        record = before.copy()
        members = [one for one in record.get(name, ()) if one != self.principal]
        after = model.replace(before.id, {**_undated(record), name: members})
        permissions = place.shared(transaction=self.transaction).changed(after, None)
        self._note([Change("update", model.scope, place.uri, after, before, permissions)])
        self.counts["groups"] += 1

    # Private records

    def _private(self, context: Context) -> None:
        """Forget the records in a space of their own, and the tombstones; only the time of the space remains.

        It moves on, so that devices are told to start over.
        """
        scope = context.model(self.principal).scope
        if not context.storage.head(scope, transaction=self.transaction).timestamp:
            return
        edge = Edge(context.name, "", "")
        removed = context.storage.delete_under(self.principal, [edge], transaction=self.transaction)
        path = NotShared(context.list_path)
        tombstones = [(Document.tombstone(old.id, old.last_modified), old) for _, old in removed]
        self._note([Change("delete", scope, path.uri(old.id), new, old) for new, old in tombstones])
        self.counts["records"] += len(removed)

    # Events

    def _note(self, changes: Iterable[Change]) -> None:
        events.note(self.request, self.transaction, changes)

    def _tell(self) -> None:
        """Tell the subscribers and the journals now, in the transaction that they may ask for."""
        lent = transactions.current(self.request)
        transactions.lend(self.request, self.transaction)
        try:
            events.send(self.request, self.transaction)
        finally:
            transactions.lend(self.request, lent)


def _undated(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name != "last_modified"}
