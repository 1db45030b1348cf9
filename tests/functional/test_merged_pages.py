"""Pages of what has one of some entries: they say what memory says, and read no more than they answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from cliquet.protocol.query import Filter, Query
from cliquet.storage.memory import MemoryStorage
from cliquet.storage.sql.storage import SQLStorage
from cliquet.testing.storage.base import ordered_by
from tests.functional.indexed_notes import KINDS, OTHER, SCOPE, check_unless, compare_pages, filled, opened
from tests.functional.plans import explain, page, rows_read, settle

CONDITIONS = {
    "all have": (Filter("tags", ("all",), "contains"),),
    "the newest have": (Filter("tags", ("new",), "contains"),),
    "the oldest have": (Filter("tags", ("old",), "contains"),),
    "some have": (Filter("tags", ("third", "all"), "contains"),),
    "a rare one and one that nobody has": (Filter("tags", ("third", "none"), "contains"),),
    "nobody has": (Filter("tags", ("none",), "contains"),),
    "of nothing": (Filter("tags", (), "contains"),),
    "is looked like": (Filter("tags", (["all"],), "contains"),),
    "a long one": (Filter("tags", ("x" * 300,), "contains"),),
    "a key is none": (Filter("tags", ("4[]",), "contains_any"),),
    "one of two": (Filter("tags", ("third", "old"), "contains_any"),),
    "the same twice": (Filter("tags", ("all", "new", "all"), "contains_any"),),
    "with another condition": (Filter("tags", ("third",), "contains"), Filter("n", 9, "min")),
    "with another on the same field": (Filter("tags", ("third",), "contains"), Filter("tags", ("new",), "contains")),
    "with one that no index is for": (Filter("tags", ("all",), "contains"), Filter("color", "red", "eq")),
    "one of some values": (Filter("n", (3, 17, 18, 35, 39, 1000), "in"),),
    "one of some texts": (Filter("size", ("large" + "x" * 300, "large" + "x" * 299, 5), "in"),),
    "one of some values, with another condition": (Filter("n", (3, 17, 18, 20), "in"), Filter("n", 9, "min")),
    "one of no values": (Filter("n", (), "in"),),
}


@pytest.fixture(scope="module", params=KINDS)
def storages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[MemoryStorage, SQLStorage]]:
    yield from filled(opened(request.param, request, tmp_path_factory))


@pytest.mark.parametrize("sort", ["-last_modified", "last_modified"])
@pytest.mark.parametrize("limit", [3, 100, None])
@pytest.mark.parametrize("name", CONDITIONS)
def test_pages_are_those_of_memory(
    storages: tuple[MemoryStorage, SQLStorage], name: str, limit: int | None, sort: str
) -> None:
    query = ordered_by(sort, limit=limit, filters=CONDITIONS[name])
    compare_pages(storages, query)
    assert storages[1].count(SCOPE, query) == storages[0].count(SCOPE, query)


def test_who_has_the_page_is_given_nothing(storages: tuple[MemoryStorage, SQLStorage]) -> None:
    check_unless(storages[1], ordered_by("-last_modified", limit=3, filters=CONDITIONS["all have"]))


@pytest.fixture(scope="module", params=KINDS)
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    """20 000 notes, of which the oldest 2000 have a tag and another number, beside a few of others."""
    storage = opened(request.param, request, tmp_path_factory)
    storage.migrate()
    storage.flush()
    for number in range(40):
        storage.create(OTHER, {"id": f"r{number}", "tags": ["all", "old"]})
    tags = """CASE WHEN n <= 2000 THEN '["all","old"]' ELSE '["all"]' END"""
    body = f"""'{{"id":"r' || n || '","n":' || (n / 2000) || ',"tags":' || {tags} || '}}'"""
    data = f", CAST({body} AS jsonb)" if storage.database.driver.name == "postgresql" else ""
    numbers = "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 20000)"
    with storage.database.engine.begin() as connection:
        connection.exec_driver_sql(
            f"INSERT INTO record {numbers} SELECT 'ann', 'note', 'r' || n, n, n < 0, {body}{data} FROM n"
        )
        connection.exec_driver_sql("INSERT INTO timeline VALUES ('ann', 'note', 20000, 0, 0)")
    list(storage.index({"note": ("tags", "n")}))
    settle(storage)
    yield storage
    storage.flush()
    list(storage.index({}))
    storage.close()


#: What is asked -> how many are in the page, and how many entries and records are read. A record that was read to see
#: whether it is let through is read again when it is.
QUESTIONS = {
    "nobody has": ((Filter("tags", ("none",), "contains"),), 0, 0),
    "all have": ((Filter("tags", ("all",), "contains"),), 100, 202),
    "the oldest have": ((Filter("tags", ("old",), "contains"),), 100, 202),
    "the rarest of two": ((Filter("tags", ("all", "old"), "contains"),), 100, 303),
    "one of two": ((Filter("tags", ("none", "old"), "contains_any"),), 100, 202),
    "one of some values": ((Filter("n", (0, 3, 100), "in"),), 100, 303),
    "with another condition": ((Filter("tags", ("all",), "contains"), Filter("n", 1, "gt")), 100, 303),
}


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_more_is_read_than_a_page_takes(name: str, large: SQLStorage) -> None:
    filters, count, most = QUESTIONS[name]
    query = Query(filters=filters, limit=100)
    assert len(large.page(SCOPE, query).documents) == count
    statement, values = page(large, SCOPE, query)
    if large.database.driver.name == "sqlite":
        plan = explain(large, statement, values)
        assert not re.search(r"SCAN (record|field_\w+)\b", plan), plan
        assert re.search(r"SEARCH field_\w+ USING PRIMARY KEY \(parent=\? AND entry=\?", plan), plan
        return
    read = rows_read(large, statement, values)
    found = sum(rows for index, rows in read.items() if not index.startswith("timeline"))
    assert (found, read) == (most + _COUNTED.get(name, 0), read)


#: Entries that are counted to find the rarer one.
_COUNTED = {"the rarest of two": 10_000 + 2_000}
