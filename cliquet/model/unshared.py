"""What stands for permissions where records have none."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from typing import Self

from cliquet.database.transaction import Transaction
from cliquet.model.change import Change, Permissions
from cliquet.storage.base import Document

__all__ = ["NotShared"]


@dataclass(frozen=True)
class NotShared:
    """Everything is allowed, and nothing kept: the policy of the resource has decided already.

    :param path: the path of the list.

    >>> NotShared("/notes").uri("x"), NotShared("/notes").may("write", "x")
    ('/notes/x', True)
    """

    path: str = ""
    only: Set[str] | None = None

    def within(self, transaction: Transaction | None) -> Self:
        """The same in a transaction."""
        return self

    def uri(self, record_id: str) -> str:
        """The path of a record."""
        return f"{self.path}/{record_id}"

    def check(self, permission: str, record_id: str) -> None:
        """Lets everything pass."""

    def may(self, permission: str, record_id: str) -> bool:
        """Always."""
        return True

    def check_create(self) -> None:
        """Lets everything pass."""

    def check_parent(self) -> None:
        """There is no parent that could be missing."""

    def stored(self, record_id: str) -> Permissions:
        """None."""
        return {}

    def created(self, document: Document, given: Permissions | None) -> Permissions:
        """Nothing is kept."""
        return {}

    def changed(self, document: Document, given: Permissions | None) -> Permissions:
        """Nothing is kept."""
        return {}

    def gone(self, documents: Sequence[Document]) -> list[Change]:
        """Nothing is below."""
        return []

    def shown(self, record_id: str, permissions: Permissions) -> dict[str, list[str]] | None:
        """Nothing."""
        return None
