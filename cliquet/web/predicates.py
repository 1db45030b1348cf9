"""What subscribers of events may ask for: certain actions, certain resources."""

from __future__ import annotations

from typing import Any

from pyramid.config import Configurator

from cliquet.web.events import ACTIONS

__all__ = ["includeme"]


class _Actions:
    """Subscriber predicate: only these actions."""

    def __init__(self, value: Any, _: Any) -> None:
        found = value if isinstance(value, list | tuple | set | frozenset) else [value]
        self.wanted = {ACTIONS(getattr(one, "value", one)).value for one in found}

    def text(self) -> str:
        return f"for_actions = {sorted(self.wanted)}"

    phash = text

    def __call__(self, event: Any) -> bool:
        return not self.wanted or event.payload["action"] in self.wanted


class _Resources:
    """Subscriber predicate: only these resources."""

    def __init__(self, value: Any, _: Any) -> None:
        self.wanted = {value} if isinstance(value, str) else set(value)

    def text(self) -> str:
        return f"for_resources = {sorted(self.wanted)}"

    phash = text

    def __call__(self, event: Any) -> bool:
        return not self.wanted or event.payload["resource_name"] in self.wanted


def includeme(config: Configurator) -> None:
    """Adds the predicates."""
    config.add_subscriber_predicate("for_actions", _Actions)
    config.add_subscriber_predicate("for_resources", _Resources)
