"""What a schema tells about the fields of a resource, as far as the protocol needs to know."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

__all__ = ["ANYTHING", "INDEXABLE", "FieldType", "Fields", "is_indexable"]

#: Names of fields that may have an index: members' names are joined by dots.
INDEXABLE = r"[A-Za-z_][A-Za-z0-9_-]{0,62}(\.[A-Za-z0-9_-]{1,63}){0,4}"
_INDEXABLE = re.compile(INDEXABLE)


@dataclass(frozen=True)
class FieldType:
    """The type of one field.

    :param kind: ``json`` stands for whatever JSON can say.
    :param nullable: whether null is one of its values.
    :param item: the type of the items of an array.
    :param members: the types of the members of an object.
    """

    kind: Literal["text", "number", "boolean", "json"] = "json"
    nullable: bool = False
    item: FieldType | None = None
    members: Mapping[str, FieldType] | None = None


ANYTHING = FieldType()
_RESERVED = MappingProxyType(
    {"id": FieldType("text"), "last_modified": FieldType("number"), "deleted": FieldType("boolean")}
)


@dataclass(frozen=True)
class Fields:
    """The fields of a resource.

    :param declared: the fields that its schema names.
    :param open: whether records may have others.

    >>> Fields({"title": FieldType("text")}, open=False).type_of("nope") is None
    True
    """

    declared: Mapping[str, FieldType] = field(default_factory=dict)
    open: bool = True

    def is_declared(self, name: str) -> bool:
        """Whether the schema, or the protocol itself, has that top-level field."""
        return name in self.declared or name in _RESERVED

    def type_of(self, name: str) -> FieldType | None:
        """The type of a field, or ``None`` when no record can have it; dots lead into objects."""
        first, *rest = name.split(".")
        found = _RESERVED.get(first) or self.declared.get(first)
        if found is None:
            return ANYTHING if self.open else None
        for step in rest:
            if found.members is None:
                return ANYTHING if found.kind == "json" else None
            found = found.members.get(step, ANYTHING)
        return found


def is_indexable(name: str) -> bool:
    """Whether a field may have an index; those of the protocol itself need none.

    >>> is_indexable("author.name"), is_indexable("it's"), is_indexable("last_modified")
    (True, False, False)
    """
    return _INDEXABLE.fullmatch(name) is not None and name not in _RESERVED
