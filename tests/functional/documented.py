"""The blocks of code on a page of the documentation, and a reader who types them."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tests.functional.likeness import Likeness

__all__ = ["ROOT", "Block", "Reader", "Step", "blocks", "free_port", "steps"]

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<heading>#+ [^\n]+)$|^```(?P<language>\w+)(?P<name>[^\n]*)\n(?P<text>.*?)^```$", re.M | re.S)
_PROGRAM = """#!/bin/sh
exec "{python}" -c "import sys; sys.argv[0] = 'cliquet'; from cliquet.cli import main; main()" "$@"
"""
#: Commands of a page that a test has no business to run.
_LEFT_OUT = ("pip ", "python3 -m venv", "createdb ", ". ", "make ")


class Block(NamedTuple):
    """A fenced block: its language, the file that it is (if it is one), its text, and the heading above it."""

    language: str
    name: str
    text: str
    heading: str


class Step(NamedTuple):
    """Something that a reader types, and what the page says comes back."""

    command: str
    shown: str


def blocks(page: str) -> list[Block]:
    """The blocks of a page, given by its path below the root."""
    found, heading = [], ""
    for match in _FENCE.finditer((ROOT / page).read_text(encoding="utf-8")):
        heading = (match["heading"] or heading).lstrip("# ")
        if match["language"]:
            found.append(Block(match["language"], match["name"].strip(), match["text"], heading))
    return found


def free_port() -> int:
    """A port that nobody listens at, for a moment at least."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def steps(text: str) -> Iterator[Step]:
    """The commands of a ``console`` block; one goes on after a backslash, and inside of quotes."""
    for part in re.split(r"^\$ ", text, flags=re.M)[1:]:
        lines = part.splitlines()
        length = next(n for n in range(1, len(lines) + 1) if _is_whole("\n".join(lines[:n])))
        yield Step("\n".join(lines[:length]), "\n".join(lines[length:]).strip())


def _is_whole(command: str) -> bool:
    return not command.endswith("\\") and command.count("'") % 2 == 0


class Reader:
    """Writes the files of a page, types its commands, and compares the answers with those shown.

    :param folder: where the reader works.
    :param replaced: texts of the page that are others here, such as the port.
    """

    def __init__(self, folder: Path, replaced: Mapping[str, str]) -> None:
        self.folder = folder
        self.likeness = Likeness()
        self._replaced = replaced
        self._servers: list[subprocess.Popen[bytes]] = []
        (folder / "bin").mkdir(exist_ok=True)
        program = folder / "bin" / "cliquet"
        program.write_text(_PROGRAM.format(python=sys.executable))
        program.chmod(0o755)

    def follow(self, page: Iterable[Block]) -> None:
        """Do what the blocks say."""
        for block in page:
            if block.name:
                path = self.folder / block.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(self._here(block.text), encoding="utf-8")
            elif block.language == "console":
                for step in steps(block.text):
                    self._type(Step(self._here(step.command), self._here(step.shown)))

    def close(self) -> None:
        """Stop the servers, and wait until they are gone."""
        while self._servers:
            server = self._servers.pop()
            server.send_signal(signal.SIGTERM)
            server.wait(20)

    def _type(self, step: Step) -> None:
        if step.command.startswith(_LEFT_OUT):
            return
        if "cliquet start" in step.command:
            self._start(step)
            return
        command = self.likeness.spelled(step.command)
        done = subprocess.run(
            ["sh", "-c", command], cwd=self.folder, env=self._environment(), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        try:
            self.likeness.check(step.shown, done.stdout)
        except (AssertionError, ValueError) as error:
            raise AssertionError(f"{command}\n{error}\n{done.stdout}") from error

    def _start(self, step: Step) -> None:
        """Start a server instead of the one before, and wait for what it says first."""
        self.close()
        output = self.folder / "server.out"
        with output.open("wb") as file:
            command = ["sh", "-c", f"exec {step.command}"]
            server = subprocess.Popen(
                command, cwd=self.folder, env=self._environment(), stdout=file, stderr=subprocess.STDOUT
            )
            self._servers.append(server)
        deadline = time.monotonic() + 30
        while "__heartbeat__" not in output.read_text() and time.monotonic() < deadline:
            assert server.poll() is None, f"{step.command} ended:\n{output.read_text()}"
            time.sleep(0.05)
        self.likeness.check(step.shown, output.read_text())

    def _here(self, text: str) -> str:
        for documented, actual in self._replaced.items():
            text = text.replace(documented, actual)
        return text

    def _environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CLIQUET_")}
        path = f"{self.folder / 'bin'}{os.pathsep}{kept.get('PATH', '')}"
        modules = os.pathsep.join([str(ROOT), str(ROOT / "examples")])
        return {**kept, "PATH": path, "PYTHONPATH": modules, "PYTHONWARNINGS": "ignore"}
