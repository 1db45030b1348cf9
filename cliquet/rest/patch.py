"""The verb that changes a part of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cliquet.errors import InvalidInput, PreconditionFailed, Problem, UnicityError
from cliquet.model.change import Permissions
from cliquet.model.model import Model
from cliquet.model.sharing import Sharing
from cliquet.protocol import patch, projection
from cliquet.protocol.order import equal
from cliquet.protocol.permissions import read
from cliquet.protocol.timestamps import supplied
from cliquet.rest.call import Call, Reply, Rules
from cliquet.rest.read import discreet, required
from cliquet.rest.write import check_readonly, hidden, made, process
from cliquet.storage.base import Document

__all__ = ["change"]

_SERVERS = ("id", "last_modified", "deleted")


def change(model: Model, rules: Rules, sharing: Sharing, call: Call, record_id: str) -> Reply:
    """The record after a change to what is stored; a change that changes nothing writes nothing.

    :raises NotAllowed: when the caller may not change it.
    :raises RecordNotFound: when there is no record.
    :raises PreconditionFailed: when it is not what the client requires.
    :raises InvalidInput: when the change cannot be applied, or makes a record that the schema refuses.
    :raises UnicityError: when another record has the value of a unique field.
    """
    model.lock()
    existing = required(model, sharing, call, record_id)
    sharing.check("write", record_id)
    try:
        call.when.check_write(existing.last_modified, lambda: existing.data)
    except PreconditionFailed as failed:
        raise discreet(sharing, failed, record_id) from None
    before = sharing.stored(record_id)
    envelope = _patched(rules, call, existing, before)
    wanted, given = _record(envelope, existing), _permissions(rules, call.form, envelope)
    document = _stored(model, sharing, existing, _new(model, rules, wanted, existing), moved=given != before)
    if document is existing:
        return _reply(
            call,
            wanted,
            existing,
            Reply(existing, existing.last_modified, permissions=sharing.shown(record_id, before)),
        )
    after = sharing.changed(document, None if given == before else given)
    return _reply(call, wanted, existing, made(model, sharing, document, existing, after))


def _patched(rules: Rules, call: Call, existing: Document, before: Permissions) -> dict[str, Any]:
    """What the change makes of the record and its permissions."""
    envelope: dict[str, Any] = {"data": existing.copy()}
    if rules.permissions:
        envelope["permissions"] = _as_json(rules, call.form, before)
    return patch.apply(call.form, envelope, call.change, max_bytes=rules.max_bytes)


def _as_json(rules: Rules, form: str, permissions: Permissions) -> dict[str, Any]:
    """The permissions as a change of that form sees them."""
    named = {name: sorted(permissions.get(name, ())) for name in rules.permissions}
    if form == patch.JSON_PATCH:
        return {name: dict(zip(principals, principals, strict=True)) for name, principals in named.items()}
    return named


def _record(envelope: Mapping[str, Any], existing: Document) -> dict[str, Any]:
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise InvalidInput(Problem("body", "data", "A record is an object."))
    if data.get("id", existing.id) != existing.id:
        raise InvalidInput(Problem("body", "data.id", "Record id does not match existing record"))
    if data.get("last_modified") is None:
        data.pop("last_modified", None)
    return data


def _permissions(rules: Rules, form: str, envelope: Mapping[str, Any]) -> Permissions:
    """All permissions after the change; those that have no principals are left out."""
    found = read(envelope.get("permissions", {}), rules.permissions, objects=form == patch.JSON_PATCH) or {}
    return {name: principals for name, principals in found.items() if principals}


def _new(model: Model, rules: Rules, wanted: Mapping[str, Any], existing: Document) -> dict[str, Any]:
    """The record as it is to be stored."""
    if wanted.get("last_modified") != existing.last_modified:
        supplied(wanted.get("last_modified"), model.storage.clock())
    old = existing.copy()
    valid = rules.validate({name: value for name, value in wanted.items() if name not in _SERVERS})
    dated = {"last_modified": wanted["last_modified"]} if "last_modified" in wanted else {}
    new: dict[str, Any] = {**valid, **dated, "id": existing.id}
    check_readonly(rules, new, old)
    return process(rules, new, old)


def _stored(model: Model, sharing: Sharing, existing: Document, new: dict[str, Any], *, moved: bool) -> Document:
    """The record as it is stored now, written only when it differs, or when its permissions do."""
    later = (new.get("last_modified") or 0) > existing.last_modified
    if not later and not moved and equal(_fields(new), _fields(existing.data)):
        return existing
    try:
        return model.replace(existing.id, new)
    except UnicityError as clash:
        raise hidden(sharing, clash) from None


def _fields(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in _SERVERS}


def _reply(call: Call, wanted: dict[str, Any], before: Document, whole: Reply) -> Reply:
    """All of the record, what changed, or what is not as the request alone would have made it."""
    after: Any = whole.data
    if call.behavior == "full" and call.fields is None:
        return whole
    if call.behavior == "light":
        part = projection.changed(before.data, after.data)
    elif call.behavior == "diff":
        part = projection.changed(wanted, after.data)
    else:
        part = projection.project(after.data, call.fields or ())
    return Reply(part, whole.timestamp, changes=whole.changes)
