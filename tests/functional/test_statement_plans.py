"""Which index each statement uses."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import following, ids, ordered_by
from tests.functional.plans import explain, page

SCOPE = Scope("article", "alice")
OTHERS = [Scope("article", f"user{number}") for number in range(10)]
EACH = 1800


@pytest.fixture(scope="module")
def large_postgresql(postgresql_url: str) -> Iterator[SQLStorage]:
    storage = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect())
    storage.migrate()
    storage.flush()
    fill(storage, "(:parent, :resource, :id, :last_modified, :deleted, :body, CAST(:data AS jsonb))")
    with storage.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE record")
    yield storage
    storage.flush()
    storage.close()


@pytest.fixture(scope="module")
def large_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    url = f"sqlite:///{tmp_path_factory.mktemp('large')}/data.sqlite"
    storage = SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect())
    storage.migrate()
    fill(storage, "(:parent, :resource, :id, :last_modified, :deleted, :body)")
    yield storage
    storage.close()


def fill(storage: SQLStorage, values: str) -> None:
    """20 000 records and tombstones, in eleven scopes."""
    rows = []
    for scope in (SCOPE, *OTHERS):
        for number in range(EACH):
            last_modified, deleted = 1_000_000 + 7919 * number % EACH, number % 10 == 0
            body = f'{{"id":"{number}","last_modified":{last_modified},"n":{number}}}'
            row = {"id": str(number), "last_modified": last_modified, "deleted": deleted, "body": body, "data": body}
            rows.append({"parent": scope.parent, "resource": scope.resource, **row})
    with storage.database.engine.begin() as connection:
        connection.execute(sa.text(f"INSERT INTO record VALUES {values}"), rows)
        head = "INSERT INTO timeline VALUES (:parent, :resource, :last_modified, 0, 0)"
        heads = [{"parent": scope.parent, "resource": scope.resource} for scope in (SCOPE, *OTHERS)]
        connection.execute(sa.text(head), [{**one, "last_modified": 1_000_000 + EACH} for one in heads])


def continued(query: Query) -> Query:
    """The query for a page in the middle."""
    return dataclasses.replace(query, after=query.position({"id": "5", "last_modified": 1_000_900}))


QUERIES = {
    "default page": Query(limit=100),
    "default page, continued": continued(Query(limit=100)),
    "since": dataclasses.replace(following(1_001_700), limit=100),
    "since, continued": continued(dataclasses.replace(following(1_000_100), limit=100)),
    "since, newest first": Query(filters=(Filter("last_modified", 1_001_700, "gt"),), tombstones=True, limit=100),
    "unless": Query(limit=100, unless=5),
}
_BY_TIME = {
    "sqlite": r"SEARCH record USING (COVERING )?INDEX record_by_time \(parent=\? AND resource=\?",
    "postgresql": r"Index (Only )?Scan (Backward )?using record_by_time on record",
}
_SORTED_AGAIN = re.compile(r"\bSort\b|TEMP B-TREE|Seq Scan on record|SCAN record")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
@pytest.mark.parametrize("name", QUERIES)
def test_pages_in_the_order_of_time_are_read_from_the_index(
    request: pytest.FixtureRequest, kind: str, name: str
) -> None:
    storage: SQLStorage = request.getfixturevalue(f"large_{kind}")
    plan = explain(storage, *page(storage, SCOPE, QUERIES[name]))
    assert re.search(_BY_TIME[kind], plan), plan
    assert not _SORTED_AGAIN.search(plan), plan
    if "since" in name or "continued" in name:
        assert re.search(r"last_modified|\(last_modified,id\)", plan), plan


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_single_records_are_read_by_primary_key(request: pytest.FixtureRequest, kind: str) -> None:
    storage: SQLStorage = request.getfixturevalue(f"large_{kind}")
    values = {"parent": SCOPE.parent, "resource": SCOPE.resource, "id": "5"}
    plan = explain(storage, storage._prepared.get, values)
    assert re.search(r"INDEX sqlite_autoindex_record_1 \(parent=\? AND resource=\? AND id=\?\)|record_pkey", plan), plan
    assert not _SORTED_AGAIN.search(plan), plan


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_large_page_comes_in_its_order(request: pytest.FixtureRequest, kind: str) -> None:
    storage: SQLStorage = request.getfixturevalue(f"large_{kind}")
    page = storage.page(SCOPE, ordered_by("-n", tombstones=True))
    assert ids(page) == [str(number) for number in reversed(range(EACH))]
    times = [document.last_modified for document in storage.page(SCOPE, Query(tombstones=True)).documents]
    assert times == sorted(times, reverse=True)
