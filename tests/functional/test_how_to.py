"""The how-to guides work: their Python runs, their settings exist."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest

from cliquet.cli import main
from cliquet.settings import Source, parse
from tests.functional.documented import ROOT, blocks

PAGES = [*sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs" / "how-to").glob("*.md")), "docs/porting.md"]
#: What pytest says when all is well, and when there was nothing to test.
FINE = (0, 5)


def pytest_in(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A run of pytest that knows nothing of this one."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CLIQUET_", "PYTEST_"))}
    environment = {**kept, "PYTHONPATH": os.pathsep.join([str(ROOT), str(folder)]), "PYTHONWARNINGS": "ignore"}
    options = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:valkey", "-p", "cliquet.testing.plugin"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, "-c", os.devnull, "--rootdir", str(folder), *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_the_python_of_a_guide_runs(page: str, tmp_path: Path) -> None:
    python = [block for block in blocks(page) if block.language == "python"]
    for block in python:
        if block.name:
            (tmp_path / block.name).write_text(block.text, encoding="utf-8")
    module = tmp_path / f"test_{Path(page).stem.replace('-', '_')}.py"
    module.write_text("\n".join(block.text for block in python if not block.name), encoding="utf-8")
    done = pytest_in(tmp_path, str(module))
    assert done.returncode in FINE, done.stdout + done.stderr


@pytest.mark.parametrize("page", PAGES)
def test_the_settings_of_a_guide_exist(page: str) -> None:
    declared = {"trim_keep": 1000}
    for block in (block for block in blocks(page) if block.language == "ini"):
        ini = configparser.ConfigParser(interpolation=None)
        ini.read_string(block.text if block.text.startswith("[") else f"[app:main]\n{block.text}")
        if "app:main" in ini:
            source = Source(dict(ini["app:main"]), defaults=declared, project="readinglist")
            assert parse(source)[1] == (), block.text


@pytest.mark.parametrize("page", PAGES)
def test_the_commands_of_a_guide_exist(page: str) -> None:
    text = "\n".join(block.text for block in blocks(page) if block.language == "console")
    for name, arguments in re.findall(r"\bcliquet (\w+)(.*)$", text, re.M):
        command = main.get_command(click.Context(main), name)
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", arguments)) <= options, f"cliquet {name}{arguments}"


def test_every_guide_is_about_something_that_runs() -> None:
    languages = {page: {block.language for block in blocks(page)} for page in PAGES}
    assert [page for page, found in languages.items() if not found & {"python", "ini"}] == []
