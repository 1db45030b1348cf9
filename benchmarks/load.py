"""The load generator, a program of its own: sends requests over kept connections, and says what came back and when."""

from __future__ import annotations

import base64
import itertools
import json
import random
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.workloads import WORKLOADS, Request

__all__ = ["Answer", "Connection", "run"]


#: What a server says that lets writers at the same time collide; counted, and paid for by the good answers.
REFUSED = 409


class Answer(NamedTuple):
    """The status, the headers in lower case, and the body."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection, kept open; opened again when the server closed it."""

    def __init__(self, host: str, port: int, prefix: str) -> None:
        self._address = (host, port)
        self._prefix = prefix
        self._socket: socket.socket | None = None

    def ask(self, request: Request) -> Answer:
        """Send a request and wait for all of the answer."""
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=60)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(self._encoded(request))
        return self._answer(head_only=request.method == "HEAD")

    def _encoded(self, request: Request) -> bytes:
        body = b"" if request.body is None else json.dumps(request.body).encode()
        headers = {"Host": f"{self._address[0]}:{self._address[1]}", "Accept": "application/json", **request.headers}
        if request.user:
            headers["Authorization"] = "Basic " + base64.b64encode(request.user.encode()).decode()
        if body:
            headers |= {"Content-Type": "application/json", "Content-Length": str(len(body))}
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"{request.method} {self._prefix}{request.path} HTTP/1.1\r\n{lines}\r\n".encode() + body

    def _answer(self, *, head_only: bool) -> Answer:
        assert self._socket is not None
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, rest = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = 0 if head_only else int(headers.get("content-length", "0"))
        while len(rest) < length:
            rest += self._more()
        if headers.get("connection", "").lower() == "close":
            self._socket.close()
            self._socket = None
        return Answer(int(first.split()[1]), headers, rest)

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(65536)
        if not data:
            raise OSError("the server closed the connection")
        return data


def run(workload: str, place: dict[str, Any], connections: int, requests: int, seed: int) -> dict[str, Any]:
    """Send the requests of a workload; say how long each took (ms), how many were refused, and what was wrong."""
    numbers = itertools.count()
    times: list[float] = []
    wrong: list[str] = []
    refused: list[int] = []

    def work(index: int) -> None:
        connection = Connection(place["host"], place["port"], place["prefix"])
        made: Iterator[tuple[Request, Any]] = WORKLOADS[workload].requests(
            place, random.Random(f"{seed} {index}"), index
        )
        for request, check in made:
            if next(numbers) >= requests:
                return
            began = time.perf_counter()
            answer = connection.ask(request)
            if answer.status == REFUSED:
                refused.append(answer.status)
                continue
            times.append(1000 * (time.perf_counter() - began))
            if problem := check(answer):
                wrong.append(f"{request.method} {request.path}: {answer.status} {problem} {answer.body[:200]!r}")

    threads = [threading.Thread(target=work, args=(index,)) for index in range(connections)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return {"seconds": time.perf_counter() - began, "times": times, "wrong": wrong[:3], "refused": len(refused)}


if __name__ == "__main__":
    print(json.dumps(run(**json.loads(sys.argv[1]))))
