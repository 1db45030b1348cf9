"""What an entry of a history is: its schema, and how it is made of a change."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Iterable, Mapping
from typing import Any

import colander

from cliquet.model.access import Level
from cliquet.model.change import Permissions
from cliquet.model.journal import Written
from cliquet.permission.base import EVERYONE
from cliquet.protocol import body
from cliquet.schema.record import ResourceSchema
from cliquet.storage.base import Document

__all__ = ["READERS", "EntrySchema", "author", "date", "make", "readers", "schema", "shown"]

#: The field that nobody sees: who could read the record then. It is stored in the entry, as it never changes.
READERS = "readers"


class EntrySchema(ResourceSchema):
    """The fields of all entries; those with the ids depend on the resources of an application."""

    user_id = colander.SchemaNode(colander.String())
    uri = colander.SchemaNode(colander.String())
    action = colander.SchemaNode(colander.String())
    date = colander.SchemaNode(colander.String())
    resource_name = colander.SchemaNode(colander.String())
    target = colander.SchemaNode(colander.Mapping(unknown="preserve"))


def schema(resources: Iterable[str]) -> EntrySchema:
    """The schema of the entries about the records of some resources.

    >>> sorted(node.name for node in schema(["shelf"]))[-2:]
    ['uri', 'user_id']
    """
    found = EntrySchema()
    for name in resources:
        found.add(colander.SchemaNode(colander.String(), name=f"{name}_id", missing=colander.drop))
    return found


def author(written: Written) -> str:
    """Who made a change; everybody, when it was nobody in particular."""
    return written.user_id or EVERYONE


def make(written: Written, levels: tuple[Level, ...], timestamp: int, seen_by: Iterable[str]) -> dict[str, Any]:
    """The entry about a change.

    :param levels: the record that was changed, after those above it, from the root down.
    :param timestamp: the time of the entry in ms.
    :param seen_by: the principals that could read the record.
    """
    change = written.change
    return {
        "id": str(uuid.uuid4()),
        "last_modified": timestamp,
        "date": date(timestamp),
        "action": change.action,
        "uri": change.uri,
        "user_id": author(written),
        "resource_name": change.scope.resource,
        **{f"{level.resource}_id": level.uri.rpartition("/")[2] for level in levels[1:] or levels},
        "target": {"data": change.new.data, "permissions": _listed(change.permissions)},
        READERS: sorted(seen_by),
    }


def _listed(permissions: Permissions) -> dict[str, list[str]]:
    return {name: sorted(principals) for name, principals in sorted(permissions.items())}


def date(timestamp: int) -> str:
    """A time in ms as text.

    >>> date(1_769_860_800_123)
    '2026-01-31T12:00:00.123+00:00'
    """
    seconds, ms = divmod(timestamp, 1000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC) + datetime.timedelta(milliseconds=ms)
    return moment.isoformat(timespec="milliseconds")


def readers(own: Permissions, above: Iterable[Permissions]) -> frozenset[str]:
    """Who could read a record, by its own permissions and by those of the records above it.

    >>> sorted(readers({"read": frozenset({"a"})}, [{"write": frozenset({"b"}), "record:create": frozenset({"c"})}]))
    ['a', 'b']
    """
    empty = frozenset[str]()
    return empty.union(*(one.get(name, empty) for one in (own, *above) for name in ("read", "write")))


def shown(document: Document) -> Document:
    """An entry as readers see it; of a tombstone there is nothing to hide."""
    if document.deleted:
        return document
    fields: Mapping[str, Any] = {name: value for name, value in document.data.items() if name != READERS}
    return Document(document.id, document.last_modified, body.encode(fields).decode())
