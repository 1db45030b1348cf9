"""How permissions are laid out in Redis: the keys, what is found with them, and what a change does to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Set
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from cliquet.permission.base import ACE, Lists, Range, Selection, parent_of
from cliquet.permission.state import State
from cliquet.permission.values import kind_of

__all__ = ["Difference", "Keys", "pack", "unpack"]

#: Between two texts in one; no text holds it.
_NUL = "\0"


def pack(*texts: str) -> str:
    """Texts as one."""
    return _NUL.join(texts)


def unpack(data: bytes) -> list[str]:
    """The texts that :func:`pack` made one.

    >>> unpack(pack("read", "alice").encode())
    ['read', 'alice']
    """
    return data.decode().split(_NUL)


@dataclass(frozen=True)
class Keys:
    """The keys of one service.

    :param space: what all of them begin with; made from a prefix it holds no character that a pattern gives a meaning.

    >>> Keys.of("a*").ace("/buckets/b")
    'permission:a%2A:ace:/buckets/b'
    """

    space: str

    @classmethod
    def of(cls, prefix: str) -> Keys:
        """The keys of the service with this prefix; none are those of another prefix."""
        return cls(f"permission:{quote(prefix, safe='')}:")

    @property
    def version(self) -> str:
        """A number that every change increases."""
        return f"{self.space}version"

    @property
    def objects(self) -> str:
        """All objects with ACEs, sorted."""
        return f"{self.space}objects"

    @property
    def holders(self) -> str:
        """All principals with ACEs, sorted."""
        return f"{self.space}holders"

    @property
    def grouped(self) -> str:
        """All groups with members, sorted."""
        return f"{self.space}grouped"

    def ace(self, object_id: str) -> str:
        """The ACEs on an object: permissions and principals."""
        return f"{self.space}ace:{object_id}"

    def held(self, principal: str) -> str:
        """The objects whose ACEs name a principal, sorted."""
        return f"{self.space}held:{principal}"

    def children(self, parent: str, principal: str) -> str:
        """Those of them that are in a list."""
        return f"{self.space}children:{pack(parent, principal)}"

    def listed(self, kind: str, principal: str) -> str:
        """Those of them that are in lists of a kind, sorted."""
        return f"{self.space}listed:{pack(kind, principal)}"

    def groups(self, user_id: str) -> str:
        """The groups of a user."""
        return f"{self.space}groups:{user_id}"

    def members(self, group: str) -> str:
        """The users of a group."""
        return f"{self.space}members:{group}"

    def between(self, pipeline: Any, key: str, span: Range) -> None:
        """Ask for what is in a range."""
        pipeline.zrangebylex(key, f"[{span.low}", f"({span.high}")

    def sliced(self, pipeline: Any, principal: str, page: Selection) -> None:
        """Ask for as much of what a principal has as a page may need, and one more."""
        many = {} if page.limit is None else {"start": 0, "num": page.limit + 1}
        beyond = None if page.after is None else f"({page.after}"
        for key, low, high in self._spans(principal, page.lists):
            if page.by_id:
                pipeline.zrangebylex(key, low, high)
            elif page.descending:
                pipeline.zrevrangebylex(key, _least(beyond, high), low, **many)
            else:
                pipeline.zrangebylex(key, _most(beyond, low), high, **many)

    def _spans(self, principal: str, lists: tuple[Lists, ...] | None) -> list[tuple[str, str, str]]:
        """The sorted sets that a principal has for some lists, and from where to where they are asked for."""
        if lists is None:
            return [(self.held(principal), "-", "+")]
        return [(self.listed(one.kind, principal), f"[{one.low}", f"({one.high}") for one in lists]


def _least(beyond: str | None, high: str) -> str:
    """The end that comes first; the signs in front of the texts are the same, or ``+``."""
    return high if beyond is None or (high != "+" and high < beyond) else beyond


def _most(beyond: str | None, low: str) -> str:
    """The beginning that comes last."""
    return low if beyond is None or (low != "-" and low[1:] > beyond[1:]) else beyond


class Difference:
    """What differs between two states of the same objects and users.

    :param before: holds all ACEs on the objects, and all groups of the users, that it holds any of.
    """

    def __init__(self, before: State, after: State) -> None:
        self._aces = _entries(before), _entries(after)
        self._held = _holdings(self._aces[0]), _holdings(self._aces[1])
        self._objects = before.aces.keys(), after.aces.keys()
        self._members = _memberships(before), _memberships(after)

    def __bool__(self) -> bool:
        return self._aces[0] != self._aces[1] or self._members[0] != self._members[1]

    @property
    def holders(self) -> Counter[str]:
        """By principal, how many objects less it holds."""
        return _fewer(self._held)

    @property
    def groups(self) -> Counter[str]:
        """By group, how many members less it has."""
        return _fewer(self._members)

    def write(self, keys: Keys, pipeline: Any) -> None:
        """Ask for everything but the sorted sets of :meth:`index`."""
        for number, (to_set, to_sorted) in enumerate(((pipeline.srem, _zrem), (pipeline.sadd, _zadd))):
            for object_id, permission, principal in _only(self._aces, number):
                to_set(keys.ace(object_id), pack(permission, principal))
            for object_id, principal in _only(self._held, number):
                to_sorted(pipeline, keys.held(principal), object_id)
                to_sorted(pipeline, keys.listed(kind_of(object_id), principal), object_id)
                to_set(keys.children(parent_of(object_id), principal), object_id)
            for object_id in _only(self._objects, number):
                to_sorted(pipeline, keys.objects, object_id)
            for user_id, group in _only(self._members, number):
                to_set(keys.groups(user_id), group)
                to_set(keys.members(group), user_id)

    @staticmethod
    def index(pipeline: Any, key: str, fewer: Counter[str], had: Iterable[int]) -> None:
        """Ask for a sorted set to have those names in it that have something.

        :param fewer: by name, how much less it has.
        :param had: how much each of them had.
        """
        for (name, less), many in zip(fewer.items(), had, strict=True):
            if less == many:
                _zrem(pipeline, key, name)
            elif not many:
                _zadd(pipeline, key, name)


def _entries(state: State) -> frozenset[ACE]:
    return frozenset(
        ACE(object_id, permission, principal)
        for object_id, permissions in state.aces.items()
        for permission, principals in permissions.items()
        for principal in principals
    )


def _holdings(entries: Iterable[ACE]) -> frozenset[tuple[str, str]]:
    return frozenset((entry.object_id, entry.principal) for entry in entries)


def _memberships(state: State) -> frozenset[tuple[str, str]]:
    return frozenset((user_id, group) for user_id, groups in state.groups.items() for group in groups)


def _only(sets: tuple[Set[Any], Set[Any]], number: int) -> Set[Any]:
    """What only one of two sets holds."""
    return sets[number] - sets[1 - number]


def _fewer(pairs: tuple[Set[tuple[str, str]], Set[tuple[str, str]]]) -> Counter[str]:
    found = Counter(second for _, second in _only(pairs, 0))
    found.subtract(second for _, second in _only(pairs, 1))
    return found


def _zadd(pipeline: Any, key: str, text: str) -> None:
    pipeline.zadd(key, {text: 0})


def _zrem(pipeline: Any, key: str, text: str) -> None:
    pipeline.zrem(key, text)
