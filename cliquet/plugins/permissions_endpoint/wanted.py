"""What a reader asks of the list: which of the entries, in which order."""

from __future__ import annotations

import dataclasses
import functools
import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cliquet.permission.base import Lists
from cliquet.plugins.permissions_endpoint.entry import Entry, ids_of
from cliquet.protocol.order import Key, key, lookup
from cliquet.protocol.query import Filter, Query, Sort
from cliquet.resource.context import Context
from cliquet.resource.paths import lists_of

__all__ = ["Wanted"]

#: What no entry has; it selects nothing away, and orders nothing.
_TIME = "last_modified"


@dataclass(frozen=True)
class Wanted:
    """A query, as far as it means something here.

    >>> [sort.field for sort in Wanted.of(Query(sort=(Sort("id", 1), Sort("last_modified", -1)))).query.sort]
    ['id', 'uri']
    """

    query: Query

    @classmethod
    def of(cls, query: Query) -> Wanted:
        """What a query means. The path makes every order total; by default the last one comes first."""
        sorts = list(itertools.takewhile(lambda sort: sort.field != _TIME, query.sort))
        names = [sort.field for sort in sorts]
        if "uri" in names:
            del sorts[names.index("uri") + 1 :]
        else:
            sorts.append(Sort("uri", sorts[-1].direction if sorts else -1))
        filters = tuple(one for one in query.filters if one.field != _TIME)
        return cls(dataclasses.replace(query, filters=filters, sort=tuple(sorts), tombstones=False, since=None))

    @property
    def descending(self) -> bool:
        """Whether the last ones come first."""
        return self.query.sort[0].direction < 0

    @property
    def by_path(self) -> bool:
        """Whether the order is that of the paths."""
        return self.query.sort[0].field == "uri"

    @property
    def by_id(self) -> bool:
        """Whether the order is that of the ids, and then of the paths in the same direction."""
        return [sort.field for sort in self.query.sort] == ["id", "uri"] and len(set(self._directions)) == 1

    @property
    def by_list(self) -> bool:
        """Whether the list that an object is in decides if its entry is let through."""
        return all(one.field == "resource_name" for one in self.query.filters)

    @property
    def after(self) -> str | None:
        """The path of the last entry of the page before."""
        return self.query.after[-1].text if self.query.after else None

    def position(self, entry: Entry) -> tuple[Key, ...]:
        """The place of an entry in the order."""
        return tuple(key(lookup(entry, sort.path)) for sort in self.query.sort)

    def matching(self, entries: Iterable[Entry]) -> Iterator[Entry]:
        """The entries that the filters let through."""
        if not self.query.filters:
            return iter(entries)
        if not self.by_list:
            return filter(self.query.matches, entries)
        matches = functools.cache(self._matches_all_of)
        return (entry for entry in entries if matches(entry["resource_name"]))

    def _matches_all_of(self, resource: str) -> bool:
        """Whether the filters, which are about nothing else, let the entries of a resource through."""
        return self.query.matches({"resource_name": resource})

    def first(self, entries: Iterable[Entry], many: int) -> list[Entry]:
        """Of entries in any order, the first of those that come after the page before."""
        after, compare, position = self.query.after, self.query.compare, self.position
        rest = (one for one in entries if after is None or compare(position(one), after) > 0)
        if len(set(self._directions)) == 1:
            return (heapq.nlargest if self.descending else heapq.nsmallest)(many, rest, key=position)
        places = functools.cmp_to_key(compare)
        return heapq.nsmallest(many, rest, key=lambda entry: places(position(entry)))

    # What need not be looked at

    def lists(self, context: Context) -> Lists | None:
        """The lists of a resource that may have objects wanted; nothing, when none has."""
        known = ids_of(context) if self.query.filters else ()
        if not all(self._may_hold(one, context.name, known) for one in self.query.filters):
            return None
        return lists_of(context, under=self._ancestor(context))

    def wants_root(self) -> bool:
        """Whether the entry of the root may be wanted."""
        return all(self._may_hold(one, "root", ()) for one in self.query.filters)

    def _may_hold(self, condition: Filter, resource: str, ids: Iterable[str]) -> bool:
        """Whether entries of a resource may meet a condition."""
        if condition.field == "resource_name":
            return condition.holds({"resource_name": resource})
        if condition.field in ("uri", "permissions", *ids):
            return True
        return condition.holds({})

    def _ancestor(self, context: Context) -> str:
        """The path that all objects of a resource are below of which the filters name the ids."""
        named = {one.field: one.value for one in self.query.filters if one.operator == "eq"}
        found = ""
        for one in context.above:
            if f"{one.name}_id" not in named:
                break
            found = f"{one.list_path.format(**named)}/{named[f'{one.name}_id']}"
        return found

    @property
    def _directions(self) -> list[int]:
        return [sort.direction for sort in self.query.sort]
