"""What a verb is given and what it answers, with HTTP boiled off."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cliquet.model.change import Change, Permissions
from cliquet.protocol import patch
from cliquet.protocol.order import Key
from cliquet.protocol.preconditions import NONE, Preconditions
from cliquet.protocol.query import Query
from cliquet.storage.base import Document

__all__ = ["Call", "Hook", "Reply", "Rules"]

_ALL = Query()
#: The application's last word on a record: the new one, and the old one if there was one; answers the new one.
Hook = Callable[[dict[str, Any], dict[str, Any] | None], dict[str, Any]]


def _as_it_is(new: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
    return new


@dataclass(frozen=True)
class Rules:
    """What holds for every record of a resource.

    :param validate: the record as its schema wants it; raises ``InvalidInput``.
    :param readonly: fields that cannot change once they have a value.
    :param process: the application's hook.
    :param max_bytes: longest record, in bytes.
    :param permissions: the permissions that records have; none where they are not shared.
    """

    validate: Callable[[Mapping[str, Any]], dict[str, Any]] = dict
    readonly: tuple[str, ...] = ()
    process: Hook = _as_it_is
    max_bytes: int = 1_048_576
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """One request.

    :param data: the record in the body, validated; ``None`` when the body has none; for a PATCH see ``change``.
    :param permissions: the permissions in the body; ``None`` when it has none.
    :param given: the fields that the body named, before defaults were filled in.
    :param change: the body of a PATCH.
    :param form: the media type of the change.
    :param query: which records.
    :param when: what the client requires of the current state.
    :param last_modified: the time in ms that the client wants for a deletion.
    :param fields: the fields that the answer shows; ``None`` is all.
    :param behavior: what a PATCH answers: ``full``, ``light`` or ``diff``.

    >>> from cliquet.protocol.query import Filter
    >>> call = Call(query=Query(filters=(Filter("unread", True),), limit=10), fields=("title",))
    >>> call.query.matches({"id": "x", "unread": True}), call.behavior
    (True, 'full')
    """

    data: Mapping[str, Any] | None = field(default_factory=dict)
    permissions: Permissions | None = None
    given: frozenset[str] = frozenset()
    change: Any = None
    form: str = patch.JSON
    query: Query = _ALL
    when: Preconditions = NONE
    last_modified: int | None = None
    fields: tuple[str, ...] | None = None
    behavior: str = "full"


@dataclass(frozen=True)
class Reply:
    """What a verb answers.

    :param data: documents as stored, or dicts where only a part is shown; ``None`` for a count.
    :param timestamp: the time in ms for ``ETag`` and ``Last-Modified``.
    :param created: whether there is a new record.
    :param total: how many records match, when that was asked.
    :param after: the position after which the next page begins.
    :param permissions: who may do what with the record, as far as the caller may know; ``None`` where none are shown.
    :param changes: what was written.

    >>> reply = Reply({"id": "x", "last_modified": 1000}, timestamp=1000, created=True)
    >>> reply.data["id"], reply.created
    ('x', True)
    """

    data: Document | Sequence[Document] | Mapping[str, Any] | Sequence[Mapping[str, Any]] | None
    timestamp: int | None = None
    created: bool = False
    total: int | None = None
    after: tuple[Key, ...] | None = None
    permissions: Mapping[str, Sequence[str]] | None = None
    changes: tuple[Change, ...] = ()
