"""The reading list as a process, on the storage that a test names."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cliquet.testing.service import Service

INI = Path(__file__).parents[2] / "examples" / "readinglist" / "readinglist.ini"


def article(number: object, **fields: Any) -> dict[str, Any]:
    """A body that stores an article."""
    return {"data": {"title": f"Title {number}", "url": f"http://example.com/{number}", "added_by": "phone", **fields}}


def on_sqlite(folder: Path) -> dict[str, str]:
    """Variables for a file of SQLite."""
    return {"CLIQUET_STORAGE_URL": f"sqlite:///{folder}/articles.sqlite"}


def on_postgresql(url: str) -> dict[str, str]:
    """Variables for a database of PostgreSQL, which gets its schema."""
    environ = {
        "CLIQUET_STORAGE_BACKEND": "cliquet.storage.postgresql",
        "CLIQUET_STORAGE_URL": url,
        "CLIQUET_USERID_HMAC_SECRET": "not so secret",
    }
    command(["migrate", "--ini", str(INI)], environ)
    return environ


def in_memory() -> dict[str, str]:
    """Variables for the memory of the process."""
    return {"CLIQUET_STORAGE_BACKEND": "cliquet.storage.memory"}


def service(folder: Path, environ: Mapping[str, str]) -> Service:
    """The reading list."""
    return Service(INI, folder, environ)


def command(arguments: list[str], environ: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """``cliquet`` with arguments; it has to succeed."""
    import os

    paths = os.pathsep.join(path for path in sys.path if path)
    found = {**os.environ, "PYTHONPATH": paths, "PYTHONWARNINGS": "ignore", **environ}
    done = subprocess.run(
        [sys.executable, "-m", "cliquet", *arguments], env=found, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done
