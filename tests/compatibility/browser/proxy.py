"""A proxy in front of a service, which asks it under a name that only the two of them know."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

#: Headers of one connection, and those that the proxy's server writes by itself.
OWN = {"connection", "keep-alive", "transfer-encoding", "date", "server"}
INTERNAL = "backend.internal:8888"


@dataclass(frozen=True)
class Answer:
    """An answer on its way to the client."""

    method: str
    target: str
    status: int
    content: bytes
    headers: dict[str, str] = field(default_factory=dict)


def as_it_is(answer: Answer) -> Answer:
    """Change nothing."""
    return answer


@contextmanager
def proxied(upstream: int, port: int, change: Callable[[Answer], Answer] = as_it_is) -> Iterator[str]:
    """The URL of the proxy, with the version, until the block ends.

    :param upstream: port of the service.
    :param port: of the proxy.
    :param change: has the last word on every answer.
    """
    server = ThreadingHTTPServer(("127.0.0.1", port), handler(upstream, change))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


def handler(upstream: int, change: Callable[[Answer], Answer]) -> type[BaseHTTPRequestHandler]:
    """What handles the requests of the proxy."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            answer = change(self.asked())
            self.send_response_only(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        def asked(self) -> Answer:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name: value for name, value in self.headers.items() if name.lower() not in OWN}
            connection = http.client.HTTPConnection("127.0.0.1", upstream, timeout=60)
            try:
                connection.request(self.command, self.path, body, {**headers, "Host": INTERNAL})
                response = connection.getresponse()
                kept = {name.lower(): value for name, value in response.getheaders() if name.lower() not in OWN}
                return Answer(self.command, self.path, response.status, response.read(), kept)
            finally:
                connection.close()

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = handle_any

        def log_message(self, *arguments: object) -> None:
            """Say nothing."""

    return Handler
