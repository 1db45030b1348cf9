"""What is below what, as far as quotas are concerned."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cached_property

from cliquet.model.access import Kind, Level, Tree
from cliquet.model.change import Change
from cliquet.plugins.quotas.usage import Usage

__all__ = ["Shape"]


@dataclass(frozen=True)
class Shape:
    """The resources of an application; asked when all of them are declared.

    :param groups: the resources whose records are groups of users.

    >>> kinds = (Kind("shelf"), Kind("book", under="shelf"), Kind("team", under="shelf"))
    >>> tree = Tree({kind.name: kind for kind in kinds})
    >>> shape = Shape(tree, {"team"})
    >>> sorted(shape.containers), shape.below, sorted(shape.items)
    (['shelf'], {'shelf': ('book', 'team')}, ['book'])
    """

    tree: Tree
    groups: Collection[str] = ()

    @cached_property
    def containers(self) -> frozenset[str]:
        """The resources that others are under."""
        return frozenset(name for name, kind in self.tree.kinds.items() if not kind.journal and self.children(name))

    @cached_property
    def items(self) -> frozenset[str]:
        """The resources whose records are counted as objects: nothing is below them, and they are no groups."""
        kinds = (kind for kind in self.tree.kinds.values() if not kind.journal)
        return frozenset(kind.name for kind in kinds) - self.containers - frozenset(self.groups)

    @cached_property
    def below(self) -> Mapping[str, tuple[str, ...]]:
        """The resources below each one that others are under."""
        kinds = [name for name, kind in self.tree.kinds.items() if not kind.journal]
        return {
            container: tuple(name for name in kinds if container in self.tree.ancestors(name))
            for container in self.tree.kinds
            if container in self.containers
        }

    def children(self, resource: str) -> list[Kind]:
        """The resources directly under one."""
        return [kind for kind in self.tree.children(resource) if not kind.journal]

    def levels(self, change: Change) -> tuple[Level, ...]:
        """The record that was changed, after those above it, from the root down."""
        return self.tree.levels(change.scope.resource, change.uri)

    def items_in(self, usage: Usage) -> int:
        """How many objects there are."""
        return sum(usage.counts[name] for name in self.items)
