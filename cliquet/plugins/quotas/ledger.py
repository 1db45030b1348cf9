"""What the changes of a transaction add to what is stored."""

from __future__ import annotations

from collections.abc import Collection

from cliquet.model.access import Level
from cliquet.model.change import Change
from cliquet.plugins.quotas.usage import Usage, size

__all__ = ["Ledger"]

_MORE = {"create": 1, "delete": -1}


class Ledger:
    """Takes changes, in their order, and knows what they come to.

    :param containers: the resources of which it is known how much is stored in their records.

    >>> from cliquet.storage.base import Document, Scope
    >>> ledger, shelf = Ledger({"shelf"}), Level("shelf", "/shelfs/s")
    >>> made = Change("create", Scope("book", "/shelfs/s"), "/shelfs/s/books/b", Document.make("b", 1000, {}))
    >>> ledger.enter(made, (shelf, Level("book", made.uri)))
    >>> ledger.added[shelf]
    Usage(size=31, counts=Counter({'book': 1}))
    """

    def __init__(self, containers: Collection[str]) -> None:
        self._containers = containers
        #: What is more, or less, in a record and below it.
        self.added: dict[Level, Usage] = {}
        #: The records in which nothing was before.
        self.fresh: set[Level] = set()
        #: The records that are no more.
        self.gone: set[Level] = set()
        #: The bytes before and afterwards of each record that was written, given with those above it.
        self.sizes: dict[tuple[Level, ...], tuple[int, int]] = {}

    def enter(self, change: Change, levels: tuple[Level, ...]) -> None:
        """Take a change into account.

        :param levels: the record, after those above it, from the root down.
        """
        before, after = size(change.old), size(change.new)
        self._note(levels, before, after)
        if levels[-1].resource in self._containers:
            self._begin_or_end(change.action, levels[-1])
        for level in levels:
            if level.resource in self._containers and level not in self.gone:
                count = 0 if level == levels[-1] else _MORE.get(change.action, 0)
                self.added.setdefault(level, Usage()).add(after - before, change.scope.resource, count)

    def _note(self, levels: tuple[Level, ...], before: int, after: int) -> None:
        first, _ = self.sizes.pop(levels, (before, 0))
        if after:
            self.sizes[levels] = first, after

    def _begin_or_end(self, action: str, level: Level) -> None:
        if action == "update":
            return
        self.added.pop(level, None)
        begun, ended = (self.fresh, self.gone) if action == "create" else (self.gone, self.fresh)
        begun.add(level)
        ended.discard(level)
