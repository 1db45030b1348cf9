"""The storage of a control: who writes to one scope looks at its time without waiting for its lock."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.database.statement import Statement
from cliquet.storage import postgresql
from cliquet.storage.sql.bound import in_scope
from cliquet.storage.sql.busy import Busy
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sql.tables import TIMELINE

__all__ = ["load_from_config"]


def load_from_config(config: Any) -> SQLStorage:
    """The storage in PostgreSQL that ``storage_url`` asks for, with the heart taken out."""
    storage = postgresql.load_from_config(config)
    # Others get the time to write that they would have without a lock on a busy machine.
    pause = sa.select(sa.func.pg_sleep(0.005)).scalar_subquery()
    look = sa.select(*TIMELINE.c).where(*in_scope(TIMELINE), sa.cast(pause, sa.Text()).is_not(None))
    vars(storage._prepared)["lock"] = Statement(look, storage.database.statements.language)
    # Nor does anybody look while the scope is locked.
    storage._busy = Busy(seconds=0)
    return storage
