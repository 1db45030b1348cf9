"""The databases of an application: one for each URL, however many backends use it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

__all__ = ["KEY", "Databases"]

D = TypeVar("D")
#: Where the databases are in Pyramid's registry.
KEY = "cliquet.databases"


def _unobserved(_: str) -> None:
    """Nobody counts the statements."""


class Databases:
    """Keeps a database from when its URL is first asked for; knows no driver itself.

    :param observe: called with the text of each statement; tests count with it.
    """

    def __init__(self, observe: Callable[[str], None] = _unobserved) -> None:
        self.observe = observe
        self._made: dict[str, Any] = {}

    def get(self, url: str, make: Callable[[], D]) -> D:
        """The database at an URL.

        :param make: makes it, when it is asked for the first time.
        """
        if url not in self._made:
            self._made[url] = make()
        return cast(D, self._made[url])
