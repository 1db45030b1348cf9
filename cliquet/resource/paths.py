"""Finds what a path is about: which record, of which resource, below which others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cliquet.database.transaction import Transaction
from cliquet.model.access import Level
from cliquet.model.judge import NOBODY, Who
from cliquet.model.sharing import Shared
from cliquet.permission.base import Lists
from cliquet.resource.context import Context
from cliquet.storage.base import Scope
from cliquet.web.components import Components

__all__ = ["Paths", "Place", "lists_of"]

#: For each part of a path, what it has to be, or the name of what it stands for.
Template = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Place:
    """A path of a shared record, whether or not there is such a record.

    :param context: of its resource.
    :param ids: what the placeholders of the path stand for: ``id``, and ``<resource>_id`` of the records above.
    """

    context: Context
    uri: str
    ids: Mapping[str, str]

    @property
    def record_id(self) -> str:
        """The id of the record."""
        return self.ids["id"]

    @property
    def list_path(self) -> str:
        """The path of the list that it is in."""
        return self.uri.rpartition("/")[0]

    @property
    def levels(self) -> tuple[Level, ...]:
        """The record, after those above it, from the root down."""
        return self.context.parts.tree.levels(self.context.name, self.uri)

    @property
    def scope(self) -> Scope:
        """Where the record is stored."""
        above = self.levels[:-1]
        return Scope(self.context.name, above[-1].uri if above else "")

    @property
    def is_possible(self) -> bool:
        """Whether there can be records of these ids."""
        named = [(one, self.ids[f"{one.name}_id"]) for one in self.context.above]
        return all(one.id_generator.match(value) for one, value in [*named, (self.context, self.record_id)])

    def shared(self, who: Who = NOBODY, *, transaction: Transaction | None = None) -> Shared:
        """The permissions on the records of its list, for code that is not a request; nobody becomes an owner."""
        parts, resource = self.context.parts, self.context.resource
        return Shared(
            parts.judge,
            self.context.storage,
            parts.tree.kinds[self.context.name],
            who,
            self.list_path,
            above=self.levels[:-1],
            members=resource.members_field,
            transaction=transaction,
        )


@dataclass(frozen=True)
class Paths:
    """The paths of all shared records of an application.

    :param contexts: of the resources, with the parts of the paths of their records, by the kind of their lists; two
        resources may have lists of one kind.
    """

    contexts: Mapping[str, tuple[tuple[Context, Template], ...]]

    @classmethod
    def of(cls, parts: Components) -> Paths:
        """The paths of an application that is configured.

        >>> from cliquet.testing.app import make_app
        >>> Paths.of(make_app().parts).find("/notes/x") is None
        True
        """
        found: dict[str, tuple[tuple[Context, Template], ...]] = {}
        for context in parts.contexts.values():
            if context.resource.is_shared:
                kind = lists_of(context).kind
                found[kind] = (*found.get(kind, ()), (context, _template(context.viewset.path("record"))))
        return cls(found)

    def __iter__(self) -> Iterator[Context]:
        return (context for contexts in self.contexts.values() for context, _ in contexts)

    def find(self, uri: str) -> Place | None:
        """What a path is about; nothing, when it is the path of no shared record.

        :param uri: without the version.
        """
        parts = uri.split("/")
        if len(parts) < 2:
            return None
        for context, template in self.contexts.get(f"{len(parts) - 1}/{parts[-2]}", ()):
            if (ids := _matched(template, parts)) is not None:
                return Place(context, uri, ids)
        return None


def lists_of(context: Context, *, under: str = "") -> Lists:
    """The lists of a resource, all of them or those below an ancestor."""
    return Lists.like(context.viewset.path("record"), under=under)


def _template(path: str) -> Template:
    """The parts of a path: what each has to be, or what it stands for."""
    parts = path.split("/")
    return tuple(("", one.strip("{}").partition(":")[0]) if one.startswith("{") else (one, "") for one in parts)


def _matched(template: Template, parts: list[str]) -> dict[str, str] | None:
    """What the placeholders of a template stand for, when a path of as many parts is like it."""
    found = {}
    for (wanted, name), part in zip(template, parts, strict=True):
        if name and part:
            found[name] = part
        elif name or wanted != part:
            return None
    return found
