"""Patterns in schemas: matched in linear time, and measured, so that the time can be told in advance."""

from __future__ import annotations

import jsonschema_rs

from cliquet.plugins.json_schema.errors import UnfitSchema

__all__ = ["ENGINE", "MAX_BYTES", "Sizes"]

#: Largest program that one pattern may be compiled to, in bytes, and what the engine remembers beside it.
MAX_BYTES, CACHE_BYTES = 1_048_576, 262_144
#: Most memory for all patterns of a schema, in bytes.
MAX_ALL_BYTES = 33_554_432
#: An engine that has no look-around and no backreferences, and whose time is linear.
ENGINE = jsonschema_rs.RegexOptions(size_limit=MAX_BYTES, dfa_size_limit=CACHE_BYTES)
_STEPS = (1_024, 8_192, 65_536, 262_144, MAX_BYTES)


class Sizes:
    """Measures the patterns of one schema; ``memory`` is what they take, in bytes.

    >>> Sizes()("^[a-z]+$")
    1024
    >>> Sizes()("(?=a)b")
    Traceback (most recent call last):
      ...
    cliquet.plugins.json_schema.errors.UnfitSchema: (?=a)b is no pattern, or too large; look-around and ...
    """

    def __init__(self) -> None:
        self.memory = 0

    def __call__(self, pattern: str) -> int:
        """What a pattern is compiled to, in bytes, rounded up.

        :raises UnfitSchema: when it is no pattern, or needs more than linear time, or is too large.
        """
        size = next((step for step in _STEPS if _fits(pattern, step)), None)
        if size is None:
            raise UnfitSchema(
                f"{pattern:.60} is no pattern, or too large; look-around and backreferences are not possible."
            )
        self.memory += size + CACHE_BYTES
        if self.memory > MAX_ALL_BYTES:
            raise UnfitSchema("The schema has too many patterns, or too large ones.")
        return size


def _fits(pattern: str, size: int) -> bool:
    """Whether the engine takes a pattern, when it may only make a program of some size of it."""
    options = jsonschema_rs.RegexOptions(size_limit=size)
    try:
        jsonschema_rs.Draft7Validator({"pattern": pattern}, pattern_options=options, offline=True)
    except (jsonschema_rs.ValidationError, ValueError):
        return False
    return True
