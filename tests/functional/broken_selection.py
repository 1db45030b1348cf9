"""How the toy of :mod:`broken_server` chooses, orders and cuts the records of a list."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable, Iterable
from functools import cmp_to_key
from typing import Any

from cliquet.conformance.order import MISSING, OPERATORS, canonical, key
from tests.functional.broken_records import Record, Refused, moment

__all__ = ["Selection", "projected"]

Test = Callable[[Record], bool]
GRAMMAR = re.compile(r"(?:(lt|max|min|gt|not|eq|in|exclude|like|has|contains_any|contains)_)?([\w.]+)")
ALIASES = {"_since": "gt_last_modified", "_before": "lt_last_modified", "_to": "lt_last_modified"}
SECRET = b"toy"


def projected(record: Record, query: dict[str, str]) -> Record:
    """The record with the fields that were asked for."""
    if "_fields" not in query:
        return record
    kept: Record = {name: record[name] for name in ("id", "last_modified", "deleted") if name in record}
    for path in query["_fields"].split(","):
        value = looked_up(record, path)
        if value is not MISSING and "deleted" not in record:
            *parents, last = path.split(".")
            inner = kept
            for parent in parents:
                inner = inner.setdefault(parent, {})
            inner[last] = value
    return kept


def looked_up(record: Record, path: str) -> Any:
    """The value at a dotted path."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name, MISSING) if isinstance(value, dict) else MISSING
    return value


def scalar(text: str) -> Any:
    """JSON, or else text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def folded(text: str) -> str:
    """Lower case, one code point for one."""
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def matches(stored: Any, pattern: str) -> bool:
    """Whether a stored value is like a pattern; every run takes the first place that it finds."""
    text = folded(stored if isinstance(stored, str) else canonical(stored))
    pattern = folded(pattern if "*" in pattern else f"*{pattern}*")
    first, *runs = pattern.split("*")
    if not text.startswith(first) or not text.endswith(runs[-1]):
        return False
    place = len(first)
    for run in runs[:-1]:
        found = text.find(run, place)
        if found < 0:
            return False
        place = found + len(run)
    return place <= len(text) - len(runs[-1])


class Selection:
    """What the query of a list asks for."""

    def __init__(self, query: list[tuple[str, str]], faults: set[str]) -> None:
        self.faults = faults
        self.query = [pair for pair in query if pair[0] not in ("_token", "_limit")]
        given = dict(query)
        self.tombstones = False
        self.tests = [self.test(name, value) for name, value in self.query if name in ALIASES or name[0] != "_"]
        self.sort = [name for name in given.get("_sort", "").split(",") if re.fullmatch(r"[-+]?[\w.]+", name)]
        self.sort += ["-last_modified", "id"]
        if not re.fullmatch(r"0*[1-9]\d*", given.get("_limit", "100")):
            raise Refused(400, 107, "_limit")
        self.limit = min(int(given.get("_limit", "100")), 100)
        self.after = self.opened(given["_token"]) if "_token" in given else None

    def test(self, name: str, text: str) -> Test:
        match = GRAMMAR.fullmatch(ALIASES.get(name, name))
        if not match:
            return lambda record: False
        operator, field = match[1] or "eq", match[2]
        if field == "last_modified":
            self.tombstones = True
            values: list[Any] = [moment(part, name) for part in text.rstrip(",").split(",")]
        elif field == "id":
            values = [part.strip('"') for part in text.split(",") if part]
        else:
            parts = text.removesuffix(",").split(",") if operator in ("in", "exclude") else [text]
            values = [scalar(part.strip('"') if "text as number" in self.faults else part) for part in parts]
        return self.operation(operator, field, values, text)

    def operation(self, operator: str, field: str, values: list[Any], text: str) -> Test:
        if operator in ("in", "exclude", "eq"):
            test = OPERATORS["" if operator == "eq" else f"{operator}_"]
            some = all if operator == "exclude" else any
            return lambda record: some(test(looked_up(record, field), value) for value in values)
        if operator == "has":
            return lambda record: (looked_up(record, field) is not MISSING) == bool(values[:1] == [True])
        if operator == "like":
            if len(text) > 1000:
                raise Refused(400, 107, "like")
            return lambda record: (value := looked_up(record, field)) is not MISSING and matches(value, str(values[0]))
        if operator.startswith("contains"):
            wanted = {canonical(value) for value in (values[0] if isinstance(values[0], list) else values)}
            return lambda record: self.contains(looked_up(record, field), wanted, operator)
        test = OPERATORS[f"{operator}_"]
        return lambda record: test(looked_up(record, field), values[0])

    @staticmethod
    def contains(stored: Any, wanted: set[str], operator: str) -> bool:
        held = {canonical(value) for value in stored} if isinstance(stored, list) else set()
        return bool(wanted & held) if operator == "contains_any" else isinstance(stored, list) and wanted <= held

    def filtered(self, records: Iterable[Record]) -> list[Record]:
        """The records that pass every filter."""
        visible = [record for record in records if self.tombstones or "deleted" not in record]
        return [record for record in visible if all(test(record) for test in self.tests)]

    def records(self, records: Iterable[Record]) -> list[Record]:
        """The records that remain to be shown, in order."""
        pairs = [(self.values(record), record) for record in self.filtered(records)]
        order = cmp_to_key(self.compared)
        pairs.sort(key=lambda pair: order(pair[0]))
        return [record for values, record in pairs if self.after is None or self.compared(values, self.after) > 0]

    def values(self, record: Record) -> list[Any]:
        """What a record is sorted by; a list of one value, or of none."""
        found = [looked_up(record, name.lstrip("-+")) for name in self.sort]
        return [[] if value is MISSING else [value[:256] if isinstance(value, str) else value] for value in found]

    def compared(self, left: list[Any], right: list[Any]) -> int:
        for name, one, other in zip(self.sort, left, right, strict=True):
            a, b = (key(value[0] if value else MISSING) for value in (one, other))
            if a != b:
                return (1 if a > b else -1) * (-1 if name[0] == "-" else 1)
        return 0

    def token(self, last: Record) -> str:
        """Where the next page begins, signed together with the query."""
        text = json.dumps(self.values(last)).encode()
        return base64.urlsafe_b64encode(self.signature(text) + text).decode()

    def signature(self, text: bytes) -> bytes:
        return hmac.digest(SECRET, json.dumps(self.query).encode() + b"|" + text, hashlib.sha256)

    def opened(self, token: str) -> list[Any]:
        try:
            raw = base64.b64decode(token, altchars=b"-_", validate=True)
        except ValueError:
            raise Refused(400, 107, "_token") from None
        if not hmac.compare_digest(raw[:32], self.signature(raw[32:])):
            raise Refused(400, 107, "_token")
        values: list[Any] = json.loads(raw[32:])
        return values
