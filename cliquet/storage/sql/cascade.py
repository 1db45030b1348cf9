"""The deletion of everything below an ancestor, in a number of statements that depends on the edges alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cliquet.clock import Clock
from cliquet.protocol.timestamps import assign
from cliquet.storage.sql.work import Work
from cliquet.storage.values import Document, Edge, Scope

__all__ = ["delete_under"]


def delete_under(work: Work, ancestor: str, edges: Sequence[Edge], clock: Clock) -> list[tuple[Scope, Document]]:
    """Remove what is below an ancestor; returns the live records among it.

    :param work: the storage's part of the transaction.
    :param clock: answers the time in ms.
    """
    scopes = _locked(work, ancestor, edges)
    rows = work.remove(scopes) if scopes else []
    gone = {Scope(resource, parent) for parent, resource, *_ in rows}
    if gone:
        work.move_on({scope: assign(work.head(scope).timestamp, clock()).scope for scope in scopes if scope in gone})
    order = {scope: number for number, scope in enumerate(scopes)}
    live = [_placed(*row) for row in rows if not row[4]]
    return sorted(live, key=lambda one: (order[one[0]], one[1].id))


def _locked(work: Work, ancestor: str, edges: Sequence[Edge]) -> list[Scope]:
    """All scopes below the ancestor: edge by edge, and those of an edge in the order of their places.

    Whoever holds the lock of a scope lets no record appear there, so that the scopes below are known for good.
    """
    found: dict[str, list[Scope]] = {}
    for edge in edges:
        scopes = _locked_at(work, ancestor, edge, found.get(edge.parent, []))
        found.setdefault(edge.resource, []).extend(sorted(scopes, key=lambda scope: scope.place))
    return [scope for scopes in found.values() for scope in scopes]


def _locked_at(work: Work, ancestor: str, edge: Edge, above: list[Scope]) -> set[Scope]:
    if edge.parent:
        return work.stop_below(edge, above) if above else set()
    return work.stop(Scope(edge.resource, ancestor))


def _placed(
    parent: str, resource: str, record_id: str, last_modified: int, deleted: Any, text: str
) -> tuple[Scope, Document]:
    return Scope(resource, parent), Document(record_id, last_modified, text)
