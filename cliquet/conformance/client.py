"""A small HTTP client for which every status is an answer."""

from __future__ import annotations

import base64
import contextlib
import http.client
import json
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import Any, Final
from urllib.parse import quote, urlencode, urlsplit

import pytest

__all__ = ["Answer", "Client", "Query"]

Query = Mapping[str, str] | Sequence[tuple[str, str]]
ENVELOPE: Final = frozenset({"code", "errno", "error", "message", "info", "details"})
TIMEOUT: Final = 60.0
READING: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class _Nothing:
    """The absence of a body, as opposed to ``null``."""


NOTHING: Final = _Nothing()


@dataclass(frozen=True)
class Answer:
    """What the server said to one request.

    :param asked: the request's method and target, for messages.
    """

    asked: str
    status: int
    headers: Message
    raw: bytes

    def header(self, name: str) -> str:
        """The value of a header, several being joined; empty when there is none."""
        return ", ".join(self.headers.get_all(name, []))

    @property
    def body(self) -> Any:
        """The body as JSON."""
        try:
            return json.loads(self.raw)
        except ValueError:
            raise AssertionError(f"{self}: the body is no JSON: {self.raw[:80]!r}") from None

    @property
    def data(self) -> Any:
        """What the body's envelope holds."""
        body = self.body
        assert isinstance(body, dict), f"{self}: the body is no object but {body!r}"
        assert "data" in body, f"{self}: the body has no `data` but {sorted(body)}"
        return body["data"]

    @property
    def timestamp(self) -> int:
        """The ETag's number."""
        text = self.header("ETag")
        inner = text[1:-1]
        quoted = len(text) > 2 and text[0] == text[-1] == '"'
        assert quoted and inner.isascii() and inner.isdigit(), f'{self}: the ETag is {text!r}, not "<integer>"'
        return int(inner)

    def expect(self, *statuses: int) -> Answer:
        """Fail unless the status is one of these."""
        self._skip_unless_offered(statuses)
        wanted = " or ".join(map(str, statuses))
        assert self.status in statuses, f"{self} where {wanted} is due: {self.raw[:160]!r}"
        return self

    def refused(self, status: int, *errnos: int) -> Answer:
        """Fail unless this is the protocol's error of that status and one of these numbers."""
        self.expect(status)
        body = self.envelope()
        wanted = " or ".join(map(str, errnos))
        assert body["errno"] in errnos, f"{self}: errno is {body['errno']} where {wanted} is due"
        return self

    def envelope(self) -> dict[str, Any]:
        """The error's body, after a check of its shape."""
        kind = self.header("Content-Type").partition(";")[0].strip()
        assert kind == "application/json", f"{self}: the error is {kind or 'of no type'}, not application/json"
        body = self.body
        assert isinstance(body, dict), f"{self}: the error is no object but {body!r}"
        assert {"code", "errno", "error"} <= set(body) <= ENVELOPE | {"responses"}, f"{self}: error keys {sorted(body)}"
        assert body["code"] == self.status, f"{self}: `code` is {body['code']!r}"
        assert type(body["errno"]) is int, f"{self}: `errno` is {body['errno']!r}"
        assert isinstance(body["error"], str) and body["error"], f"{self}: `error` is {body['error']!r}"
        assert None not in body.values(), f"{self}: absent members are omitted, never null: {body!r}"
        return body

    def _skip_unless_offered(self, statuses: Sequence[int]) -> None:
        method = self.asked.partition(" ")[0]
        if self.status != 405 or 405 in statuses:
            return
        allowed = {name.strip() for name in self.header("Allow").split(",")}
        if self.envelope()["errno"] == 115 and method not in allowed:
            pytest.skip(f"{self.asked} is not offered here")

    def __str__(self) -> str:
        return f"{self.asked} answered {self.status}"


class Client:
    """One user's (or, without ``auth``, anybody's) way to the service.

    :param base_url: the service's address with its version prefix, such as ``http://localhost:8888/v1``.
    :param auth: user and password.
    :param writes: notes that something may have been written, for who has to tidy up.
    """

    def __init__(
        self, base_url: str, auth: tuple[str, str] | None = None, writes: threading.Event | None = None
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.auth = auth
        parts = urlsplit(self.base_url)
        self.secure = parts.scheme == "https"
        self.host = parts.netloc
        self.prefix = parts.path
        self.writes = writes or threading.Event()
        self._connection: http.client.HTTPConnection | None = None

    def again(self) -> Client:
        """The same user on a connection of their own, for a thread."""
        return Client(self.base_url, self.auth, self.writes)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Query = (),
        body: Any = NOTHING,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a path below the version prefix; ``body`` is sent as JSON, ``raw`` as it is."""
        target = self.prefix + path
        if query:
            target += "?" + urlencode(query, quote_via=quote, safe="")
        return self.ask(method, target, body=body, raw=raw, headers=headers)

    def follow(self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for an absolute address that the server gave."""
        parts = urlsplit(url)
        assert parts.scheme in {"http", "https"} and parts.netloc, f"{url!r} is no absolute address"
        return self.ask(method, parts.path + (f"?{parts.query}" if parts.query else ""), headers=headers)

    def ask(
        self,
        method: str,
        target: str,
        *,
        body: Any = NOTHING,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Ask for a target exactly as it is written."""
        sent: dict[str, str] = {}
        if self.auth is not None:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(self.auth).encode()).decode()
        if not isinstance(body, _Nothing):
            raw = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        return self._exchange(method, target, raw, _merged(sent, headers or {}))

    def _exchange(self, method: str, target: str, raw: bytes | None, headers: Mapping[str, str]) -> Answer:
        kept = self._connection is not None
        if method not in READING:
            self.writes.set()
        try:
            return self._once(method, target, raw, headers)
        except (http.client.HTTPException, OSError):
            self.close()
            if not kept:
                raise
        return self._once(method, target, raw, headers)

    def _once(self, method: str, target: str, raw: bytes | None, headers: Mapping[str, str]) -> Answer:
        connection = self._connection = self._connection or self._connect()
        # A server may answer, and close, before it has read a body that is too large.
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            connection.request(method, target, body=raw, headers=dict(headers))
        response = connection.getresponse()
        answer = Answer(f"{method} {target[:120]}", response.status, response.headers, response.read())
        if response.will_close:
            self.close()
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        kind = http.client.HTTPSConnection if self.secure else http.client.HTTPConnection
        return kind(self.host, timeout=TIMEOUT)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None


def _merged(sent: dict[str, str], headers: Mapping[str, str]) -> dict[str, str]:
    """Both, whatever the case of the names; the second wins."""
    given = {name.lower() for name in headers}
    return {**{name: value for name, value in sent.items() if name.lower() not in given}, **headers}
