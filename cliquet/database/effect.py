"""Changes of rows that can wait, and are sent together at the end of a transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

import sqlalchemy as sa

__all__ = ["Effect", "Key", "Kind", "by_kind"]

#: Which row of which table: the name of the table, then the values of its primary key.
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Kind:
    """One way to change a row of a table.

    :param name: what it is called; on SQLite, the triggers of the view ``effect`` know it by this name.
    :param columns: the values of a row with their types, in order.
    :param build: makes the expression, given a table of such rows.
    """

    name: str
    columns: Mapping[str, Any] = field(compare=False)
    build: Callable[[sa.FromClause], Any] = field(compare=False)

    def named(self, column: str) -> str:
        """The name under which a value is bound."""
        return f"{self.name}_{column}"


class Effect(NamedTuple):
    """A row, and how it changes."""

    kind: Kind
    row: tuple[Any, ...]


def by_kind(effects: Mapping[Key, Effect]) -> dict[Kind, list[tuple[Any, ...]]]:
    """The rows of each kind, in the order of their keys: two who send the same rows do not wait for each other."""
    kinds: dict[str, Kind] = {}
    rows: dict[str, list[tuple[Any, ...]]] = {}
    for key in sorted(effects):
        kind, row = effects[key]
        kinds[kind.name] = kind
        rows.setdefault(kind.name, []).append(row)
    return {kind: rows[name] for name, kind in kinds.items()}


def one_row(kind: Kind) -> sa.FromClause:
    """A table of one row, whose values are bound."""
    cells = [sa.cast(sa.bindparam(kind.named(name)), type_).label(name) for name, type_ in kind.columns.items()]
    return sa.select(*cells).subquery(f"new_{kind.name}")


def cells(kind: Kind, row: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    """What is bound for one row."""
    return zip(map(kind.named, kind.columns), row, strict=True)


def bound(rows: Mapping[Kind, list[tuple[Any, ...]]], listed: Callable[[Iterable[Any]], Any]) -> dict[str, Any]:
    """What is bound for all of them: a row as it is, several as one list for each column.

    :param listed: makes the list.
    """
    each = (cells(kind, one[0] if len(one) == 1 else map(listed, zip(*one, strict=True))) for kind, one in rows.items())
    return dict(chain.from_iterable(each))
