"""Which values of a record are unique in their scope, and how they are recognised."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from cliquet.protocol.order import MISSING, canonical, lookup

__all__ = ["unique_values"]


def unique_values(record: Mapping[str, Any], fields: Iterable[str]) -> dict[str, str]:
    """Field -> digest of its value, for the fields that have one; null, ``""`` and missing are no values.

    >>> sorted(unique_values({"url": "x", "resolved": None}, ("url", "resolved", "other")))
    ['url']
    >>> unique_values({"n": 1}, ("n",)) == unique_values({"n": 1.0}, ("n",))
    True
    """
    found = {}
    for field in fields:
        value = lookup(dict(record), tuple(field.split(".")))
        if value is not MISSING and value is not None and value != "":
            found[field] = hashlib.sha256(canonical(value).encode()).hexdigest()
    return found
