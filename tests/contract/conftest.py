"""Databases that have the schema already: most tests of a contract are not about getting there."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="class")
def migrated_sqlite_url(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """An SQLite file of the class, empty but for the schema."""
    place = tmp_path_factory.mktemp("contract") / "cliquet.sqlite3"
    return f"sqlite:///{shutil.copyfile(_sqlite_template, place)}"


@pytest.fixture(scope="session")
def migrated_postgresql_url(_postgresql_settings: Mapping[str, Any]) -> str:
    """The PostgreSQL database of the worker, with the schema; what is in its tables stays from test to test."""
    return str(_postgresql_settings["storage_url"])
