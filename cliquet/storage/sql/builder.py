"""What builds indexes on fields."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractContextManager

from cliquet.storage.sql.declared import DeclaredField

__all__ = ["Builder"]


class Builder(ABC):
    """Builds indexes in one kind of database, while others go on writing."""

    @abstractmethod
    def alone(self) -> AbstractContextManager[None]:
        """Wait until nobody else builds, and let nobody else begin."""

    @abstractmethod
    def present(self) -> dict[str, bool]:
        """The names of the indexes on fields, and whether each is complete."""

    @abstractmethod
    def build(self, field: DeclaredField, kind: str) -> None:
        """Build an index, of a kind of :meth:`DeclaredField.name`."""

    @abstractmethod
    def drop(self, name: str) -> None:
        """Drop an index."""

    @abstractmethod
    def analyze(self) -> None:
        """Let the database look at what is in the indexes."""
