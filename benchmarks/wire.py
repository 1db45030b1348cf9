"""HTTP/1.1 as the load generator and the seeding speak it: requests as bytes, and answers from bytes."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

__all__ = ["REFUSED", "Answer", "Check", "Connection", "Place", "Request", "Requests", "encoded", "parsed"]


class Place(NamedTuple):
    """Where a service is, and what it was filled with.

    :param prefix: the version, such as ``/v1``.
    :param records: in the collection.
    :param round: which round it is; what is made for a workload is made for one round.
    :param etag: of the list.
    :param recently: the time before the last five changes.
    :param newest: the id of the newest record.
    """

    host: str
    port: int
    prefix: str
    records: int
    round: int = 0
    etag: str = ""
    recently: int = 0
    newest: str = ""


class Answer(NamedTuple):
    """The status, the headers in lower case, and the body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Request:
    """One request; ``user`` is name and password, or empty."""

    method: str
    path: str
    body: Any = None
    user: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


#: What a check says of writers that collided, which a service may let them do; it is no error, but it is counted.
REFUSED = "refused"
#: What a check answers: what is wrong, or nothing when all is well.
Check = Callable[[Answer], str]
#: Requests without end for one connection, and what their answers have to be; is told each answer.
Requests = Generator[tuple[Request, Check], Answer, None]


def encoded(request: Request, place: Place) -> bytes:
    """What is sent."""
    body = b"" if request.body is None else json.dumps(request.body).encode()
    headers = {"Host": f"{place.host}:{place.port}", "Accept": "application/json", **request.headers}
    if request.user:
        headers["Authorization"] = "Basic " + base64.b64encode(request.user.encode()).decode()
    if body:
        headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"{request.method} {place.prefix}{request.path} HTTP/1.1\r\n{lines}\r\n".encode() + body


def parsed(data: bytes, *, closed: bool = False, bodiless: bool = False) -> Answer | None:
    """The answer, if all of it is there.

    :param closed: whether nothing more will come.
    :param bodiless: whether it is an answer to HEAD.
    :raises OSError: when the answer ends too early.
    """
    head, found, body = data.partition(b"\r\n\r\n")
    if found:
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        answer = Answer(int(first.split()[1]), headers, body)
        if bodiless or len(body) == _length(answer, closed=closed):
            return answer
    if closed:
        raise OSError("the server closed the connection")
    return None


def _length(answer: Answer, *, closed: bool) -> int:
    """How long the body is; without a length, it ends with the connection."""
    if answer.status in (204, 304):
        return 0
    return int(answer.headers.get("content-length", len(answer.body) if closed else -1))


class Connection:
    """One connection, which waits for each answer; kept open, and opened again when the server closed it."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._socket: socket.socket | None = None
        self._data = b""
        self._head = False

    def send(self, request: Request) -> None:
        """Send a request."""
        if self._socket is None:
            self._socket = socket.create_connection((self._place.host, self._place.port), timeout=600)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._data, self._head = b"", request.method == "HEAD"
        self._socket.sendall(encoded(request, self._place))

    def receive(self) -> Answer | None:
        """The answer, if what has come completes it."""
        assert self._socket is not None
        more = self._socket.recv(262144)
        self._data += more
        answer = parsed(self._data, closed=not more, bodiless=self._head)
        if answer is not None and (not more or answer.headers.get("connection", "").lower() == "close"):
            self.close()
        return answer

    def ask(self, request: Request) -> Answer:
        """Send a request and wait for all of the answer."""
        self.send(request)
        while (answer := self.receive()) is None:
            pass
        return answer

    def fileno(self) -> int:
        """What a selector waits for; -1 when it is closed."""
        return -1 if self._socket is None else self._socket.fileno()

    def close(self) -> None:
        """Let go of it."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
