"""Which fields are to be indexed: those that schemas name, and those that records name for the ones below them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cliquet.errors import RecordNotFound
from cliquet.protocol.fields import is_indexable
from cliquet.protocol.query import Filter
from cliquet.resource.context import Context
from cliquet.storage.base import Everywhere, Scope
from cliquet.web.components import Components

__all__ = ["Wanted", "declared", "wanted"]

_SIZE = 1000


@dataclass(frozen=True)
class Wanted:
    """Fields by resource.

    :param fields: those that are indexed.
    :param refused: those that are too many.
    """

    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    refused: dict[str, tuple[str, ...]] = field(default_factory=dict)


def declared(parts: Components) -> dict[str, tuple[str, ...]]:
    """The fields that schemas name."""
    contexts: list[Context] = list(parts.contexts.values())
    return {context.name: context.validator.indexed for context in contexts if context.validator.indexed}


def wanted(parts: Components) -> Wanted:
    """The fields that schemas name, and as many of those that records name as the settings allow.

    What is indexed already stays, so that nobody can crowd it out; then come those that most records name.
    """
    found = Wanted(declared(parts))
    present = parts.storage.indexed() if parts.storage is not None else {}
    for name, counted in _named(parts).items():
        of_schema, known = found.fields.get(name, ()), present.get(name, ())
        new = [one for one in counted if one not in of_schema]
        new.sort(key=lambda one: (one not in known, -counted[one], one))
        most = parts.settings.storage_max_indexed_fields
        found.fields[name] = (*of_schema, *new[:most])
        if new[most:]:
            found.refused[name] = tuple(new[most:])
    return found


def _named(parts: Components) -> dict[str, Counter[str]]:
    """The fields that records name for the ones below them: resource -> field -> how many name it."""
    contexts: list[Context] = list(parts.contexts.values())
    found: dict[str, Counter[str]] = {}
    for context in contexts:
        below = [one.name for one in contexts if one.above and one.above[-1] is context]
        for attribute in context.validator.index_lists:
            counted = Counter(name for names in _lists(context, attribute) for name in names)
            found |= {name: found.get(name, Counter()) + counted for name in below if counted}
    return found


def _lists(context: Context, attribute: str) -> Iterator[set[str]]:
    """What the records of a resource say in an attribute."""
    after = None
    while True:
        question = Everywhere(context.name, (Filter(attribute, True, "has"),), after, _SIZE, descending=False)
        page = context.storage.everywhere(question)
        for parent, record_id in page:
            yield _names(_read(context, Scope(context.name, parent), record_id).get(attribute))
        if len(page) < _SIZE:
            return
        after = (f"{page[-1][0]}/", page[-1][1])


def _read(context: Context, scope: Scope, record_id: str) -> dict[str, Any]:
    """A record; nothing when it is gone meanwhile."""
    try:
        return context.storage.get(scope, record_id).data
    except RecordNotFound:
        return {}


def _names(value: Any) -> set[str]:
    """What can be indexed of what somebody stored, maybe before that was checked."""
    given = value if isinstance(value, list) else []
    return {name for name in given if isinstance(name, str) and is_indexable(name)}
