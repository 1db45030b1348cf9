"""Ids that are in a database, and that only those read who cannot let it use them by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from cliquet.database.engine import Database

__all__ = ["Subset"]


@dataclass(frozen=True, eq=False)
class Subset(Set[str]):
    """A set of ids, however many. Who asks the same database gives it :attr:`select`, and nobody sees them.

    :param database: has them.
    :param select: makes an expression that finds them, some perhaps several times, in one column; a value that is
        equal for all subsets of a kind, in whichever database.
    :param values: what is bound.
    :param some: whether there are any.
    :param read: reads all of them.
    """

    database: Database
    select: Callable[[], Any]
    values: Mapping[str, Any]
    some: Callable[[], bool]
    read: Callable[[], frozenset[str]]

    def __bool__(self) -> bool:
        return self.some()

    def __contains__(self, record_id: object) -> bool:
        return record_id in self.read()

    def __iter__(self) -> Iterator[str]:
        return iter(self.read())

    def __len__(self) -> int:
        return len(self.read())
