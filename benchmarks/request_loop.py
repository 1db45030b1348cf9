"""The requests that :mod:`benchmarks.inprocess` times: examples/kinto called as the WSGI application that it is."""

from __future__ import annotations

import base64
import io
import itertools
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import kinto
from benchmarks.store import RECORDS, record
from cliquet.monitoring import logs

__all__ = ["Application", "measure"]

#: Requests in one loop, of which there are several; the fastest counts, for others use the machine as well.
LOOP, LOOPS = 100, 15
_OWNER = "Basic " + base64.b64encode(b"owner:secret").decode()
_SERVER = {
    "REQUEST_METHOD": "GET",
    "SCRIPT_NAME": "",
    "QUERY_STRING": "",
    "REMOTE_ADDR": "127.0.0.1",
    "SERVER_NAME": "localhost",
    "SERVER_PORT": "8888",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "HTTP_HOST": "localhost:8888",
    "HTTP_ACCEPT": "*/*",
    "HTTP_USER_AGENT": "benchmark",
}


class Application:
    """examples/kinto on some backend, with 1 000 records in it.

    :param kind: ``memory`` or ``sqlite``.
    :param lines: whether a line is written for each request.
    """

    def __init__(self, kind: str, folder: Path, *, lines: bool) -> None:
        self._app = _application(kind, folder)
        silence(lines=lines)
        self._numbers = itertools.count()
        self.ask("PUT", "/buckets/bench", {"data": {}})
        self.ask("PUT", "/buckets/bench/collections/data", {"data": {}})
        for number in range(1000):
            self.ask("PUT", f"{RECORDS}/seed-{number}", {"data": record(number)})
        self.etag = self.ask("GET", f"{RECORDS}?_limit=1")["ETag"]

    def ask(self, method: str, path: str, body: Any = None, status: str = "20", **more: str) -> dict[str, str]:
        """Send a request; the headers of the answer.

        :param more: variables of the environment.
        """
        content = b"" if body is None else json.dumps(body).encode()
        if content:
            more = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(content)), **more}
        path, _, query = path.partition("?")
        environ: dict[str, Any] = {**_SERVER, "REQUEST_METHOD": method, "PATH_INFO": "/v1" + path}
        environ |= {"QUERY_STRING": query, "wsgi.input": io.BytesIO(content), "HTTP_AUTHORIZATION": _OWNER, **more}
        if not environ["HTTP_AUTHORIZATION"]:
            del environ["HTTP_AUTHORIZATION"]
        given: list[Any] = []
        b"".join(self._app(environ, lambda *answer: given.extend(answer)))
        assert given[0].startswith(status), f"{method} {path}: {given[0]}"
        return dict(given[1])

    def workloads(self) -> dict[str, Callable[[], Any]]:
        """One request of each kind."""
        ask, numbers = self.ask, self._numbers
        return {
            "hello": lambda: ask("GET", "/", HTTP_AUTHORIZATION=""),
            "GET record": lambda: ask("GET", f"{RECORDS}/seed-{next(numbers) % 1000}"),
            "list of 100": lambda: ask("GET", f"{RECORDS}?_limit=100"),
            "list, 304": lambda: ask("GET", f"{RECORDS}?_limit=100", status="304", HTTP_IF_NONE_MATCH=self.etag),
            "missing": lambda: ask("GET", f"{RECORDS}/missing", status="404"),
            "POST": lambda: ask("POST", "/buckets/bench/collections/new/records", {"data": record(next(numbers))}),
            "PUT": lambda: ask("PUT", "/buckets/bench/collections/new/records/one", {"data": record(next(numbers))}),
            "PATCH": lambda: ask("PATCH", "/buckets/bench/collections/new/records/one", {"data": {"done": True}}),
        }


def silence(*, lines: bool) -> None:
    """Write the lines of the log to nowhere, or not at all."""
    logs.configure(renderer="json", stream=Path(os.devnull).open("w"))  # noqa: SIM115  # until the process ends
    logging.getLogger().setLevel("INFO" if lines else "ERROR")


def measure(kind: str, *, lines: bool) -> dict[str, float]:
    """CPU microseconds of each kind of request."""
    with tempfile.TemporaryDirectory() as folder:
        application = Application(kind, Path(folder), lines=lines)
        application.ask("PUT", "/buckets/bench/collections/new", {"data": {}})
        found: dict[str, list[float]] = {}
        for _ in range(LOOPS):
            for name, one in application.workloads().items():
                found.setdefault(name, []).append(_loop(one))
        return {name: min(times) for name, times in found.items()}


def _loop(one: Callable[[], Any]) -> float:
    one()
    began = time.process_time()
    for _ in range(LOOP):
        one()
    return (time.process_time() - began) / LOOP * 1e6


def _application(kind: str, folder: Path) -> Any:
    url = "" if kind == "memory" else f"sqlite:///{folder / 'bench.sqlite'}"
    return kinto.main(
        None,
        **{
            "includes": "",
            "storage_backend": f"cliquet.storage.{kind}",
            "storage_url": url,
            "permission_backend": f"cliquet.permission.{kind}",
            "permission_url": url,
            "cache_backend": "cliquet.cache.memory",
            "multiauth.policies": "basicauth",
            "userid_hmac_secret": "b4c96a8692291d88fe5a97dd91846eb4",
        },
    )


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], lines=sys.argv[2] == "on")))
