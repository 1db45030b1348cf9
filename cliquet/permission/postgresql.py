"""Permissions in PostgreSQL: durable, and shared by the processes of many machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from cliquet.database.arrays import array, written
from cliquet.database.postgresql import from_settings
from cliquet.permission.sql.dialect import Dialect, Expression, Selected
from cliquet.permission.sql.parts import same
from cliquet.permission.sql.permission import SQLPermission
from cliquet.permission.sql.tables import ENTRY

__all__ = ["PostgreSQLDialect", "load_from_config"]


class PostgreSQLDialect(Dialect):
    """Arrays of PostgreSQL 13."""

    def texts(self, name: str) -> sa.FromClause:
        return sa.func.unnest(array(name, sa.Text())).table_valued("value", name=name).render_derived()

    def rows(self, name: str, *columns: str) -> sa.FromClause:
        arrays = sa.func.unnest(*(array(f"{name}_{column}", sa.Text()) for column in columns))
        return arrays.table_valued(*columns, name=name).render_derived()

    def each(self, found: sa.Select[Any], name: str) -> Any:
        return found.lateral(name)

    def among(self, column: Expression, name: str) -> Expression:
        return column == sa.any_(array(name, sa.Text()))

    def looked_up(self, table: sa.TableClause, condition: Expression, name: str) -> tuple[sa.FromClause, Expression]:
        # OFFSET 0 keeps the planner from reading all of the table once, where it thinks that much of it will be found.
        found = sa.select(*table.c).where(condition).offset(sa.literal_column("0"))
        return found.lateral(name), sa.true()

    def held_by(
        self, wanted: sa.FromClause, pair: Expression, principals: Selected
    ) -> tuple[sa.FromClause, Expression]:
        mine = principals.subquery("who")
        entries, found = self.looked_up(ENTRY, sa.and_(pair, same(ENTRY.c.principal, mine.c.principal)), "own")
        return mine.join(wanted, sa.true()).join(entries, found), mine.c.principal

    def of_texts(self, name: str, texts: Iterable[str]) -> Mapping[str, Any]:
        return {name: written(texts)}

    def of_rows(self, name: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Mapping[str, Any]:
        cells = zip(*rows, strict=True)
        return {f"{name}_{column}": written(next(cells, ())) for column in columns}

    def collect(self, column: Expression) -> Expression:
        return sa.cast(sa.func.json_agg(column), sa.Text())

    def insert(self, table: sa.TableClause) -> Any:
        return postgresql.insert(table).on_conflict_do_nothing()


def load_from_config(config: Any) -> SQLPermission:
    """The backend that ``permission_url`` asks for; connects when first used.

    With the URL of the storage, records and their ACEs are changed in one transaction.
    """
    return SQLPermission(from_settings(config.registry, "permission"), PostgreSQLDialect())
