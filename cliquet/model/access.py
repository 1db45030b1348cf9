"""Who may do what: permissions that are granted on an object, or inherited from the objects above it.

The rules are data: for each permission on a kind of object, which stored permissions grant it, and on which level.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from cliquet.errors import ConfigurationError
from cliquet.storage.base import Edge, Scope

__all__ = ["ROOT", "Granter", "Kind", "Level", "Tree", "place"]

#: The level above all resources that have no parent.
ROOT = ""


class Granter(NamedTuple):
    """A stored permission, on an object of a resource, that grants another one."""

    resource: str
    permission: str


class Level(NamedTuple):
    """An object on the way from the root to the one that is asked for.

    :param uri: its path without the version, such as ``/buckets/b``.
    """

    resource: str
    uri: str


def place(levels: Sequence[Level]) -> tuple[Scope, str]:
    """Where the last of some levels is stored: its scope, and its id.

    :param levels: the objects from the root down to that one.

    >>> place([Level("bucket", "/buckets/b")])
    (Scope(resource='bucket', parent=''), 'b')
    """
    above = levels[-2].uri if len(levels) > 1 else ""
    return Scope(levels[-1].resource, above), levels[-1].uri.rpartition("/")[2]


@dataclass(frozen=True)
class Kind:
    """What the tree knows of a resource.

    :param permissions: the permissions that may be stored on its objects.
    :param under: the resource of its parents; :data:`ROOT` when it has none.
    :param segment: the last part of the path of its lists, such as ``collections``.
    :param journal: whether its records are written because others were, at the end of a transaction: their locks are
        taken last.
    """

    name: str
    permissions: tuple[str, ...] = ("read", "write")
    under: str = ROOT
    segment: str = ""
    journal: bool = False


@dataclass
class Tree:
    """The rules of an application; filled while it is configured, and only read afterwards.

    Who may write a record may create below it, also where ``X:create`` is no permission that can be given.

    >>> tree = Tree()
    >>> tree.add(Kind("bucket", ("read", "write", "collection:create")))
    >>> tree.add(Kind("collection", under="bucket"))
    >>> [tuple(one) for one in tree.granters("collection", "read")]
    [('collection', 'write'), ('collection', 'read'), ('bucket', 'write'), ('bucket', 'read')]
    >>> [tuple(one) for one in tree.granters("bucket", "collection:create")]
    [('bucket', 'write'), ('bucket', 'collection:create')]
    """

    kinds: dict[str, Kind] = field(default_factory=dict)
    rules: dict[Granter, tuple[Granter, ...]] = field(default_factory=dict)

    def add(self, kind: Kind) -> None:
        """Let the tree know a resource, with the rules that follow from where it is.

        :raises ConfigurationError: when its parent is not known.
        """
        if kind.under != ROOT and kind.under not in self.kinds:
            raise ConfigurationError(f"The resource {kind.name!r} is under {kind.under!r}, which is not registered.")
        self.kinds[kind.name] = kind
        for permission in (*kind.permissions, "read:attributes"):
            self.rules.setdefault(Granter(kind.name, permission), tuple(self._default(kind, permission)))
        if kind.under != ROOT:
            create = Granter(kind.under, f"{kind.name}:create")
            self.rules.setdefault(create, tuple(self._default(self.kinds[kind.under], create.permission)))

    def extend(self, resource: str, permission: str, granted_by: Iterable[tuple[str, str]]) -> None:
        """Let more stored permissions grant one, and what follows from it on the same object: what plugins add.

        >>> tree = Tree()
        >>> tree.add(Kind("doc"))
        >>> tree.extend("doc", "read", [("shelf", "lend")])
        >>> [tuple(one) for one in tree.granters("doc", "read:attributes")]
        [('doc', 'write'), ('doc', 'read'), ('shelf', 'lend')]
        """
        more = tuple(Granter(*one) for one in granted_by)
        for name in self._implied(resource, permission):
            granter = Granter(resource, name)
            self.rules[granter] = tuple(dict.fromkeys((*self.rules.get(granter, ()), *more)))

    def granters(self, resource: str, permission: str) -> tuple[Granter, ...]:
        """The stored permissions that grant a permission on an object of a resource."""
        # A tuple finds what a Granter does, and is made in a fraction of the time.
        return self.rules.get((resource, permission), ())  # type: ignore[call-overload, no-any-return]

    def pairs(self, levels: Iterable[Level], permission: str) -> list[tuple[str, str]]:
        """What would have to be stored for a permission on the last of the levels: one of these, object and permission.

        :param levels: the objects from the root down to the one that is asked for.

        >>> tree = Tree({}, {Granter("doc", "read"): (Granter("doc", "write"), Granter("doc", "read"))})
        >>> tree.pairs([Level("doc", "/docs/1")], "read")
        [('/docs/1', 'write'), ('/docs/1', 'read')]
        """
        uris = dict(way := tuple(levels))
        granters = self.granters(way[-1].resource, permission) if way else ()
        return [(uris[resource], granter) for resource, granter in granters if resource in uris]

    def ancestors(self, resource: str) -> list[str]:
        """The resources above one, nearest first."""
        found: list[str] = []
        above = self.kinds[resource].under
        while above != ROOT:
            found.append(above)
            above = self.kinds[above].under
        return found

    def children(self, resource: str) -> list[Kind]:
        """The resources directly under one, in the order in which the locks of their scopes are taken."""
        return sorted((kind for kind in self.kinds.values() if kind.under == resource), key=lambda kind: kind.name)

    def levels(self, resource: str, uri: str) -> tuple[Level, ...]:
        """An object of a resource and the objects above it, from the root down.

        >>> tree = Tree({"bucket": Kind("bucket"), "group": Kind("group", under="bucket")})
        >>> [level.uri for level in tree.levels("group", "/buckets/b/groups/g")]
        ['/buckets/b', '/buckets/b/groups/g']
        """
        found = [Level(resource, uri)]
        for above in self.ancestors(resource):
            uri = uri.rsplit("/", 2)[0]
            found.append(Level(above, uri))
        found.reverse()
        return tuple(found)

    def edges(self, resource: str) -> list[Edge]:
        """What is below the records of a resource, from the top down, journals last.

        >>> tree = Tree()
        >>> for kind in (Kind("shelf", segment="shelves"), Kind("book", under="shelf", segment="books")):
        ...     tree.add(kind)
        >>> tree.add(Kind("page", under="book", segment="pages"))
        >>> [tuple(edge) for edge in tree.edges("shelf")]
        [('book', '', ''), ('page', 'book', 'books')]
        """
        found = [kind for kind in self._below(resource) if not kind.journal]
        found += [kind for kind in self._below(resource) if kind.journal]
        return [self._edge(kind, resource) for kind in found]

    def depths(self, resource: str) -> dict[str, int]:
        """How many levels below the records of a resource each other resource is."""
        return {kind.name: self.ancestors(kind.name).index(resource) + 1 for kind in self._below(resource)}

    def _implied(self, resource: str, permission: str) -> set[str]:
        """A permission, and those that whoever has it has as well: ``write`` is everything, ``read`` the attributes."""
        if permission == "write":
            return {one.permission for one in self.rules if one.resource == resource} | {"write"}
        return {"read", "read:attributes"} if permission == "read" else {permission}

    def _below(self, resource: str) -> list[Kind]:
        """All resources below one, level by level."""
        level = self.children(resource)
        found = list(level)
        while level:
            level = [child for kind in level for child in self.children(kind.name)]
            found += level
        return found

    def _edge(self, kind: Kind, ancestor: str) -> Edge:
        if kind.under == ancestor:
            return Edge(kind.name, "", "")
        return Edge(kind.name, kind.under, self.kinds[kind.under].segment)

    def _default(self, kind: Kind, permission: str) -> Iterable[Granter]:
        """``write`` grants everything on the object and below, ``read`` reading on the object and below."""
        above = self.ancestors(kind.name)
        if permission in ("read", "read:attributes"):
            attributes = [one for one in kind.permissions if one.endswith(":create")]
            own = [Granter(kind.name, one) for one in (attributes if permission == "read:attributes" else ())]
            levels = [Granter(name, one) for name in (kind.name, *above) for one in ("write", "read")]
            return [*levels, *own]
        own = [Granter(kind.name, permission)] if permission in kind.permissions and permission != "write" else []
        return [Granter(kind.name, "write"), *own, *(Granter(name, "write") for name in above)]
