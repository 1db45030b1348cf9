"""The types of fields that articles have."""

from typing import Any

import colander

__all__ = ["DeviceName", "Title"]


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


class DeviceName(colander.SchemaNode):  # type: ignore[misc]  # colander is untyped
    """What a user calls a device; not blank."""

    schema_type = colander.String
    validator = colander.Length(min=1)

    def preparer(self, value: Any) -> Any:
        """Drops the blanks around it."""
        return _stripped(value)


class Title(colander.String):  # type: ignore[misc]  # colander is untyped
    """A text of up to 1024 characters, which may be empty or null; what is longer is cut."""

    accepts_null = True

    def deserialize(self, node: Any, cstruct: Any) -> Any:
        """The title without blanks around it, cut."""
        if cstruct is colander.null or cstruct is None:
            return cstruct
        if not isinstance(cstruct, str):
            raise colander.Invalid(node, f"{cstruct!r:.60} is not a string")
        return cstruct.strip()[:1024]
