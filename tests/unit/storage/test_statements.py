"""Every statement of a request is about one scope, and says so first."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

import pytest

from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.statement import Statement
from cliquet.protocol.operators import OPERATORS
from cliquet.protocol.query import Filter, Query
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql import compile as filters
from cliquet.storage.sql import sorting
from cliquet.storage.sql.fields import Dialect
from cliquet.storage.sql.removals import Removals
from cliquet.storage.sql.statements import Records
from cliquet.storage.sql.timelines import Timelines
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import ordered_by
from cliquet.testing.storage.filters import OPERANDS

LANGUAGES = {"sqlite": (SQLiteDialect(), SQLite()), "postgresql": (PostgreSQLDialect(), PostgreSQL())}
#: What an operator runs, or what is about the database as a whole.
OPERATING = {"any_record", "keep", "kept", "old_tombstones", "ping", "remember", "scopes_of", "tally"}
OPERATING |= {"flush", "forget_times", "go_on", "stop_writers"}
SHAPED = {"page", "count", "trim"}
BUILDERS: tuple[Any, ...] = (Records, Removals, Timelines)
#: The builder of each statement.
MAKERS = {name: made for made in BUILDERS for name, _ in inspect.getmembers(made, inspect.isfunction) if name[0] != "_"}
SCOPED = sorted(MAKERS.keys() - OPERATING)
FIELDS = ("title", "a.b", "id", "last_modified", "deleted")
SORTS = (("id",), ("-last_modified",), ("title", "-a.b"), ("deleted", "id"), ('q"',))

TABLE = re.compile(r"\b(?:FROM|UPDATE|JOIN|INTO)\s+(record|timeline|unique_value)\b(?: AS (\w+))?")
#: One scope; some parents of one resource; some scopes.
SCOPE_FIRST = re.compile(
    r"(?:, (?:unnest\(.*?\) AS \w+\([\w, ]+\)|\(SELECT .*?\) AS (?:wanted|queue)))?"
    r"\s+(?:SET \S+(?: \S+)?\s+(?:FROM .*?)?)?WHERE (?:(\w+)\.parent = (?:\S+|\(.*?\)) AND (\w+)\.resource = "
    r"|(\w+)\.parent (?:IN \(SELECT .*?\)|= ANY \(\S+\)) AND (\w+)\.resource = "
    r"|\((\w+)\.parent, (\w+)\.resource\) IN \(SELECT )",
    re.DOTALL,
)
INSERTED = re.compile(r"\s+\(parent, resource\b")
#: A filter that no record can meet is all that is left of its statement.
NOTHING = re.compile(r"\s+WHERE (?:0 = 1|false)\b")


def shapes(dialect: Dialect) -> Iterator[tuple[str, Any]]:
    """The shapes of all sorts of questions."""
    for operator in OPERATORS:
        for field in FIELDS:
            for operand in OPERANDS[operator]:
                condition = (Filter(field, operand, operator),)
                form = filters.split(dialect, condition).shape
                yield "count", (form, False, None)
                yield "page", (form, sorting.split(dialect, Query()).shape, True, True, False, True, False, None)
    yield from (("trim", (*shape, ())) for shape in ((True, False), (False, True), (True, True)))
    yield "count", ((), True, None)
    yield "page", ((), sorting.split(dialect, Query()).shape, True, True, False, True, True, None)
    for sort in SORTS:
        query = ordered_by(*sort)
        place = query.position({"id": "x", "last_modified": 1, "title": "t", "a": {"b": 1}, 'q"': None})
        for after in (None, place):
            asked = sorting.split(dialect, Query(sort=query.sort, after=after)).shape
            yield "page", ((), asked, False, False, after is not None, False, False, None)


def texts(kind: str) -> dict[str, str]:
    """The texts of all statements of a request; many shapes have the same."""
    dialect, driver = LANGUAGES[kind]
    language = driver.language()
    asked: list[tuple[str, tuple[Any, ...]]] = [(name, ()) for name in SCOPED if name not in SHAPED]
    asked += [(name, (shape,)) for name, shape in set(shapes(dialect))]
    return {
        repr((name, shape)): Statement(getattr(MAKERS[name](dialect), name)(*shape), language).text
        for name, shape in asked
    }


@pytest.mark.parametrize("kind", LANGUAGES)
def test_every_statement_of_a_request_begins_with_the_scope(kind: str) -> None:
    found = texts(kind)
    assert len(found) > 100
    for name, text in found.items():
        tables = list(TABLE.finditer(text))
        assert tables, name
        for table in tables:
            rest = text[table.end() :]
            scope = SCOPE_FIRST.match(rest)
            scoped = scope is not None and set(scope.groups()) - {None} == {table[2] or table[1]}
            assert scoped or INSERTED.match(rest) or NOTHING.match(rest), f"{name}: {text}"


def test_the_rule_recognises_a_statement_without_scope() -> None:
    for text in (
        "SELECT record.body FROM record WHERE record.id = ?",
        "SELECT record.body FROM record WHERE record.resource = ? AND record.parent = ?",
        "DELETE FROM unique_value WHERE unique_value.parent = ?",
        "UPDATE timeline SET last_modified=? WHERE timeline.resource = ?",
        "UPDATE timeline SET last_modified=moved.time FROM moved WHERE timeline.resource = moved.resource",
        "DELETE FROM record WHERE record.parent LIKE ? AND record.resource = ?",
        "DELETE FROM record WHERE record.parent IN (SELECT value FROM names) AND record.id = ?",
        "DELETE FROM record WHERE (record.resource, record.id) IN (SELECT a, b FROM names)",
    ):
        (table,) = TABLE.finditer(text)
        assert not SCOPE_FIRST.match(text[table.end() :])


@pytest.mark.parametrize("kind", LANGUAGES)
def test_nothing_that_a_client_says_is_part_of_a_statement(kind: str) -> None:
    dialect, driver = LANGUAGES[kind]
    builder, language = Records(dialect), driver.language()
    found = set()
    for word in ("harmless", "x'; DROP TABLE record; --", 'q"', "%(id)s", ":id", "?"):
        query = ordered_by(word, filters=(Filter(word, word), Filter(f"a.{word}", (word,), "in")))
        form, sort = filters.split(dialect, query.filters), sorting.split(dialect, query)
        text = Statement(builder.page((form.shape, sort.shape, False, True, False, False, False, None)), language).text
        assert "harmless" not in text
        assert "DROP" not in text
        found.add(text)
    # SQLite has two ways to a field, of which the second is for names that its paths cannot express.
    assert len(found) <= (2 if kind == "sqlite" else 1)
