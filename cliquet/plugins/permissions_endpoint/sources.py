"""Where the list comes from: the ACEs of somebody, and the settings that name them."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from cliquet.model.access import ROOT, Granter
from cliquet.model.holdings import ROOT_URI, Held, Order, holdings
from cliquet.model.judge import Judge, Who, setting_of
from cliquet.permission.base import Lists
from cliquet.resource.context import Context
from cliquet.storage.base import Everywhere, Storage

__all__ = ["Sources", "beginning", "segment_of"]

#: After every id.
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class Sources:
    """What somebody has.

    :param who: somebody.
    :param storage: where the objects are that settings are about.
    """

    judge: Judge
    storage: Storage
    who: Who

    @functools.cached_property
    def by_settings(self) -> dict[str, frozenset[str]]:
        """The permissions that settings give somebody on all records of a resource, by its name."""
        kinds = self.judge.tree.kinds.values()
        found = {
            kind.name: frozenset(name for name in kind.permissions if self._named(Granter(kind.name, name)))
            for kind in kinds
        }
        return {name: permissions for name, permissions in found.items() if permissions}

    def root(self, order: Order) -> Iterator[Held]:
        """The root, where somebody may create something there."""
        names = [f"{kind.name}:create" for kind in self.judge.tree.kinds.values() if kind.under == ROOT]
        held = frozenset(name for name in names if self._named(Granter(ROOT, name)))
        if held and order.holds(ROOT_URI):
            yield ROOT_URI, held

    def aces(self, lists: Iterable[Lists], order: Order) -> Iterator[Held]:
        """The objects of some lists that have somebody in their ACEs."""
        return holdings(self.judge.permission, self.who, lists, order)

    def numbers(self, lists: Iterable[Lists]) -> dict[str, int]:
        """How many objects of some lists have somebody in their ACEs, by the paths of the lists."""
        who = self.who
        return self.judge.permission.numbers_of(who.principals, user_id=who.user_id, lists=lists)

    def everywhere(self, context: Context, order: Order) -> Iterator[Held]:
        """All records of a resource, with what settings give somebody on them; in the order of paths."""
        held, segment = self.by_settings[context.name], segment_of(context)
        after = None if order.after is None else beginning(context, segment, order.after)
        for size in order.sizes():
            page = self.storage.everywhere(Everywhere(context.name, (), after, size, order.descending))
            yield from ((f"{parent}/{segment}/{record_id}", held) for parent, record_id in page)
            if len(page) < size:
                return
            after = f"{page[-1][0]}/", page[-1][1]

    def _named(self, granter: Granter) -> bool:
        """Whether the setting that is about a permission names somebody."""
        named = self.judge.settings.get(setting_of(granter))
        if not named:
            return False
        if not self.who.principals.isdisjoint(named):
            return True
        return any(one.startswith("/") for one in named) and not self._groups.isdisjoint(named)

    @functools.cached_property
    def _groups(self) -> frozenset[str]:
        return self.judge.groups_of(self.who)


def _parent(context: Context) -> str:
    """The template of the path of the parents of a resource's records; empty where they have none."""
    return context.above[-1].viewset.path("record") if context.above else ""


def segment_of(context: Context) -> str:
    """What is between the path of the parent and the id."""
    return "/".join(context.list_path.split("/")[_parent(context).count("/") + 1 :])


def beginning(context: Context, segment: str, after: str) -> tuple[str, str]:
    """The place among all records of a resource that comes where a path does, which may be of another one."""
    depth = _parent(context).count("/") + 1
    parts = after.split("/")
    if len(parts) <= depth:
        return after, ""
    parent, rest = "/".join(parts[:depth]) + "/", "/".join(parts[depth:])
    if rest.startswith(f"{segment}/"):
        return parent, rest[len(segment) + 1 :]
    return parent, _LAST if f"{segment}/" < rest else ""
