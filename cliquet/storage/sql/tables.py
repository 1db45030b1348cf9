"""The tables of a SQL storage, as its statements see them; the migrations create them."""

from __future__ import annotations

import sqlalchemy as sa

__all__ = ["METADATA", "RECORD", "TIMELINE", "UNIQUE"]

#: One row per scope: its time, the horizon of its tombstones, and how often something above it was deleted. Its lock is
#: the scope's lock, and all that others may have changed in the scope since somebody looked has changed the row, too.
TIMELINE = sa.table(
    "timeline",
    sa.column("parent", sa.Text),
    sa.column("resource", sa.Text),
    sa.column("last_modified", sa.BigInteger),
    sa.column("horizon", sa.BigInteger),
    sa.column("cascades", sa.BigInteger),
)

#: Records and tombstones. ``body`` is what readers get, word for word; ``data`` is the same for searching, and only
#: where the database has a type for that.
RECORD = sa.table(
    "record",
    sa.column("parent", sa.Text),
    sa.column("resource", sa.Text),
    sa.column("id", sa.Text),
    sa.column("last_modified", sa.BigInteger),
    sa.column("deleted", sa.Boolean),
    sa.column("body", sa.Text),
    sa.column("data", sa.JSON),
)

#: The values of unique fields of live records, as digests.
UNIQUE = sa.table(
    "unique_value",
    sa.column("parent", sa.Text),
    sa.column("resource", sa.Text),
    sa.column("field", sa.Text),
    sa.column("value", sa.Text),
    sa.column("record", sa.Text),
)

#: What is known about the database as a whole.
METADATA = sa.table("metadata", sa.column("name", sa.Text), sa.column("value", sa.Text))
