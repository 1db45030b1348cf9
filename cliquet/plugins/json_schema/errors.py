"""The error of a schema that is not accepted."""

from __future__ import annotations

from cliquet.errors import CliquetError

__all__ = ["UnfitSchema"]


class UnfitSchema(CliquetError):
    """A schema that is not accepted; the text says why.

    >>> str(UnfitSchema("A reference has to begin with #."))
    'A reference has to begin with #.'
    """
