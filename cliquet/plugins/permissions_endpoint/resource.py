"""``GET /permissions``: what somebody may do, with which objects."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import islice

from pyramid.request import Request

from cliquet.model.holdings import Held, Order
from cliquet.permission.base import EVERYONE
from cliquet.plugins.named import check_named
from cliquet.plugins.permissions_endpoint.entry import Entries, Entry, fields
from cliquet.plugins.permissions_endpoint.sources import Sources
from cliquet.plugins.permissions_endpoint.wanted import Wanted
from cliquet.protocol.projection import project
from cliquet.resource import Reply, Resource
from cliquet.resource.paths import Paths
from cliquet.resource.policy import Public
from cliquet.rest.call import Call
from cliquet.web.authentication import user_id, who
from cliquet.web.components import components

__all__ = ["PermissionsAccess", "PermissionsList"]

#: There are no times.
_TIME = 0


class PermissionsAccess(Public):
    """Whom the setting ``permissions_read_principals`` names; everybody when it is not set."""

    def check(self, request: Request) -> None:
        """Whether the caller may read the list.

        :raises NotAllowed: when not.
        """
        families = components(request.registry).settings.families
        check_named(request, families.get("permissions_read_principals", (EVERYONE,)))


class PermissionsList(Resource):
    """The list (``docs/protocol/permissions-list``). Its entries are made of ACEs, and stored nowhere."""

    access = PermissionsAccess()

    def get_parent_id(self, request: Request) -> str:
        """Whose list it is."""
        return user_id(request) or EVERYONE

    @cached_property
    def call(self) -> Call:
        """What the request asks for."""
        return self.context.reader.listing(self.request, self.binding, fields(self.entries.paths))

    @cached_property
    def entries(self) -> Entries:
        """Makes the entries."""
        parts = self.context.parts
        return Entries(Paths.of(parts), parts.tree)

    @cached_property
    def sources(self) -> Sources:
        """Where the entries come from."""
        return Sources(self.context.parts.judge, self.context.storage, who(self.request))

    def collection_get(self) -> Reply:
        """A page of entries."""
        wanted = Wanted.of(self.call.query)
        assert wanted.query.limit is not None, "lists that are read have a limit"
        enough = wanted.query.limit + 1
        if wanted.by_path or (wanted.by_id and not self.sources.by_settings):
            order = Order(wanted.by_id, wanted.descending, wanted.after, enough)
            found = list(islice(self._found(wanted, order), enough))
        else:
            found = wanted.first(self._found(wanted, Order()), enough)
        page, more = found[: enough - 1], len(found) == enough
        return Reply([self._shown(entry) for entry in page], _TIME, after=wanted.position(page[-1]) if more else None)

    def collection_head(self) -> Reply:
        """How many entries there are."""
        wanted = Wanted.of(self.call.query)
        return Reply(None, _TIME, total=sum(1 for _ in self._found(wanted, Order())))

    def _found(self, wanted: Wanted, order: Order) -> Iterator[Entry]:
        """The entries that the filters let through."""
        return wanted.matching(self.entries.of(order.joined(self._held(wanted, order))))

    def _held(self, wanted: Wanted, order: Order) -> Iterator[Iterator[Held]]:
        """What the caller has, from each source that may have something that is wanted."""
        lists = {context.name: (context, wanted.lists(context)) for context in self.entries.paths}
        yield self.sources.aces([one for _, one in lists.values() if one is not None], order)
        if wanted.wants_root() and (root := list(self.sources.root(order))):
            yield iter(root)
        for name in self.sources.by_settings:
            context, chosen = lists[name]
            if chosen is not None:
                yield self.sources.everywhere(context, order)

    def _shown(self, entry: Entry) -> Entry:
        return entry if self.call.fields is None else project(entry, self.call.fields)
