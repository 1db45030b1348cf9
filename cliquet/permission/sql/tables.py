"""The tables of a SQL permission backend, as its statements see them; the migrations create them."""

from __future__ import annotations

import sqlalchemy as sa

__all__ = ["ENTRY", "MEMBER"]

#: One row per ACE; ``parent`` is the path of the list that the object is in.
ENTRY = sa.table(
    "ace",
    sa.column("object_id", sa.Text),
    sa.column("permission", sa.Text),
    sa.column("principal", sa.Text),
    sa.column("parent", sa.Text),
)

#: One row per user and group; ``principal`` is the group.
MEMBER = sa.table("member", sa.column("user_id", sa.Text), sa.column("principal", sa.Text))
