"""A process of Node.js that does what the tests ask for, and the browsers that it starts."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.compatibility.browser.installation import HERE, Installation

TIMEOUT_SECONDS = 90.0


@dataclass(frozen=True)
class Exchange:
    """A request and its answer, as the network saw them; names of headers are in lower case.

    :param kind: ``Fetch``, ``Preflight``, ``Document``...
    :param cached: whether the answer came from a cache of the browser.
    :param failure: why there was no answer.
    """

    kind: str
    method: str
    url: str
    sent: dict[str, str]
    body: str
    status: int
    received: dict[str, str]
    cached: bool
    failure: str

    @property
    def json(self) -> Any:
        """The body of the request, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Node:
    """The process.

    :param log: what it says besides answers.
    """

    process: subprocess.Popen[str]
    log: Path

    def ask(self, command: str, *values: object) -> Any:
        """Do one command of the driver.

        :raises RuntimeError: with what went wrong.
        """
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"command": command, "values": values}) + "\n")
        self.process.stdin.flush()
        alarm = threading.Timer(TIMEOUT_SECONDS, self.process.kill)
        alarm.start()
        line = self.process.stdout.readline()
        alarm.cancel()
        answer = json.loads(line or json.dumps({"error": self.log.read_text(errors="replace") or "It hangs."}))
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["found"]


@dataclass(frozen=True)
class Page:
    """A page of a browser; number 0 is the process of Node.js itself, which can evaluate but shows nothing."""

    node: Node
    number: int = 0

    def act(self, method: str, *values: object) -> Any:
        """Call a method of Playwright's page."""
        return self.node.ask("act", self.number, method, *values)

    def evaluate(self, function: str, *values: object) -> Any:
        """What a function of the page gives, once it has it."""
        return self.act("evaluate", f"{function}({', '.join(json.dumps(value) for value in values)})")

    def exchanges(self) -> list[Exchange]:
        """What went over the network since the last call."""
        return [Exchange(**found) for found in self.node.ask("exchanges", self.number)]

    def complaints(self) -> list[str]:
        """The errors in the console since the last call."""
        found: list[str] = self.node.ask("complaints", self.number)
        return found


@dataclass(frozen=True)
class Profile:
    """A browser in a process of its own, which keeps what it has to keep in a folder of its own."""

    node: Node
    number: int

    def page(self, url: str) -> Page:
        """A new page that shows an address."""
        page = Page(self.node, self.node.ask("open", self.number))
        page.act("goto", url)
        return page

    def close(self) -> None:
        """End the browser."""
        self.node.ask("close", self.number)


@contextmanager
def running(installation: Installation, folder: Path) -> Iterator[Node]:
    """The process, until the block ends."""
    log = folder / "node.log"
    command = [installation.node, HERE / "driver.mjs", installation.folder]
    environ = {**os.environ, "HOME": str(folder)}
    with log.open("w") as said:
        process = subprocess.Popen(
            command, env=environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        )
    with process:
        yield Node(process, log)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(30)


def launched(node: Node, installation: Installation, folder: Path) -> Profile:
    """A browser with an empty profile, which ends with the process of Node.js."""
    environ = {**installation.environ, "HOME": str(folder)}
    return Profile(node, node.ask("launch", str(folder / "profile"), str(installation.chromium), environ))
