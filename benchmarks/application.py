"""examples/kinto for servers that want the name of a module: the application of the INI file in ``CLIQUET_INI``."""

from __future__ import annotations

import os
from pathlib import Path

from cliquet.cli.ini import load

__all__ = ["application"]

application = load(Path(os.environ["CLIQUET_INI"])).app
