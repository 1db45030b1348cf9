"""Changes that wait for the end of a transaction, and the parts of a backend that changes and questions are about."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from cliquet.permission.base import Range, Selection
from cliquet.permission.state import State

__all__ = ["Change", "Pending", "Region", "apply"]


@dataclass(frozen=True)
class Region:
    """What has to be known to answer a question or to make a change; more does no harm.

    :param objects: all ACEs on these.
    :param under: all ACEs on objects in this range.
    :param holders: all ACEs that name these as principal.
    :param parent: of those that the holders have, only the ones on its children.
    :param page: of those that the holders have, only the ones on the objects of a page.
    :param users: all groups of these.
    :param groups: all members of these, and all ACEs that name them.
    :param groups_under: the same for groups in this range.
    :param everything: whether all of it is forgotten, so that nothing has to be known.
    """

    objects: frozenset[str] = frozenset()
    under: Range | None = None
    holders: frozenset[str] = frozenset()
    parent: str | None = None
    page: Selection | None = None
    users: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    groups_under: Range | None = None
    everything: bool = False


class Change(NamedTuple):
    """A change of a state, and what it is about.

    What becomes of an ACE or of a membership never depends on others.
    """

    apply: Callable[[State], None]
    region: Region


class Pending:
    """A backend's part of a transaction: changes that nobody else sees, in order.

    :param keep: called with the changes when the transaction commits.
    """

    def __init__(self, keep: Callable[[list[Change]], None]) -> None:
        self._keep = keep
        self.changes: list[Change] = []

    def prepare(self) -> None:
        """Nothing can be known to fail before it is done."""

    def commit(self) -> None:
        changes, self.changes = self.changes, []
        self._keep(changes)

    def rollback(self) -> None:
        self.changes.clear()

    def mark(self) -> int:
        return len(self.changes)

    def rewind(self, mark: int) -> None:
        del self.changes[mark:]

    def release(self, mark: int) -> None:
        """There is nothing to forget."""


def apply(changes: Iterable[Change], state: State) -> State:
    """The state, changed."""
    for change in changes:
        change.apply(state)
    return state
