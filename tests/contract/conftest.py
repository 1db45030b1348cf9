"""Databases that have the schema already: most tests of a contract are not about getting there."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def migrated_sqlite_url(_sqlite_template: Path, tmp_path: Path) -> str:
    """An SQLite file of the test's own, empty but for the schema."""
    return f"sqlite:///{shutil.copyfile(_sqlite_template, tmp_path / 'cliquet.sqlite3')}"


@pytest.fixture(scope="session")
def migrated_postgresql_url(_postgresql_settings: Mapping[str, Any]) -> str:
    """The PostgreSQL database of the worker, with the schema; what is in its tables stays from test to test."""
    return str(_postgresql_settings["storage_url"])
