"""What ``like_`` means: a case-insensitive search in which only ``*`` is special (``docs/protocol/reading``)."""

from __future__ import annotations

import sys
from functools import cache

__all__ = ["MAX_LENGTH", "fold", "matches", "pieces", "variants"]

#: Longest value of a ``like_`` filter, in code points.
MAX_LENGTH = 1000


def fold(text: str) -> str:
    """``text`` with each character replaced by its simple lower-case mapping, which never changes the length.

    >>> fold("ÉCOLE")
    'école'
    """
    return text.lower() if text.isascii() else "".join(map(_fold_one, text))


def pieces(value: str) -> tuple[str, ...]:
    """The texts between the wildcards; a value without a wildcard is searched anywhere.

    Several wildcards in a row are one: databases would take seconds to understand a thousand.

    >>> pieces("a**b"), pieces("a")
    (('a', 'b'), ('', 'a', ''))
    """
    first, *middle, last = (value if "*" in value else f"*{value}*").split("*")
    return first, *filter(None, middle), last


def matches(text: str, value: str) -> bool:
    """Whether ``text`` is like ``value``.

    >>> matches("Hello World", "WOR"), matches("Hello", "h*o"), matches("Hello", "h*l"), matches("100%", "%")
    (True, True, False, True)
    """
    first, *middle, last = pieces(fold(value))
    text = fold(text)
    if len(text) < len(first) + len(last) or not text.startswith(first) or not text.endswith(last):
        return False
    position, end = len(first), len(text) - len(last)
    for piece in middle:
        found = text.find(piece, position, end)
        if found < 0:
            return False
        position = found + len(piece)
    return True


def variants(char: str) -> str:
    """All characters that fold to the same as ``char``.

    >>> sorted(variants("k"))
    ['K', 'k', '\u212a']
    """
    folded = _fold_one(char)
    return _unfolded().get(folded, folded)


def _fold_one(char: str) -> str:
    """The simple mapping; the full one of ``İ``, the only longer one, begins with it."""
    return char.lower()[0]


@cache
def _unfolded() -> dict[str, str]:
    """Folded character -> all that fold to it, for those of which there are several."""
    found: dict[str, str] = {}
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        folded = _fold_one(char)
        if folded != char:
            found[folded] = found.get(folded, folded) + char
    return found
