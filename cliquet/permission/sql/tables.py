"""The tables of a SQL permission backend, as its statements see them; the migrations create them."""

from __future__ import annotations

import sqlalchemy as sa

__all__ = ["ENTRY", "MEMBER"]

#: One row per ACE; ``list`` is the path of the list that the object is in, with a slash at its end, and ``kind`` what
#: it has in common with other lists. Both follow from the object's path (:mod:`cliquet.permission.values`). The objects
#: of a kind are in the order of their paths when they are ordered by list and path, which is what an index can do.
ENTRY = sa.table(
    "ace",
    sa.column("object_id", sa.Text),
    sa.column("permission", sa.Text),
    sa.column("principal", sa.Text),
    sa.column("kind", sa.Text),
    sa.column("list", sa.Text),
)

#: One row per user and group; ``principal`` is the group.
MEMBER = sa.table("member", sa.column("user_id", sa.Text), sa.column("principal", sa.Text))
