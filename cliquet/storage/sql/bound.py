"""What statements are given: values that are bound by name, and the scope that they begin with."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.storage.sql.fields import Expression
from cliquet.storage.values import Scope

__all__ = ["in_scope", "number", "of_scope", "one_row", "text"]


def text(name: str) -> sa.BindParameter[Any]:
    """A text."""
    return sa.bindparam(name, type_=sa.Text())


def number(name: str) -> sa.BindParameter[Any]:
    """An integer."""
    return sa.bindparam(name, type_=sa.BigInteger())


def in_scope(table: Any) -> list[Expression]:
    """Whether a row is in the scope."""
    return [table.c.parent == text("parent"), table.c.resource == text("resource")]


def of_scope(scope: Scope) -> dict[str, Any]:
    """What is bound for :func:`in_scope`."""
    return {"parent": scope.parent, "resource": scope.resource}


def one_row(name: str, **columns: Any) -> sa.FromClause:
    """A table of one row that is bound as values, with columns of these types."""
    cells = [sa.cast(sa.bindparam(f"{name}_{column}"), kind).label(column) for column, kind in columns.items()]
    return sa.select(*cells).subquery(name)
