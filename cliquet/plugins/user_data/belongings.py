"""Finds what belongs to somebody, as one list in the order of paths, the last one first."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from cliquet.model.change import Permissions
from cliquet.model.holdings import Held, Order, holdings
from cliquet.model.judge import Who
from cliquet.model.sharing import NotShared
from cliquet.permission.base import Permission
from cliquet.protocol.query import Filter, Query, Sort
from cliquet.resource import UserResource
from cliquet.resource.context import Context
from cliquet.resource.paths import Paths, lists_of
from cliquet.storage.base import Document, Scope, Storage
from cliquet.web.components import Components

__all__ = ["Belonging", "Belongings", "private_contexts"]

#: How many belongings are looked up at a time.
SIZE = 500


@dataclass(frozen=True)
class Belonging:
    """Something that has to do with somebody.

    :param uri: its path.
    :param resource: the name of its resource; empty when it is the path of none.
    :param scope: where it is stored.
    :param permissions: what an ACE on it allows them.
    :param member: whether it is a group that they are a member of.
    :param private: whether it is a record in a space of their own.
    :param alone: whether nobody else could change it, so that it goes with them.

    >>> Belonging("/notes/x", "note", private=True, alone=True).shown()["erased"]
    True
    """

    uri: str
    resource: str = ""
    scope: Scope | None = None
    permissions: tuple[str, ...] = ()
    member: bool = False
    private: bool = False
    alone: bool = False

    def shown(self) -> dict[str, object]:
        """What is told about it."""
        named = {"resource_name": self.resource} if self.resource else {}
        return {
            "uri": self.uri,
            **named,
            "permissions": list(self.permissions),
            "member": self.member,
            "private": self.private,
            "erased": self.alone,
        }


@dataclass(frozen=True)
class Belongings:
    """What belongs to one principal, by itself and not as one of many.

    :param contexts: of the resources whose records are private.
    """

    principal: str
    permission: Permission | None
    storage: Storage
    paths: Paths
    contexts: tuple[Context, ...]

    @classmethod
    def of(cls, parts: Components, principal: str) -> Belongings:
        """What belongs to somebody in an application."""
        assert parts.storage is not None, "the plugin needs a storage"
        return cls(principal, parts.permission, parts.storage, Paths.of(parts), private_contexts(parts))

    def after(self, uri: str | None, *, enough: int) -> Iterator[Belonging]:
        """What comes after a path; from the beginning without one.

        :param enough: how many will probably be asked for.
        """
        order = Order(after=uri, enough=enough)
        sources = [self._private(context, order) for context in self.contexts]
        found = order.joined([*sources, self._groups(order), self._objects(order)])
        for some in _chunks(found, min(enough, SIZE)):
            yield from self._described(some)

    def documents(self, belongings: Iterable[Belonging]) -> dict[str, Document]:
        """The records among them, by path; those of one list are read together."""
        stored = sorted((one for one in belongings if one.scope is not None), key=attrgetter("scope"))
        found: dict[str, Document] = {}
        for scope, some in itertools.groupby(stored, key=attrgetter("scope")):
            uris = {one.uri.rpartition("/")[2]: one.uri for one in some}
            page = self.storage.page(scope, Query(only=frozenset(uris)))
            found |= {uris[document.id]: document for document in page.documents}
        return found

    def permissions(self, uris: Iterable[str]) -> dict[str, Permissions]:
        """Who may do what with objects."""
        return {**self.permission.permissions_of(*uris)} if self.permission is not None else {}

    def _described(self, held: Iterable[Held]) -> Iterator[Belonging]:
        some = list(held)
        stored = self.permissions(uri for uri, marks in some if not marks & {_PRIVATE})
        for uri, marks in some:
            yield self._belonging(uri, marks, stored.get(uri, {}))

    def _belonging(self, uri: str, marks: frozenset[str], permissions: Permissions) -> Belonging:
        if _PRIVATE in marks:
            name = next(one.name for one in self.contexts if one.list_path == uri.rpartition("/")[0])
            return Belonging(uri, name, Scope(name, self.principal), private=True, alone=True)
        place = self.paths.find(uri)
        return Belonging(
            uri,
            "" if place is None else place.context.name,
            None if place is None else place.scope,
            permissions=tuple(sorted(marks - {_MEMBER})),
            member=_MEMBER in marks,
            alone=place is not None and permissions.get("write") == frozenset({self.principal}),
        )

    def _private(self, context: Context, order: Order) -> Iterator[Held]:
        """The records in a space of their own."""
        model, query = context.model(self.principal), Query(sort=(Sort("id", -1),))
        path = NotShared(context.list_path)
        if order.after is not None and order.after.startswith(path.uri("")):
            query = Query((Filter("id", order.after[len(path.uri("")) :], "lt"),), query.sort)
        elif not order.holds(path.uri("")):
            return
        for document in model.walk(query, size=min(order.enough, SIZE)):
            yield path.uri(document.id), frozenset({_PRIVATE})

    def _groups(self, order: Order) -> Iterator[Held]:
        """The groups that they are a member of."""
        groups = self.permission.memberships(self.principal) if self.permission is not None else ()
        return ((uri, frozenset({_MEMBER})) for uri in sorted(groups, reverse=True) if order.holds(uri))

    def _objects(self, order: Order) -> Iterator[Held]:
        """The objects that have them in their ACEs."""
        lists = {lists_of(context) for context in self.paths}
        if self.permission is None:
            return iter(())
        return holdings(self.permission, Who(None, frozenset({self.principal})), lists, order)


#: What is no permission, among permissions.
_PRIVATE, _MEMBER = " private", " member"


def private_contexts(parts: Components) -> tuple[Context, ...]:
    """The resources whose records are in a space of each user, named by the id of the user."""
    return tuple(
        context
        for context in parts.contexts.values()
        if issubclass(context.resource, UserResource) and context.resource.get_parent_id is UserResource.get_parent_id
    )


def _chunks(found: Iterator[Held], size: int) -> Iterator[list[Held]]:
    while some := list(itertools.islice(found, size)):
        yield some
