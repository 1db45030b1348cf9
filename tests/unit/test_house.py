"""The rules of the house that no other tool checks."""

from __future__ import annotations

import ast
import doctest
import importlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES_AT_MOST = 300
OURS = ("cliquet", "examples", "tests", "benchmarks", "docs")

#: Alembic runs these itself, inside of a migration; pytest does so with the cases of the conformance kit.
RUN_BY_OTHERS = (
    "cliquet.database.migrations.env",
    "cliquet.database.migrations.versions.",
    "cliquet.conformance.cases.",
    "cliquet.conformance.tree.",
)


def sources(*folders: str) -> list[Path]:
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py") if path.is_file())


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def importable() -> list[str]:
    names = [module_name(path) for path in sources("cliquet")]
    return [name for name in names if not name.startswith(RUN_BY_OTHERS)]


def loaded_by(statement: str) -> set[str]:
    """The modules that a fresh interpreter has loaded after a statement."""
    script = f"{statement}\nimport sys\nprint(*sorted(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_no_file_is_longer_than_300_lines() -> None:
    lengths = {relative(path): len(path.read_text().splitlines()) for path in [ROOT / "setup.py", *sources(*OURS)]}
    assert {path: lines for path, lines in lengths.items() if lines > LINES_AT_MOST} == {}


def test_importing_cliquet_loads_no_driver() -> None:
    assert loaded_by("import cliquet") & {"sqlalchemy", "redis", "psycopg", "alembic"} == set()


def test_every_module_of_the_package_says_what_it_owns() -> None:
    silent = [relative(path) for path in sources("cliquet") if not ast.get_docstring(ast.parse(path.read_text()))]
    assert silent == []


@pytest.mark.parametrize("name", importable())
def test_the_examples_in_docstrings_run(name: str) -> None:
    results = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert results.failed == 0
