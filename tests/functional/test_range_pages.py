"""Pages of what is in a range of keys, in the order of time: each way to find one says what memory says."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from cliquet.protocol.query import Filter, Query
from cliquet.storage.memory import MemoryStorage
from cliquet.storage.sql import ranges
from cliquet.storage.sql.storage import SQLStorage
from cliquet.testing.storage.base import ordered_by
from tests.functional.indexed_notes import KINDS, SCOPE, apart, check_unless, compare_pages, filled, opened
from tests.functional.plans import explain, page, rows_read, settle

#: How many are few, and how many entries are passed over, stage by stage: in which way a page is found depends on it.
WAYS = {
    "few": ((100, 100), (100, 100), (100, None)),
    "near": ((1, 100), (100, 100), (100, None)),
    "some": ((1, 2), (100, 100), (100, None)),
    "wide": ((1, 2), (1, 100), (100, None)),
    "many": ((1, 2), (1, 4), (100, None)),
    "far": ((1, 2), (1, 4), (1, None)),
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


@pytest.fixture(scope="module", params=[(kind, way) for kind in KINDS for way in WAYS], ids="-".join)
def storages(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[MemoryStorage, SQLStorage]]:
    kind, way = request.param
    with pytest.MonkeyPatch.context() as patch:
        apart(patch)
        patch.setattr(ranges, "STAGES", WAYS[way])
        yield from filled(opened(kind, request, tmp_path_factory))


@pytest.mark.parametrize("sort", ["-last_modified", "last_modified"])
@pytest.mark.parametrize("name", CONDITIONS)
def test_every_way_leads_to_the_same_pages(storages: tuple[MemoryStorage, SQLStorage], name: str, sort: str) -> None:
    compare_pages(storages, ordered_by(sort, limit=3, filters=CONDITIONS[name]))


def test_who_has_the_page_is_given_nothing(storages: tuple[MemoryStorage, SQLStorage]) -> None:
    check_unless(storages[1], ordered_by("-last_modified", limit=3, filters=CONDITIONS["everything"]))


#: So many that an index which has other records, too, is not thought of.
MANY = 20_000


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


#: What is asked, and how many entries and records are read. To count is to read, too.
QUESTIONS = {
    "a narrow range": ((Filter("n", 100, "lt"),), 200),
    "some, anywhere": ((Filter("n", MANY - 600, "min"),), 1_307),
    "nearly all": ((Filter("n", 100, "min"),), 202),
    "some, all of them old": ((Filter("age", MANY - 900, "gt"),), 1_899),
    "many, all of them old": ((Filter("age", MANY - 1_500, "gt"),), 2_404),
}


@pytest.fixture(scope="module", params=KINDS)
def large(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    with pytest.MonkeyPatch.context() as patch:
        apart(patch)
        patch.setattr(ranges, "STAGES", ((100, 200), (1_000, 2_000), (1_200, None)))
        storage = opened(request.param, request, tmp_path_factory)
        storage.migrate()
        storage.flush()
        fill(storage, MANY)
        list(storage.index({"note": ("n", "age")}))
        settle(storage)
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
    # Entries of record_by_time are counted, too, to find where the first ones end.
    read = rows_read(large, statement, values)
    assert (sum(read[name] for name in read if name.startswith("field_")), read) == (most, read)
    assert "removed" not in read
