"""Forgets old entries: now and then when new ones are written, and all of them when somebody asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cliquet.database.transaction import Transaction
from cliquet.plugins.history.options import Options, is_user
from cliquet.protocol.query import Filter
from cliquet.protocol.timestamps import DAY
from cliquet.storage.base import Scope, Storage

__all__ = ["Trimmer"]

#: Of how many histories a process remembers when it trimmed them.
REMEMBERED = 10_000


class Place(NamedTuple):
    """The entries that are counted together: those of a history, or of one user in it."""

    scope: Scope
    user_id: str = ""


class Trimmer:
    """Trims a history when a process first writes to it, and then after every so many entries.

    How many there are is never counted: a process knows how many it wrote since. So a history has at most as many
    entries as are kept, and the threshold once for each process.

    :param storage: where the entries are.
    :param options: how many of them stay, and for how long.
    """

    def __init__(self, storage: Storage, options: Options) -> None:
        self._storage = storage
        self._options = options
        self._since: dict[Place, int] = {}

    def trim(self, scope: Scope, authors: Iterable[str], transaction: Transaction) -> None:
        """Trim a history if it is time to.

        :param authors: who made each of the changes that just got an entry.
        """
        threshold = self._options.auto_trim_threshold
        written = Counter(place for author in authors for place in self._places(scope, author))
        due = {place for place, more in written.items() if self._since.get(place, threshold) + more > threshold}
        for place in sorted(due):
            self._trim(place, transaction)
        transaction.after_commit(lambda: self._remember(written, due))

    def trim_all(self, scopes: Iterable[Scope]) -> int:
        """Forget all entries that are too old, each history in a transaction of its own; says how many."""
        before = self._before()
        return 0 if before is None else sum(self._storage.trim(scope, before=before) for scope in scopes)

    def _places(self, scope: Scope, author: str) -> Iterator[Place]:
        """Where an entry counts."""
        options = self._options
        if options.max_age_days or (options.most is not None and not options.auto_trim_user_ids):
            yield Place(scope)
        if options.most is not None and is_user(author, options.auto_trim_user_ids):
            yield Place(scope, author)

    def _trim(self, place: Place, transaction: Transaction) -> None:
        if place.user_id:
            mine = (Filter("user_id", place.user_id),)
            self._storage.trim(place.scope, keep=self._options.most, filters=mine, transaction=transaction)
        else:
            keep = None if self._options.auto_trim_user_ids else self._options.most
            self._storage.trim(place.scope, before=self._before(), keep=keep, transaction=transaction)

    def _before(self) -> int | None:
        """The time in ms from which on entries stay."""
        days = self._options.max_age_days
        return self._storage.clock() - days * DAY if days else None

    def _remember(self, written: Mapping[Place, int], trimmed: set[Place]) -> None:
        if len(self._since) > REMEMBERED:
            self._since.clear()
        for place, more in written.items():
            self._since[place] = 0 if place in trimmed else self._since.get(place, 0) + more
