"""What happened to a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cliquet.storage.base import Document, Scope

__all__ = ["Change", "Permissions"]

#: Principals by permission, as they are stored on one record.
Permissions = Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class Change:
    """One record that was created, updated or deleted.

    :param action: ``create``, ``update`` or ``delete``.
    :param uri: the record's path, without the version.
    :param new: the record as it is now; its tombstone when it was deleted.
    :param old: the record as it was; ``None`` when it is new.
    :param permissions: who may do what with it now.
    :param cascade: how many levels below the record that was deleted; 0 when it was meant itself.

    >>> made = Change("create", Scope("note", "alice"), "/notes/x", Document.make("x", 1000, {}))
    >>> made.id, made.action
    ('x', 'create')
    """

    action: str
    scope: Scope
    uri: str
    new: Document
    old: Document | None = None
    permissions: Permissions = field(default_factory=dict)
    cascade: int = 0

    @property
    def id(self) -> str:
        """The record's id."""
        return self.new.id
