"""Permissions in an SQLite file: durable, and shared by the processes of one machine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from cliquet.database.sqlite import from_settings
from cliquet.permission.sql.dialect import Dialect, Expression, Selected
from cliquet.permission.sql.permission import SQLPermission
from cliquet.permission.sql.tables import ENTRY
from cliquet.protocol import body

__all__ = ["SQLiteDialect", "load_from_config"]


class SQLiteDialect(Dialect):
    """JSON functions of SQLite 3.38."""

    def texts(self, name: str) -> sa.FromClause:
        return sa.func.json_each(_json(name)).table_valued("value", name=name)

    def rows(self, name: str, *columns: str) -> sa.FromClause:
        row = sa.func.json_each(_json(name)).table_valued("value", name=f"{name}_row").c.value
        cells = (sa.func.json_extract(row, sa.literal_column(f"'$[{number}]'")) for number in range(len(columns)))
        return sa.select(*map(sa.Label, columns, cells)).subquery(name)

    def each(self, found: sa.Select[Any], name: str) -> Any:
        rows = found.subquery(f"{name}_found")
        collected = sa.select(sa.func.json_group_object(rows.c.key, rows.c.value)).scalar_subquery()
        return sa.func.json_each(collected).table_valued("key", "value", name=name)

    def among(self, column: Expression, name: str) -> Expression:
        return column.in_(sa.select(self.texts(name).c.value))

    def looked_up(self, table: sa.TableClause, condition: Expression, name: str) -> tuple[sa.FromClause, Expression]:
        return table, condition

    def held_by(
        self, wanted: sa.FromClause, pair: Expression, principals: Selected
    ) -> tuple[sa.FromClause, Expression]:
        return wanted.join(ENTRY, sa.and_(pair, ENTRY.c.principal.in_(principals))), ENTRY.c.principal

    def of_texts(self, name: str, texts: Iterable[str]) -> Mapping[str, Any]:
        return {name: body.encode(list(texts)).decode()}

    def of_rows(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Mapping[str, Any]:
        return {name: body.encode([list(row) for row in rows]).decode()}

    def collect(self, column: Expression) -> Expression:
        return sa.func.json_group_array(column)

    def insert(self, table: sa.TableClause) -> Any:
        return sqlite.insert(table).on_conflict_do_nothing()


def _json(name: str) -> sa.BindParameter[Any]:
    return sa.bindparam(name, type_=sa.Text())


def load_from_config(config: Any) -> SQLPermission:
    """The backend that ``permission_url`` asks for; connects when first used.

    With the URL of the storage, records and their ACEs are changed in one transaction.
    """
    return SQLPermission(from_settings(config.registry, "permission"), SQLiteDialect())
