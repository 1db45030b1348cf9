"""What plugins say about every record before it is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound
from cliquet.model.access import Level, place
from cliquet.storage.base import Storage
from cliquet.web.components import components

__all__ = ["Draft", "RecordHook", "add_record_hook", "run"]


@dataclass(frozen=True)
class Draft:
    """A record that is about to be stored.

    :param uri: its path, without the version.
    :param new: the record, with its id; the hook may change this dict, or answer another one.
    :param old: the record that it replaces.
    :param user_id: the prefixed id of who writes it; ``None`` for nobody in particular.
    :param levels: the records from the root down to its parent.

    >>> from cliquet.storage.memory import MemoryStorage
    >>> Draft("note", "/notes/x", {"id": "x"}, None, None, (), MemoryStorage(), None).above("shelf") is None
    True
    """

    resource: str
    uri: str
    new: dict[str, Any]
    old: dict[str, Any] | None
    user_id: str | None
    levels: tuple[Level, ...]
    storage: Storage
    transaction: Transaction | None

    def above(self, resource: str) -> dict[str, Any] | None:
        """The record of a resource above this one; nothing when there is none."""
        names = [level.resource for level in self.levels]
        if resource not in names:
            return None
        scope, record_id = place(self.levels[: names.index(resource) + 1])
        try:
            return self.storage.get(scope, record_id, transaction=self.transaction).data
        except RecordNotFound:
            return None


#: Answers the record to store; raises ``InvalidInput`` to refuse it.
RecordHook = Callable[[Draft], dict[str, Any]]


def add_record_hook(config: Configurator, hook: RecordHook, *, for_resources: Iterable[str] = ()) -> None:
    """Let a function have a word on records before they are stored; hooks run in the order of their adding.

    :param for_resources: the names of resources; by default all of them.

    >>> from cliquet.testing.app import make_app
    >>> from cliquet.testing.resources import Note
    >>> def stamp(draft):
    ...     return {**draft.new, "at": draft.uri}
    >>> alice = make_app(resources=[Note], configure=lambda config: add_record_hook(config, stamp))
    >>> alice.put_json("/v1/notes/7d1d1f5e-5f5b-4f0f-8f3e-0e7d7d1d1f5e", {"data": {}}).json["data"]["at"]
    '/notes/7d1d1f5e-5f5b-4f0f-8f3e-0e7d7d1d1f5e'
    """
    wanted = frozenset(for_resources)
    discriminator = ("cliquet record hook", hook)
    config.action(discriminator, lambda: components(config.registry).hooks.append((wanted, hook)))


def run(resource: Any, new: dict[str, Any], old: dict[str, Any] | None) -> dict[str, Any]:
    """The record that the hooks make of one."""
    context = resource.context
    for wanted, hook in context.parts.hooks:
        if not wanted or context.name in wanted:
            new = hook(_draft(resource, new, old))
    return new


def _draft(resource: Any, new: dict[str, Any], old: dict[str, Any] | None) -> Draft:
    context, request = resource.context, resource.request
    return Draft(
        context.name,
        f"{resource.list_path}/{new['id']}",
        new,
        old,
        request.prefixed_userid,
        resource.above,
        context.storage,
        resource.transaction,
    )
