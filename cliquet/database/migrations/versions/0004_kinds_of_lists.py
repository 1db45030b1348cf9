"""Objects and records are found in the order of their paths, below any parents."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0002"

#: What is left of a path without all at its end that is no slash.
_LIST = "rtrim({0}, replace({0}, '/', ''))"
_HEAD = "substr(list, 1, length(list) - 1)"
_NAME = f"substr({_HEAD}, length({_LIST.format(_HEAD)}) + 1)"


def upgrade() -> None:
    collation = "C" if op.get_context().dialect.name == "postgresql" else None
    op.drop_index("ace_by_principal", "ace")
    op.execute("ALTER TABLE ace RENAME COLUMN parent TO list")
    op.add_column("ace", sa.Column("kind", sa.Text(collation=collation), nullable=False, server_default=""))
    op.execute(f"UPDATE ace SET list = {_LIST.format('object_id')}")
    depth = "length(list) - length(replace(list, '/', ''))"
    op.execute(f"UPDATE ace SET kind = ({depth}) || '/' || CASE WHEN list = '' THEN '' ELSE {_NAME} END")
    op.create_index("ace_by_principal", "ace", ["principal", "kind", "list", "object_id", "permission"])
    op.create_index("timeline_by_path", "timeline", ["resource", sa.text("(parent || '/')")])
