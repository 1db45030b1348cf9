"""The three forms of PATCH, applied to what is stored (``docs/protocol/writing``)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NoReturn

import jsonpatch
import jsonpointer

from cliquet.errors import InvalidInput, Problem
from cliquet.protocol import body
from cliquet.protocol.order import equal

__all__ = ["FORMS", "JSON", "JSON_PATCH", "MERGE_PATCH", "apply"]

JSON = "application/json"
MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"

_FAILED = "JSON Patch operation failed"
_FAILURES = (
    jsonpatch.JsonPatchException,
    jsonpointer.JsonPointerException,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)

#: What each operation of a JSON patch cannot do without, beside ``op`` and ``path``.
_NEEDED: Mapping[str, str | None] = MappingProxyType(
    {"test": "value", "add": "value", "replace": "value", "remove": None, "move": "from", "copy": "from"}
)
_KNOWN = frozenset({"op", "path", "from", "value"})
#: Most operations in one JSON patch.
MAX_OPERATIONS = 1000


def apply(form: str, envelope: dict[str, Any], change: Any, *, max_bytes: int) -> dict[str, Any]:
    """The envelope (``data``, ``permissions``) after a change; the one given is left as it is.

    :param form: one of the media types of :data:`FORMS`.
    :param envelope: what is stored; a JSON patch wants permissions as ``{permission: {principal: principal}}``.
    :param change: the parsed body of the request.
    :param max_bytes: longest result, in bytes; what is longer already may only shrink.
    :raises InvalidInput: when the change is not of the form, or cannot be applied.

    >>> apply(JSON, {"data": {"a": {"b": 1}, "c": 2}}, {"data": {"a": {}}}, max_bytes=100)
    {'data': {'a': {}, 'c': 2}}
    >>> apply(MERGE_PATCH, {"data": {"a": {"b": 1}}}, {"data": {"a": {"b": None, "d": 2}}}, max_bytes=100)
    {'data': {'a': {'d': 2}}}
    """
    changed = FORMS[form](envelope, change, max_bytes)
    size = len(body.encode(changed))
    if size > max_bytes and size > len(body.encode(envelope)):
        _refuse(None, f"The result is larger than {max_bytes} bytes.")
    return changed


def _shallow(envelope: dict[str, Any], change: Any, _: int) -> dict[str, Any]:
    changes = _members(change)
    if "permissions" in changes:
        listed = {name: principals for name, principals in changes["permissions"].items() if principals is not None}
        changes = {**changes, "permissions": listed}
    return {**envelope, **{part: {**envelope.get(part, {}), **changes[part]} for part in changes}}


def _merge(envelope: dict[str, Any], change: Any, _: int) -> dict[str, Any]:
    merged: dict[str, Any] = _merged(envelope, _members(change))
    return merged


def _members(change: Any) -> dict[str, dict[str, Any]]:
    """The parts of the envelope that the change names, checked to be objects."""
    if not isinstance(change, dict):
        _refuse(None, 'An object is expected, such as {"data": {...}}.')
    for part, value in change.items():
        if not isinstance(value, dict):
            _refuse(part, "An object is expected.")
    return change


def _merged(target: Any, change: Any) -> Any:
    """RFC 7396."""
    if not isinstance(change, dict):
        return change
    kept = dict(target) if isinstance(target, dict) else {}
    for name, value in change.items():
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = _merged(kept.get(name), value)
    return kept


def _json_patch(envelope: dict[str, Any], change: Any, max_bytes: int) -> dict[str, Any]:
    """RFC 6902. All copies together are bounded, so that copies of copies do not explode."""
    if not isinstance(change, list) or len(change) > MAX_OPERATIONS:
        _refuse(None, f"A JSON Patch is an array of at most {MAX_OPERATIONS} operations.")
    document, left = copy.deepcopy(envelope), max_bytes
    for index, operation in enumerate(change):
        _check_operation(index, operation)
        document, copied = _operate(index, _completed(operation), document)
        left -= copied
        if left < 0:
            _refuse(str(index), f"{_FAILED}: the result is too large.")
    if not isinstance(document.get("data"), dict):
        _refuse("data", f"{_FAILED}: a record is an object.")
    if found := body.fault(document):
        _refuse(None, f"{_FAILED}: {found}")
    return document


def _check_operation(index: int, operation: Any) -> None:
    if not isinstance(operation, dict) or not isinstance(operation.get("op"), str) or operation["op"] not in _NEEDED:
        _refuse(str(index), f"An operation is an object with an `op`, one of {', '.join(sorted(_NEEDED))}.")
    unknown = sorted(operation.keys() - _KNOWN)
    if unknown:
        _refuse(f"{index}.{unknown[0]}", "An operation has no such member.")
    needed = _NEEDED[operation["op"]]
    _check_pointer(f"{index}.path", operation.get("path"))
    if needed == "from" or "from" in operation:
        _check_pointer(f"{index}.from", operation.get("from"))
    if needed == "value" and "value" not in operation and not _is_principal(operation["path"]):
        _refuse(f"{index}.value", "Required")


def _check_pointer(name: str, pointer: Any) -> None:
    if not isinstance(pointer, str):
        _refuse(name, "A JSON Pointer is expected.")
    if pointer != "/data" and not pointer.startswith(("/data/", "/permissions/")):
        _refuse(name, "The path has to start with /data/ or /permissions/.")


def _is_principal(pointer: str) -> bool:
    return pointer.startswith("/permissions/") and pointer.count("/") == 3


def _completed(operation: dict[str, Any]) -> dict[str, Any]:
    """The operation, owned by us; a principal among permissions is its own value."""
    if _is_principal(operation["path"]):
        return {**operation, "value": jsonpointer.unescape(operation["path"].rpartition("/")[2])}
    return copy.deepcopy(operation)


def _operate(index: int, operation: dict[str, Any], document: dict[str, Any]) -> tuple[dict[str, Any], int]:
    """The document after an operation, and how many bytes of it were copied."""
    try:
        if operation["op"] == "test":
            _test(document, operation)
            return document, 0
        copied = len(body.encode(_resolved(document, operation["from"]))) if operation["op"] == "copy" else 0
        patched: dict[str, Any] = jsonpatch.JsonPatch([operation]).apply(document, in_place=True)
    except _FAILURES:
        # What the library says shows the document, permissions included.
        _refuse(str(index), f"{_FAILED}: {operation['op']} at {operation['path']:.100}")
    return patched, copied


def _test(document: dict[str, Any], operation: dict[str, Any]) -> None:
    if not equal(_resolved(document, operation["path"]), operation["value"]):
        raise ValueError


def _resolved(document: dict[str, Any], pointer: str) -> Any:
    return jsonpointer.resolve_pointer(document, pointer)


def _refuse(name: str | None, description: str) -> NoReturn:
    raise InvalidInput(Problem("body", name, description))


#: What applies a change of each media type.
FORMS: Mapping[str, Callable[[dict[str, Any], Any, int], dict[str, Any]]] = MappingProxyType(
    {JSON: _shallow, MERGE_PATCH: _merge, JSON_PATCH: _json_patch}
)
