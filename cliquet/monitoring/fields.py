"""How a value becomes a field of a log line: short, plain JSON, unable to forge another line."""

from __future__ import annotations

import json
import math
from typing import Any

__all__ = ["cut", "escape"]

_MARK = "…"
_WIDEST_INTEGER_BITS = 64
_WIDEST_CHARACTER_BYTES = 4


def cut(value: Any, limit: int = 1024) -> Any:
    """The value as plain JSON of ``limit`` bytes at most.

    Text that is too long loses its end, an object or array that is too long becomes text, and what JSON has no
    word for becomes its ``repr``.

    :param limit: in bytes of UTF-8.

    >>> cut("a" * 2000, limit=8), cut({"a": [1, 2]}), cut({"a": "b" * 20}, limit=12), cut(1 + 2j)
    ('aaaaa…', {'a': [1, 2]}, '{"a": "bb…', '(1+2j)')
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return value if len(value) * _WIDEST_CHARACTER_BYTES <= limit else _cut_text(value, limit)
    if isinstance(value, int):
        return value if value.bit_length() <= _WIDEST_INTEGER_BITS else _cut_text(hex(value), limit)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    return _cut_structure(value, limit)


def _cut_structure(value: Any, limit: int) -> Any:
    try:
        text = json.dumps(value, ensure_ascii=False, allow_nan=False, default=_described)
        return json.loads(text) if _fits(text, limit) else _cut_text(text, limit)
    except (TypeError, ValueError, RecursionError):
        return _cut_text(_described(value), limit)


def _fits(text: str, limit: int) -> bool:
    return len(text) <= limit and len(text.encode(errors="replace")) <= limit


def _cut_text(text: str, limit: int) -> str:
    if _fits(text, limit):
        return text
    room = limit - len(_MARK.encode())
    return text[:room].encode(errors="replace")[:room].decode(errors="ignore") + _MARK


def _described(value: object) -> str:
    try:
        return repr(value)
    except Exception:  # somebody else's __repr__ may raise anything, and a log line must not
        return f"<{type(value).__name__}>"


def escape(text: str) -> str:
    """The text with every character that a terminal would not print spelled out, line ends and ANSI codes included.

    >>> print(escape("one\\nline \\x1b[31mé\\u2028"))
    one\\nline \\x1b[31mé\\u2028
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
