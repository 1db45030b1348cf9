"""The build of kinto-admin, fetched by the documented command: it is never part of this repository."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.compatibility.browser.installation import TIMEOUT_SECONDS, NoRegistry, cache_folder, locked

EXAMPLES = Path(__file__).parents[3] / "examples"
#: What pip says when nobody answers.
NO_ANSWER = ("Failed to establish a new connection", "Max retries exceeded", "NameResolutionError", "timed out")


def built() -> Path:
    """The folder with the page and its assets.

    :raises NoRegistry: when it has to be fetched, and nobody answers.
    """
    cache = cache_folder()
    target = cache / "kinto-admin-6.2.0"
    with locked(cache / f"{target.name}.lock"):
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                fetch(Path(scratch) / "admin").rename(target)
    return target


def fetch(folder: Path) -> Path:
    """Fill a new folder as the README says.

    :raises RuntimeError: with the words of the command, when it fails while the registry answers.
    """
    environ = {**os.environ, "PYTHONPATH": str(EXAMPLES), "PIP_RETRIES": "1"}
    command = [sys.executable, "-m", "kinto.fetch_admin", str(folder)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if done.returncode:
        words = done.stderr.strip()
        raise NoRegistry(words) if any(sign in words for sign in NO_ANSWER) else RuntimeError(words)
    return folder
