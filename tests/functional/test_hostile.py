"""No request of anybody gives a 5xx, breaks the envelope, or lets an exception out."""

from __future__ import annotations

import http.client
import io
import json
import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
import waitress

from cliquet.testing.app import Client, basic_auth, make_wsgi_app
from cliquet.testing.resources import Note
from readinglist.views import Article
from tests.functional.hostile import Hostile, Sent

#: On each of the two storages.
REQUESTS = 20_000
OVER_A_SOCKET = 300
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
ServeWSGI = Callable[[Any], Client]


def native(text: str) -> str:
    """Text as WSGI wants it in headers."""
    return text.encode("utf-8", "surrogatepass").decode("latin-1")


def environ(sent: Sent) -> dict[str, Any]:
    """A request as a server hands it over."""
    headers = {**basic_auth(), **sent.headers}
    found = {f"HTTP_{name.upper().replace('-', '_')}": native(value) for name, value in headers.items()}
    media_type = found.pop("HTTP_CONTENT_TYPE", "")
    return {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(sent.path).decode("latin-1"),
        "QUERY_STRING": native(sent.query),
        "CONTENT_TYPE": media_type,
        "CONTENT_LENGTH": str(len(sent.body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **found,
    }


def answer(app: Any, sent: Sent) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body, by WSGI alone."""
    told: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        told.append((int(status[:3]), headers))

    chunks = app(environ(sent), start_response)
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    ((status, headers),) = told
    for name, value in headers:
        value.encode("latin-1")
        assert not _CONTROL.search(name + value), (name, value)
    return status, {name.lower(): value for name, value in headers}, body


def judged(sent: Sent, status: int, headers: dict[str, str], body: bytes) -> Any:
    """The body, when the answer is such as the protocol allows."""
    assert status < 500, (sent, body)
    if sent.method == "HEAD" or status == 304:
        assert body == b"", sent
        return None
    assert headers["content-type"] == "application/json", (sent, headers)
    content = json.loads(body)
    if status >= 400:
        assert {"code", "errno", "error"} <= set(content), (sent, content)
        assert content["code"] == status, (sent, content)
        assert set(content) <= {"code", "errno", "error", "message", "details", "responses"}, (sent, content)
    for entry in content.get("responses", ()) if isinstance(content, dict) else ():
        assert entry["status"] < 500, (sent, entry)
        if entry["status"] >= 400 and entry["body"]:
            assert entry["body"]["code"] == entry["status"], (sent, entry)
    return content


@pytest.mark.slow
@pytest.mark.parametrize("storage", ["sqlite", "postgresql"])
def test_no_request_gives_a_5xx(storage: str, request: pytest.FixtureRequest, serve: ServeWSGI) -> None:
    settings = {**request.getfixturevalue(f"{storage}_settings"), "paginate_by": 20}
    app = serve(make_wsgi_app(settings, resources=[Article, Note])).app
    hostile = Hostile(seed=20_161_121)
    seen: dict[int, int] = {}
    for _ in range(REQUESTS):
        sent = hostile.request()
        status, headers, body = answer(app, sent)
        hostile.learn(status, headers, judged(sent, status, headers, body))
        seen[status] = seen.get(status, 0) + 1
    assert {200, 201, 304, 307, 400, 401, 404, 405, 406, 409, 412, 413, 415} <= set(seen), seen
    assert seen[200] + seen[201] > REQUESTS / 10, seen


@contextmanager
def listening(app: Any) -> Iterator[tuple[str, int]]:
    """Where the application is served, over a socket."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)

    def run() -> None:
        with suppress(OSError):  # closing it from outside takes the sockets from under its loop
            server.run()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield "127.0.0.1", server.effective_port
    finally:
        server.close()
        thread.join(5)


MALFORMED = [
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET /v1/ HTTP/9.9\r\n\r\n",
    b"\x00\xff\xfe\r\n\r\n",
    b"GET /v1/\xff HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://evil.example/v1/ HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/notes HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
    b"GET /v1/notes HTTP/1.1\r\nHost : a\r\n\r\n",
    b"GET /v1/notes HTTP/1.1\r\nHost: a\r\n folded: x\r\n\r\n",
    b"GET /v1/notes HTTP/1.1\r\nNo colon\r\n\r\n",
    b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
    b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: abc\r\n\r\n",
    b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}{}{}",
    b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
    b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    b"POST /v1/notes HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n",
    b"CONNECT evil.example:443 HTTP/1.1\r\nHost: a\r\n\r\n",
    b"TRACE /v1/ HTTP/1.1\r\nHost: a\r\nMax-Forwards: 0\r\n\r\n",
    b"GET /v1/notes HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n",
    b"GET /v1/notes HTTP/1.1\r\nHost: a b/c@d\r\n\r\n",
    b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET /v1/ HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
]


def test_a_real_server_survives_what_is_no_http(memory_app: Any) -> None:
    with listening(memory_app) as where:
        for raw in MALFORMED:
            with socket.create_connection(where, timeout=5) as connection:
                connection.settimeout(2)
                received = exchanged(connection, raw)
            if status := re.match(rb"HTTP/1\.[01] (\d+)", received):
                assert int(status[1]) < 500 or int(status[1]) == 501, (raw[:100], received[:300])
            assert b"Traceback" not in received
        assert alive(where)


def exchanged(connection: socket.socket, raw: bytes) -> bytes:
    """What comes back for some bytes, until the server has nothing more to say."""
    received = b""
    try:
        connection.sendall(raw)
        connection.shutdown(socket.SHUT_WR)
        while piece := connection.recv(65536):
            received += piece
    except OSError:
        pass
    return received


def test_a_chunked_body_is_read_and_bounded(memory_app: Any) -> None:
    with listening(memory_app) as (host, port):
        for size, expected in ((1, 201), (2_000_000, 413)):
            connection = http.client.HTTPConnection(host, port, timeout=10)
            body = iter([b'{"data": {"a": "', b"x" * size, b'"}}'])
            headers = {**basic_auth(), "Content-Type": "application/json", "Transfer-Encoding": "chunked"}
            connection.request("POST", "/v1/notes", body, headers, encode_chunked=True)
            assert connection.getresponse().status == expected
            connection.close()


def test_requests_over_a_socket_give_no_5xx_either(memory_app: Any) -> None:
    hostile = Hostile(seed=7)
    with listening(memory_app) as where:
        for _ in range(OVER_A_SOCKET):
            sent = hostile.request()
            status, headers, body = over(where, sent)
            assert status < 500 or status == 501, sent
            if status >= 400 and sent.method != "HEAD" and headers.get("content-type") == "application/json":
                assert json.loads(body)["code"] == status
        assert alive(where)


def over(where: tuple[str, int], sent: Sent) -> tuple[int, dict[str, str], bytes]:
    """The answer to a request that is written as it is."""
    target = f"{sent.path}?{sent.query}" if sent.query else sent.path
    lines = [
        f"{sent.method} {target} HTTP/1.1",
        "Host: localhost",
        "Connection: close",
        f"Content-Length: {len(sent.body)}",
    ]
    headers = {name: value for name, value in {**basic_auth(), **sent.headers}.items() if name != "Transfer-Encoding"}
    lines += [f"{name}: {value}" for name, value in headers.items()]
    head = "\r\n".join(lines).encode("utf-8", "surrogatepass") + b"\r\n\r\n"
    with socket.create_connection(where, timeout=10) as connection:
        connection.settimeout(10)
        received = exchanged(connection, head + sent.body)
    head, _, body = received.partition(b"\r\n\r\n")
    first, *rest = head.decode("latin-1").split("\r\n")
    found = dict(line.split(": ", 1) for line in rest if ": " in line)
    return int(first.split(" ")[1]), {name.lower(): value for name, value in found.items()}, body


def alive(where: tuple[str, int]) -> bool:
    connection = http.client.HTTPConnection(*where, timeout=5)
    connection.request("GET", "/v1/__lbheartbeat__")
    found = connection.getresponse().read() == b"{}"
    connection.close()
    return found


@pytest.fixture
def memory_app() -> Any:
    return make_wsgi_app(resources=[Article, Note])
