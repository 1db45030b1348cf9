"""The JSON that the protocol reads and writes, with its limits (``docs/protocol/body``)."""

from __future__ import annotations

from typing import Any

import msgspec

from cliquet.errors import InvalidInput, MalformedBody, Problem

__all__ = ["MAX_DEPTH", "STORED_DEPTH", "decode", "encode", "fault", "plain", "text_fault", "written"]

#: Most levels in what clients send.
MAX_DEPTH = 128
#: Most levels in what is stored and answered: the entry of a history holds a record.
STORED_DEPTH = MAX_DEPTH + 8
_TOO_DEEP = f"JSON is nested deeper than {MAX_DEPTH} levels."
_LARGEST = 2**63 - 1
_BRACKETS = bytes.maketrans(b"{}", b"[]")
_OTHERS = bytes(set(range(256)) - set(b"[]{}"))
_DIGITS = bytes.maketrans(b"123456789", b"0" * 9)
#: As many digits as the largest integer has.
_LONG = b"0" * 19
_decode = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def decode(raw: bytes, *, depth: int = MAX_DEPTH) -> Any:
    """The value of a JSON text in UTF-8.

    :param depth: most levels.
    :raises MalformedBody: when it is not JSON; ``NaN``, ``Infinity`` and lone surrogates are not.
    :raises InvalidInput: when it holds what no backend may have to keep: more than 128 levels, a NUL character, an
        integer outside 64 bits, a number that no double holds.

    >>> decode(b'{"a": [1, 1.5, null]}')
    {'a': [1, 1.5, None]}
    """
    try:
        value = _decode(raw)
    except RecursionError:
        raise InvalidInput(Problem("body", None, _TOO_DEEP)) from None
    except (msgspec.DecodeError, ValueError) as error:
        raise _unreadable(str(error)) from None
    if _suspicious(raw) and (found := fault(value, depth=depth)):
        raise InvalidInput(Problem("body", None, found))
    return value


def encode(value: Any) -> bytes:
    """``value`` as compact JSON in UTF-8.

    >>> encode({"a": [1, "é"]}).decode()
    '{"a":[1,"é"]}'
    """
    return _encode(value)


def written(content: bytes) -> Any:
    """JSON that :func:`encode` writes as it is, inside of other JSON.

    :param content: what :func:`encode` has made.

    >>> encode({"body": written(encode({"a": 1}))})
    b'{"body":{"a":1}}'
    """
    return msgspec.Raw(content)


def fault(value: Any, *, depth: int = MAX_DEPTH) -> str | None:
    """What makes a value unfit to be kept, or ``None``.

    :param depth: most levels.

    >>> fault({"a": 2**63})
    'Integers have to fit in 64 bits.'
    """
    if plain(value) is not None:
        return None
    level = [value]
    for _ in range(depth + 1):
        found = next(filter(None, map(_scalar_fault, level)), None)
        outer = [one for one in level if isinstance(one, dict | list | tuple)]
        if found or not outer:
            return found
        level = [inner for one in outer for inner in (one.values() if isinstance(one, dict) else one)]
    return _TOO_DEEP


def plain(value: Any) -> Any:
    """A copy of a value that is all that its JSON says, and breaks no limit; most are such, and that is soon known.

    :returns: ``None`` of other values, and of ``None``.

    >>> plain({"a": [1]}), plain({"a": (1,)})
    ({'a': [1]}, None)
    """
    try:
        text = _encode(value)
        copied = None if _suspicious(text) else _decode(text)
        return copied if copied == value else None
    except (TypeError, ValueError, RecursionError, msgspec.MsgspecError):
        return None


def _scalar_fault(value: Any) -> str | None:
    if isinstance(value, str):
        return text_fault(value)
    if isinstance(value, dict):
        return next(filter(None, map(text_fault, value)), None)
    if isinstance(value, int) and not -_LARGEST - 1 <= value <= _LARGEST:
        return "Integers have to fit in 64 bits."
    if isinstance(value, float) and not -1e309 < value < 1e309:
        return "Numbers have to be finite."
    return None


def text_fault(text: Any) -> str | None:
    """What makes a text, or what should be one, unfit to be kept, or ``None``.

    >>> text_fault("a" + chr(0))
    'Invalid character 0x00.'
    """
    if not isinstance(text, str):
        return "Member names have to be text."
    if "\x00" in text:
        return "Invalid character 0x00."
    if not text.isascii() and any("\ud800" <= char <= "\udfff" for char in text):
        return "Invalid character: a lone surrogate."
    return None


def _suspicious(raw: bytes) -> bool:
    """Whether the text may break a limit; most do not and need no second look."""
    # To look for digits alone, in C, takes a tenth of the time of a pattern.
    if b"\\u0000" in raw or _LONG in raw.translate(_DIGITS):
        return True
    return raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _is_deep(raw)


def _is_deep(raw: bytes) -> bool:
    """Whether a JSON text has too many levels; brackets inside of texts are none.

    >>> _is_deep(b"[" * 128 + b"]" * 128), _is_deep(b"[" * 129 + b"]" * 129), _is_deep(b'["[' + b"[" * 999 + b'"]')
    (False, True, False)
    """
    outside = b"".join(raw.replace(b"\\\\", b"").replace(b'\\"', b"").split(b'"')[::2])
    brackets = outside.translate(_BRACKETS, _OTHERS)
    for _ in range(MAX_DEPTH):
        brackets = brackets.replace(b"[]", b"")
        if not brackets:
            return False
    return True


def _unreadable(reason: str) -> InvalidInput:
    if "out of range" in reason:
        return InvalidInput(Problem("body", None, "Numbers have to fit in 64 bits."))
    return MalformedBody(Problem("body", None, f"Invalid JSON: {reason.removeprefix('JSON is malformed: ')}"))
