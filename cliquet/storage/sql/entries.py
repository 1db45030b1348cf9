"""What the live records of a resource hold in a declared field: a table that the database itself keeps.

A record has an entry for the key of its field and one for each item of an array, each with the record's time and id. So
what has one entry is read in the order of time, and what is in a range is counted and sorted without a look at records.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from cliquet.protocol import sortable
from cliquet.storage.sql import indexed
from cliquet.storage.sql.bound import in_scope, text
from cliquet.storage.sql.declared import BY_ID, DeclaredField, quoted
from cliquet.storage.sql.fields import Dialect
from cliquet.storage.sql.tables import RECORD

__all__ = ["by_id", "holders", "keyed", "led_to", "table", "wanted"]

#: Entries that are counted to find the rarest of some items.
_COUNTED: Any = sa.literal_column("10000")


def table(field: DeclaredField) -> sa.TableClause:
    """The table of a field."""
    names = (sa.column("parent", sa.Text()), sa.column("entry", sa.Text()), sa.column("id", sa.Text()))
    return sa.table(field.name("entries"), *names, sa.column("last_modified", sa.BigInteger()))


def keyed(dialect: Dialect, filters: tuple[Any, ...], field: DeclaredField) -> tuple[sa.TableClause, sa.Select[Any]]:
    """The entries for the keys of a field, and times and ids of those that all filters let through, as far as they say.

    :param filters: their shape.
    """
    entries = table(field)
    conditions = [
        indexed.condition(dialect, operator, asked, place, key=entries.c.entry)
        for place, (operator, asked, _) in enumerate(filters)
        if asked and asked[0] == field and operator not in indexed.ITEMS
    ]
    found = sa.select(entries.c.last_modified, entries.c.id).where(entries.c.parent == text("parent"))
    found = found.where(*conditions, entries.c.entry < quoted(sortable.ITEM))
    # In the order of the table, so that what is beyond a limit is not read.
    return entries, found.order_by(entries.c.entry, entries.c.last_modified, entries.c.id)


def wanted(dialect: Dialect, condition: tuple[Any, ...], name: str) -> sa.Select[Any]:
    """The entries of which a record has one, when a filter lets it through: of several items, the rarest.

    :param condition: the shape of the filter.
    :param name: what its entries are bound to.
    """
    operator, (field, says_all, _), _ = condition
    listed = dialect.listed(name)
    if operator != "contains" or says_all:
        return sa.select(listed.c.value)
    entries = table(field)
    same = (entries.c.parent == text("parent"), entries.c.entry == listed.c.value)
    # Again in the order of the table.
    some = sa.select(entries.c.id).where(*same).order_by(entries.c.last_modified, entries.c.id).limit(_COUNTED)
    count = sa.select(sa.func.count()).select_from(some.correlate(listed).subquery()).scalar_subquery()
    return sa.select(listed.c.value).order_by(count).limit(sa.literal_column("1"))


def holders(dialect: Dialect, condition: tuple[Any, ...], name: str) -> sa.Select[Any]:
    """The ids of the records that have one of the entries that are wanted."""
    entries = table(condition[1][0])
    one = entries.c.entry.in_(wanted(dialect, condition, name))
    return sa.select(entries.c.id).where(entries.c.parent == text("parent"), one)


def led_to(dialect: Dialect, known: sa.Select[Any], columns: Any, *conditions: Any) -> sa.Select[Any]:
    """The records that entries lead to, each looked up.

    :param known: selects the times and ids.
    :param columns: what is selected of the records.
    :param conditions: on the records.
    """
    found = by_id(columns).where(sa.not_(RECORD.c.deleted), *conditions)
    return dialect.reached(found, known.subquery("known"))


def by_id(columns: Any) -> sa.Select[Any]:
    """Records of the scope that are looked up by their ids; SQLite, which cannot estimate that, is told so.

    :param columns: what is selected of them.
    """
    found = sa.select(*columns).where(*in_scope(RECORD))
    return found.with_hint(RECORD, f"INDEXED BY {BY_ID}", "sqlite")
