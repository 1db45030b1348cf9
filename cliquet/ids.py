"""How record ids are made and recognised."""

from __future__ import annotations

import re
import secrets
import string
import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable

from cliquet.errors import ConfigurationError

__all__ = ["UUID4", "Drawn", "Generator", "Short", "Slug", "random_hex"]

_ALPHANUMERIC = string.ascii_letters + string.digits


class Generator(ABC):
    """Makes ids for new records and says which ids a client may choose.

    A subclass gives ``regexp`` and ``__call__``; the whole id has to match. The setting ``id_generator`` names the
    class for all resources, the attribute ``id_generator`` of a resource class one for that resource.

    >>> class Letters(Generator):
    ...     regexp = "[a-z]+"
    ...     def __call__(self):
    ...         return "abc"
    >>> Letters().match("xyz"), Letters().match("xyz\\n")
    (True, False)
    """

    #: Pattern that a whole id has to match.
    regexp: str = r"[a-zA-Z0-9][a-zA-Z0-9_-]*"
    #: Longest id, in characters; databases do not index much longer ones.
    max_length: int = 255

    def __init__(self) -> None:
        self._pattern = re.compile(self.regexp.removeprefix("^").removesuffix("$"), re.ASCII)
        made = self()
        if not self.match(made):
            name = type(self).__name__
            raise ConfigurationError(f"{name} makes ids such as {made!r} that its own regexp {self.regexp!r} refuses.")

    def match(self, record_id: str) -> bool:
        """Whether a client may use this id."""
        return len(record_id) <= self.max_length and self._pattern.fullmatch(record_id) is not None

    @abstractmethod
    def __call__(self) -> str:
        """A new id."""


class Drawn(Generator):
    """Ids of another generator, of which the first one is known before somebody needs it.

    :param ids: makes and recognises them.
    :param first: gives the id that is made first.

    >>> ids = Drawn(UUID4(), lambda: "a")
    >>> ids(), len(ids())
    ('a', 36)
    """

    def __init__(self, ids: Generator, first: Callable[[], str]) -> None:
        self._ids = ids
        self._first: Callable[[], str] | None = first

    def match(self, record_id: str) -> bool:
        """Whether a client may use this id."""
        return self._ids.match(record_id)

    def __call__(self) -> str:
        """A new id."""
        first, self._first = self._first, None
        return self._ids() if first is None else first()


class UUID4(Generator):
    """Random UUIDs; any lower-case hyphenated UUID is accepted.

    >>> UUID4().match(UUID4()())
    True
    """

    regexp = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

    def __call__(self) -> str:
        return str(uuid.uuid4())


class Short(Generator):
    """Eight random letters and digits; any slug is accepted.

    >>> len(Short()())
    8
    """

    def __call__(self) -> str:
        return "".join(secrets.choice(_ALPHANUMERIC) for _ in range(8))


class Slug(UUID4):
    """Random UUIDs; any slug is accepted.

    >>> Slug().match("my-record_1"), Slug().match("-")
    (True, False)
    """

    regexp = Generator.regexp


def random_hex(size: int) -> str:
    """``size`` random bytes, as hexadecimal text.

    >>> len(random_hex(4))
    8
    """
    return secrets.token_hex(size)
