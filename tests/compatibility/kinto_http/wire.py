"""A relay between a client and a service, which keeps what they said to each other."""

from __future__ import annotations

import http.client
import json
import threading
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self
from urllib.parse import SplitResult, parse_qs, urlsplit

#: Headers that belong to one connection.
OF_A_CONNECTION = {"connection", "keep-alive", "transfer-encoding", "date", "server"}


@dataclass(frozen=True)
class Answer:
    """An answer with its content as bytes."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    content: bytes = b""

    @property
    def json(self) -> Any:
        """The content, parsed."""
        return json.loads(self.content)

    def header(self, name: str) -> str:
        """A header of it; empty when there is none."""
        return {key.lower(): value for key, value in self.headers}.get(name.lower(), "")


@dataclass(frozen=True)
class Exchange:
    """A request and its answer; names of headers are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    answer: Answer

    @property
    def url(self) -> SplitResult:
        """The path and the query string."""
        return urlsplit(self.target)

    @property
    def query(self) -> dict[str, list[str]]:
        """The parameters of the query string."""
        return parse_qs(self.url.query, keep_blank_values=True)

    @property
    def json(self) -> Any:
        """The body of the request, parsed."""
        return json.loads(self.body)


@dataclass
class Wire:
    """Relays every request to a service, except the first ones, for which answers are given.

    :param upstream: the URL of the service, with the version.
    :param first: answers that never come from the service.
    """

    upstream: str
    first: Iterable[Answer] = ()
    exchanges: list[Exchange] = field(default_factory=list)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Where the client finds the service."""
        assert self._server is not None, "not open"
        return f"http://127.0.0.1:{self._server.server_port}{urlsplit(self.upstream).path}"

    @property
    def last(self) -> Exchange:
        """The latest request with its answer."""
        return self.exchanges[-1]

    def sent(self, method: str) -> list[Exchange]:
        """The exchanges of one method, oldest first."""
        return [found for found in self.exchanges if found.method == method]

    def __enter__(self) -> Self:
        handler = relay(urlsplit(self.upstream).netloc, deque(self.first), self.exchanges)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None, "not open"
        self._server.shutdown()
        self._server.server_close()


def relay(host: str, first: deque[Answer], exchanges: list[Exchange]) -> type[BaseHTTPRequestHandler]:
    """A handler that asks a host, and writes down what was said."""

    class Relay(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            answer = first.popleft() if first else self.asked(body)
            headers = {name.lower(): value for name, value in self.headers.items()}
            exchanges.append(Exchange(self.command, self.path, headers, body, answer))
            self.tell(answer)

        def asked(self, body: bytes) -> Answer:
            connection = http.client.HTTPConnection(host, timeout=60)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in OF_A_CONNECTION}
            try:
                connection.request(self.command, self.path, body, headers)
                response = connection.getresponse()
                return Answer(response.status, tuple(response.getheaders()), response.read())
            finally:
                connection.close()

        def tell(self, answer: Answer) -> None:
            self.send_response_only(answer.status)
            for name, value in answer.headers:
                if name.lower() not in OF_A_CONNECTION:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Relay
