"""Turns the parameters of a URL into a :class:`Query` (``docs/protocol/reading``)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NoReturn

from cliquet.errors import InvalidInput, Problem
from cliquet.protocol import body, values
from cliquet.protocol.fields import Fields, FieldType
from cliquet.protocol.operators import OPERATORS
from cliquet.protocol.query import Filter, Query, Sort, total_order
from cliquet.protocol.timestamps import DAY

__all__ = ["MAX_FILTERS", "MAX_SORTS", "Limits", "field_names", "parse"]

MAX_FILTERS = 100
MAX_SORTS = 20
_TIMES = {"_since": "gt", "_before": "lt", "_to": "lt"}
_PREFIXED = re.compile(f"({'|'.join(sorted(OPERATORS, key=len, reverse=True))})_([\\w.]+)")
_SORT = re.compile(r"([-+]?)([\w.]+)")
_LOWER_BOUNDS = {"gt": 0, "min": 1}

Parameters = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Limits:
    """What bounds a page: ``paginate_by`` may be unset, ``most`` is what one statement fetches."""

    paginate_by: int | None = None
    most: int = 10_000

    def effective(self, asked: int | None) -> int:
        """The records in a page.

        >>> Limits(10, 100).effective(50), Limits(None, 100).effective(None)
        (10, 100)
        """
        return min(number for number in (asked, self.paginate_by, self.most) if number is not None)


def parse(parameters: Parameters, fields: Fields, *, now: int, limits: Limits) -> Query:
    """The query that the parameters ask for; the page token is left to :mod:`cliquet.protocol.page`.

    :param parameters: names and values, decoded, in the order of the URL.
    :param fields: what the schema says.
    :param now: the time in ms.
    :raises InvalidInput: names the parameter.

    >>> query = parse([("min_age", "3"), ("_sort", "-age")], Fields(), now=0, limits=Limits())
    >>> query.filters, query.sort[0]
    ((Filter(field='age', value=3, operator='min'),), Sort(field='age', direction=-1))
    """
    pairs = list(parameters)
    filters = tuple(_filters(pairs, fields, latest=now + DAY))
    if len(filters) > MAX_FILTERS:
        _refuse(None, f"At most {MAX_FILTERS} filters are accepted.")
    return Query(
        filters=filters,
        sort=total_order(list(_sorts(_last(pairs, "_sort"), fields))),
        limit=limits.effective(_limit(_last(pairs, "_limit"))),
        tombstones=any(condition.field == "last_modified" for condition in filters),
        since=_since(filters),
    )


def field_names(parameters: Parameters, fields: Fields) -> tuple[str, ...] | None:
    """The fields that ``_fields`` asks for; ``None`` is all of them.

    :raises InvalidInput: when the schema is closed and has no such field.
    """
    asked = _last(list(parameters), "_fields")
    if asked is None:
        return None
    _check_text("_fields", asked)
    names = tuple(filter(None, (name.strip() for name in asked.split(","))))
    unknown = [name for name in names if not fields.open and not fields.is_declared(name.split(".")[0])]
    if unknown:
        _refuse("_fields", f"Fields {','.join(unknown)} do not exist")
    return names


def _filters(pairs: list[tuple[str, str]], fields: Fields, *, latest: int) -> Iterator[Filter]:
    for parameter, text in pairs:
        name = parameter.strip()
        _check_text(name, text)
        if name in _TIMES:
            yield Filter("last_modified", _value(name, values.timestamp, text, latest), _TIMES[name])
        elif not name.startswith("_") or fields.is_declared(name.split(".")[0]):
            operator, field = _condition(name, fields)
            wanted = fields.type_of(field)
            if wanted is None:
                _refuse(parameter, f"Unknown filter field '{parameter}'")
            yield Filter(field, _operand(parameter, operator, field, text, wanted, latest), operator)


def _check_text(name: str, text: str) -> None:
    if found := body.text_fault(name) or body.text_fault(text):
        _refuse(name if body.text_fault(name) is None else None, found)


def _condition(name: str, fields: Fields) -> tuple[str, str]:
    """Operator and field: a field that is declared wins over a keyword."""
    match = _PREFIXED.fullmatch(name)
    if match is None or fields.is_declared(name.split(".")[0]):
        return "eq", name
    return match[1], match[2]


def _operand(name: str, operator: str, field: str, text: str, wanted: FieldType, latest: int) -> Any:
    kind = OPERATORS[operator].operand
    if kind == "text":
        return _value(name, values.searched, text)
    if kind == "flag":
        return _value(name, values.flag, text)
    if kind == "elements":
        if field in ("id", "last_modified"):
            _refuse(name, f"Field '{field}' is not an array")
        return _value(name, values.elements, text, wanted)
    if field == "last_modified":
        return _times(name, kind, text, latest)
    return _value(name, values.items if kind == "list" else values.typed, text, wanted)


def _times(name: str, kind: str, text: str, latest: int) -> Any:
    if kind == "list":
        parts = _value(name, values.items, text, FieldType("json"))
        return tuple(_value(name, values.timestamp, str(part), latest) for part in parts)
    return _value(name, values.timestamp, text, latest)


def _sorts(text: str | None, fields: Fields) -> Iterator[Sort]:
    matches = [match for item in (text or "").split(",") if (match := _SORT.fullmatch(item.strip()))]
    if len(matches) > MAX_SORTS:
        _refuse("_sort", f"At most {MAX_SORTS} fields are accepted.")
    seen: set[str] = set()
    for sign, field in (match.groups() for match in matches):
        if fields.type_of(field) is None:
            _refuse(None, f"Unknown sort field '{field}'")
        if field not in seen:
            seen.add(field)
            yield Sort(field, -1 if sign == "-" else 1)


def _limit(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) >= 1):
        _refuse("_limit", "_limit should be an integer of at least 1")
    return int(text)


def _since(filters: tuple[Filter, ...]) -> int | None:
    """The time up to which the reader has everything; nothing is dated before 0, so nothing is asked for below."""
    bounds = [
        max(0, condition.value - _LOWER_BOUNDS[condition.operator])
        for condition in filters
        if condition.field == "last_modified" and condition.operator in _LOWER_BOUNDS
    ]
    return max(bounds, default=None)


def _last(pairs: list[tuple[str, str]], name: str) -> str | None:
    found = [text for parameter, text in pairs if parameter == name]
    return found[-1] if found else None


def _value(name: str, read: Any, *arguments: Any) -> Any:
    try:
        return read(*arguments)
    except ValueError as error:
        _refuse(name, f"Invalid value for {name}: {error}")


def _refuse(name: str | None, description: str) -> NoReturn:
    raise InvalidInput(Problem("querystring", name, description))
