"""The tables of the storage and of the cache."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None


def upgrade() -> None:
    postgresql = op.get_context().dialect.name == "postgresql"
    op.create_table("metadata", _text("name", primary_key=True), _text("value"))
    op.create_table(
        "timeline",
        *_scope(),
        sa.Column("last_modified", sa.BigInteger(), nullable=False),
        sa.Column("horizon", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "record",
        *_scope(),
        _text("id", primary_key=True),
        sa.Column("last_modified", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        *([sa.Column("data", JSONB(), nullable=False)] if postgresql else []),
    )
    op.create_index("record_by_time", "record", ["parent", "resource", "last_modified", "id"])
    op.create_table(
        "unique_value",
        *_scope(),
        _text("field", primary_key=True),
        _text("value", primary_key=True),
        _text("record"),
    )
    op.create_table(
        "cache", _text("key", primary_key=True), _text("value"), sa.Column("expires", sa.BigInteger(), nullable=True)
    )
    op.create_index("cache_by_expiry", "cache", ["expires"])


def _scope() -> tuple[sa.Column[str], sa.Column[str]]:
    return _text("parent", primary_key=True), _text("resource", primary_key=True)


def _text(name: str, *, primary_key: bool = False) -> sa.Column[str]:
    """Text that is compared by code point."""
    collation = "C" if op.get_context().dialect.name == "postgresql" and primary_key else None
    return sa.Column(name, sa.Text(collation=collation), primary_key=primary_key, nullable=False)
