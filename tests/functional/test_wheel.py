"""The wheel that users install has everything that the checkout has."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NOT_SHIPPED = shutil.ignore_patterns("__pycache__", "*.pyc")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel that was built from a copy of the sources."""
    source = tmp_path_factory.mktemp("source")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "cliquet", source / "cliquet", ignore=NOT_SHIPPED)
    # Without isolation, so that no network is needed.
    command = ["pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", "built", "."]
    subprocess.run([sys.executable, "-m", *command], cwd=source, check=True)
    (built,) = (source / "built").glob("cliquet-*.whl")
    return set(zipfile.ZipFile(built).namelist())


def shipped(folder: str) -> set[str]:
    files = (path for path in (ROOT / folder).rglob("*") if path.is_file() and path.suffix != ".pyc")
    return {str(path.relative_to(ROOT)) for path in files}


def test_a_wheel_has_every_file_of_the_package(wheel: set[str]) -> None:
    assert shipped("cliquet") - wheel == set()


def test_a_wheel_has_the_migrations(wheel: set[str]) -> None:
    migrations = shipped("cliquet/database/migrations")
    assert "cliquet/database/migrations/script.py.mako" in migrations
    assert migrations <= wheel


def test_a_wheel_says_that_the_package_is_typed(wheel: set[str]) -> None:
    assert "cliquet/py.typed" in wheel


def test_a_wheel_has_the_package_and_nothing_else(wheel: set[str]) -> None:
    assert {name.split("/")[0].split("-")[0] for name in wheel} == {"cliquet"}
