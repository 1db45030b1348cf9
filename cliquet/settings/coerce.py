"""Turns the text of a setting into the value its type asks for, or says why not."""

from __future__ import annotations

import datetime
import math
import types
import typing
from typing import Any, Literal, Union

__all__ = ["coerce", "type_name"]

_TRUE = frozenset({"true", "yes", "on", "1", "t", "y"})
_FALSE = frozenset({"false", "no", "off", "0", "f", "n"})


def coerce(value: Any, wanted: Any, *, least: float | None = None) -> Any:
    """``value`` as an instance of ``wanted``.

    :param value: text from an INI file or the environment, or a value that Python code gave.
    :param wanted: ``str``, ``bool``, ``int``, ``float``, ``datetime.datetime``, ``tuple[str, ...]``, a ``Literal``, or
        one of these ``| None`` (an empty text is then ``None``).
    :param least: the smallest number accepted.
    :raises ValueError: with a sentence that says what is expected.

    >>> coerce("25", int), coerce(" on ", bool), coerce("a, b c", tuple[str, ...]), coerce("", int | None)
    (25, True, ('a', 'b', 'c'), None)
    """
    optional, wanted = _optional(wanted)
    if value is None or (isinstance(value, str) and not value.strip() and (optional or wanted is not str)):
        return _nothing(wanted, optional=optional)
    if typing.get_origin(wanted) is Literal:
        return _choice(value, typing.get_args(wanted))
    return _bounded(_PARSERS[typing.get_origin(wanted) or wanted](value), least)


def type_name(wanted: Any) -> str:
    """The type in a reader's words.

    >>> type_name(int | None)
    'whole number or empty'
    """
    optional, wanted = _optional(wanted)
    if typing.get_origin(wanted) is Literal:
        name = "one of " + ", ".join(map(str, typing.get_args(wanted)))
    else:
        name = _NAMES[typing.get_origin(wanted) or wanted]
    return f"{name} or empty" if optional else name


def _optional(wanted: Any) -> tuple[bool, Any]:
    if typing.get_origin(wanted) in (Union, types.UnionType):
        (inner,) = (part for part in typing.get_args(wanted) if part is not type(None))
        return True, inner
    return False, wanted


def _nothing(wanted: Any, *, optional: bool) -> Any:
    if optional:
        return None
    if wanted is str:
        return ""
    if typing.get_origin(wanted) is tuple:
        return ()
    raise ValueError(f"{_article(type_name(wanted))} is expected, it is empty")


def _article(name: str) -> str:
    return name if name.startswith(("true", "one of")) else f"an {name}" if name[0] in "aeiouI" else f"a {name}"


def _choice(value: Any, choices: tuple[Any, ...]) -> Any:
    value = value.strip() if isinstance(value, str) else value
    if value not in choices:
        raise ValueError(f"{' or '.join(map(repr, choices))} is expected, got {value!r}")
    return value


def _bounded(value: Any, least: float | None) -> Any:
    if least is not None and value < least:
        raise ValueError(f"a number of at least {least:g} is expected, got {value!r}")
    return value


def _bool(value: Any) -> bool:
    text = str(value).strip().lower()
    if text in _TRUE or text in _FALSE:
        return text in _TRUE
    raise ValueError(f"true or false is expected, got {value!r}")


def _number(kind: type[int] | type[float]) -> Any:
    def parse(value: Any) -> Any:
        refused = ValueError(f"a {_NAMES[kind]} is expected, got {value!r}")
        if isinstance(value, bool) or (kind is int and isinstance(value, float) and not value.is_integer()):
            raise refused
        try:
            number = kind(value)
        except (TypeError, ValueError, OverflowError):
            raise refused from None
        if not math.isfinite(number):
            raise refused
        return number

    return parse


def _list(value: Any) -> tuple[str, ...]:
    if isinstance(value, str):
        return tuple(value.replace(",", " ").split())
    if not isinstance(value, list | tuple | set | frozenset):
        raise ValueError(f"a {_NAMES[tuple]} is expected, got {value!r}")
    return tuple(str(item) for item in value)


def _moment(value: Any) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(str(value).strip())
    except ValueError:
        raise ValueError(f"an ISO 8601 date is expected, such as 2030-01-31, got {value!r}") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)


_PARSERS: dict[Any, Any] = {
    str: str,
    bool: _bool,
    int: _number(int),
    float: _number(float),
    tuple: _list,
    datetime.datetime: _moment,
}
_NAMES: dict[Any, str] = {
    str: "text",
    bool: "true or false",
    int: "whole number",
    float: "number",
    tuple: "list, separated by spaces or commas",
    datetime.datetime: "ISO 8601 date, UTC unless it says otherwise",
}
