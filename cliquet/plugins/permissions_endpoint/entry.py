"""An entry of the list: what somebody may do with one object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from cliquet.model.access import Kind, Tree
from cliquet.model.holdings import ROOT_URI
from cliquet.protocol.fields import Fields, FieldType
from cliquet.resource.context import Context
from cliquet.resource.paths import Paths

__all__ = ["Entries", "Entry", "fields", "ids_of"]

Entry = dict[str, Any]
_TEXT = FieldType("text")


def ids_of(context: Context) -> list[str]:
    """The fields with the ids of an object and of those above it.

    >>> from cliquet.testing.app import make_app
    >>> ids_of(make_app().parts.contexts["note"])
    ['note_id', 'id']
    """
    return [*(f"{one.name}_id" for one in (*context.above, context)), "id"]


def fields(contexts: Iterable[Context]) -> Fields:
    """All fields that an entry may have; there are no others.

    >>> fields([]).type_of("color") is None
    True
    """
    ids = {name: _TEXT for context in contexts for name in ids_of(context)}
    named = {"uri": _TEXT, "resource_name": _TEXT, "permissions": FieldType(item=_TEXT)}
    return Fields({**named, **ids}, open=False)


class List(NamedTuple):
    """What is the same in the entries of all objects of a list.

    :param resource: their name.
    :param ids: those of the objects above.
    :param name: the other field with their id.
    """

    resource: str
    ids: Mapping[str, str]
    name: str


@dataclass(frozen=True)
class Entries:
    """Makes entries.

    :param paths: what a path is about.
    :param tree: which permissions grant which.
    :param known: what was worked out before, for many entries are alike.
    :param lists: the list that the entry before is in, by its path: most often, the next one is in the same.
    """

    paths: Paths
    tree: Tree
    known: dict[tuple[str, frozenset[str]], list[str]] = field(default_factory=dict)
    lists: dict[str, List | None] = field(default_factory=dict)

    def entry(self, uri: str, held: frozenset[str]) -> Entry | None:
        """The entry of an object; nothing, when the path is none of a shared record.

        :param held: the permissions that somebody has on it.
        """
        parent, _, record_id = uri.rpartition("/")
        if not record_id:
            return {"uri": uri, "resource_name": "root", "permissions": sorted(held)} if uri == ROOT_URI else None
        if parent not in self.lists:
            self.lists.clear()
            self.lists[parent] = self._list(uri)
        found = self.lists[parent]
        if found is None:
            return None
        name, above, named = found
        permissions = self.known.get((name, held)) or self.implied(name, held)
        return {
            "uri": uri,
            "resource_name": name,
            "permissions": permissions,
            **above,
            "id": record_id,
            named: record_id,
        }

    def implied(self, resource: str, held: frozenset[str]) -> list[str]:
        """What somebody may do with an object by the permissions that they have on it, and those."""
        found = self.known.get((resource, held))
        if found is None:
            possible = _possible(self.tree.kinds[resource])
            found = sorted({*held, *(name for name in possible if self._grants(resource, name, held))})
            self.known[resource, held] = found
        return found

    def of(self, found: Iterable[tuple[str, frozenset[str]]]) -> Iterator[Entry]:
        """The entries of objects."""
        for uri, held in found:
            if (entry := self.entry(uri, held)) is not None:
                yield entry

    def _list(self, uri: str) -> List | None:
        """The list that an object is in; nothing, when the path is none of a shared record."""
        place = self.paths.find(uri)
        if place is None:
            return None
        above = {name: value for name, value in place.ids.items() if name != "id"}
        return List(place.context.name, above, f"{place.context.name}_id")

    def _grants(self, resource: str, permission: str, held: frozenset[str]) -> bool:
        granters = self.tree.granters(resource, permission)
        return any(granter.resource == resource and granter.permission in held for granter in granters)


def _possible(kind: Kind) -> list[str]:
    """The permissions that somebody may have on an object; reading its attributes, where that is another thing."""
    creates = any(name.endswith(":create") for name in kind.permissions)
    return [*kind.permissions, *(["read:attributes"] if creates else [])]
