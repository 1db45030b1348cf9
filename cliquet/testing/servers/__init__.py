"""Real PostgreSQL, Redis and PgBouncer for one test run, which are gone when it is."""

from __future__ import annotations

from cliquet.testing.servers.process import ServerUnavailable
from cliquet.testing.servers.run import OwnedRun, Run

__all__ = ["OwnedRun", "Run", "ServerUnavailable"]
