"""Answers with a part of a record: ``_fields`` and ``Response-Behavior`` (``docs/protocol/reading``)."""

from __future__ import annotations

from typing import Any

from cliquet.protocol.order import MISSING, equal, lookup

__all__ = ["changed", "project"]

_ALWAYS = ("id", "last_modified")


def project(record: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    """The named fields, with id and timestamp; a tombstone keeps ``deleted``.

    >>> project({"id": "x", "last_modified": 1, "a": {"b": 2, "c": 3}, "d": 4}, ("a.b",))
    {'id': 'x', 'last_modified': 1, 'a': {'b': 2}}
    """
    found: dict[str, Any] = {}
    for name in (*_ALWAYS, *(("deleted",) if record.get("deleted") is True else ()), *names):
        _copy(record, found, name.split("."))
    return found


def changed(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """The fields of ``after`` whose values differ from those in ``before``; never id and timestamp.

    >>> changed({"a": 1, "b": 1, "last_modified": 1}, {"a": 1, "b": 2, "last_modified": 2})
    {'b': 2}
    """
    return {
        name: value
        for name, value in after.items()
        if name not in _ALWAYS and not equal(before.get(name, MISSING), value)
    }


def _copy(source: dict[str, Any], target: dict[str, Any], path: list[str]) -> None:
    """Copies one path; where it leads through something that is no object, that is copied as it is."""
    name, rest = path[0], path[1:]
    value = lookup(source, (name,))
    if value is MISSING:
        return
    if not rest or not isinstance(value, dict):
        target[name] = value
        return
    inner = target.setdefault(name, {})
    if inner is not value:
        _copy(value, inner, rest)
