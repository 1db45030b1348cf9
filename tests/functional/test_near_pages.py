"""Pages of what an index narrows but does not count: each way to find one says what memory says."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.protocol.query import Filter, Query
from cliquet.storage.memory import MemoryStorage
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql import near
from cliquet.storage.sql.storage import SQLStorage
from cliquet.testing.storage.base import ordered_by
from tests.functional.indexed_notes import OTHER, SCOPE, apart, check_unless, compare_pages, filled
from tests.functional.plans import explain, page

#: So many are looked at first, so many then, and so many are few: in which way a page is found depends on them.
WAYS = {"near": (100, 100, 100), "wide": (2, 100, 1), "far and few": (2, 4, 100), "far and many": (2, 4, 1)}
CONDITIONS = {
    "all have": (Filter("tags", ("all",), "contains"),),
    "the newest have": (Filter("tags", ("new",), "contains"),),
    "the oldest have": (Filter("tags", ("old",), "contains"),),
    "some have": (Filter("tags", ("third", "all"), "contains"),),
    "nobody has": (Filter("tags", ("none",), "contains"),),
    "of nothing": (Filter("tags", (), "contains"),),
    "is looked like": (Filter("tags", (["all"],), "contains"),),
    "one of two": (Filter("tags", ("third", "old"), "contains_any"),),
    "with another condition": (Filter("tags", ("third",), "contains"), Filter("n", 9, "min")),
    "with one that no index is for": (Filter("tags", ("all",), "contains"), Filter("color", "red", "eq")),
}


@pytest.fixture(scope="module", params=WAYS)
def storages(request: pytest.FixtureRequest, postgresql_url: str) -> Iterator[tuple[MemoryStorage, SQLStorage]]:
    with pytest.MonkeyPatch.context() as patch:
        apart(patch)
        for name, number in zip(("NEAR", "WIDE", "FEW"), WAYS[request.param], strict=True):
            patch.setattr(near, name, number)
        storage = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect(), freshness=0.0)
        yield from filled(storage)


@pytest.mark.parametrize("sort", ["-last_modified", "last_modified"])
@pytest.mark.parametrize("name", CONDITIONS)
def test_every_way_leads_to_the_same_pages(storages: tuple[MemoryStorage, SQLStorage], name: str, sort: str) -> None:
    compare_pages(storages, ordered_by(sort, limit=3, filters=CONDITIONS[name]))


def test_who_has_the_page_is_given_nothing(storages: tuple[MemoryStorage, SQLStorage]) -> None:
    check_unless(storages[1], ordered_by("-last_modified", limit=3, filters=CONDITIONS["all have"]))


@pytest.mark.parametrize("others", [0, 40])
def test_what_nobody_has_is_not_looked_for_in_all_records(
    others: int, postgresql_database: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    apart(monkeypatch)
    monkeypatch.setattr(near, "NEAR", 500)
    storage = SQLStorage(Database(postgresql_database(), PostgreSQL()), PostgreSQLDialect(), freshness=0.0)
    storage.migrate()
    for number in range(others):
        storage.create(OTHER, {"id": f"r{number}", "tags": ["all"]})
    body = """'{"id":"r' || n || '","tags":["all"]}'"""
    row = f"SELECT 'ann', 'note', 'r' || n, n, false, {body}, CAST({body} AS jsonb) FROM generate_series(1, 20000) n"
    with storage.database.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO record {row}")
        connection.exec_driver_sql("INSERT INTO timeline VALUES ('ann', 'note', 20000, 0, 0)")
    list(storage.index({"note": ("tags",)}))
    query = Query(filters=(Filter("tags", ("none",), "contains"),), limit=100)
    statement, values = page(storage, SCOPE, query)
    statement = copy.copy(statement)
    statement.text = f"(ANALYZE, COSTS OFF, TIMING OFF) {statement.text}"
    plan = explain(storage, statement, values)
    numbers = [int(number) for number in re.findall(r"(?:Rows Removed by Filter: |rows=)(\d+)", plan)]
    assert max(numbers) <= 501, plan
    assert storage.page(SCOPE, query).documents == []
    storage.close()
