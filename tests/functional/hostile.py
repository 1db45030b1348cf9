"""Requests that nobody should send, made from the schema and a corpus, the same ones for the same seed."""

from __future__ import annotations

import base64
import json
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.functional.hostile_corpus import (
    FIELDS,
    HEADERS,
    IDS,
    LIMITS,
    MEDIA_TYPES,
    METHODS,
    ODD_METHODS,
    ODD_NAMES,
    OPERATORS,
    PLACES,
    POINTERS,
    PREFIXES,
    RAW_BODIES,
    RAW_QUERIES,
    VALUES,
)

__all__ = ["Hostile", "Sent"]


@dataclass
class Sent:
    """One request."""

    method: str
    path: str
    query: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class Hostile:
    """Makes requests; ids and page tokens of earlier answers are used again, also where they do not belong.

    :param seed: the same one makes the same requests, as long as the answers are the same.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._pick = self._random.choice
        self.ids: list[str] = []
        self.tokens: list[str] = ["x", "%00", "é", base64.urlsafe_b64encode(b"x" * 40).decode(), "="]
        self.times: list[int] = [0]

    def request(self) -> Sent:
        """The next one."""
        if self._chance(0.12):
            return Sent("POST", "/v1/batch", "", self._headers(), self._batch())
        method = self._pick(ODD_METHODS) if self._chance(0.02) else self._pick(METHODS)
        path = self._path(method)
        query = self._query() if self._chance(0.55) else ""
        body = self._body(method) if method in ("POST", "PUT", "PATCH") or self._chance(0.05) else b""
        return Sent(method, path, query, self._headers(method), body)

    def learn(self, status: int, headers: dict[str, str], content: Any) -> None:
        """Remember what may be used again."""
        if "next-page" in headers:
            self.tokens.append(headers["next-page"].rpartition("_token=")[2])
        data = content.get("data") if isinstance(content, dict) else None
        if status == 201 and isinstance(data, dict) and "id" in data:
            self.ids.append(data["id"])
            self.times.append(data["last_modified"])
        del self.ids[:-50], self.times[:-50], self.tokens[5:-20]

    def _chance(self, share: float) -> bool:
        return self._random.random() < share

    def _path(self, method: str) -> str:
        place = self._pick(PREFIXES) + self._pick(PLACES)
        if method in ("PUT", "PATCH") or self._chance(0.35):
            return f"{place}/{self._pick(self.ids) if self.ids and self._chance(0.8) else self._pick(IDS)}"
        return place

    def _query(self) -> str:
        if self._chance(0.15):
            return self._pick(RAW_QUERIES)
        return "&".join(self._parameter() for _ in range(self._random.randint(1, 4)))

    def _parameter(self) -> str:
        kind = self._random.randrange(8)
        if kind == 0:
            return f"_token={self._pick(self.tokens)}"
        if kind == 1:
            return f"_since={self._pick([*map(str, self.times), 'x', '', '%22', '1.5', '-1', 'null'])}"
        if kind == 2:
            return f"_limit={self._pick(LIMITS)}"
        if kind == 3:
            return "_sort=" + ",".join(
                self._pick(["", "-", "+"]) + self._name() for _ in range(self._random.randint(1, 4))
            )
        if kind == 4:
            return "_fields=" + ",".join(self._name() for _ in range(self._random.randint(1, 4)))
        value = self._pick(VALUES)
        text = value if isinstance(value, str) else json.dumps(value)
        operator = self._pick(OPERATORS) if self._chance(0.7) else ""
        return f"{operator}{self._name()}={quote(text)}"

    def _name(self) -> str:
        return quote(self._pick(ODD_NAMES) if self._chance(0.1) else self._pick(FIELDS))

    def _headers(self, method: str = "POST") -> dict[str, str]:
        headers = {"Content-Type": self._pick(MEDIA_TYPES)}
        if method == "PATCH" and self._chance(0.5):
            headers["Content-Type"] = "application/json-patch+json"
        while self._chance(0.2):
            name = self._pick(list(HEADERS))
            headers[name] = self._pick(HEADERS[name])
        if self.times and self._chance(0.1):
            headers[self._pick(["If-Match", "If-None-Match"])] = f'"{self._pick(self.times)}"'
        return headers

    def _body(self, method: str) -> bytes:
        if self._chance(0.1):
            return self._pick(RAW_BODIES)
        if method == "PATCH" and self._chance(0.4):
            return json.dumps([self._operation() for _ in range(self._random.randint(0, 4))]).encode()
        return json.dumps({"data": self._record()}).encode()

    def _record(self) -> dict[str, Any]:
        record: dict[str, Any] = {
            "title": "A",
            "url": f"http://a.example/{self._random.randrange(500)}",
            "added_by": "x",
        }
        for _ in range(self._random.randint(0, 3)):
            record[self._pick(ODD_NAMES[1:-1]) if self._chance(0.1) else self._pick(FIELDS)] = self._pick(VALUES)
        if self.ids and self._chance(0.1):
            record["id"] = self._pick(self.ids)
        if self._chance(0.1):
            record["last_modified"] = self._pick([*self.times, *VALUES])
        return record

    def _operation(self) -> Any:
        if self._chance(0.1):
            return self._pick(VALUES)
        operation = {
            "op": self._pick(["test", "add", "remove", "replace", "move", "copy", "x", 5, None]),
            "path": self._pick(POINTERS),
        }
        operation |= {
            name: self._pick(POINTERS if name == "from" else VALUES) for name in ("value", "from") if self._chance(0.7)
        }
        return operation

    def _batch(self) -> bytes:
        if self._chance(0.15):
            return self._pick(RAW_BODIES)
        content: dict[str, Any] = {"requests": [self._part() for _ in range(self._random.randint(0, 5))]}
        if self._chance(0.2):
            content["defaults"] = self._pick([self._part(), *VALUES])
        if self._chance(0.2):
            content["atomic"] = self._pick([True, True, False, None, "x"])
        if self._chance(0.03):
            content["requests"] = self._pick([*VALUES, [{"path": "/"}] * 30])
        return json.dumps(content).encode()

    def _part(self) -> Any:
        if self._chance(0.02):
            return self._pick(VALUES)
        sent = self.request()
        part: dict[str, Any] = {"path": sent.path + (f"?{sent.query}" if sent.query else "")}
        part["method"] = sent.method if self._chance(0.95) else self._pick(VALUES)
        if self._chance(0.3):
            part["headers"] = sent.headers if self._chance(0.9) else self._pick(VALUES)
        if sent.method not in ("GET", "HEAD"):
            part["body"] = self._pick([{"data": self._record()}, [self._operation()], self._pick(VALUES)])
        if self._chance(0.02):
            part[self._pick(["path", "body", "x", ""])] = self._pick(
                [*VALUES, "/batch", "/v1/b%61tch", "//", "/\ud7ff", "é"]
            )
        return part
