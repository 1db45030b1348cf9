"""Serves a WSGI application for tests in the same process; connections stay, as with any real server."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.headers import Headers
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer, make_server

__all__ = ["serving"]


class _Server(ThreadingMixIn, WSGIServer):
    """A thread per connection."""

    daemon_threads = True


class _Answering(ServerHandler):
    """Lets the connection stay, unless an answer ends with it or is no whole answer."""

    http_version = "1.1"
    headers: Headers
    request_handler: _Handler

    def cleanup_headers(self) -> None:
        super().cleanup_headers()
        if "Content-Length" not in self.headers:
            self.headers["Connection"] = "close"
            self.request_handler.close_connection = True

    def handle_error(self) -> None:
        self.request_handler.close_connection = True
        super().handle_error()


class _Handler(WSGIRequestHandler):
    """Keeps quiet, keeps the path as it was written, and keeps connections."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # An answer is sent in one piece.

    def handle(self) -> None:
        """Answer one request after the other."""
        self.close_connection = False
        while not self.close_connection:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                return
            self.answer(io.BytesIO(self.rfile.read(int(self.headers.get("Content-Length") or 0))))

    def answer(self, body: io.BytesIO) -> None:
        """Say what the application says to a request, whose body is read whatever it does with it."""
        streams: tuple[Any, Any, Any] = body, self.wfile, self.get_stderr()
        answering = _Answering(*streams, self.get_environ())
        answering.request_handler = self
        answering.run(self.server.get_app())  # type: ignore[attr-defined]  # of a WSGIServer
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    def get_environ(self) -> dict[str, Any]:
        """The environment, with the path before it was unquoted, and no type that nobody sent."""
        environ = {**super().get_environ(), "RAW_PATH": self.path.partition("?")[0]}
        return {**environ, "CONTENT_TYPE": self.headers.get("Content-Type", "")}


@contextlib.contextmanager
def serving(app: Any) -> Iterator[str]:
    """Serve a WSGI application on a free port; gives its address with the version prefix."""
    with make_server("127.0.0.1", 0, app, server_class=_Server, handler_class=_Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()
