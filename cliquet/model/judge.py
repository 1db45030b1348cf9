"""Says whether somebody may do something, from the tree of permissions, the settings and the stored ACEs."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cliquet.database.transaction import Transaction
from cliquet.model.access import ROOT, Granter, Level, Tree
from cliquet.model.habits import Habits
from cliquet.permission.base import AUTHENTICATED, EVERYONE, Permission

__all__ = ["NOBODY", "NO_GROUNDS", "Decision", "Grounds", "Judge", "Who", "setting_of", "settings_principals"]


#: The same people ask again and again.
_LAST = 1024


@dataclass(frozen=True)
class Who:
    """Somebody who asks: the prefixed id of the user, if it is one, and the principals known without looking.

    The groups of a user are looked up with each question.

    >>> sorted(Who.user("basicauth:alice").principals)
    ['basicauth:alice', 'system.Authenticated', 'system.Everyone']
    """

    user_id: str | None = None
    principals: frozenset[str] = frozenset({EVERYONE})

    @classmethod
    @functools.lru_cache(_LAST)
    def user(cls, user_id: str) -> Who:
        """A user that was authenticated."""
        return cls(user_id, frozenset({EVERYONE, AUTHENTICATED, user_id}))

    @property
    def name(self) -> str:
        """The principal that stands for them alone, or for everybody when nobody in particular asks."""
        return self.user_id or EVERYONE


NOBODY = Who()


class Grounds(NamedTuple):
    """What would be enough for somebody to be allowed something: one of these.

    :param pairs: of object and permission: to have that permission on it.
    :param groups: to be a member of it, because settings name it.
    :param given: whether nothing is needed, because settings name the one who asks.

    >>> Grounds((("/buckets/b", "read"),)) | Grounds(given=True)
    Grounds(pairs=(('/buckets/b', 'read'),), groups=frozenset(), given=True)
    """

    pairs: tuple[tuple[str, str], ...] = ()
    groups: frozenset[str] = frozenset()
    given: bool = False

    def __or__(self, other: Grounds) -> Grounds:
        """What is enough for one of two things."""
        if other is NO_GROUNDS:
            return self
        return Grounds((*self.pairs, *other.pairs), self.groups | other.groups, self.given or other.given)


#: Where no setting names anybody.
NO_GROUNDS = Grounds()


@dataclass(frozen=True)
class Decision:
    """Whether something is allowed, and because of what.

    :param because: what grants it, for a person to read; empty when nothing does.

    >>> Decision(("`write` on /buckets/b, by a setting",)).allowed
    True
    """

    because: tuple[str, ...] = ()

    @property
    def allowed(self) -> bool:
        """Whether anything grants it."""
        return bool(self.because)


def setting_of(granter: Granter) -> str:
    """The setting that names who has a permission on every object of a resource.

    >>> setting_of(Granter("bucket", "write")), setting_of(Granter("bucket", "collection:create"))
    ('bucket_write_principals', 'collection_create_principals')
    """
    resource, colon, verb = granter.permission.partition(":")
    return f"{resource}_{verb}_principals" if colon else f"{granter.resource}_{granter.permission}_principals"


class _Named(NamedTuple):
    """The principals that settings name, and the groups among them."""

    principals: frozenset[str]
    groups: frozenset[str]


@dataclass
class Judge:
    """Decides; every question is at most one statement.

    :param tree: which permissions grant which.
    :param permission: where ACEs and groups are.
    :param settings: setting -> principals that have that permission on every object.

    >>> from cliquet.model.access import Kind
    >>> from cliquet.permission.memory import MemoryPermission
    >>> judge = Judge(Tree(), MemoryPermission(), {"doc_read_principals": ("basicauth:alice",)})
    >>> judge.tree.add(Kind("doc"))
    >>> judge.allowed(Who.user("basicauth:alice"), [Level("doc", "/docs/1")], "read")
    True
    >>> judge.allowed(Who.user("basicauth:bob"), [Level("doc", "/docs/1")], "read")
    False
    """

    tree: Tree
    permission: Permission
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: What it pays to ask.
    habits: Habits = field(default_factory=Habits, init=False, repr=False)
    _known: dict[tuple[str, str], tuple[Any, _Named]] = field(default_factory=dict, init=False, repr=False)

    def allowed(
        self, who: Who, levels: Sequence[Level], permission: str, *, transaction: Transaction | None = None
    ) -> bool:
        """Whether somebody has a permission on the last of the levels, directly, by inheritance or by a setting.

        :param levels: the objects from the root down to the one that is asked for; none of them means the root.
        """
        return self.grants(who, self.grounds(who, levels, permission), transaction=transaction)

    def grounds(self, who: Who, levels: Sequence[Level], permission: str) -> Grounds:
        """What is enough for that."""
        _, groups, given = self.by_setting(who, levels[-1].resource if levels else ROOT, permission)
        return Grounds(tuple(self.tree.pairs(levels, permission)), groups, given)

    def by_setting(self, who: Who, resource: str, permission: str) -> Grounds:
        """What is enough for the settings alone to give somebody a permission on every object of a resource."""
        principals, groups = self._named(resource, permission)
        if not principals:
            return NO_GROUNDS
        return Grounds((), groups if who.user_id else frozenset(), not principals.isdisjoint(who.principals))

    def grants(self, who: Who, grounds: Grounds, *, transaction: Transaction | None = None) -> bool:
        """Whether somebody has what is enough."""
        pairs, groups, given = grounds
        if given or not (pairs or groups):
            return given
        return self.permission.check(pairs, who.principals, user_id=who.user_id, named=groups, transaction=transaction)

    def holds(self, who: Who, uri: str, permission: str, *, transaction: Transaction | None = None) -> bool:
        """Whether an ACE on an object gives somebody a permission, directly or through a group."""
        return self.permission.check([(uri, permission)], who.principals, user_id=who.user_id, transaction=transaction)

    def groups_of(self, who: Who, *, transaction: Transaction | None = None) -> frozenset[str]:
        """The groups of somebody."""
        if who.user_id is None:
            return frozenset()
        return self.permission.principals_of(who.user_id, transaction=transaction)

    def accessible(
        self, who: Who, parent: str, permissions: Iterable[str], *, transaction: Transaction | None = None
    ) -> Set[str]:
        """The ids of the objects of a list on which somebody directly has one of some permissions.

        :param parent: the path of the list, such as ``/buckets/b/collections``.
        """
        return self.permission.accessible_ids(
            parent, permissions, who.principals, user_id=who.user_id, transaction=transaction
        )

    def explain(self, who: Who, levels: Sequence[Level], permission: str) -> Decision:
        """Why somebody has a permission, in words."""
        resource = levels[-1].resource if levels else ROOT
        mine = who.principals | self.groups_of(who)
        reasons = [
            f"the setting {setting}, which names {principal}"
            for setting, principals in self._settings(resource, permission)
            for principal in principals
            if principal in mine
        ]
        for ace in self.permission.granting(self.tree.pairs(levels, permission), mine):
            through = f" through group {ace.principal}" if ace.principal.startswith("/") else f" for {ace.principal}"
            reasons.append(f"`{ace.permission}` on {ace.object_id}{through}")
        return Decision(tuple(reasons))

    def _settings(self, resource: str, permission: str) -> list[tuple[str, Sequence[str]]]:
        """The settings that can grant a permission, with the principals they name."""
        granters: Iterable[Granter] = self.tree.granters(resource, permission)
        if resource == ROOT:
            granters = [Granter(ROOT, permission)]
        names = dict.fromkeys(setting_of(one) for one in granters)
        return [(name, self.settings[name]) for name in names if name in self.settings]

    def _named(self, resource: str, permission: str) -> _Named:
        """Whom the settings name for a permission; worked out again when there are other rules."""
        rules = self.tree.granters(resource, permission)
        known = self._known.get((resource, permission))
        if known is None or known[0] is not rules:
            named = frozenset(one for _, principals in self._settings(resource, permission) for one in principals)
            groups = frozenset(one for one in named if one.startswith("/"))
            known = self._known[resource, permission] = rules, _Named(named, groups)
        return known[1]


def settings_principals(families: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The settings that name principals.

    >>> settings_principals({"doc_read_principals": ("alice",), "doc_cache_expires_seconds": 3})
    {'doc_read_principals': ('alice',)}
    """
    return {name: tuple(value) for name, value in families.items() if name.endswith("_principals")}
