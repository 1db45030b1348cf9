"""Tests of the reference page of the settings."""

from __future__ import annotations

from pathlib import Path

from cliquet.settings import FAMILIES, REMOVED, rows
from cliquet.settings.document import markdown
from cliquet.settings.environment import variable

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "settings.md"
COMMAND = "from cliquet.settings.document import markdown; print(markdown(), end='')"


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text(encoding="utf-8") == markdown(), f'Write what this prints: python -c "{COMMAND}"'


def test_the_page_has_every_setting() -> None:
    page = markdown()
    for row in rows():
        assert page.count(f"| `{row.name}` |") == 1
        assert f"| `CLIQUET_{variable(row.name)}` | {row.sentence} |" in page
    for name in (*(family.name for family in FAMILIES), *REMOVED):
        assert page.count(f"| `{name}` |") == 1


def test_every_line_of_a_table_has_the_cells_of_its_head() -> None:
    tables = [block.splitlines() for block in markdown().split("\n\n") if block.startswith("|")]
    assert len(tables) == 3
    for lines in tables:
        assert len({line.count("|") for line in lines}) == 1
