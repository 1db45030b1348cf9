"""The site with kinto.js: another origin than the API."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.compatibility.browser.installation import HERE, Installation


class Quiet(SimpleHTTPRequestHandler):
    """Files of a folder."""

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def serving(installation: Installation, folder: Path) -> Iterator[str]:
    """The URL of the site, until the block ends."""
    shutil.copytree(HERE / "pages", folder, dirs_exist_ok=True)
    shutil.copy(installation.folder / "node_modules" / "kinto" / "dist" / "kinto.js", folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
