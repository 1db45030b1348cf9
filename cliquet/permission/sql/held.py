"""The permissions that a row has as JSON. There are few different ones of these texts, and they are remembered."""

from __future__ import annotations

import functools

from cliquet.protocol import body

__all__ = ["of_one", "of_several"]


@functools.lru_cache(maxsize=1024)
def of_one(text: str) -> frozenset[str]:
    """The permissions in an array.

    >>> sorted(of_one('["read", "write", "read"]'))
    ['read', 'write']
    """
    return frozenset(body.decode(text.encode()))


@functools.lru_cache(maxsize=1024)
def of_several(text: str) -> frozenset[str]:
    r"""The permissions in an array of texts, each of which is an array.

    >>> sorted(of_several(r'["[\"read\"]", "[\"write\", \"read\"]"]'))
    ['read', 'write']
    """
    return frozenset().union(*map(of_one, of_one(text)))
