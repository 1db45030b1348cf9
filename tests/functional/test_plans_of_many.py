"""Among 150 000 records, chosen ids, cascades and trims read what they are about, and not the rest."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.statement import Statement
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Edge, Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.bound import of_scope
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import following, ids, ordered_by
from tests.functional.plans import explain, page

KINDS = ("sqlite", "postgresql")
LARGE = Scope("record", "/buckets/large/collections/c")
MANY = 100_000
BUCKET = "/buckets/b7"
BELOW = [Scope("collection", BUCKET), *(Scope("record", f"{BUCKET}/collections/c{number}") for number in range(10))]
#: As many of 100 000 as 10 000 are of a million; the oldest of them.
CHOSEN = frozenset(f"r{number}" for number in range(1000))

#: How many rows, their parents, resource and ids: one large scope, and a thousand buckets with ten small ones each.
#: The numbers go by ten and by five; the modulo would have to be written differently for the two drivers.
ROWS = (
    (MANY, f"'{LARGE.parent}'", "record", "'r' || n"),
    (10_000, "'/buckets/b' || (n / 10)", "collection", "'c' || (n - n / 10 * 10)"),
    (50_000, "'/buckets/b' || (n / 50) || '/collections/c' || (n / 5 - n / 50 * 10)", "record", "'x' || n"),
)
BODY = """'{"id":"r' || n || '","n":' || n || '}'"""
OTHERS = (
    "INSERT INTO unique_value SELECT parent, resource, 'url', id, id FROM record",
    "INSERT INTO timeline SELECT DISTINCT parent, resource, 1000000, 0, 0 FROM record",
)


def fill(storage: SQLStorage, data: str) -> None:
    """Store the records in SQL that both databases speak.

    :param data: the expressions of further columns.
    """
    numbers = "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {} - 1)"
    with storage.database.engine.begin() as connection:
        for most, parent, resource, record_id in ROWS:
            row = f"SELECT {parent}, '{resource}', {record_id}, n, n - n / 10 * 10 = 1, {BODY}{data} FROM n"
            connection.exec_driver_sql(f"INSERT INTO record {numbers.format(most)} {row}")
        for statement in OTHERS:
            connection.exec_driver_sql(statement)


@pytest.fixture(scope="module")
def postgresql(postgresql_url: str) -> Iterator[SQLStorage]:
    storage = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect())
    storage.migrate()
    storage.flush()
    fill(storage, f", CAST({BODY} AS jsonb)")
    with storage.database.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE record, timeline, unique_value")
    yield storage
    storage.flush()
    storage.close()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    url = f"sqlite:///{tmp_path_factory.mktemp('many')}/data.sqlite"
    storage = SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect())
    storage.migrate()
    fill(storage, "")
    yield storage
    storage.close()


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest) -> SQLStorage:
    found: SQLStorage = request.getfixturevalue(request.param)
    return found


_BY_ID = re.compile(
    r"Index (?:Only )?Scan (?:using|on) record_pkey .*\n *Index Cond: \(\(parent = \S+ AND \(resource = \S+ AND "
    r"\(id = \S+\.value\)"
    r"|SEARCH record USING INDEX sqlite_autoindex_record_1 \(parent=\? AND resource=\? AND id=\?\)"
)
_SCAN = re.compile(r"Seq Scan on (record|timeline|unique_value)|SCAN (record|timeline|unique_value)\b")

QUESTIONS = {
    "page": Query(limit=100),
    "all": Query(),
    "with tombstones": Query(limit=100, tombstones=True),
    "sorted": ordered_by("-n", limit=100),
    "filtered": Query(filters=(Filter("n", 500, "lt"),), limit=100),
}


def chosen(query: Query, only: frozenset[str] = CHOSEN) -> Query:
    """The same query, for chosen ids."""
    return Query(query.filters, query.sort, query.limit, tombstones=query.tombstones, since=query.since, only=only)


@pytest.mark.parametrize("name", QUESTIONS)
def test_chosen_ids_are_looked_up_by_primary_key(storage: SQLStorage, name: str) -> None:
    plan = explain(storage, *page(storage, LARGE, chosen(QUESTIONS[name])))
    assert _BY_ID.search(plan), plan
    assert "record_by_time" not in plan, plan
    assert not _SCAN.search(plan), plan


def test_chosen_ids_are_counted_by_primary_key(storage: SQLStorage) -> None:
    values = {**of_scope(LARGE), "only": storage._prepared.dialect.list_of(sorted(CHOSEN))}
    plan = explain(storage, storage._prepared.count(((), True, None)), values)
    assert _BY_ID.search(plan), plan
    assert not _SCAN.search(plan), plan


def test_recent_changes_of_chosen_ids_are_read_from_the_index_of_time(storage: SQLStorage) -> None:
    plan = explain(storage, *page(storage, LARGE, chosen(following(MANY - 50))))
    assert re.search(r"record_by_time.*last_modified", plan, re.DOTALL), plan


def test_a_page_of_chosen_ids_is_right(storage: SQLStorage) -> None:
    page = storage.page(LARGE, chosen(Query(limit=3)))
    assert (ids(page), page.more) == (["r999", "r998", "r997"], True)
    assert storage.count(LARGE, chosen(Query())).total == 900
    everything = frozenset(f"r{number}" for number in range(10_000))
    assert storage.count(LARGE, chosen(Query(), everything)).total == 9000


# Cascades and trims.


def scopes(storage: SQLStorage) -> Mapping[str, Any]:
    return storage._prepared.dialect.of_rows("scopes", [scope.place for scope in BELOW])


def moved(storage: SQLStorage) -> Mapping[str, Any]:
    return storage._prepared.dialect.of_rows("moved", [(*scope.place, 5) for scope in BELOW])


def below(storage: SQLStorage) -> Mapping[str, Any]:
    parents = storage._prepared.dialect.list_of([BUCKET])
    return {"parents": parents, "above": "collection", "segment": "collections", "resource": "record"}


def trimmed(_: SQLStorage) -> Mapping[str, Any]:
    return {**of_scope(BELOW[1]), "before": 50, "keep": 2}


Values = Callable[[SQLStorage], Mapping[str, Any]]
STATEMENTS: dict[str, tuple[Callable[[SQLStorage], Statement], Values, str]] = {
    "lock several": (lambda storage: storage._prepared.begin, scopes, r""),
    "heads": (lambda storage: storage._prepared.heads, scopes, r"timeline_pkey|autoindex_timeline"),
    "stop": (lambda storage: storage._prepared.stop, scopes, r""),
    "states": (
        lambda storage: storage._prepared.shaped("states", (), storage._prepared.question("states")),
        scopes,
        r"timeline_pkey|autoindex_timeline",
    ),
    "stop below": (
        lambda storage: storage._prepared.stop_below,
        below,
        r"record_pkey|record_by_time|autoindex_record",
    ),
    "remove": (lambda storage: storage._prepared.remove, scopes, r"record_pkey|record_by_time|autoindex_record"),
    "remove values": (lambda storage: storage._prepared.remove_values, scopes, r"unique_value_pkey|autoindex_unique"),
    "move on": (lambda storage: storage._prepared.move_on, moved, r"timeline_pkey|autoindex_timeline"),
    "trim by age": (
        lambda storage: storage._prepared.trim((True, False, ())),
        trimmed,
        r"record_by_time[^Z]*last_modified",
    ),
    "trim by number": (lambda storage: storage._prepared.trim((False, True, ())), trimmed, r"record_by_time"),
    "trim": (lambda storage: storage._prepared.trim((True, True, ())), trimmed, r"record_by_time"),
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_what_is_removed_is_found_by_an_index(storage: SQLStorage, name: str) -> None:
    statement, values, index = STATEMENTS[name]
    plan = explain(storage, statement(storage), values(storage))
    assert re.search(index, plan), plan
    assert not _SCAN.search(plan), plan


def count_values(storage: SQLStorage) -> int:
    with storage.database.connect() as connection:
        return int(connection.exec_driver_sql("SELECT count(*) FROM unique_value").scalar() or 0)


def test_a_cascade_among_many_takes_what_is_below(storage: SQLStorage) -> None:
    edges = [Edge("collection", "", ""), Edge("record", "collection", "collections")]
    before, values = storage.tally(), count_values(storage)
    assert len(storage.delete_under("/buckets/b8", edges)) == 9 + 45
    after = storage.tally()
    assert before["collection"].records - after["collection"].records == 9
    assert before["record"].records - after["record"].records == 45
    assert values - count_values(storage) == 10 + 50
