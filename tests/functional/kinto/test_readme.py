"""The README of the store keeps its word."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cliquet.cli.main import COMMANDS
from cliquet.testing.service import Service

ROOT = Path(__file__).parents[3]
README = ROOT / "examples" / "kinto" / "README.md"
INI = ROOT / "examples" / "kinto" / "kinto.ini"


def commands(language: str) -> list[str]:
    """The commands in the blocks of some language, each of which may go on over several lines."""
    blocks = re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    joined = [re.split(r"\n(?=curl |\$ )", block.strip()) for block in blocks]
    return [command for block in joined for command in block]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """The address of the server that the README starts."""
    with Service(INI, tmp_path) as service:
        yield service.url


def run(command: str, server: str) -> Any:
    command = command.replace("http://127.0.0.1:8888", server).replace("curl ", "curl -sS ", 1)
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_every_command_of_the_readme_does_what_it_says(server: str, tmp_path: Path) -> None:
    answers = [run(command, server) for command in commands("sh")]
    alice, bob, bucket, collection, boat, bike, his, hers, group, reading, everything, batch, history = answers
    assert (alice["data"]["id"], bob["data"]["id"]) == ("alice", "bob")
    assert "s3cr3t" not in json.dumps(answers)
    assert "password" not in json.dumps(answers)
    assert bucket["permissions"] == {"write": ["account:alice"]}
    assert collection["permissions"]["record:create"] == ["system.Authenticated"]
    assert [boat["data"]["wish"], bike["data"]["wish"]] == ["a boat", "a bike"]
    assert [one["wish"] for one in his["data"]] == ["a bike"]
    assert [one["wish"] for one in hers["data"]] == ["a bike", "a boat"]
    assert group["data"]["members"] == ["account:bob"]
    assert reading["permissions"]["read"] == ["/buckets/family/groups/parents"]
    assert len(everything["data"]) == 2
    assert [one["status"] for one in batch["responses"]] == [201, 201]
    assert [one["action"] for one in history["data"]][:1] == ["update"]
    assert len(history["data"]) == 5


def test_the_explanation_is_the_one_that_is_promised(server: str, tmp_path: Path) -> None:
    for command in commands("sh"):
        run(command, server)
    (command,) = (one for one in commands("console") if "explain" in one)
    words = command.removeprefix("$ cliquet ").split()
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONWARNINGS": "ignore"}
    ini = [str(INI) if word.endswith(".ini") else word for word in words]
    done = subprocess.run(
        [sys.executable, "-m", "cliquet", *ini], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert "`read` on /buckets/family through group /buckets/family/groups/parents" in done.stdout


def test_the_other_commands_are_those_of_the_project() -> None:
    console = "\n".join(commands("console"))
    assert "make serve APP=kinto" in console
    for name in re.findall(r"\$ cliquet (\w+)", console):
        assert name in COMMANDS
    for module in re.findall(r"-m kinto\.(\w+)", console):
        assert (INI.parent / f"{module}.py").is_file()
