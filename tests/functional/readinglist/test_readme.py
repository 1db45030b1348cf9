"""The README of the reading list keeps its word."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
README = ROOT / "examples" / "readinglist" / "README.md"
INI = ROOT / "examples" / "readinglist" / "readinglist.ini"


def commands(language: str) -> list[str]:
    """The commands in blocks of some language."""
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of the server that the README starts."""
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT / "examples"), str(ROOT)])}
    command = [sys.executable, "-m", "cliquet", "start", "--ini", str(INI), "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield re.findall(r"http://127\.0\.0\.1:\d+", process.stdout.readline())[0]
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.communicate(timeout=10)


def run(command: str, server: str) -> str:
    done = subprocess.run(
        command.replace("http://127.0.0.1:8000", server), shell=True, capture_output=True, text=True, check=True
    )
    return done.stdout


def answer(text: str) -> Any:
    """The body of an answer, with headers before it or without."""
    return json.loads(text.replace("\r", "").rpartition("\n\n")[2])


def test_every_command_of_the_readme_does_what_it_says(server: str) -> None:
    add, read, since, search, batch, forget = (run(command, server) for command in commands("sh"))
    article = answer(add)["data"]
    assert (article["title"], article["unread"]) == ("MDN", True)
    assert answer(read)["data"] == [article]
    assert f'etag: "{article["last_modified"]}"' in read.lower()
    assert answer(since)["data"] == [article]
    assert [set(one) for one in answer(search)["data"]] == [{"id", "last_modified", "title", "url"}]
    assert [one["status"] for one in answer(batch)["responses"]] == [201, 201]
    assert [one["deleted"] for one in answer(forget)["data"]] == [True] * 3


def test_the_other_commands_are_those_of_the_project() -> None:
    console = "".join(commands("console"))
    assert "make serve" in console
    assert "serve:" in (ROOT / "Makefile").read_text(encoding="utf-8")
    for ini in re.findall(r"--ini (\S+)", console):
        assert (ROOT / ini).is_file()
