"""The permissions in a body: read, and checked (``docs/protocol/sharing``)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from cliquet.errors import InvalidInput, Problem

__all__ = ["read"]

#: Longest principal, in characters: databases do not index much longer ones.
MAX_LENGTH = 1024


def read(given: Any, known: Iterable[str], *, objects: bool = False) -> dict[str, frozenset[str]] | None:
    """Principals by permission; ``None`` when nothing was given.

    :param given: the member ``permissions`` of a body: lists of principals.
    :param known: the permissions that there are.
    :param objects: whether principals may be the names of the members of an object, as in a JSON patch.
    :raises InvalidInput: names the permission at fault.

    >>> read({"read": ["basicauth:alice"]}, ("read", "write"))
    {'read': frozenset({'basicauth:alice'})}
    >>> read({"own": []}, ("read", "write"))
    Traceback (most recent call last):
      ...
    cliquet.errors.InvalidInput: permissions: "own" is not one of read, write
    """
    if given is None:
        return None
    if not isinstance(given, dict):
        _refuse("permissions", 'An object is expected, such as {"read": ["system.Everyone"]}.')
    allowed = tuple(known)
    for name in given:
        if name not in allowed:
            _refuse("permissions", f'"{name}" is not one of {", ".join(allowed)}')
    kinds: tuple[type, ...] = (list, dict) if objects else (list,)
    return {name: _principals(name, listed, kinds) for name, listed in given.items() if listed is not None}


def _principals(name: str, given: Any, kinds: tuple[type, ...]) -> frozenset[str]:
    if not (isinstance(given, list | dict) and isinstance(given, kinds)):
        _refuse(f"permissions.{name}", "A list of principals is expected.")
    listed = list(given)
    for principal in listed:
        if not isinstance(principal, str) or not 0 < len(principal) <= MAX_LENGTH:
            _refuse(f"permissions.{name}", f"A principal is a text of 1 to {MAX_LENGTH} characters.")
    return frozenset(listed)


def _refuse(name: str, description: str) -> NoReturn:
    raise InvalidInput(Problem("body", name, description))
