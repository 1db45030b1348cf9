"""How the text of a query parameter becomes the value of a filter (``docs/protocol/reading``)."""

from __future__ import annotations

from typing import Any

from cliquet.errors import InvalidInput, MalformedBody
from cliquet.protocol import body, like
from cliquet.protocol.fields import ANYTHING, FieldType

__all__ = ["elements", "flag", "items", "searched", "timestamp", "typed"]

#: Most values in a list of a filter.
MAX_ITEMS = 5_000
_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})


def typed(text: str, wanted: FieldType) -> Any:
    """The value that ``text`` stands for in a field of that type.

    :raises ValueError: when no value of the type is written so.

    >>> typed("1", FieldType("text")), typed("1", FieldType("number")), typed("1", ANYTHING), typed("a", ANYTHING)
    ('1', 1, 1, 'a')
    """
    if text == "null" and (wanted.nullable or wanted.kind == "json"):
        return None
    return _TYPED[wanted.kind](text)


def items(text: str, wanted: FieldType) -> tuple[Any, ...]:
    """The values of a list; the last one may be followed by a comma.

    >>> items("b5,", FieldType("text")), items("1,a", ANYTHING)
    (('b5',), (1, 'a'))
    """
    parts = text.split(",")
    if not parts[-1]:
        parts.pop()
    return tuple(typed(part, wanted) for part in _bounded(parts))


def elements(text: str, wanted: FieldType) -> tuple[Any, ...]:
    """The items that an array has to contain: a JSON array, or a single item.

    >>> elements('["a", 1]', ANYTHING), elements("a", ANYTHING), elements("1", FieldType(item=FieldType("text")))
    (('a', 1), ('a',), ('1',))
    """
    value = _json(text)
    if isinstance(value, list):
        return tuple(_bounded(value))
    return (typed(text, wanted.item or ANYTHING),)


def flag(text: str) -> bool:
    """The truth of a value.

    >>> flag("true"), flag("0"), flag("null"), flag("no")
    (True, False, False, False)
    """
    return bool(_json(text)) and text.lower() not in _FALSE


def searched(text: str) -> str:
    """What ``like_`` searches; quotes around it are not part of it.

    >>> searched('"1"'), searched("1")
    ('1', '1')
    """
    value = _text(text)
    if len(value) > like.MAX_LENGTH:
        raise ValueError(f"at most {like.MAX_LENGTH} characters are accepted")
    return value


def timestamp(text: str, latest: int) -> int:
    """A time in ms, in double quotes or not, from 0 to ``latest``.

    >>> timestamp('"12"', 100), timestamp("12", 100)
    (12, 12)
    """
    bare = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not (bare.isascii() and bare.isdigit() and len(bare) < 20) or int(bare) >= latest:
        raise ValueError(f"{text[:40]!r} is not a timestamp in milliseconds")
    return int(bare)


def _bounded(parts: list[Any]) -> list[Any]:
    if len(parts) > MAX_ITEMS:
        raise ValueError(f"at most {MAX_ITEMS} values are accepted")
    return parts


def _json(text: str) -> Any:
    """JSON where it is JSON, else the text itself."""
    try:
        return body.decode(text.encode())
    except MalformedBody:
        return text
    except InvalidInput as error:
        raise ValueError(error.problems[0].description) from None


def _text(text: str) -> str:
    value = _json(text) if text.startswith('"') else text
    return value if isinstance(value, str) else text


def _number(text: str) -> Any:
    value = _json(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{text[:40]!r} is not a number")
    return value


def _boolean(text: str) -> bool:
    lowered = text.lower()
    if lowered not in _TRUE | _FALSE:
        raise ValueError(f"{text[:40]!r} is neither true nor false")
    return lowered in _TRUE


_TYPED = {"text": _text, "number": _number, "boolean": _boolean, "json": _json}
