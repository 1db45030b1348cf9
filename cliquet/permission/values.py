"""What permission backends are asked about and answer: ACEs, objects, and parts of all objects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from cliquet.database.question import Question
from cliquet.errors import BackendError

__all__ = [
    "ACE",
    "Foreseen",
    "Lists",
    "Objects",
    "Range",
    "Selection",
    "id_of",
    "kind_of",
    "list_of",
    "parent_of",
    "possible",
    "storable",
]

#: After every text.
_LAST = "\U0010ffff"


class ACE(NamedTuple):
    """An access control entry: on this object, this principal has this permission.

    :param object_id: the path of the object without the version prefix, such as ``/buckets/b``.

    >>> ACE("/buckets/b", "read", "basicauth:alice").permission
    'read'
    """

    object_id: str
    permission: str
    principal: str


class Objects(NamedTuple):
    """Some objects with the permissions that somebody has on them, in order, and whether there are more after these.

    >>> Objects([("/buckets/b", frozenset({"read"}))], more=True).entries[-1]
    ('/buckets/b', frozenset({'read'}))
    """

    entries: list[tuple[str, frozenset[str]]]
    more: bool = False


class Range(NamedTuple):
    """The ids below an ancestor: from ``low`` on, before ``high``.

    >>> Range.under("/buckets/b")
    Range(low='/buckets/b/', high='/buckets/b0')
    >>> "/buckets/b/groups/g" in Range.under("/buckets/b"), "/buckets/b_/groups/g" in Range.under("/buckets/b")
    (True, False)
    """

    low: str
    high: str

    @classmethod
    def under(cls, ancestor: str) -> Range:
        """What begins with the ancestor and a slash; the character after the slash is the zero."""
        return cls(f"{ancestor}/", f"{ancestor}0")

    def __contains__(self, one: object) -> bool:
        return isinstance(one, str) and self.low <= one < self.high


class Lists(NamedTuple):
    """The lists of one kind, or those of them from ``low`` on, before ``high``.

    :param kind: from :func:`kind_of`.

    >>> Lists.like("/buckets/{bucket_id}/groups/{id}").holds("/buckets/b/groups/g")
    True
    >>> Lists.like("/buckets/{bucket_id}/groups/{id}", under="/buckets/a").holds("/buckets/b/groups/g")
    False
    """

    kind: str
    low: str = ""
    high: str = _LAST

    @classmethod
    def like(cls, object_id: str, *, under: str = "") -> Lists:
        """The lists of objects that have such a path, all of them or those below an ancestor."""
        return cls(kind_of(object_id), *(Range.under(under) if under else ()))

    def holds(self, object_id: str) -> bool:
        """Whether an object is in one of these lists."""
        return self.kind == kind_of(object_id) and self.low <= list_of(object_id) < self.high

    def beginning(self, after: str | None, *, descending: bool) -> tuple[str, str]:
        """The list and the object after which a page begins, in the order of objects.

        Objects of a kind are ordered by their list first: lists that have as many parts do not begin with each other.

        :param after: the last object of the page before, which may be of another kind.

        >>> Lists.like("/buckets/b/groups/g").beginning("/buckets/b/groups/x", descending=True)
        ('/buckets/b/groups/', '/buckets/b/groups/x')
        """
        end = (self.high if descending else self.low, "")
        if after is None:
            return end
        depth = int(self.kind.partition("/")[0])
        parts = after.split("/")
        place = ("/".join(parts[:depth]) + "/", after) if len(parts) > depth else (after, "")
        return min(end, place) if descending else max(end, place)


class Selection(NamedTuple):
    """A page of objects: which objects, in which order, from where on, and how many.

    :param lists: the lists that count; ``None`` for all.
    :param by_id: whether objects are ordered by the last part of their path first.
    :param after: the last object of the page before.
    :param limit: most objects in the page; ``None`` for all.

    >>> Selection(after="/x/2", descending=True).holds("/x/1"), Selection(after="/x/2").holds("/x/2")
    (True, False)
    """

    lists: tuple[Lists, ...] | None = None
    by_id: bool = False
    after: str | None = None
    limit: int | None = None
    descending: bool = True

    def place(self, object_id: str) -> tuple[str, str]:
        """What objects are ordered by."""
        return (id_of(object_id) if self.by_id else ""), object_id

    def holds(self, object_id: str) -> bool:
        """Whether an object is in one of the lists, and after the beginning of the page."""
        if self.lists is not None and not any(one.holds(object_id) for one in self.lists):
            return False
        if self.after is None:
            return True
        place, after = self.place(object_id), self.place(self.after)
        return place < after if self.descending else place > after

    def first(self, object_ids: Iterable[str]) -> list[str]:
        """The objects of the page, and one more.

        >>> Selection(limit=1, after="/x/3").first(["/x/1", "/x/2", "/x/3", "/x/0"])
        ['/x/2', '/x/1']
        """
        found = sorted(filter(self.holds, object_ids), key=self.place, reverse=self.descending)
        return found if self.limit is None else found[: self.limit + 1]


def parent_of(object_id: str) -> str:
    """The path of the list that an object is in.

    >>> parent_of("/buckets/b/collections/c")
    '/buckets/b/collections'
    """
    return object_id.rpartition("/")[0]


def list_of(object_id: str) -> str:
    """The same with the slash at its end.

    >>> list_of("/buckets/b/collections/c")
    '/buckets/b/collections/'
    """
    return object_id[: object_id.rfind("/") + 1]


def id_of(object_id: str) -> str:
    """The last part of the path of an object.

    >>> id_of("/buckets/b/collections/c")
    'c'
    """
    return object_id[object_id.rfind("/") + 1 :]


def kind_of(object_id: str) -> str:
    """What objects have in common whose lists have the same name and as many parts.

    >>> kind_of("/buckets/b/collections/c"), kind_of("/buckets/{bucket_id}/collections/{id}")
    ('4/collections', '4/collections')
    """
    return f"{object_id.count('/')}/{parent_of(object_id).rpartition('/')[2]}"


class Foreseen(NamedTuple):
    """What will be asked, so that it can be asked together with other things.

    :param held: which of some permissions somebody has, as far as that is not known.
    :param others: all other questions.
    :param granted: whether somebody is known to have one of the permissions.

    >>> Foreseen().others
    ()
    """

    held: Question | None = None
    others: tuple[Question, ...] = ()
    granted: bool = False


def possible(text: str) -> bool:
    """Whether a text can be kept by every backend.

    >>> possible("/buckets/é"), possible("nul" + chr(0)), possible(chr(0xD800))
    (True, False, False)
    """
    if text.isascii():
        return "\0" not in text
    return "\0" not in text and not any("\ud800" <= char <= "\udfff" for char in text)


def storable(*texts: str) -> None:
    """Whether texts can be kept.

    :raises BackendError: when one cannot.

    >>> storable("/buckets/b", "nul" + chr(0))
    Traceback (most recent call last):
      ...
    cliquet.errors.BackendError: A permission cannot be stored: 'nul\\x00' holds NUL or a lone surrogate
    """
    if possible("".join(texts)):
        return
    for text in texts:
        if not possible(text):
            raise BackendError(message=f"A permission cannot be stored: {text!r} holds NUL or a lone surrogate")
