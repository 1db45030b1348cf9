"""Pages of what is in a range of keys, in the order of time: each way to find one says what memory says."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.protocol.query import Filter, Query
from cliquet.storage.memory import MemoryStorage
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql import ranges
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import ordered_by
from tests.functional.indexed_notes import SCOPE, apart, check_unless, compare_pages, filled
from tests.functional.plans import explain, page

KINDS = ("sqlite", "postgresql")
#: So many are few, so many entries are passed over first and then, and so many are read: in which way a page is found
#: depends on them.
WAYS = {
    "few": (100, 100, 100, 100),
    "near": (1, 100, 100, 100),
    "wide": (1, 2, 100, 100),
    "some": (1, 2, 4, 100),
    "far": (1, 2, 4, 1),
}
CONDITIONS = {
    "a range": (Filter("n", 9, "min"), Filter("n", 30, "lt")),
    "the oldest": (Filter("n", 7, "max"),),
    "the newest": (Filter("n", 33, "gt"),),
    "everything": (Filter("n", 0, "min"),),
    "nothing": (Filter("n", 1000, "gt"),),
    "numbers among texts": (Filter("size", 5, "max"),),
    "long texts": (Filter("size", "large" + "x" * 300, "min"),),
    "longer texts": (Filter("size", "large" + "x" * 299, "gt"), Filter("n", 30, "lt")),
    "one of some": (Filter("n", (3, 17, 18, 35, 39, 1000), "in"),),
    "with a value": (Filter("size", True, "has"),),
    "two fields": (Filter("size", 5, "max"), Filter("n", 20, "lt")),
    "with equality": (Filter("size", 5, "eq"), Filter("n", 5, "gt")),
    "with an item": (Filter("n", 5, "gt"), Filter("tags", ("third",), "contains")),
    "with one that no index is for": (Filter("n", 9, "min"), Filter("color", "red", "eq")),
}


def opened(kind: str, url: str) -> SQLStorage:
    if kind == "sqlite":
        return SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect(), freshness=0.0)
    return SQLStorage(Database(url, PostgreSQL()), PostgreSQLDialect(), freshness=0.0)


@pytest.fixture(scope="module", params=[(kind, way) for kind in KINDS for way in WAYS], ids="-".join)
def storages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[MemoryStorage, SQLStorage]]:
    kind, way = request.param
    with pytest.MonkeyPatch.context() as patch:
        apart(patch)
        for name, number in zip(("FEW", "NEAR", "WIDE", "SOME"), WAYS[way], strict=True):
            patch.setattr(ranges, name, number)
        folder = tmp_path_factory.mktemp("ranges")
        url = f"sqlite:///{folder}/data.sqlite" if kind == "sqlite" else request.getfixturevalue("postgresql_url")
        yield from filled(opened(kind, url))


@pytest.mark.parametrize("sort", ["-last_modified", "last_modified"])
@pytest.mark.parametrize("name", CONDITIONS)
def test_every_way_leads_to_the_same_pages(storages: tuple[MemoryStorage, SQLStorage], name: str, sort: str) -> None:
    compare_pages(storages, ordered_by(sort, limit=3, filters=CONDITIONS[name]))


def test_who_has_the_page_is_given_nothing(storages: tuple[MemoryStorage, SQLStorage]) -> None:
    check_unless(storages[1], ordered_by("-last_modified", limit=3, filters=CONDITIONS["everything"]))


def fill(storage: SQLStorage, many: int) -> None:
    """Records whose ``n`` has nothing to do with their time, and whose ``age`` is against it."""
    anywhere = f"n * 7919 - n * 7919 / {many} * {many}"
    body = f"""'{{"id":"r' || n || '","n":' || ({anywhere}) || ',"age":' || ({many} - n) || '}}'"""
    numbers = f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {many})"
    data = f", CAST({body} AS jsonb)" if storage.database.driver.name == "postgresql" else ""
    with storage.database.engine.begin() as connection:
        row = f"SELECT 'ann', 'note', 'r' || n, n, n < 0, {body}{data} FROM n"
        connection.exec_driver_sql(f"INSERT INTO record {numbers} {row}")
        connection.exec_driver_sql(f"INSERT INTO timeline VALUES ('ann', 'note', {many}, 0, 0)")


#: Of 6000 records: what is asked, and how many are read. To count is to read, too.
QUESTIONS = {
    "a narrow range": ((Filter("n", 100, "lt"),), 200),
    "a tenth, anywhere": ((Filter("n", 5_400, "min"),), 221),
    "nearly all": ((Filter("n", 100, "min"),), 202),
    "some, all of them old": ((Filter("age", 5_100, "gt"),), 1_899),
    "many, all of them old": ((Filter("age", 4_500, "gt"),), 1_203),
}


@pytest.fixture(scope="module", params=KINDS)
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    folder = tmp_path_factory.mktemp("large")
    url = f"sqlite:///{folder}/data.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgresql_url")
    with pytest.MonkeyPatch.context() as patch:
        apart(patch)
        for name, number in {"FEW": 100, "NEAR": 200, "WIDE": 2_000, "SOME": 1_000}.items():
            patch.setattr(ranges, name, number)
        storage = opened(request.param, url)
        storage.migrate()
        storage.flush()
        fill(storage, 6_000)
        list(storage.index({"note": ("n", "age")}))
        yield storage
    storage.flush()
    list(storage.index({}))
    storage.close()


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_more_is_read_than_a_page_takes(name: str, large: SQLStorage) -> None:
    filters, most = QUESTIONS[name]
    query = Query(filters=filters, limit=100)
    assert len(large.page(SCOPE, query).documents) == 100
    statement, values = page(large, SCOPE, query)
    if large.database.driver.name == "sqlite":
        assert not re.search(r"SCAN record\b", explain(large, statement, values))
        return
    statement = copy.copy(statement)
    statement.text = f"(ANALYZE, COSTS OFF, TIMING OFF) {statement.text}"
    plan = explain(large, statement, values)
    # Entries of record_by_time are counted, too, to find where the first ones end.
    read = re.findall(r"Index Scan.* using (field_\S+) on record.* rows=(\d+)", plan)
    assert sum(int(rows) for _, rows in read) == most, plan
    assert "Rows Removed by Filter" not in plan, plan
