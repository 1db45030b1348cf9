"""How a database would run a statement."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cliquet.database.statement import Statement
from cliquet.protocol.query import Query
from cliquet.storage.base import Scope
from cliquet.storage.sql.storage import SQLStorage

__all__ = ["explain", "page"]


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
