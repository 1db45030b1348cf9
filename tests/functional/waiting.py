"""Who waits for whom in PostgreSQL."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import sqlalchemy as sa

__all__ = ["await_waiting", "connect", "connection"]


def connect(url: str, *, autocommit: bool = True) -> psycopg.Connection:
    """A connection that has nothing to do with ours."""
    plain = sa.make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=autocommit)


@contextmanager
def connection(url: str) -> Iterator[psycopg.Connection]:
    """A connection that undoes what it did."""
    opened = connect(url, autocommit=False)
    try:
        yield opened
    finally:
        opened.rollback()
        opened.close()


def await_waiting(url: str, *, most: float = 10) -> None:
    """Wait until somebody in the database waits for a lock."""
    deadline = time.monotonic() + most
    with connect(url) as other:
        question = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while not other.execute(question).fetchone():
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)
