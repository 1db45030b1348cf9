"""Permissions in memory, with faults to switch on, for tests of the conformance kit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from cliquet.database.transaction import Transaction
from cliquet.permission.memory import MemoryPermission

__all__ = ["BrokenPermission", "load_from_config"]


class BrokenPermission(MemoryPermission):
    """A backend that does what it should, but for some faults."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__()
        self._faults = frozenset(faults)

    def remove_group(self, group: str, *, transaction: Transaction | None = None) -> None:
        if "groups outlive their records" not in self._faults:
            super().remove_group(group, transaction=transaction)

    def remove_groups_under(self, ancestor: str, *, transaction: Transaction | None = None) -> None:
        if "groups outlive their parents" not in self._faults:
            super().remove_groups_under(ancestor, transaction=transaction)

    def delete(self, *object_ids: str, transaction: Transaction | None = None) -> None:
        if "access lists outlive their records" not in self._faults:
            super().delete(*object_ids, transaction=transaction)

    def delete_under(self, ancestor: str, *, inclusive: bool = False, transaction: Transaction | None = None) -> None:
        look_alikes = [f"{ancestor}{character}" for character in "_-0a"] if "patterns" in self._faults else []
        for one in (ancestor, *look_alikes):
            super().delete_under(one, inclusive=inclusive, transaction=transaction)

    def check(
        self,
        wanted: Iterable[tuple[str, str]],
        principals: Iterable[str],
        *,
        user_id: str | None = None,
        named: Iterable[str] = (),
        transaction: Transaction | None = None,
    ) -> bool:
        asked = list(wanted)
        # Whether somebody writes one record as a member is asked before its permissions are shown.
        hidden = "hidden groups" in self._faults and [permission for _, permission in asked] == ["write"]
        who = None if hidden else user_id
        return super().check(asked, principals, user_id=who, named=named, transaction=transaction)


def load_from_config(config: Any) -> BrokenPermission:
    """The backend with the faults that the settings name."""
    return BrokenPermission(config.registry.settings["faults"].split(","))
