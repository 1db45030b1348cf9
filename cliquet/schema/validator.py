"""Validates records against a schema that was bound once."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any

import colander

from cliquet.errors import ConfigurationError, InvalidInput, Problem
from cliquet.protocol import body
from cliquet.protocol.fields import Fields, FieldType, is_indexable
from cliquet.schema.fields import Boolean, IndexedFields
from cliquet.schema.jsonschema import describe
from cliquet.schema.record import ResourceSchema

__all__ = ["Validator"]

_KINDS: tuple[tuple[Any, Any], ...] = (
    (colander.Boolean, "boolean"),
    (Boolean, "boolean"),
    ((colander.Integer, colander.Float), "number"),
    ((colander.String, colander.DateTime, colander.Date, colander.Time, colander.Enum), "text"),
)
_SCALARS = (colander.Number, colander.DateTime, colander.Date, colander.Time)
_PLAIN = (str, int, float, bool, type(None))


class Validator:
    """What the toolkit asks of a schema, bound once for the life of the process.

    :param schema: an instance of :class:`ResourceSchema`, or of any Colander mapping, or such a class.
    :param prefix: how problems are named, in front of the field.

    >>> class Article(ResourceSchema):
    ...     title = colander.SchemaNode(colander.String())
    >>> Validator(Article).validate({"title": "A", "other": 1})
    {'title': 'A'}
    >>> Validator(Article).validate({})
    Traceback (most recent call last):
      ...
    cliquet.errors.InvalidInput: data.title: Required
    """

    def __init__(self, schema: Any, *, prefix: str = "data") -> None:
        self._schema = (schema() if isinstance(schema, type) else schema).bind()
        self._prefix = prefix
        self.unique = self._option("unique_fields")
        self.readonly = self._option("readonly_fields")
        self.indexed = _indexable(self._option("indexed_fields"))
        self.index_lists = tuple(node.name for node in self._schema.children if isinstance(node, IndexedFields))
        is_open = getattr(self._schema.typ, "unknown", "ignore") == "preserve"
        #: Whether there is nothing that the schema could say about a record.
        self._takes_all = is_open and _is_silent(self._schema)
        self.fields = Fields({node.name: _field_type(node) for node in self._schema.children}, open=is_open)

    def validate(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record as it is to be stored: fields converted, defaults filled in, unknown fields kept or dropped.

        :raises InvalidInput: names every field at fault.
        """
        try:
            found = record if self._takes_all else self._schema.deserialize(_without_nulls(self._schema, dict(record)))
        except colander.Invalid as error:
            raise InvalidInput(*self._problems(error)) from None
        copied: dict[str, Any] | None = body.plain(found)
        if copied is not None:
            return copied
        valid = {name: _plain(value) for name, value in found.items()}
        if body.fault(valid):
            raise InvalidInput(*self._faults(valid))
        return valid

    def json_schema(self) -> dict[str, Any]:
        """What clients send, as JSON Schema 2020-12."""
        return describe(self._schema)

    def _option(self, name: str) -> tuple[str, ...]:
        get = getattr(self._schema, "get_option", ResourceSchema.get_option)
        return tuple(get(name))

    def _faults(self, valid: Mapping[str, Any]) -> Iterator[Problem]:
        for name, value in valid.items():
            if fault := body.fault({name: value}):
                yield Problem("body", f"{self._prefix}.{name}", fault)

    def _problems(self, error: colander.Invalid) -> Iterator[Problem]:
        for name, description in error.asdict().items():
            yield Problem("body", ".".join(filter(None, (self._prefix, name))), description)


def _is_silent(schema: Any) -> bool:
    """Whether a mapping names no fields, checks nothing, and is deserialized as Colander does it."""
    own = type(schema).deserialize is not colander.SchemaNode.deserialize or type(schema.typ) is not colander.Mapping
    return not (own or schema.children or schema.validator or schema.preparer)


def _indexable(names: tuple[str, ...]) -> tuple[str, ...]:
    """The fields that a schema wants indexed.

    :raises ConfigurationError: when one of them cannot be.
    """
    for name in names:
        if not is_indexable(name):
            raise ConfigurationError(f"indexed_fields: {name!r} cannot be indexed; letters, digits, _ and - can.")
    return names


def _without_nulls(node: Any, value: Any) -> Any:
    """Null counts as absent, except for fields that want to know."""
    if isinstance(node.typ, colander.Mapping) and isinstance(value, dict):
        children = {child.name: child for child in node.children}
        return {name: _null(children[name], inner) if name in children else inner for name, inner in value.items()}
    if isinstance(node.typ, colander.Sequence) and isinstance(value, list) and node.children:
        return [_without_nulls(node.children[0], inner) for inner in value]
    return value


def _null(node: Any, value: Any) -> Any:
    if value is None:
        accepts = getattr(node, "accepts_null", False) or getattr(node.typ, "accepts_null", False)
        return None if accepts else colander.null
    if not value and _is_misfit(node.typ, value):
        return [value]
    return _without_nulls(node, value)


def _is_misfit(kind: Any, value: Any) -> bool:
    """Whether Colander would take an empty value of a wrong type for an absent one; in a list, it refuses it."""
    if isinstance(kind, colander.String):
        return not isinstance(value, str)
    return isinstance(kind, _SCALARS) and isinstance(value, list | dict)


def _plain(value: Any) -> Any:
    """Values of Python that JSON has no word for, as text or arrays."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(inner) for inner in value]
    if isinstance(value, _PLAIN):
        return value
    return value.isoformat() if isinstance(value, datetime.date | datetime.time) else str(value)


def _field_type(node: Any) -> FieldType:
    kind: Any = getattr(node.typ, "kind", None) or next(
        (name for types, name in _KINDS if isinstance(node.typ, types)), "json"
    )
    nullable = node.missing is None or getattr(node.typ, "accepts_null", False)
    if isinstance(node.typ, colander.Sequence) and node.children:
        return FieldType("json", nullable, item=_field_type(node.children[0]))
    if isinstance(node.typ, colander.Mapping):
        return FieldType("json", nullable, members={child.name: _field_type(child) for child in node.children})
    return FieldType(kind, nullable)
