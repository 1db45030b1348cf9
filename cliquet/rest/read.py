"""The verbs that read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cliquet.errors import PreconditionFailed, RecordNotFound
from cliquet.model.model import Model
from cliquet.model.sharing import Sharing
from cliquet.protocol.projection import project
from cliquet.rest.call import Call, Reply
from cliquet.storage.base import Document, Page

__all__ = ["count", "discreet", "get", "page", "position", "required", "shown"]


def get(model: Model, sharing: Sharing, call: Call, record_id: str) -> Reply:
    """One record (``docs/protocol/reading``).

    :raises NotAllowed: when the caller may not read it.
    :raises RecordNotFound: when there is none.
    :raises NotModified: when the client has it already.
    :raises PreconditionFailed: when it is not what the client requires.
    """
    sharing.check("read:attributes", record_id)
    document = required(model, sharing, call, record_id)
    call.when.check_read(document.last_modified, lambda: document.data)
    permissions = sharing.shown(record_id, sharing.stored(record_id)) if call.fields is None else None
    return Reply(shown(document, call.fields), document.last_modified, permissions=permissions)


def page(model: Model, sharing: Sharing, call: Call) -> Reply:
    """A page of records, with the time of the same moment.

    :raises HorizonPassed: when the client has to start over.
    """
    found = model.page(call.query.narrowed(unless=call.when.known, only=sharing.only))
    if not found.documents:
        sharing.check_parent()
    call.when.check_read(found.timestamp)
    data: Sequence[Any] = found.documents
    if call.fields is not None:
        data = [shown(document, call.fields) for document in data]
    return Reply(data, found.timestamp, after=position(call, found))


def count(model: Model, sharing: Sharing, call: Call) -> Reply:
    """How many live records match, whatever the page."""
    total, timestamp = model.count(call.query.narrowed(only=sharing.only))
    if not total:
        sharing.check_parent()
    call.when.check_read(timestamp)
    return Reply(None, timestamp, total=total)


def required(model: Model, sharing: Sharing, call: Call, record_id: str) -> Document:
    """A record that has to be there.

    :raises PreconditionFailed: when it is not, and the client requires something of it.
    :raises RecordNotFound: when it is not, or its parent is not.
    """
    try:
        return model.get(record_id)
    except RecordNotFound:
        sharing.check_parent()
        call.when.check_write(None)
        raise


def discreet(sharing: Sharing, failed: PreconditionFailed, record_id: str) -> PreconditionFailed:
    """The refusal, without the record when the caller may not read it."""
    if failed.existing is None or sharing.may("read:attributes", record_id):
        return failed
    return PreconditionFailed(None)


def position(call: Call, found: Page) -> Any:
    """Where the page after this one begins, when there is one."""
    return call.query.position(found.documents[-1].data) if found.more else None


def shown(document: Document, fields: tuple[str, ...] | None) -> Document | dict[str, Any]:
    """The document, or the part of it that was asked for."""
    return document if fields is None else project(document.data, fields)
