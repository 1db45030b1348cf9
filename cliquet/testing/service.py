"""A service in a process of its own, started and killed by tests."""

from __future__ import annotations

import base64
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self

__all__ = ["Answer", "Client", "Service", "free_port"]


class Answer(NamedTuple):
    """What a service answered: the status, the headers in lower case, and the JSON of the body.

    >>> Answer(200, {"etag": '"1000"'}, {"data": []}).headers["etag"]
    '"1000"'
    """

    status: int
    headers: dict[str, str]
    json: Any


@dataclass
class Client:
    """Talks to a service as one user.

    :param url: of the service, such as ``http://127.0.0.1:8000/v1``.
    :param user: ``name:password``, or nothing.
    :param timeout: seconds to wait for an answer.

    >>> Client("http://127.0.0.1:8000/v1", user="alice:secret").timeout
    60.0
    """

    url: str
    user: str = ""
    timeout: float = 60.0

    def request(self, method: str, path: str, content: Any = None, **headers: str) -> Answer:
        """One request on a connection of its own; ``If_Match="..."`` is the header ``If-Match``.

        :raises OSError: when there is no answer.
        """
        host, _, prefix = self.url.removeprefix("http://").partition("/")
        connection = http.client.HTTPConnection(host, timeout=self.timeout)
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.user:
            sent["Authorization"] = "Basic " + base64.b64encode(self.user.encode()).decode()
        body = None
        if content is not None:
            body, sent = json.dumps(content).encode(), {"Content-Type": "application/json", **sent}
        try:
            connection.request(method, f"/{prefix}{path}", body, sent)
            response = connection.getresponse()
            raw = response.read()
        except http.client.HTTPException as error:
            raise OSError(str(error)) from error
        finally:
            connection.close()
        found = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, found, json.loads(raw) if raw else None)


@dataclass
class Service:
    """``cliquet start`` in a process, as a context manager.

    :param ini: the INI file of the service.
    :param environ: variables that change its settings, such as ``CLIQUET_STORAGE_URL``.
    :param folder: where it runs, and where relative paths lead.
    :param port: where it listens; 0 is any that is free.

    >>> Service(Path("notes.ini"), Path("."), {"CLIQUET_STORAGE_URL": "sqlite:///notes.db"}, port=8000).url
    'http://127.0.0.1:8000'
    """

    ini: Path
    folder: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it is, without the version."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Start it, and wait until it answers.

        :raises RuntimeError: with its output, when it does not.
        """
        self.port = self.port or free_port()
        paths = os.pathsep.join(path for path in sys.path if path)
        environ = {**os.environ, "PYTHONPATH": paths, "PYTHONWARNINGS": "ignore", **self.environ}
        command = [sys.executable, "-m", "cliquet", "start", "--ini", str(self.ini), "--port", str(self.port)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=self.folder, env=environ, stdout=log, stderr=log)
        self._wait()
        return self

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    @property
    def log(self) -> Path:
        """What it wrote."""
        return self.folder / f"service-{self.port}.log"

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(30)
            self.process = None

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                Client(self.url, timeout=5).request("GET", "/")
                return
            except OSError:
                time.sleep(0.05)
        raise RuntimeError(f"The service does not answer:\n{self.log.read_text(errors='replace')}")


def free_port() -> int:
    """A port that nobody listens on.

    >>> 0 < free_port() < 65536
    True
    """
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
