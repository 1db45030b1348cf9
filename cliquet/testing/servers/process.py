"""Starting one server as a process without privileges, under a supervisor."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from cliquet.testing.servers import supervisor

__all__ = ["Account", "Place", "ServerUnavailable", "launch", "reachable", "unprivileged", "wait_until_ready"]

READY_SECONDS = 60.0
PAUSE_SECONDS = 0.02
LOG_LINES = 15


class ServerUnavailable(Exception):
    """A server that the tests want cannot be had here; the message says why."""


class Account(TypedDict, total=False):
    """Whom a server runs as, in the words of :class:`subprocess.Popen`; empty means as ourselves."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(frozen=True)
class Place:
    """Where one server keeps its files, and the lock that says whether its test run is alive."""

    directory: Path
    owner: Path
    account: Account

    def folder(self, name: str) -> Path:
        """A new private folder that belongs to the server's account."""
        path = self.directory / name
        path.mkdir(mode=0o700)
        give(path, self.account)
        return path

    @property
    def log(self) -> Path:
        return self.directory / "log"


def unprivileged() -> Account:
    """``nobody`` for root, because PostgreSQL and PgBouncer refuse to run as root; nothing to change for others."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give(path: Path, account: Account) -> None:
    """Hand a file or a folder of ours, with all that is inside, to an account."""
    if not account:
        return
    for each in [path, *path.rglob("*")]:
        os.chown(each, account["user"], account["group"], follow_symlinks=False)


def reachable(binary: Path, root: Path, place: Place) -> Path:
    """The binary, or its copy with everything below root when the account may not read it where it is.

    An environment below ``/root`` is the usual reason. The user's own files are never changed.
    """
    if not place.account or may_read(binary):
        return binary
    copies = place.folder("bin")
    for package in (root, root.with_name(f"{root.name}.libs")):
        if package.exists():
            shutil.copytree(package, copies / package.name, symlinks=True)
    give(copies, place.account)
    return copies / root.name / binary.relative_to(root)


def may_read(binary: Path) -> bool:
    """Whether everybody may execute the file and pass through all the folders above it."""
    resolved = binary.resolve()
    return resolved.stat().st_mode & 0o5 == 0o5 and all(parent.stat().st_mode & 0o1 for parent in resolved.parents)


def launch(
    place: Place, command: Sequence[str | Path], *, stop: signal.Signals, environment: dict[str, str] | None = None
) -> None:
    """Start the command under a supervisor, and return at once."""
    orders = {
        "directory": str(place.directory),
        "owner": str(place.owner),
        "command": [str(word) for word in command],
        "account": place.account,
        "signal": int(stop),
    }
    script = [sys.executable, "-I", "-S", str(supervisor.__file__), json.dumps(orders)]
    clean = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", **(environment or {})}
    with place.log.open("ab") as log:
        subprocess.run(script, check=True, cwd="/", env=clean, stdin=subprocess.DEVNULL, stdout=log, stderr=log)


def wait_until_ready(place: Place, answers: Callable[[], object], not_yet: type[Exception]) -> None:
    """Return when the server answers; raise with the end of its log when it left, or is not there in time."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and not (place.directory / "exited").exists():
        with contextlib.suppress(not_yet):
            answers()
            return
        time.sleep(PAUSE_SECONDS)
    lines = place.log.read_text(errors="replace").splitlines()
    raise ServerUnavailable("\n".join([f"{place.directory.name} did not start:", *lines[-LOG_LINES:]]))
