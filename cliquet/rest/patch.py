"""The verb that changes a part of a record."""

from __future__ import annotations

from typing import Any

from cliquet.errors import InvalidInput, Problem
from cliquet.model.model import Model
from cliquet.protocol import patch, projection
from cliquet.protocol.order import equal
from cliquet.protocol.timestamps import supplied
from cliquet.rest.call import Call, Reply, Rules
from cliquet.rest.read import required
from cliquet.rest.write import check_readonly, process
from cliquet.storage.base import Document

__all__ = ["change"]

_SERVERS = ("id", "last_modified", "deleted")


def change(model: Model, rules: Rules, call: Call, record_id: str) -> Reply:
    """The record after a change to what is stored; a change that changes nothing writes nothing.

    :raises RecordNotFound: when there is no record.
    :raises PreconditionFailed: when it is not what the client requires.
    :raises InvalidInput: when the change cannot be applied, or makes a record that the schema refuses.
    :raises UnicityError: when another record has the value of a unique field.
    """
    model.lock()
    existing = required(model, call, record_id)
    call.when.check_write(existing.last_modified, existing.data)
    wanted = _patched(rules, call, existing)
    if wanted.get("last_modified") != existing.last_modified:
        supplied(wanted.get("last_modified"), model.storage.clock())
    old = existing.copy()
    valid = rules.validate({name: value for name, value in wanted.items() if name not in _SERVERS})
    dated = {"last_modified": wanted["last_modified"]} if "last_modified" in wanted else {}
    new: dict[str, Any] = {**valid, **dated, "id": record_id}
    check_readonly(rules, new, old)
    document = _stored(model, process(rules, new, old), existing)
    return Reply(_answer(call, wanted, existing, document), document.last_modified)


def _patched(rules: Rules, call: Call, existing: Document) -> dict[str, Any]:
    """What the change alone makes of the record."""
    envelope = patch.apply(call.form, {"data": existing.copy()}, call.change, max_bytes=rules.max_bytes)
    data = envelope.get("data")
    if not isinstance(data, dict):
        raise InvalidInput(Problem("body", "data", "A record is an object."))
    if data.get("id", existing.id) != existing.id:
        raise InvalidInput(Problem("body", "data.id", "Record id does not match existing record"))
    if data.get("last_modified") is None:
        data.pop("last_modified", None)
    return data


def _stored(model: Model, new: dict[str, Any], existing: Document) -> Document:
    """The record as it is stored now, written only when it differs."""
    later = (new.get("last_modified") or 0) > existing.last_modified
    if not later and equal(_fields(new), _fields(existing.data)):
        return existing
    return model.replace(existing.id, new)


def _fields(record: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in _SERVERS}


def _answer(call: Call, wanted: dict[str, Any], before: Document, after: Document) -> Document | dict[str, Any]:
    """All of the record, what changed, or what is not as the request alone would have made it."""
    if call.behavior == "light":
        return projection.changed(before.data, after.data)
    if call.behavior == "diff":
        return projection.changed(wanted, after.data)
    return after if call.fields is None else projection.project(after.data, call.fields)
