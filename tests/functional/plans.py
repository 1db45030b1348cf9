"""How a database would run a statement."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Any

from psycopg.sql import Literal

from cliquet.database.statement import Statement
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope
from cliquet.storage.sql.storage import SQLStorage

__all__ = ["explain", "page", "rows_read", "settle"]

_READ = re.compile(r"Index (?:Only )?Scan (?:Backward )?(?:using|on) (\S+) .*rows=([\d.]+) loops=(\d+)")
_REMOVED = re.compile(r"Rows Removed by .*: (\d+)")


def page(storage: SQLStorage, scope: Scope, query: Query) -> tuple[Statement, Mapping[str, Any]]:
    """The statement of a page, and what is bound."""
    search = storage.searches.of("page", scope, query)
    return storage._prepared.page(search.shape), search.values


def explain(storage: SQLStorage, statement: Statement, values: Mapping[str, Any]) -> str:
    """What the database says it would do."""
    command = "EXPLAIN QUERY PLAN " if storage.database.driver.name == "sqlite" else "EXPLAIN "
    connection = storage.database.checkout()
    cursor = storage.database.driver.cursor(connection.driver_connection)
    cursor.execute(command + statement.text, statement.bind(values))
    lines = [str(row[-1]) for row in cursor.fetchall()]
    connection.close()
    return "\n".join(lines)


def rows_read(storage: SQLStorage, statement: Statement, values: Mapping[str, Any]) -> Counter[str]:
    """How many rows PostgreSQL reads by which index, when it runs a statement with the plan for all values.

    Those of records and entries that it read for nothing are under ``removed``.
    """
    connection = storage.database.checkout()
    raw: Any = connection.driver_connection
    bound = ", ".join(Literal(value).as_string(raw) for value in statement.bind(values))
    raw.execute(f"PREPARE asked AS {statement.text}", prepare=False)
    found = raw.execute(f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE asked ({bound})", prepare=False).fetchall()
    raw.execute("DEALLOCATE asked", prepare=False)
    connection.close()
    plan = "\n".join(row[0] for row in found)
    assert "Seq Scan on" not in plan, plan
    rows: Counter[str] = Counter()
    for node in plan.split("->"):
        if read := _READ.search(node):
            name, number, loops = read.groups()
            rows[name] += round(float(number) * int(loops))
            if removed := _REMOVED.search(node):
                rows[name if name.startswith("timeline") else "removed"] += int(removed[1]) * int(loops)
    return rows


def settle(storage: SQLStorage) -> None:
    """Let PostgreSQL see that all rows are visible to all: it takes what is on the disk for that."""
    if storage.database.driver.name == "postgresql":
        with storage.database.connect() as connection:
            for statement in ("SET synchronous_commit = on", "CHECKPOINT", "VACUUM", "RESET synchronous_commit"):
                connection.exec_driver_sql(statement)
