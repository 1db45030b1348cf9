"""Generated changes of records in a tree, with names that are easily mistaken for each other."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound, UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Edge, Scope, Storage

__all__ = ["blocks", "run", "scopes"]

NAMES = ("b", "b_", "b%", "B", "..", "é")
EDGES = (
    Edge("collection", "", ""),
    Edge("group", "", ""),
    Edge("record", "collection", "collections"),
    Edge("attachment", "record", "records"),
)
#: Paths of objects, and the edges below them.
ANCESTORS = [
    *((f"/buckets/{name}", EDGES) for name in NAMES),
    *((f"/buckets/{name}", EDGES[:1] + EDGES[2:3]) for name in NAMES[:2]),
    *((f"/buckets/b/collections/{name}", (Edge("record", "", ""), EDGES[3])) for name in NAMES),
]
SCOPES = [
    *(Scope("collection", f"/buckets/{name}") for name in NAMES),
    *(Scope("group", f"/buckets/{name}") for name in NAMES[:2]),
    *(Scope("record", f"/buckets/b/collections/{name}") for name in NAMES),
    *(Scope("record", f"/buckets/b_/collections/{name}") for name in NAMES[:2]),
    *(Scope("attachment", f"/buckets/b/collections/b/records/{name}") for name in NAMES[:3]),
    Scope("record", "/buckets/b/.."),
    Scope("record", "/buckets/b"),
]

_scopes = st.one_of(st.sampled_from(SCOPES), st.sampled_from(SCOPES[:1] + SCOPES[8:9]))
_names = st.sampled_from(NAMES)
_times = st.one_of(st.none(), st.integers(998, 1008))
_numbers = st.one_of(st.none(), st.integers(0, 3))

#: Methods, and what they are called with.
_CALLS: dict[str, st.SearchStrategy[tuple[Any, ...]]] = {
    "put": st.tuples(_scopes, _names, st.sampled_from(["", "x", "y"]), _times),
    "get": st.tuples(_scopes, _names),
    "delete": st.tuples(_scopes, _names),
    "delete_page": st.tuples(_scopes, st.one_of(st.none(), st.frozensets(_names, max_size=3))),
    "trim": st.tuples(_scopes, _times, _numbers),
    "cascade": st.sampled_from(ANCESTORS),
}
#: Additions are tried more often, so that there is something to remove.
_calls = st.one_of(st.just("put"), st.just("put"), st.sampled_from(sorted(_CALLS))).flatmap(
    lambda name: st.tuples(st.just(name), _CALLS[name])
)
#: Some calls, some of them in a block that is undone.
blocks = st.lists(st.tuples(st.lists(_calls, min_size=1, max_size=8), st.booleans()), min_size=1, max_size=4)


def scopes(root: str) -> list[Scope]:
    """All scopes of the tree, each under a root of its own."""
    return [_below(root, scope) for scope in SCOPES]


def run(storage: Storage, root: str, plan: list[Any], transaction: Transaction) -> list[Any]:
    """Make generated changes in a transaction; says what was answered."""
    said: list[Any] = []
    for calls, undone in plan:
        with transaction.savepoint() as point:
            said += [_answer(storage, root, name, arguments, transaction) for name, arguments in calls]
            if undone:
                point.undo()
    return said


def _answer(storage: Storage, root: str, name: str, arguments: Any, transaction: Transaction) -> Any:
    try:
        return _DO[name](storage, root, *arguments, transaction)
    except (RecordNotFound, UnicityError) as refused:
        return type(refused).__name__, str(refused)


def _below(root: str, scope: Scope) -> Scope:
    return scope._replace(parent=root + scope.parent)


def _put(
    storage: Storage, root: str, scope: Scope, name: str, url: str, time: int | None, transaction: Transaction
) -> Any:
    record = {"url": url, "last_modified": time}
    return storage.replace(_below(root, scope), name, record, unique=("url",), transaction=transaction).json


def _get(storage: Storage, root: str, scope: Scope, name: str, transaction: Transaction) -> Any:
    return storage.get(_below(root, scope), name, tombstone=True, transaction=transaction).json


def _delete(storage: Storage, root: str, scope: Scope, name: str, transaction: Transaction) -> Any:
    return storage.delete(_below(root, scope), name, transaction=transaction).json


def _delete_page(
    storage: Storage, root: str, scope: Scope, only: frozenset[str] | None, transaction: Transaction
) -> Any:
    page, gone = storage.delete_page(_below(root, scope), Query(only=only, limit=2), transaction=transaction)
    return page.more, page.timestamp, [one.json for one in gone]


def _trim(
    storage: Storage, root: str, scope: Scope, before: int | None, keep: int | None, transaction: Transaction
) -> Any:
    return storage.trim(_below(root, scope), before=before, keep=keep, transaction=transaction)


def _cascade(storage: Storage, root: str, ancestor: str, edges: tuple[Edge, ...], transaction: Transaction) -> Any:
    gone = storage.delete_under(root + ancestor, edges, transaction=transaction)
    return [(scope.resource, scope.parent.removeprefix(root), document.json) for scope, document in gone]


_DO: dict[str, Any] = {
    "put": _put,
    "get": _get,
    "delete": _delete,
    "delete_page": _delete_page,
    "trim": _trim,
    "cascade": _cascade,
}
