"""What a client requires of the current state before a request has its effect (``docs/protocol/preconditions``)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cliquet.errors import InvalidInput, NotModified, PreconditionFailed, Problem

__all__ = ["NONE", "Preconditions", "parse"]

_TAG = re.compile(r'"(\d{1,19})"', re.ASCII)
_LARGEST = 2**63 - 1
Tag = int | Literal["*"] | None
#: Gives the current record; asked only when a client is told of it.
Existing = Callable[[], Mapping[str, Any] | None]


def _untold() -> None:
    """Nobody is told."""


@dataclass(frozen=True)
class Preconditions:
    """The two headers, parsed: a time in ms, ``*``, or ``None`` when absent.

    >>> Preconditions(if_match=5).check_write(6)
    Traceback (most recent call last):
      ...
    cliquet.errors.PreconditionFailed: Resource was modified meanwhile
    """

    if_match: Tag = None
    if_none_match: Tag = None

    def check_read(self, timestamp: int, existing: Existing = _untold) -> None:
        """Whether something that exists may be answered to a GET.

        :param existing: gives the current record, told to the client when it is in the way.
        :raises NotModified: the client has it already.
        :raises PreconditionFailed: it is not what the client requires.
        """
        if self.if_none_match is not None and self.if_none_match in (timestamp, "*"):
            raise NotModified(timestamp)
        self._check_match(timestamp, existing)

    def check_write(self, timestamp: int | None, existing: Existing = _untold) -> None:
        """Whether a write may happen.

        :param timestamp: the current time in ms; ``None`` when what is written does not exist.
        :param existing: gives the current record, told to the client when it is in the way.
        :raises PreconditionFailed: when it may not.
        """
        if timestamp is not None and self.if_none_match in (timestamp, "*"):
            raise PreconditionFailed(timestamp, existing())
        self._check_match(timestamp, existing)

    def _check_match(self, timestamp: int | None, existing: Existing) -> None:
        if self.if_match is None or (timestamp is not None and self.if_match in (timestamp, "*")):
            return
        raise PreconditionFailed(timestamp, existing())

    @property
    def known(self) -> int | None:
        """The time in ms that the client says it has."""
        return self.if_none_match if isinstance(self.if_none_match, int) else None


NONE = Preconditions()


def parse(if_match: str | None, if_none_match: str | None) -> Preconditions:
    """The preconditions that two headers state; an empty one is absent.

    :raises InvalidInput: for weak tags, lists, and tags that are no integer in double quotes.

    >>> parse('"12"', "*")
    Preconditions(if_match=12, if_none_match='*')
    """
    if not if_match and not if_none_match:
        return NONE
    return Preconditions(_tag("If-Match", if_match), _tag("If-None-Match", if_none_match))


def _tag(name: str, text: str | None) -> Tag:
    text = (text or "").strip()
    if not text or text == "*":
        return "*" if text else None
    match = _TAG.fullmatch(text)
    if match is None or int(match[1]) > _LARGEST:
        what = "The value should be integer between double quotes, or *."
        raise InvalidInput(Problem("header", name, f"Invalid value for {name}. {what}"))
    return int(match[1])
