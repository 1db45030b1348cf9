"""Lists of values as one text, as PostgreSQL writes arrays: a driver binds a text with less ado than a list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY

__all__ = ["array", "written"]


def array(name: str, kind: Any) -> sa.ColumnElement[Any]:
    """An array of values of some type, bound as :func:`written` writes it."""
    return sa.cast(sa.bindparam(name, type_=sa.Text()), ARRAY(kind))


def written(values: Iterable[Any]) -> str:
    """The text of an array.

    >>> print(written(["a", 'say "hi"', 12, True]))
    {"a","say \\"hi\\"","12","True"}
    >>> written([])
    '{}'
    """
    texts = list(map(str, values))
    inner = '","'.join(texts)
    if "\\" in inner or inner.count('"') > 2 * (len(texts) - 1):
        inner = '","'.join(text.replace("\\", "\\\\").replace('"', '\\"') for text in texts)
    return '{"' + inner + '"}' if texts else "{}"
