"""The virtual environments that services run in: ours, and one for the newest released Kinto."""

from __future__ import annotations

import subprocess
import time
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["ROOT", "Environment", "ours", "peer"]

ROOT = Path(__file__).parents[1]
#: Where they are kept from run to run; ``make clean`` removes it.
CACHE = ROOT / ".bench"
#: What says what we need.
_REQUIREMENTS = ROOT / "setup.py"
#: Seconds after which it is looked whether there is a newer release.
FRESH = 24 * 3600


@dataclass(frozen=True)
class Environment:
    """A folder with an interpreter and what was installed for it."""

    folder: Path

    def program(self, name: str) -> str:
        """The path of one of its programs."""
        return str(self.folder / "bin" / name)

    def has(self, name: str) -> bool:
        """Whether there is such a program."""
        return Path(self.program(name)).exists()

    def version(self, package: str) -> str:
        """The version of a package."""
        script = f"from importlib.metadata import version; print(version({package!r}))"
        return subprocess.run(
            [self.program("python"), "-c", script], check=True, capture_output=True, text=True
        ).stdout.strip()


def ours() -> Environment:
    """The working copy, with what examples/kinto asks for."""
    return _environment("ours", ["--editable", f"{ROOT}[kinto]"])


def peer() -> Environment:
    """The newest released Kinto."""
    return _environment("peer", ["--upgrade", "setuptools<82", "kinto[postgresql]", "waitress"])


def _environment(name: str, wanted: Sequence[str]) -> Environment:
    """The environment, made or brought up to date when that was not done lately."""
    found = Environment(CACHE / name)
    stamp = found.folder / "installed"
    if not stamp.exists() or stamp.stat().st_mtime < max(time.time() - FRESH, _REQUIREMENTS.stat().st_mtime):
        if not found.has("python"):
            venv.create(found.folder, with_pip=True)
        _install(found, wanted)
        # It is compiled where it is installed, which needs a compiler; without one, waitress serves both sides.
        _install(found, ["uwsgi"], check=False)
        stamp.touch()
    return found


def _install(environment: Environment, wanted: Sequence[str], *, check: bool = True) -> None:
    command = [environment.program("python"), "-m", "pip", "--disable-pip-version-check", "install", "--quiet"]
    subprocess.run([*command, *wanted], check=check)
