"""The tutorial does what it says, word for word."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.functional.documented import Block, Reader, blocks, free_port

TUTORIAL = blocks("docs/tutorial.md")
POSTGRESQL = "Move to PostgreSQL"


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Callable[..., Reader]]:
    """Makes a reader, for whom some texts of the page are others."""
    if shutil.which("curl") is None:
        pytest.skip("the commands of the tutorial need curl, which is not installed")
    made: list[Reader] = []

    def make(**replaced: str) -> Reader:
        made.append(Reader(tmp_path, {"8000": str(free_port()), **replaced}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def under(heading: str) -> list[Block]:
    return [block for block in TUTORIAL if block.heading == heading]


def test_two_devices_synchronise_on_sqlite(reader: Callable[..., Reader], tmp_path: Path) -> None:
    reader().follow(block for block in TUTORIAL if block.heading != POSTGRESQL)
    assert (tmp_path / "readinglist.sqlite").exists()


def test_the_service_moves_to_postgresql(reader: Callable[..., Reader], postgresql_database: Callable[[], str]) -> None:
    url = "postgresql://readinglist@localhost/readinglist"
    here = postgresql_database().replace("%", "%%")  # as INI files have it
    reader(**{url: here}).follow([*under("Write it"), *under(POSTGRESQL)])


def test_twenty_lines_are_twenty_lines() -> None:
    program = next(block for block in TUTORIAL if block.name == "readinglist.py")
    lines = [line for line in program.text.splitlines() if line and not line.startswith(("import", "from", '"""'))]
    assert len(lines) <= 20


def test_all_that_is_shown_is_run() -> None:
    languages = {block.language for block in TUTORIAL}
    assert languages == {"console", "python", "ini"}
    assert all(block.name for block in TUTORIAL if block.language != "console")
