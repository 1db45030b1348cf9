"""The records of the toy of :mod:`broken_server`: their timeline, and what they may not hold."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Record", "Refused", "Timeline", "moment", "parsed"]

Record = dict[str, Any]


class Refused(Exception):
    """An error of the protocol."""

    def __init__(self, status: int, errno: int, name: str = "", headers: Record | None = None, **details: Any) -> None:
        super().__init__(name)
        self.headers = headers or {}
        problem = [{"location": details.pop("location", "querystring"), "name": name, "description": name}]
        self.status, self.errno, self.details = status, errno, details or problem


def moment(text: str, name: str) -> int:
    """The timestamp of a parameter."""
    inner = text[1:-1] if len(text) > 1 and text[0] == text[-1] == '"' else text
    if not inner.isdigit() or len(inner) > 15 or int(inner) > time.time() * 1000 + 86_400_000:
        raise Refused(400, 107, name)
    return int(inner)


@dataclass
class Timeline:
    """The records of one user, with their one timestamp."""

    now: int = 0
    live: dict[str, Record] = field(default_factory=dict)
    dead: dict[str, Record] = field(default_factory=dict)

    def tick(self, wanted: int | None = None, after: int = -1) -> int:
        day = 86_400_000 + time.time_ns() // 1_000_000
        if wanted is not None and (type(wanted) is not int or not 0 <= wanted <= day):
            raise Refused(400, 107, "last_modified", location="body")
        if wanted is None or wanted <= after or wanted == self.now:
            wanted = max(self.now + 1, day - 86_400_000)
        self.now = max(self.now, wanted)
        return wanted

    def save(self, record: Record, old: Record | None) -> Record:
        stamp = self.tick(record.get("last_modified"), old["last_modified"] if old else -1)
        saved = {name: value for name, value in record.items() if name != "deleted"} | {"last_modified": stamp}
        self.dead.pop(record["id"], None)
        self.live[record["id"]] = saved
        return saved

    def bury(self, record: Record, wanted: int | None = None) -> Record:
        stamp = self.tick(wanted, record["last_modified"])
        tombstone = {"id": record["id"], "last_modified": stamp, "deleted": True}
        self.live.pop(record["id"])
        self.dead[record["id"]] = tombstone
        return tombstone


def parsed(body: bytes) -> Any:
    """The JSON of a body, if nothing in it is forbidden."""
    try:
        value = json.loads(body.decode(), parse_constant=_never)
    except RecursionError:
        raise Refused(400, 107, "depth", location="body") from None
    except ValueError as error:
        raise Refused(400, 107 if "digits" in str(error) else 106, "json", location="body") from None
    _check(value, 0)
    return value


def _never(name: str) -> None:
    raise ValueError(name)


def _check(value: Any, depth: int) -> None:
    text = isinstance(value, str) and ("\0" in value or any("\ud800" <= char <= "\udfff" for char in value))
    huge = isinstance(value, int | float) and not -(2**63) <= value < 2**63 and not (1e19 < abs(value) < 1e308)
    if depth > 128 or text or huge or (isinstance(value, int) and abs(value) > 2**63):
        raise Refused(400, 107, "value", location="body")
    for inner in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else []:
        _check(inner, depth + 1)
