"""What a transaction changes is sent together, and what it knew before its locks can be trusted after them."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_VIEW = """
CREATE VIEW effect AS
SELECT '' AS kind, '' AS t1, '' AS t2, '' AS t3, '' AS t4, '' AS t5, 0 AS n1, 0 AS n2 WHERE 0
"""

#: What a row of the view does, by its kind. None of them says ``excluded``: when a table is renamed, SQLite takes that
#: for the name of the table, and the row stays as it was without a word.
_TRIGGERS = {
    "record": """
        INSERT INTO record (parent, resource, id, body, last_modified, deleted)
        VALUES (NEW.t1, NEW.t2, NEW.t3, NEW.t4, NEW.n1, NEW.n2)
        ON CONFLICT (parent, resource, id) DO UPDATE
        SET body = NEW.t4, last_modified = NEW.n1, deleted = NEW.n2
    """,
    "timeline": "UPDATE timeline SET last_modified = NEW.n1 WHERE parent = NEW.t1 AND resource = NEW.t2",
    "taken": """
        INSERT INTO unique_value (parent, resource, field, value, record)
        VALUES (NEW.t1, NEW.t2, NEW.t3, NEW.t4, NEW.t5)
        ON CONFLICT (parent, resource, field, value) DO UPDATE SET record = NEW.t5
    """,
    "free": """
        DELETE FROM unique_value
        WHERE parent = NEW.t1 AND resource = NEW.t2 AND field = NEW.t3 AND value = NEW.t4 AND record = NEW.t5
    """,
    "granted": """
        INSERT INTO ace (object_id, permission, principal, kind, list)
        VALUES (NEW.t1, NEW.t2, NEW.t3, NEW.t4, NEW.t5) ON CONFLICT DO NOTHING
    """,
    "revoked": "DELETE FROM ace WHERE object_id = NEW.t1 AND permission = NEW.t2 AND principal = NEW.t3",
    "unlisted": "DELETE FROM ace WHERE object_id = NEW.t1",
    "joined": "INSERT INTO member (user_id, principal) VALUES (NEW.t1, NEW.t2) ON CONFLICT DO NOTHING",
    "disbanded": "DELETE FROM member WHERE principal = NEW.t1",
    "unnamed": "DELETE FROM ace WHERE principal = NEW.t1",
    "left": "DELETE FROM member WHERE user_id = NEW.t1 AND principal = NEW.t2",
}


def upgrade() -> None:
    op.add_column("timeline", sa.Column("cascades", sa.BigInteger(), nullable=False, server_default="0"))
    if op.get_context().dialect.name == "sqlite":
        op.execute(_VIEW)
        for kind, action in _TRIGGERS.items():
            op.execute(
                f"CREATE TRIGGER effect_{kind} INSTEAD OF INSERT ON effect WHEN NEW.kind = '{kind}' BEGIN {action}; END"
            )
