"""What a Colander schema says, as JSON Schema 2020-12."""

from __future__ import annotations

from typing import Any

import colander

from cliquet.schema.fields import Boolean

__all__ = ["describe"]

#: The most particular types first.
_TYPES: tuple[tuple[Any, dict[str, Any]], ...] = (
    ((colander.Boolean, Boolean), {"type": "boolean"}),
    (colander.Integer, {"type": "integer"}),
    (colander.Float, {"type": "number"}),
    (colander.DateTime, {"type": "string", "format": "date-time"}),
    (colander.Date, {"type": "string", "format": "date"}),
    (colander.Time, {"type": "string", "format": "time"}),
    ((colander.String, colander.Enum), {"type": "string"}),
)


def describe(node: Any) -> dict[str, Any]:
    """The JSON Schema of what clients send for a node.

    >>> describe(colander.SchemaNode(colander.String(), validator=colander.Length(max=10), missing=None))
    {'type': ['string', 'null'], 'maxLength': 10}
    """
    if isinstance(node.typ, colander.Mapping):
        found = _object(node)
    elif isinstance(node.typ, colander.Sequence):
        found = {"type": "array", **({"items": describe(node.children[0])} if node.children else {})}
        return _nullable(node, {**found, **_of_items(_limits(node.validator)), **_words(node)})
    else:
        found = dict(next((schema for types, schema in _TYPES if isinstance(node.typ, types)), {}))
    return _nullable(node, {**found, **_limits(node.validator), **_words(node)})


def _object(node: Any) -> dict[str, Any]:
    children = {child.name: child for child in node.children}
    required = [name for name, child in children.items() if child.required]
    found: dict[str, Any] = {"type": "object", "properties": {name: describe(one) for name, one in children.items()}}
    if required:
        found["required"] = required
    return found


def _limits(validator: Any) -> dict[str, Any]:
    """What a validator of Colander's own asks for."""
    if isinstance(validator, colander.All):
        return {name: value for one in validator.validators for name, value in _limits(one).items()}
    names = {
        colander.Length: (("min", "minLength"), ("max", "maxLength")),
        colander.Range: (("min", "minimum"), ("max", "maximum")),
    }
    pairs = next((pairs for kind, pairs in names.items() if isinstance(validator, kind)), ())
    found = {name: getattr(validator, given) for given, name in pairs if getattr(validator, given) not in (None, -1)}
    return {"enum": list(validator.choices)} if isinstance(validator, colander.OneOf) else found


def _of_items(limits: dict[str, Any]) -> dict[str, Any]:
    """What is asked of the length of an array."""
    return {name.replace("Length", "Items"): value for name, value in limits.items()}


def _words(node: Any) -> dict[str, Any]:
    return {"description": node.description} if node.description else {}


def _nullable(node: Any, found: dict[str, Any]) -> dict[str, Any]:
    accepts = node.missing is None or getattr(node, "accepts_null", False) or getattr(node.typ, "accepts_null", False)
    if accepts and isinstance(found.get("type"), str):
        return {**found, "type": [found["type"], "null"]}
    return found
