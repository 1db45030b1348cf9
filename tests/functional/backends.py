"""Connections to a PostgreSQL that a service under test uses, which have nothing to do with its own."""

from __future__ import annotations

import time
from typing import Any, LiteralString

import psycopg
import sqlalchemy as sa

__all__ = ["connect", "kill_backends"]


def connect(url: str) -> psycopg.Connection[Any]:
    """A connection that has nothing to do with ours."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def kill_backends(url: str, condition: LiteralString = "true") -> int:
    """End other connections to a database, as a restart of the server does."""
    others = "datname = current_database() AND pid <> pg_backend_pid()"
    with connect(url) as connection:
        row = connection.execute(
            f"SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE {others} AND {condition}"
        ).fetchone()
    time.sleep(0.1)
    assert row is not None
    return int(row[0])
