"""``GET /permissions``: what somebody may do, with which objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import islice

from pyramid.request import Request

from cliquet.model.holdings import Held, Order
from cliquet.permission.base import EVERYONE, Lists
from cliquet.plugins.named import check_named
from cliquet.plugins.permissions_endpoint.entry import Entries, Entry, fields
from cliquet.plugins.permissions_endpoint.sources import Sources
from cliquet.plugins.permissions_endpoint.wanted import Wanted
from cliquet.protocol.projection import project
from cliquet.resource import Reply, Resource
from cliquet.resource.context import Context
from cliquet.resource.paths import Paths
from cliquet.resource.policy import Public
from cliquet.rest.call import Call
from cliquet.web.authentication import user_id, who
from cliquet.web.components import components

__all__ = ["PermissionsAccess", "PermissionsList"]

#: There are no times.
_TIME = 0
#: Where an application keeps its paths, once they are known.
_PATHS = "cliquet.permissions_endpoint.paths"


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
        return self.context.reader.listing(self.request, lambda: self.binding, fields(self.entries.paths))

    @cached_property
    def entries(self) -> Entries:
        """Makes the entries."""
        parts, registry = self.context.parts, self.request.registry
        if _PATHS not in registry:
            registry[_PATHS] = Paths.of(parts)
        return Entries(registry[_PATHS], parts.tree)

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
        return Reply(self._shown(page), _TIME, after=wanted.position(page[-1]) if more else None)

    def collection_head(self) -> Reply:
        """How many entries there are."""
        wanted = Wanted.of(self.call.query)
        if wanted.by_list and not self.sources.by_settings:
            return Reply(None, _TIME, total=self._counted(wanted))
        return Reply(None, _TIME, total=sum(1 for _ in self._found(wanted, Order())))

    def _counted(self, wanted: Wanted) -> int:
        """How many entries there are, where the entries of a list are wanted, or not, with each other."""
        root = self._matching(wanted, self.sources.root(Order()))
        numbers = self.sources.numbers([one for _, one in self._lists(wanted).values() if one is not None])
        return root + sum(
            number * self._matching(wanted, [(f"{path}any", frozenset())]) for path, number in numbers.items()
        )

    def _matching(self, wanted: Wanted, held: Iterable[Held]) -> int:
        return sum(1 for _ in wanted.matching(self.entries.of(held)))

    def _found(self, wanted: Wanted, order: Order) -> Iterator[Entry]:
        """The entries that the filters let through."""
        held = order.joined(self._held(wanted, order))
        if wanted.wants_root():
            held = order.with_root(held, self.sources.root(order))
        return wanted.matching(self.entries.of(held))

    def _held(self, wanted: Wanted, order: Order) -> Iterator[Iterator[Held]]:
        """What the caller has, from each source that may have something that is wanted."""
        lists = self._lists(wanted)
        yield self.sources.aces([one for _, one in lists.values() if one is not None], order)
        for name in self.sources.by_settings:
            context, chosen = lists[name]
            if chosen is not None:
                yield self.sources.everywhere(context, order)

    def _lists(self, wanted: Wanted) -> dict[str, tuple[Context, Lists | None]]:
        """The resources, by their names, each with the lists of it that may have something that is wanted."""
        return {context.name: (context, wanted.lists(context)) for context in self.entries.paths}

    def _shown(self, page: list[Entry]) -> list[Entry]:
        fields = self.call.fields
        return page if fields is None else [project(entry, fields) for entry in page]
