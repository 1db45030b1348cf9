"""The verbs that write; each checks and changes while it holds the lock of the scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cliquet.errors import InvalidInput, Problem, UnicityError
from cliquet.model.model import Model
from cliquet.protocol.order import MISSING, equal
from cliquet.rest.call import Call, Reply, Rules
from cliquet.rest.read import position, required
from cliquet.storage.base import Document

__all__ = ["check_readonly", "create", "delete", "delete_page", "process", "replace"]


def create(model: Model, rules: Rules, call: Call) -> Reply:
    """A new record, or the one that is there already (``docs/protocol/writing``).

    :raises PreconditionFailed: when the state is not what the client requires.
    """
    model.lock()
    wanted = call.data.get("id")
    existing = model.find(wanted) if wanted is not None else None
    _check(call, existing)
    if existing is not None:
        return Reply(existing, existing.last_modified)
    new = process(rules, {**call.data, "id": wanted or model.id_generator()}, None)
    try:
        document = model.create(new)
    except UnicityError as clash:
        there = model.get(clash.record["id"])
        return Reply(there, there.last_modified)
    return Reply(document, document.last_modified, created=True)


def replace(model: Model, rules: Rules, call: Call, record_id: str) -> Reply:
    """The record instead of what was there, if anything was.

    :raises PreconditionFailed: when the state is not what the client requires.
    :raises UnicityError: when another record has the value of a unique field.
    :raises InvalidInput: when a read-only field would change.
    """
    model.lock()
    existing = model.find(record_id)
    _check(call, existing)
    old = existing.copy() if existing is not None else None
    new = {**call.data, **_kept(rules, call, old), "id": record_id}
    check_readonly(rules, new, old)
    document = model.replace(record_id, process(rules, new, old))
    return Reply(document, document.last_modified, created=existing is None)


def delete(model: Model, call: Call, record_id: str) -> Reply:
    """The tombstone of a record.

    :raises RecordNotFound: when there is none.
    :raises PreconditionFailed: when it is not what the client requires.
    """
    model.lock()
    _check(call, required(model, call, record_id))
    tombstone = model.delete(record_id, last_modified=call.last_modified)
    return Reply(tombstone, tombstone.last_modified)


def delete_page(model: Model, call: Call) -> Reply:
    """The tombstones of exactly the records of a page.

    :raises PreconditionFailed: when the collection is not what the client requires.
    """
    model.lock()
    timestamp = model.timestamp()
    call.when.check_write(timestamp)
    page, tombstones = model.delete_page(call.query)
    newest = max((one.last_modified for one in tombstones), default=timestamp)
    return Reply(tombstones, newest, after=position(call, page))


def process(rules: Rules, new: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
    """What the application makes of a record; its id stays."""
    return {**rules.process(dict(new), old), "id": new["id"]}


def check_readonly(rules: Rules, new: Mapping[str, Any], old: Mapping[str, Any] | None) -> None:
    """Whether all read-only fields keep the value they have.

    :raises InvalidInput: names the field.
    """
    for field in rules.readonly:
        if old is not None and field in old and not equal(new.get(field, MISSING), old[field]):
            raise InvalidInput(Problem("body", f"data.{field}", f"Cannot modify {field}"))


def _check(call: Call, existing: Document | None) -> None:
    if existing is None:
        call.when.check_write(None)
    else:
        call.when.check_write(existing.last_modified, existing.data)


def _kept(rules: Rules, call: Call, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """The read-only fields that the client did not name, as they are."""
    if old is None:
        return {}
    return {field: old[field] for field in rules.readonly if field in old and field not in call.given}
