"""What those who run a service do with a permission backend."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager, nullcontext

from cliquet.database.transaction import Transaction

__all__ = ["Operated"]


class Operated(ABC):
    """The part of a permission backend that is the same whatever it keeps.

    >>> from cliquet.permission.memory import MemoryPermission
    >>> backend: Operated = MemoryPermission()
    >>> backend.ping()
    True
    """

    @abstractmethod
    def flush(self, *, transaction: Transaction | None = None) -> None:
        """Forget everything."""

    @abstractmethod
    def ping(self) -> bool:
        """Whether the backend answers; writes nothing."""

    def migrate(self, *, dry_run: bool = False) -> list[str]:
        """Bring the schema up to date, and say what was done, or would be."""
        return []

    def check_schema(self) -> None:  # noqa: B027  # most backends have nothing to check
        """Whether the backend can serve this version.

        :raises SchemaOutdated: says what to type.
        """

    def close(self) -> None:  # noqa: B027  # some have nothing to let go of
        """Let go of connections."""

    def within(self, transaction: Transaction | None) -> AbstractContextManager[Transaction]:
        """The transaction given, or one of our own around the block."""
        return Transaction() if transaction is None else nullcontext(transaction)
