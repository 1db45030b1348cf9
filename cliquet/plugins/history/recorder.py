"""Writes the entries of a transaction, all of them together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cliquet.database.transaction import Transaction
from cliquet.model.access import Level, Tree
from cliquet.model.change import Permissions
from cliquet.model.journal import Told, Written
from cliquet.permission.base import Permission
from cliquet.plugins.history import entry
from cliquet.plugins.history.options import Options
from cliquet.plugins.history.trimming import Trimmer
from cliquet.protocol.timestamps import assign
from cliquet.storage.base import Storage

__all__ = ["Recorder"]


class Recorder:
    """Keeps a history of the records that have no parent, and of all below them.

    :param tree: which resources are under which.
    :param permission: where the permissions on records are; ``None`` when entries do not say who could read them.
    :param trimmer: forgets old entries.
    """

    def __init__(
        self, storage: Storage, tree: Tree, permission: Permission | None, options: Options, trimmer: Trimmer
    ) -> None:
        self._storage = storage
        self._tree = tree
        self._permission = permission
        self._options = options
        self._trimmer = trimmer

    def keep(self, transaction: Transaction, told: Sequence[Told]) -> None:
        """Write an entry for each change that has one."""
        wanted = [found for one in told if (found := self._wanted(one)).written]
        if not wanted:
            return
        self._storage.lock([one.scope for one in wanted], transaction=transaction)
        above = self._permissions(wanted, transaction)
        for one in wanted:
            self._write(one, above, transaction)
            self._trimmer.trim(one.scope, map(entry.author, one.written), transaction)

    def _wanted(self, told: Told) -> Told:
        """The same, with those changes alone that have an entry."""
        wants = self._options.wants
        return told._replace(written=tuple(one for one in told.written if wants(one.change.uri, entry.author(one))))

    def _write(self, told: Told, above: Mapping[str, Permissions], transaction: Transaction) -> None:
        storage = self._storage
        first = assign(storage.head(told.scope, transaction=transaction).timestamp, storage.clock()).scope
        records = [
            entry.make(one, levels, timestamp, self._readers(one, levels, above))
            for timestamp, one in enumerate(told.written, first)
            for levels in [self._levels(one)]
        ]
        storage.put_many(told.scope, records, transaction=transaction)

    def _levels(self, written: Written) -> tuple[Level, ...]:
        return self._tree.levels(written.change.scope.resource, written.change.uri)

    def _readers(self, written: Written, levels: Sequence[Level], above: Mapping[str, Permissions]) -> Iterable[str]:
        if self._permission is None:
            return ()
        return entry.readers(written.change.permissions, [above[level.uri] for level in levels[:-1]])

    def _permissions(self, told: Iterable[Told], transaction: Transaction) -> Mapping[str, Permissions]:
        """The permissions on all records above those that were changed."""
        if self._permission is None:
            return {}
        uris = {level.uri for one in told for written in one.written for level in self._levels(written)[:-1]}
        return self._permission.permissions_of(*sorted(uris), transaction=transaction) if uris else {}
