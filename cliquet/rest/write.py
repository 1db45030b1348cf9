"""The verbs that write; each checks and changes while it holds the lock of the scope."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cliquet.errors import InvalidInput, PreconditionFailed, Problem, UnicityError
from cliquet.model.change import Change, Permissions
from cliquet.model.model import Model
from cliquet.model.sharing import Sharing
from cliquet.protocol.order import MISSING, equal
from cliquet.rest.call import Call, Reply, Rules
from cliquet.rest.read import discreet, position, required
from cliquet.storage.base import Document

__all__ = ["check_readonly", "create", "delete", "delete_page", "hidden", "made", "process", "replace"]


def create(model: Model, rules: Rules, sharing: Sharing, call: Call) -> Reply:
    """A new record, or the one that is there already (``docs/protocol/writing``).

    :raises NotAllowed: when the caller may not create it, or read the one that is there.
    :raises PreconditionFailed: when the state is not what the client requires.
    :raises UnicityError: when a record that the caller may not read has the value of a unique field.
    """
    model.lock()
    sharing.check_parent()
    data = rules.validate({}) if call.data is None else call.data
    wanted = data.get("id")
    existing = model.find(wanted) if wanted is not None else None
    if existing is not None:
        return _there(sharing, call, existing)
    sharing.check_create()
    _check(sharing, call, None)
    new = process(rules, {**data, "id": wanted or model.id_generator()}, None)
    try:
        document = model.create(new)
    except UnicityError as clash:
        return _clashing(model, sharing, clash)
    return made(model, sharing, document, None, sharing.created(document, call.permissions))


def replace(model: Model, rules: Rules, sharing: Sharing, call: Call, record_id: str) -> Reply:
    """The record instead of what was there, if anything was.

    :raises NotAllowed: when the caller may not create or replace it.
    :raises PreconditionFailed: when the state is not what the client requires.
    :raises UnicityError: when another record has the value of a unique field.
    :raises InvalidInput: when a read-only field would change.
    """
    model.lock()
    existing = model.find(record_id)
    _check_replace(sharing, call, existing, record_id)
    _check(sharing, call, existing)
    old = existing.copy() if existing is not None else None
    data = _whole(rules, call, old)
    new = {**data, **_kept(rules, call, old), "id": record_id}
    check_readonly(rules, new, old)
    try:
        document = model.replace(record_id, process(rules, new, old))
    except UnicityError as clash:
        raise hidden(sharing, clash) from None
    if existing is None:
        return made(model, sharing, document, None, sharing.created(document, call.permissions))
    given = _every(rules, call.permissions)
    return made(model, sharing, document, existing, sharing.changed(document, given))


def delete(model: Model, sharing: Sharing, call: Call, record_id: str) -> Reply:
    """The tombstone of a record.

    :raises NotAllowed: when the caller may not delete it.
    :raises RecordNotFound: when there is none.
    :raises PreconditionFailed: when it is not what the client requires.
    """
    model.lock()
    existing = required(model, sharing, call, record_id)
    sharing.check("write", record_id)
    _check(sharing, call, existing)
    below = sharing.gone([existing])
    tombstone = model.delete(record_id, last_modified=call.last_modified)
    change = Change("delete", model.scope, sharing.uri(record_id), tombstone, existing)
    return Reply(tombstone, tombstone.last_modified, changes=(change, *below))


def delete_page(model: Model, sharing: Sharing, call: Call) -> Reply:
    """The tombstones of exactly the records of a page.

    :raises PreconditionFailed: when the collection is not what the client requires.
    """
    model.lock()
    timestamp = model.timestamp()
    call.when.check_write(timestamp)
    page, tombstones = model.delete_page(call.query.narrowed(only=sharing.only))
    if not tombstones:
        sharing.check_parent()
    below = sharing.gone(page.documents)
    newest = max((one.last_modified for one in tombstones), default=timestamp)
    changes = [
        Change("delete", model.scope, sharing.uri(old.id), new, old)
        for old, new in zip(page.documents, tombstones, strict=True)
    ]
    return Reply(tombstones, newest, after=position(call, page), changes=(*changes, *below))


def made(
    model: Model, sharing: Sharing, document: Document, existing: Document | None, permissions: Permissions
) -> Reply:
    """The answer to a write, and what it changed."""
    action = "create" if existing is None else "update"
    change = Change(action, model.scope, sharing.uri(document.id), document, existing, permissions)
    shown = sharing.shown(document.id, permissions)
    return Reply(document, document.last_modified, existing is None, permissions=shown, changes=(change,))


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


def hidden(sharing: Sharing, clash: UnicityError) -> UnicityError:
    """The clash, without the other record when the caller may not read it."""
    return clash if sharing.may("read:attributes", clash.record["id"]) else UnicityError(clash.field, {})


def _there(sharing: Sharing, call: Call, existing: Document) -> Reply:
    """The record that is there already, to who may read it."""
    sharing.check("read:attributes", existing.id)
    _check(sharing, call, existing)
    permissions = sharing.shown(existing.id, sharing.stored(existing.id))
    return Reply(existing, existing.last_modified, permissions=permissions)


def _clashing(model: Model, sharing: Sharing, clash: UnicityError) -> Reply:
    """The record that has the value of a unique field, to who may read it."""
    if not sharing.may("read:attributes", clash.record["id"]):
        raise UnicityError(clash.field, {})
    there = model.get(clash.record["id"])
    return Reply(there, there.last_modified, permissions=sharing.shown(there.id, sharing.stored(there.id)))


def _check_replace(sharing: Sharing, call: Call, existing: Document | None, record_id: str) -> None:
    """Whether the caller may put a record here; creators learn that there is one, when they ask for none."""
    if existing is None:
        sharing.check_create()
        sharing.check_parent()
    elif call.when.if_none_match != "*" or not sharing.may("write", record_id):
        sharing.check_create() if call.when.if_none_match == "*" else sharing.check("write", record_id)


def _check(sharing: Sharing, call: Call, existing: Document | None) -> None:
    if existing is None:
        call.when.check_write(None)
        return
    try:
        call.when.check_write(existing.last_modified, lambda: existing.data)
    except PreconditionFailed as failed:
        raise discreet(sharing, failed, existing.id) from None


def _whole(rules: Rules, call: Call, old: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The record in the body; without one, the record stays as it is."""
    if call.data is not None:
        return call.data
    if old is None:
        return rules.validate({})
    return {name: value for name, value in old.items() if name != "last_modified"}


def _every(rules: Rules, given: Permissions | None) -> Permissions | None:
    """All permissions, where those that are not named are empty; nothing when nothing is named."""
    return {name: given.get(name, frozenset()) for name in rules.permissions} if given else None


def _kept(rules: Rules, call: Call, old: Mapping[str, Any] | None) -> dict[str, Any]:
    """The read-only fields that the client did not name, as they are."""
    if old is None:
        return {}
    return {field: old[field] for field in rules.readonly if field in old and field not in call.given}
