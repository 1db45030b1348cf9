"""Where the programs of the servers are: in a wheel, or installed on the system."""

from __future__ import annotations

import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from cliquet.testing.servers.process import ServerUnavailable

__all__ = ["Program", "find", "in_wheel", "on_system"]


@dataclass(frozen=True)
class Program:
    """An executable file, and the folder that it needs around it."""

    path: Path
    root: Path


def in_wheel(package: str, pattern: str) -> Program | None:
    """The newest file of an installed package that matches; the package itself is not imported."""
    spec = importlib.util.find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    for folder in folders or ():
        for path in sorted(Path(folder).glob(pattern), reverse=True):
            return Program(path, Path(folder))
    return None


def on_system(name: str, pattern: str = "") -> Program | None:
    """A program of the PATH, else the newest that matches below ``/usr/lib``."""
    onpath = shutil.which(name)
    others = sorted(Path("/usr/lib").glob(pattern), reverse=True) if pattern else []
    for path in [Path(onpath).resolve()] if onpath else others:
        return Program(path, path.parent)
    return None


def find(wanted: str, *candidates: Program | None) -> Program:
    """The first candidate there is; with CLIQUET_TEST_SYSTEM, the last ones (the system's) come first."""
    order = reversed(candidates) if os.environ.get("CLIQUET_TEST_SYSTEM") else candidates
    for candidate in order:
        if candidate:
            return candidate
    raise ServerUnavailable(f"no {wanted} found: neither a wheel (pip install 'cliquet[test]') nor on the system")
