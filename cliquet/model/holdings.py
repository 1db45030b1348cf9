"""Reads what somebody has permissions on, part by part, as one list in one order."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import itemgetter

from cliquet.database.transaction import Transaction
from cliquet.model.judge import Who
from cliquet.permission.base import Lists, Permission
from cliquet.permission.values import id_of

__all__ = ["ROOT_URI", "Held", "Order", "holdings"]

#: The root, which all objects are below; it has no id.
ROOT_URI = "/"
#: A path, and permissions that somebody has there.
Held = tuple[str, frozenset[str]]
#: Most objects that are read at a time.
_MOST = 10_000


@dataclass(frozen=True)
class Order:
    """In which order objects are read, from where on, and how many are expected to be enough.

    :param by_id: by the last part of the path first.
    :param after: the path after which they begin.

    >>> list(Order(descending=False).joined([[("/a", frozenset({"read"}))], [("/a", frozenset({"write"}))]]))
    [('/a', frozenset({...}))]
    """

    by_id: bool = False
    descending: bool = True
    after: str | None = None
    enough: int = _MOST

    def place(self, uri: str) -> tuple[bool, str, str]:
        """What paths are ordered by; what is missing comes last."""
        return (uri == ROOT_URI, id_of(uri), uri) if self.by_id else (False, "", uri)

    def holds(self, uri: str) -> bool:
        """Whether a path comes after the beginning."""
        if self.after is None:
            return True
        mine, after = self.place(uri), self.place(self.after)
        return mine < after if self.descending else mine > after

    def sizes(self) -> Iterator[int]:
        """How many objects to read at a time: not many more than are needed, nor too often.

        One more is asked for than is enough, to see that there is nothing else to say about the last one.
        """
        return (min((self.enough + 1) * 4**step, _MOST + 2) for step in itertools.count())

    def with_root(self, held: Iterable[Held], root: Iterable[Held]) -> Iterator[Held]:
        """Objects with an id, and the root: it comes before or after all of them, and is not read before its turn.

        >>> [uri for uri, _ in Order().with_root([("/a", frozenset())], [("/", frozenset())])]
        ['/a', '/']
        """
        return itertools.chain(held, root) if self.by_id != self.descending else itertools.chain(root, held)

    def joined(self, sources: Iterable[Iterable[Held]]) -> Iterator[Held]:
        """What comes from several sources, each in this order, as one."""
        listed = list(sources)
        return iter(listed[0]) if len(listed) == 1 else self._merged(listed)

    def _merged(self, listed: list[Iterable[Held]]) -> Iterator[Held]:
        by_path = itemgetter(0)
        place = (lambda held: self.place(held[0])) if self.by_id else by_path
        merged = heapq.merge(*listed, key=place, reverse=self.descending)
        for uri, same in itertools.groupby(merged, key=by_path):
            yield uri, frozenset[str]().union(*(held for _, held in same))


def holdings(
    permission: Permission, who: Who, lists: Iterable[Lists], order: Order, *, transaction: Transaction | None = None
) -> Iterator[Held]:
    """The objects of some lists that have somebody in their ACEs, with what these say.

    >>> from cliquet.permission.memory import MemoryPermission
    >>> permission = MemoryPermission()
    >>> permission.grant("/docs/1", "read", "alice")
    >>> [uri for uri, _ in holdings(permission, Who.user("alice"), [Lists.like("/docs/{id}")], Order())]
    ['/docs/1']
    """
    after, wanted = order.after, list(lists)
    if after == ROOT_URI and order.by_id:
        after, wanted = None, wanted if order.descending else []
    for size in order.sizes() if wanted else ():
        page = permission.objects_of(
            who.principals,
            user_id=who.user_id,
            lists=wanted,
            by_id=order.by_id,
            after=after,
            limit=size,
            descending=order.descending,
            transaction=transaction,
        )
        yield from page.entries
        if not page.more:
            return
        after = page.entries[-1][0]
