"""PostgreSQL finds the times of records by their keys, without reading the records."""

from alembic import op

revision = "0006"
down_revision = "0005"

_COVERING = """
ALTER TABLE record
DROP CONSTRAINT record_pkey,
ADD CONSTRAINT record_pkey PRIMARY KEY (parent, resource, id) INCLUDE (last_modified, deleted)
"""


def upgrade() -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(_COVERING)
