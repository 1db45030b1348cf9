"""Erases somebody from journals, such as a history."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cliquet.database.transaction import Transaction
from cliquet.model.access import Kind
from cliquet.permission.base import Range
from cliquet.protocol.query import Filter
from cliquet.resource.paths import Paths
from cliquet.storage.base import Everywhere, Scope, Storage
from cliquet.web.components import Components

__all__ = ["Journals"]

#: How many paths are compared at a time.
SIZE = 500


@dataclass(frozen=True)
class Journals:
    """The journals of an application.

    Their entries say in ``user_id`` who made a change, and in ``uri`` of what.
    """

    parts: Components
    transaction: Transaction

    def forget(self, principal: str, deleted: Sequence[str]) -> None:
        """Forget the entries that somebody made, and those about deleted records and all that was below them.

        :param deleted: paths of records.
        """
        for kind in self.parts.tree.kinds.values():
            if kind.journal:
                mine = (Filter("user_id", principal),)
                for scope in list(self._scopes(kind, mine)):
                    self._trim(scope, mine)
                for scope, uris in self._by_scope(kind, deleted):
                    self._forget(scope, uris)

    def _forget(self, scope: Scope, uris: Sequence[str]) -> None:
        for start in range(0, len(uris), SIZE):
            self._trim(scope, (Filter("uri", tuple(uris[start : start + SIZE]), "in"),))
        for uri in uris:
            if self._has_children(uri):
                below = Range.under(uri)
                self._trim(scope, (Filter("uri", below.low, "min"), Filter("uri", below.high, "lt")))

    def _scopes(self, kind: Kind, filters: tuple[Filter, ...]) -> Iterator[Scope]:
        """The journals of a kind that have entries that meet conditions."""
        wanted = Everywhere(kind.name, filters, limit=1)
        while found := self._storage.everywhere(wanted, transaction=self.transaction):
            parent = found[0][0]
            yield Scope(kind.name, parent)
            wanted = wanted._replace(after=(f"{parent}/", ""))

    def _by_scope(self, kind: Kind, uris: Iterable[str]) -> Iterator[tuple[Scope, list[str]]]:
        """The journals that may have entries about records; those of deleted records without a parent are gone."""
        places = [place for uri in uris if (place := self.paths.find(uri)) is not None and len(place.levels) > 1]
        roots = sorted((place.levels[0], place.uri) for place in places if place.levels[0].resource == kind.under)
        for root, same in itertools.groupby(roots, key=lambda one: one[0]):
            yield Scope(kind.name, root.uri), [uri for _, uri in same]

    def _has_children(self, uri: str) -> bool:
        place = self.paths.find(uri)
        return place is not None and bool(self.parts.tree.children(place.context.name))

    def _trim(self, scope: Scope, filters: tuple[Filter, ...]) -> None:
        self._storage.trim(scope, keep=0, filters=filters, transaction=self.transaction)

    @functools.cached_property
    def paths(self) -> Paths:
        """The paths of the records that journals are about."""
        return Paths.of(self.parts)

    @property
    def _storage(self) -> Storage:
        assert self.parts.storage is not None, "the plugin needs a storage"
        return self.parts.storage
