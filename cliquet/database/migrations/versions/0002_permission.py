"""The tables of the permission backend."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "ace",
        _text("object_id", primary_key=True),
        _text("permission", primary_key=True),
        _text("principal", primary_key=True),
        _text("parent"),
    )
    op.create_index("ace_by_principal", "ace", ["principal", "parent", "object_id", "permission"])
    op.create_table("member", _text("user_id", primary_key=True), _text("principal", primary_key=True))
    op.create_index("member_by_principal", "member", ["principal"])


def _text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    """Text that is compared by code point."""
    collation = "C" if op.get_context().dialect.name == "postgresql" else None
    return sa.Column(name, sa.Text(collation=collation), primary_key=primary_key, nullable=False)
