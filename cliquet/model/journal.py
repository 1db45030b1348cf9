"""What a transaction wrote, as journals want to know it: by the roots below which it was written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from cliquet.errors import ConfigurationError
from cliquet.model.access import ROOT, Level, Tree
from cliquet.model.change import Change
from cliquet.storage.base import Scope

__all__ = ["Told", "Written", "by_root", "names"]


class Written(NamedTuple):
    """A change, and who made it.

    :param user_id: the prefixed id of the user; ``None`` for nobody in particular.
    """

    change: Change
    user_id: str | None = None


class Told(NamedTuple):
    """What a transaction wrote to a record without a parent, and below it.

    :param scope: where the journal of that record is.
    :param root: the record.
    :param written: the changes in their order; those before the record was last deleted are none of them.
    """

    scope: Scope
    root: Level
    written: tuple[Written, ...]


def names(tree: Tree, name: str, roots: Iterable[str] = ()) -> dict[str, str]:
    """The resources without a parent that a journal has a resource under, and how that one is called.

    Under the first root it has the name of the journal, under others the name of the root in front.

    :param roots: resources without a parent; by default those that have resources under them.
    :raises ConfigurationError: when one of them is not registered, or has a parent.

    >>> from cliquet.model.access import Kind
    >>> kinds = (Kind("bucket"), Kind("group", under="bucket"), Kind("account"))
    >>> tree = Tree({kind.name: kind for kind in kinds})
    >>> names(tree, "history")
    {'bucket': 'history'}
    >>> names(tree, "history", ["bucket", "account"])
    {'bucket': 'history', 'account': 'account_history'}
    """
    known = [kind.name for kind in tree.kinds.values() if kind.under == ROOT]
    wanted = list(roots) or [root for root in known if any(not kind.journal for kind in tree.children(root))]
    for root in wanted:
        if root not in known:
            raise ConfigurationError(f"There can be no {name} of {root!r}: it is no shareable resource at the root.")
    return {root: f"{root}_{name}" if number else name for number, root in enumerate(wanted)}


def by_root(tree: Tree, journals: Mapping[str, str], written: Iterable[Written]) -> list[Told]:
    """The changes that a journal has to know of, by the roots that are still there.

    Journals know nothing of each other, and nothing of what was there before a root was deleted.

    :param journals: resources without a parent, and the names of the resources of the journal under them.

    >>> from cliquet.model.access import Kind
    >>> from cliquet.storage.base import Document
    >>> tree = Tree({"bucket": Kind("bucket"), "history": Kind("history", under="bucket", journal=True)})
    >>> made = Change("create", Scope("bucket", ""), "/buckets/b", Document.make("b", 1000, {}))
    >>> [(told.scope, len(told.written)) for told in by_root(tree, {"bucket": "history"}, [Written(made)])]
    [(Scope(resource='history', parent='/buckets/b'), 1)]
    """
    found: dict[Level, list[Written]] = {}
    gone: set[Level] = set()
    for one in written:
        root = _root(tree, one.change)
        if root is None or root.resource not in journals:
            continue
        if one.change.uri == root.uri and one.change.action == "delete":
            found.pop(root, None)
            gone.add(root)
        elif one.change.uri == root.uri or root not in gone:
            gone.discard(root)
            found.setdefault(root, []).append(one)
    return [Told(Scope(journals[root.resource], root.uri), root, tuple(ones)) for root, ones in found.items()]


def _root(tree: Tree, change: Change) -> Level | None:
    """The record without a parent that was changed, or is above what was; of a journal's records nobody asks."""
    kind = tree.kinds.get(change.scope.resource)
    return None if kind is None or kind.journal else tree.levels(kind.name, change.uri)[0]
