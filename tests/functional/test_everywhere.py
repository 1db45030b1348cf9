"""Records under all parents are read in the order of their paths from indexes, a page at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.protocol.query import Filter
from cliquet.storage.base import Everywhere
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql import everywhere
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from tests.functional.plans import explain

SCOPES, EACH = 2000, 10
PAGES = {
    "first": Everywhere("collection", limit=100),
    "continued": Everywhere("collection", after=("/buckets/b1500/", "c3"), limit=100),
    "ascending": Everywhere("collection", after=("/buckets/b1500/", "c3"), limit=100, descending=False),
    "filtered": Everywhere("collection", (Filter("n", 3),), limit=100),
}
_RECORD = "INSERT INTO record (parent, resource, id, last_modified, deleted, body{}) VALUES (:p, :r, :i, :t, :d, :b{})"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    """20 000 collections in 2000 buckets, and statistics."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('everywhere')}/data.sqlite"
        storage = SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect())
    else:
        url = request.getfixturevalue("postgresql_url")
        storage = SQLStorage(Database(url, PostgreSQL()), PostgreSQLDialect())
    storage.migrate()
    storage.flush()
    fill(storage)
    yield storage
    storage.flush()
    storage.close()


def fill(storage: SQLStorage) -> None:
    scopes = [{"p": f"/buckets/b{number}", "r": "collection"} for number in range(SCOPES)]
    rows = [
        {**scope, "i": f"c{number}", "t": number, "d": number == 7, "b": f'{{"id":"c{number}","n":{number}}}'}
        for scope in scopes
        for number in range(EACH)
    ]
    postgresql = storage.database.driver.name == "postgresql"
    insert = _RECORD.format(*((", data", ", CAST(:j AS jsonb)") if postgresql else ("", "")))
    with storage.database.engine.begin() as connection:
        connection.execute(sa.text(insert), [{**row, "j": row["b"]} for row in rows] if postgresql else rows)
        connection.execute(sa.text("INSERT INTO timeline VALUES (:p, :r, 1, 0, 0)"), scopes)
        connection.exec_driver_sql("ANALYZE")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_read_from_indexes(storage: SQLStorage, name: str) -> None:
    plan = explain(storage, *everywhere.statement(storage._prepared, PAGES[name]))
    assert "timeline_by_path" in plan, plan
    assert not re.search(r"Seq Scan|SCAN (record|scope)\b(?! USING)", plan), plan


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_one_statement(storage: SQLStorage, name: str) -> None:
    sent: list[str] = []
    storage.database.observe = sent.append
    found = storage.everywhere(PAGES[name])
    storage.database.observe = lambda text: None
    assert len(found) == 100
    assert len(sent) == 1
