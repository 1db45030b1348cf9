"""The process that keeps one server running until the test run that wanted it ends, however it ends.

It is started as a script, by path, and imports nothing of ours. The test run holds a lock on its owner file as long as
it lives; the system releases that lock even when the run is killed, and this is what the supervisor waits for.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

__all__ = ["main"]

GRACE_SECONDS = 10.0
PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Run the server that the orders (one JSON argument) describe, then remove its folder."""
    orders = json.loads(arguments[1])
    if detach():
        return
    directory = Path(orders["directory"])
    server = subprocess.Popen(orders["command"], cwd="/", preexec_fn=die_with_parent, **orders["account"])
    watcher = threading.Thread(target=stop_after_owner, args=(Path(orders["owner"]), server, orders["signal"]))
    watcher.start()
    (directory / "exited").write_text(str(server.wait()))
    watcher.join()
    remove(directory)


def detach() -> bool:
    """Go on in a session of our own, where Ctrl-C does not reach; True in the process that has to leave."""
    if os.fork():
        return True
    os.setsid()
    return False


def die_with_parent() -> None:
    """Where the system can (Linux), end the server even if the supervisor itself is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def stop_after_owner(owner: Path, server: subprocess.Popen[Any], number: int) -> None:
    """Wait for the end of the test run, then stop the server."""
    wait_for_release(owner)
    server.send_signal(number)
    try:
        server.wait(GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        server.kill()


def wait_for_release(owner: Path) -> None:
    """Block until nobody holds the lock; a file that is gone is held by nobody."""
    try:
        with owner.open() as file:
            fcntl.lockf(file, fcntl.LOCK_SH)
    except FileNotFoundError:
        return


def remove(directory: Path) -> None:
    """Remove the folder of this server; the last one to leave removes the folder of the run."""
    shutil.rmtree(directory, ignore_errors=True)
    run = directory.parent
    if run.exists() and not any(child.is_dir() for child in run.iterdir()):
        shutil.rmtree(run, ignore_errors=True)


if __name__ == "__main__":
    main(sys.argv)
