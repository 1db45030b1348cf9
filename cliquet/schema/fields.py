"""Colander nodes and types that records often need."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

import colander

from cliquet import clock
from cliquet.protocol.fields import is_indexable

__all__ = ["MAX_INDEXED", "URL", "Boolean", "IndexedFields", "TimeStamp"]


#: Wider than Colander's own, which knows two schemes and wants a dot in the host.
_URL = r"[A-Za-z][A-Za-z0-9+.\-]*://[^\s\x00-\x1f]+\Z"


class TimeStamp(colander.SchemaNode):  # type: ignore[misc]  # colander is untyped
    """An integer of ms since the epoch.

    :param auto_now: whether a record without the field gets the server's time; an explicit null stays ``missing``.
    :param missing: the value of null, and of an absent field unless ``auto_now``.

    >>> TimeStamp(auto_now=False).deserialize(colander.null) is None
    True
    >>> TimeStamp().deserialize(colander.null) > 1_700_000_000_000
    True
    """

    schema_type = colander.Integer
    title = "Epoch timestamp"
    auto_now = True
    missing = None
    accepts_null = True

    def deserialize(self, cstruct: Any = colander.null) -> Any:
        """The time in ms."""
        if cstruct is colander.null and self.auto_now:
            return clock.now()
        if cstruct is None or cstruct is colander.null:
            return self.missing
        if isinstance(cstruct, bool | list | dict):
            raise colander.Invalid(self, f"{cstruct!r:.60} is not a time in milliseconds")
        return super().deserialize(cstruct)


class URL(colander.SchemaNode):  # type: ignore[misc]  # colander is untyped
    """A URL of any scheme, of at most 2048 characters; blanks around it are dropped.

    >>> URL().deserialize(" https://example.com/a ")
    'https://example.com/a'
    """

    schema_type = colander.String
    validator = colander.All(
        colander.Regex(_URL, msg="Must be a URL, such as https://example.com/"), colander.Length(min=1, max=2048)
    )

    def preparer(self, appstruct: Any) -> Any:
        """Drops the blanks."""
        return appstruct.strip() if isinstance(appstruct, str) else appstruct


#: Most fields that one record names.
MAX_INDEXED = 10


def _check_indexable(node: Any, name: str) -> None:
    if not is_indexable(name):
        raise colander.Invalid(
            node, f"{name!r:.60} cannot be indexed: names are of letters, digits, _ and -, and joined by dots."
        )


class IndexedFields(colander.SequenceSchema):  # type: ignore[misc]  # colander is untyped
    """Names of fields of the records below, which whoever may write the record has indexed (``docs/how-to/indexes``).

    >>> IndexedFields().deserialize(["title", "author.name"])
    ['title', 'author.name']
    >>> try:
    ...     IndexedFields().deserialize(["a b"])
    ... except colander.Invalid as error:
    ...     print(error.asdict()["0"])
    'a b' cannot be indexed: names are of letters, digits, _ and -, and joined by dots.
    """

    name = colander.SchemaNode(colander.String(), validator=_check_indexable)
    validator = colander.Length(max=MAX_INDEXED)
    missing = colander.drop


_TRUTH = MappingProxyType({"true": True, "1": True, "false": False, "0": False})


class Boolean(colander.SchemaType):  # type: ignore[misc]  # colander is untyped
    """A JSON boolean. Unlike Colander's own type it does not take ``"no"`` for true.

    >>> node = colander.SchemaNode(Boolean())
    >>> node.deserialize(True), node.deserialize("false")
    (True, False)
    """

    def serialize(self, node: Any, appstruct: Any) -> Any:
        """The value itself."""
        return appstruct

    def deserialize(self, node: Any, cstruct: Any) -> Any:
        """True or false, or nothing."""
        if cstruct is colander.null or cstruct is None:
            return colander.null
        value = _TRUTH.get(str(cstruct).lower()) if isinstance(cstruct, bool | int | str) else None
        if value is None:
            raise colander.Invalid(node, f"{cstruct!r:.60} is neither true nor false")
        return value
