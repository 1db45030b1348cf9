"""What searches for records depend on: pages and totals, what is bound, and how long they may take."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, NamedTuple

from cliquet.database.limit import Limit
from cliquet.database.subset import Subset
from cliquet.protocol.query import Query
from cliquet.storage.sql import compile, indexed, sorting, ways
from cliquet.storage.sql.bound import of_scope
from cliquet.storage.sql.fields import Dialect
from cliquet.storage.sql.indexes import Indexes
from cliquet.storage.values import Scope

__all__ = ["Search", "Searches"]


class Search(NamedTuple):
    """All that a statement about many records depends on, what is bound, how it finds them, and in what time."""

    shape: tuple[Any, ...]
    values: Mapping[str, Any]
    way: ways.Way
    limit: Limit | None


class Searches:
    """Makes them.

    :param dialect: what the database says differently.
    :param indexes: knows the fields that have indexes.
    :param limit: how many ms a search that no index serves may take; 0 is any time.
    """

    def __init__(self, dialect: Dialect, indexes: Indexes, limit: int) -> None:
        self._dialect = dialect
        self._indexes = indexes
        self._limit = limit

    def of(self, name: str, scope: Scope, query: Query) -> Search:
        """A search.

        :param name: ``page`` or ``count``.
        """
        declared = self._indexes.of(scope.resource, query)
        way = ways.to_count(query, declared) if name == "count" else ways.to_page(query, declared)
        conditions = compile.split(self._dialect, query.filters, way.declared)
        chosen = self._only(query)
        values = {**of_scope(scope), **conditions.values, **chosen}
        is_short = way.is_short or (name == "page" and _is_merged(query, conditions, way))
        limit = Limit(self._limit, way.missing, not way.is_fixed) if self._limit and not is_short else None
        if name == "count":
            return Search((conditions.shape, _restriction(query), way.pin), values, way, limit)
        return self._page(query, conditions, Search((), values, way, limit))

    def _only(self, query: Query) -> Mapping[str, Any]:
        """What is bound for the ids that count: they themselves, or what they are found by."""
        if isinstance(query.only, Subset):
            return query.only.values
        return {} if query.only is None else {"only": self._dialect.list_of(sorted(query.only))}

    def _page(self, query: Query, conditions: compile.Compiled, search: Search) -> Search:
        sort = sorting.split(self._dialect, query, search.way.declared)
        values = {**search.values, **sort.values}
        if query.limit is not None:
            values["limit"] = query.limit + 1
        if query.unless is not None:
            values["unless"] = query.unless
        given = (part is not None for part in (query.limit, query.after, query.unless))
        shape = (conditions.shape, sort.shape, query.tombstones, *given, _restriction(query), search.way.pin)
        return search._replace(shape=shape, values=values)


def _is_merged(query: Query, conditions: compile.Compiled, way: ways.Way) -> bool:
    """Whether a page is merged from entries that say all: no more of each are read than the page has."""
    if query.limit is None or way.pin is None or way.pin.first is None or len(conditions.shape) != 1:
        return False
    condition: Any = conditions.shape[0]
    return condition[0] in indexed.LISTED and indexed.answered(condition) == (condition[0], None, None)


def _restriction(query: Query) -> Hashable:
    """Whether only some ids count, or how they are found."""
    return query.only.select if isinstance(query.only, Subset) else query.only is not None
