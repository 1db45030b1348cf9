"""The schema of a resource's records, and its options."""

from __future__ import annotations

from typing import Any

import colander

__all__ = ["Anything", "ResourceSchema"]


class ResourceSchema(colander.MappingSchema):  # type: ignore[misc]  # colander is untyped
    """A Colander mapping with options. Subclass it, and name fields as attributes.

    ``id``, ``last_modified`` and ``deleted`` belong to the protocol and are not fields of a schema.

    >>> class Article(ResourceSchema):
    ...     title = colander.SchemaNode(colander.String())
    ...     class Options:
    ...         unique_fields = ("title",)
    >>> Article.get_option("unique_fields"), Article.get_option("preserve_unknown")
    (('title',), False)
    """

    class Options:
        """What a schema says besides its fields; a subclass names only what differs.

        - ``unique_fields``: no two live records of a scope have the same value in one of them;
        - ``readonly_fields``: cannot be changed once they have a value;
        - ``indexed_fields``: filters and sorts on them read what they answer, however many records there are; dots lead
          into objects (``docs/how-to/indexes``);
        - ``preserve_unknown``: whether fields that the schema does not name are kept, or dropped.
        """

        unique_fields: tuple[str, ...] = ()
        readonly_fields: tuple[str, ...] = ()
        indexed_fields: tuple[str, ...] = ()
        preserve_unknown: bool = False

    @classmethod
    def get_option(cls, name: str) -> Any:
        """An option of this schema, or its default."""
        return getattr(cls.Options, name, getattr(ResourceSchema.Options, name))

    @classmethod
    def is_readonly(cls, field: str) -> bool:
        """Whether a field cannot be changed once it has a value."""
        return field in cls.get_option("readonly_fields")

    def schema_type(self) -> Any:
        """The mapping, with what it does with unknown fields."""
        return colander.Mapping(unknown="preserve" if self.get_option("preserve_unknown") else "ignore")


class Anything(ResourceSchema):
    """Records with any fields at all.

    >>> Anything().deserialize({"title": "A", "tags": ["b"]})
    {'title': 'A', 'tags': ['b']}
    """

    class Options:
        """Keeps everything."""

        preserve_unknown = True
