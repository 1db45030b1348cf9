"""Programs of Debian packages, unpacked below the user's cache without installing anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from cliquet.testing.servers.process import ServerUnavailable

__all__ = ["libraries", "unpacked"]

TIMEOUT_SECONDS = 180
NETWORK = ("-o", "Acquire::http::Timeout=20", "-o", "Acquire::Retries=1", "-o", "APT::Sandbox::User=root")


def unpacked(package: str, fallback: Path) -> Path:
    """The folder with the files of the package and of the libraries that the system lacks for it.

    :param fallback: where to unpack when the user's cache cannot be written, for this time only.
    :raises ServerUnavailable: where there is no apt, or no network the first time.
    """
    if not shutil.which("apt-get") or not shutil.which("dpkg"):
        raise ServerUnavailable(f"{package} is not installed, and this system has no apt-get to fetch it with")
    cache = writable(cache_folder(), fallback)
    target = cache / package
    if not target.exists():
        with tempfile.TemporaryDirectory(dir=cache) as scratch:
            lay_out(package, Path(scratch)).rename(target)
    return target


def libraries(root: Path) -> Path:
    """The folder of the shared libraries below the folder of an unpacked package."""
    return next((path for path in sorted(root.glob("usr/lib/*-linux-*"))), root / "usr/lib")


def cache_folder() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or str(Path(os.environ.get("HOME", "/nonexistent")) / ".cache")
    return Path(home) / "cliquet-tests"


def writable(wanted: Path, fallback: Path) -> Path:
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        return fallback
    return wanted if os.access(wanted, os.W_OK | os.X_OK) else fallback


def lay_out(package: str, scratch: Path) -> Path:
    """Fetch the package and what it lacks, and return the folder that holds the files of all."""
    options = [*NETWORK, *lists(package, scratch)]
    run(["apt-get", *options, "download", package, *missing(package, options)], scratch)
    root = scratch / "root"
    for archive in sorted(scratch.glob("*.deb")):
        run(["dpkg", "-x", str(archive), str(root)], scratch)
    return root


def lists(package: str, scratch: Path) -> list[str]:
    """The options that make apt use the system's package lists, or, where those lack the package, private new ones."""
    if run(["apt-cache", "show", package], scratch, must_work=False):
        return []
    for folder in ("state/lists/partial", "cache/archives/partial"):
        (scratch / folder).mkdir(parents=True)
    options = ["-o", f"Dir::State={scratch}/state", "-o", "Dir::State::status=/var/lib/dpkg/status"]
    options += ["-o", f"Dir::Cache={scratch}/cache"]
    run(["apt-get", *NETWORK, *options, "update"], scratch)
    return options


def missing(package: str, options: Sequence[str]) -> list[str]:
    """The libraries that the package depends on and that are not installed."""
    answer = run(["apt-cache", *options, "depends", package], Path("/"))
    words = [line.split() for line in answer.splitlines()]
    needed = [word[1] for word in words if len(word) == 2 and word[0] == "Depends:" and word[1].startswith("lib")]
    return [name for name in needed if not installed(name)]


def installed(package: str) -> bool:
    query = ["dpkg-query", "-W", "-f=${db:Status-Status}", package]
    return run(query, Path("/"), must_work=False).startswith("installed")


def run(command: Sequence[str], cwd: Path, *, must_work: bool = True) -> str:
    """What the command printed; nothing if it failed and may.

    :raises ServerUnavailable: with the command's last words, if it failed and must not.
    """
    try:
        done = subprocess.run(
            command, cwd=cwd, capture_output=True, text=True, timeout=TIMEOUT_SECONDS, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired as error:
        raise ServerUnavailable(f"{command[0]} took too long: {error}") from error
    if done.returncode and must_work:
        raise ServerUnavailable(f"{command[0]}: {done.stderr.strip()[-500:]}")
    return "" if done.returncode else done.stdout
