"""Keeps what is stored below the limits, and knows how much it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from cliquet.database.transaction import Transaction
from cliquet.errors import QuotaExceeded
from cliquet.model.access import Level
from cliquet.model.journal import Told
from cliquet.model.model import Model
from cliquet.plugins.quotas.ledger import Ledger
from cliquet.plugins.quotas.limits import Limits
from cliquet.plugins.quotas.shape import Shape
from cliquet.plugins.quotas.usage import Usage, row_id, size
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope, Storage

__all__ = ["Keeper"]


@dataclass(frozen=True)
class Keeper:
    """Counts what is stored in records that others are below, in the transaction that stores it.

    The counts of a record without a parent, and of all below it, are in one scope, whose lock is taken last.

    :param shape: what is below what.
    """

    storage: Storage
    shape: Shape
    limits: Limits

    def keep(self, transaction: Transaction, told: Sequence[Told]) -> None:
        """Count what a transaction wrote.

        :raises QuotaExceeded: when there is too much of it.
        """
        self.storage.lock([one.scope for one in told], transaction=transaction)
        for one in told:
            self._count(one, transaction)

    def rebuild(self, scope: Scope, root: Level) -> bool:
        """Count again what is in a record without a parent; says whether it was counted wrongly.

        :param scope: where its counts are.
        """
        with Transaction() as transaction:
            rows = Model(self.storage, resource=scope.resource, parent=scope.parent, transaction=transaction)
            rows.lock()
            before = {row.id: row.data for row in rows.walk(Query())}
            after = {row_id(level.uri): self._row(level, usage) for level, usage in self._recount(root, transaction)}
            wrong = {name: row for name, row in after.items() if before.get(name) != {**before.get(name, {}), **row}}
            self.storage.put_many(scope, list(wrong.values()), transaction=transaction)
            self._forget(scope, before.keys() - after.keys(), transaction)
            return bool(wrong or before.keys() - after.keys())

    def _count(self, told: Told, transaction: Transaction) -> None:
        ledger = Ledger(self.shape.containers)
        for one in told.written:
            ledger.enter(one.change, self.shape.levels(one.change))
        after = self._after(told, ledger, transaction)
        self._check(ledger, after)
        rows = [self._row(level, usage) for level, usage in after.items()]
        self.storage.put_many(told.scope, rows, transaction=transaction)
        self._forget(told.scope, {row_id(level.uri) for level in ledger.gone}, transaction)

    def _after(self, told: Told, ledger: Ledger, transaction: Transaction) -> Mapping[Level, Usage]:
        """How much there is in the records concerned; counted from scratch when that was never done before."""
        known = [level for level in ledger.added if level not in ledger.fresh]
        wanted = Query(only=frozenset(row_id(level.uri) for level in known))
        rows = self.storage.page(told.scope, wanted, transaction=transaction).documents if known else []
        found = {row.id: row.data for row in rows}
        if len(found) < len(known):
            return dict(self._recount(told.root, transaction))
        before = {level: Usage.read(found[row_id(level.uri)], self.shape.below[level.resource]) for level in known}
        return {level: before.get(level, Usage()) + more for level, more in ledger.added.items()}

    def _row(self, level: Level, usage: Usage) -> dict[str, object]:
        return usage.row(level, self.shape.below[level.resource])

    def _forget(self, scope: Scope, ids: set[str], transaction: Transaction) -> None:
        if ids:
            self.storage.delete_page(scope, Query(only=frozenset(ids)), transaction=transaction)

    # Limits

    def _check(self, ledger: Ledger, after: Mapping[Level, Usage]) -> None:
        for level, more in sorted(ledger.added.items(), key=lambda one: one[0].uri):
            self._check_level(level, more, after[level])
        for levels, (before, now) in ledger.sizes.items():
            for end in range(1, len(levels)):
                most = self.limits.of(levels[:end], "max_bytes_per_item")
                if now > before:
                    _refuse_above("Maximum bytes per object exceeded ({} > {} Bytes).", now, most)

    def _check_level(self, level: Level, more: Usage, now: Usage) -> None:
        """Whether there is not too much; what makes it less is always right."""
        levels = self.shape.tree.levels(level.resource, level.uri)
        name = level.resource.capitalize()
        if more.size > 0:
            what = "size exceeded ({} > {} Bytes)." if levels[1:] else "total size exceeded ({} > {} Bytes). "
            _refuse_above(f"{name} maximum {what}", now.size, self.limits.of(levels, "max_bytes"))
        if self.shape.items_in(more) > 0:
            what = "number of objects exceeded ({} > {} objects)."
            _refuse_above(f"{name} maximum {what}", self.shape.items_in(now), self.limits.of(levels, "max_items"))

    # From scratch

    def _recount(self, root: Level, transaction: Transaction) -> Iterator[tuple[Level, Usage]]:
        """How much there is in a record without a parent, and in those below it that others are below."""
        records = Model(self.storage, resource=root.resource, transaction=transaction)
        found = records.find(root.uri.rpartition("/")[2])
        if found is not None:
            usages: dict[Level, Usage] = {}
            self._walk(root, size(found), (), usages, transaction)
            yield from usages.items()

    def _walk(
        self,
        level: Level,
        own: int,
        above: tuple[Level, ...],
        usages: dict[Level, Usage],
        transaction: Transaction,
    ) -> None:
        """Add a record, and all below it, to what is in those above."""
        for one in above:
            usages[one].add(own, level.resource, 1)
        if level.resource not in self.shape.containers:
            return
        usages[level] = Usage(own)
        for kind in self.shape.children(level.resource):
            below = Model(self.storage, resource=kind.name, parent=level.uri, transaction=transaction)
            for document in below.walk(Query()):
                child = Level(kind.name, f"{level.uri}/{kind.segment}/{document.id}")
                self._walk(child, size(document), (*above, level), usages, transaction)


def _refuse_above(message: str, now: int, most: int | None) -> None:
    if most is not None and now > most:
        raise QuotaExceeded(message.format(now, most))
