"""Among 60 000 records, filters and sorts on declared fields read what they answer, and not the rest."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from sqlite3 import SQLITE_OK, SQLITE_READ
from typing import Any

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.question import Inquiry, ask
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.declared import DeclaredField
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.storage.base import following, ordered_by
from tests.functional.plans import explain, page

KINDS = ("sqlite", "postgresql")
LARGE = Scope("record", "/buckets/large/collections/c")
MANY, OTHERS = 50_000, 10_000
FIELDS = ("n", "status", "tags")
#: 50 000 in one list and ten in each of a thousand others. ``n`` is another number in each, ``status`` is one of two,
#: and each hundredth has a tag besides the one that all have.
ROWS = (
    (MANY, f"'{LARGE.parent}'"),
    (OTHERS, "'/buckets/b/collections/c' || (n / 10)"),
)
BODY = """'{"id":"r' || n || '","n":' || n || ',"status":"' ||
CASE WHEN n - n / 2 * 2 = 0 THEN 'done' ELSE 'open' END ||
'","tags":["all"' || CASE WHEN n - n / 100 * 100 = 0 THEN ',"t' || (n / 1000) || '"' ELSE '' END || ']}'"""


def fill(storage: SQLStorage, data: str) -> None:
    """Store the records in SQL that both databases speak.

    :param data: the expressions of further columns.
    """
    numbers = "WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {} - 1)"
    with storage.database.engine.begin() as connection:
        for most, parent in ROWS:
            row = f"SELECT {parent}, 'record', 'r' || n, n, n - n / 10 * 10 = 1, {BODY}{data} FROM n"
            connection.exec_driver_sql(f"INSERT INTO record {numbers.format(most)} {row}")
        connection.exec_driver_sql("INSERT INTO timeline SELECT DISTINCT parent, resource, 1000000, 0, 0 FROM record")


@pytest.fixture(scope="module")
def postgresql(postgresql_url: str) -> Iterator[SQLStorage]:
    storage = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect(), freshness=0.0)
    storage.migrate()
    storage.flush()
    fill(storage, f", CAST({BODY} AS jsonb)")
    assert len(list(storage.index({"record": FIELDS}))) == len(FIELDS)
    yield storage
    storage.flush()
    list(storage.index({}))
    storage.close()


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    url = f"sqlite:///{tmp_path_factory.mktemp('indexes')}/data.sqlite"
    storage = SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect())
    storage.migrate()
    fill(storage, "")
    assert len(list(storage.index({"record": FIELDS}))) == len(FIELDS)
    yield storage
    storage.close()


@pytest.fixture(params=KINDS)
def storage(request: pytest.FixtureRequest) -> SQLStorage:
    found: SQLStorage = request.getfixturevalue(request.param)
    return found


def where(*filters: Filter) -> Query:
    return Query(filters=filters, limit=100)


def continued(query: Query, n: int) -> Query:
    """The page after a record in the middle."""
    here = {"id": f"r{n}", "last_modified": n, "n": n, "status": "done", "tags": ["all"]}
    return dataclasses.replace(query, after=query.position(here), limit=100)


N, STATUS, TAGS = (DeclaredField("record", (name,)) for name in FIELDS)
#: Question -> the index, and how often it is read.
QUESTIONS = {
    "equal": (where(Filter("n", 7000)), N.name("")),
    "equal, half of them": (where(Filter("status", "done")), STATUS.name("")),
    "equal, continued": (continued(where(Filter("status", "done")), 25_000), STATUS.name("")),
    "equal to what nobody has": (where(Filter("status", None)), STATUS.name("")),
    "a narrow range": (where(Filter("n", 7000, "min"), Filter("n", 7100, "lt")), N.name("")),
    "some of a list": (where(Filter("n", (70, 700, 7000), "in")), N.name("entries")),
    "ascending": (ordered_by("n", limit=100), N.name("down")),
    "ascending, continued": (continued(ordered_by("n"), 25_000), N.name("down")),
    "descending": (ordered_by("-n", limit=100), N.name("up")),
    "descending, continued": (continued(ordered_by("-n"), 25_000), N.name("up")),
    "few values, ascending": (ordered_by("status", limit=100), STATUS.name("down")),
    "few values, continued": (continued(ordered_by("status"), 25_000), STATUS.name("down")),
    "few values, oldest first": (continued(ordered_by("status", "last_modified"), 25_000), STATUS.name("up")),
    "few values, descending, continued": (continued(ordered_by("-status"), 25_000), STATUS.name("up")),
    "a range in its order": (ordered_by("n", limit=100, filters=(Filter("n", 7000, "min"),)), N.name("down")),
    "a rare item": (where(Filter("tags", ("t7",), "contains")), TAGS.name("entries")),
    "a rare item and a common one": (where(Filter("tags", ("all", "t7"), "contains")), TAGS.name("entries")),
    "rare items": (where(Filter("tags", ("t7", "t8"), "contains_any")), TAGS.name("entries")),
}


_SORTED = re.compile(r"-> +Sort\b|TEMP B-TREE")


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_about_declared_fields_are_answered_from_their_indexes(storage: SQLStorage, name: str) -> None:
    query, index = QUESTIONS[name]
    plan = explain(storage, *page(storage, LARGE, query))
    assert index in plan, plan
    assert not re.search(r"Seq Scan on record|SCAN record\b", plan), plan
    if index.endswith(("_up", "_down")):
        # The rows of two pieces, each in its order, are put into one order; they are no more than two pages.
        assert len(_SORTED.findall(plan)) <= (1 if query.after else 0), plan


#: What is asked for of a storage, though no index on a field is of use.
UNINDEXED: dict[str, Callable[[SQLStorage], object]] = {
    "a record": lambda storage: storage.get(LARGE, "r7"),
    "a page": lambda storage: storage.page(LARGE, where()),
    "the next page": lambda storage: storage.page(LARGE, continued(where(), 25_000)),
    "what changed": lambda storage: storage.page(LARGE, following(MANY - 10)),
    "a total": lambda storage: storage.count(LARGE, where()),
    "a change": lambda storage: storage.replace(LARGE, "r7", {"n": 7}),
    "a record that is new, and none": lambda storage: (
        storage.create(LARGE, {"id": "new", "n": 7}),
        storage.delete(LARGE, "new"),
    ),
}


@pytest.mark.parametrize("name", [*QUESTIONS, *UNINDEXED])
def test_sqlite_need_not_prepare_a_statement_again(sqlite: SQLStorage, name: str) -> None:
    """It would, as soon as a bound value decides whether a partial index is of use: 3 ms for a range."""
    prepared: list[Any] = []
    connection = sqlite.database.checkout()
    raw: Any = connection.driver_connection
    connection.close()
    run = UNINDEXED.get(name) or (lambda storage: storage.page(LARGE, QUESTIONS[name][0]))

    def allow(action: int, *asked: Any) -> int:
        """Whoever prepares a statement asks of each column whether it may be read."""
        if action == SQLITE_READ:
            prepared.append(asked)
        return SQLITE_OK

    raw.set_authorizer(allow)
    try:
        run(sqlite)
        first = len(prepared)
        run(sqlite)
        run(sqlite)
    finally:
        raw.set_authorizer(None)
    assert first > 0
    assert len(prepared) == first, prepared[first:]


@pytest.mark.parametrize("name", [name for name, (_, index) in QUESTIONS.items() if index.endswith("_entries")])
def test_the_plan_for_all_values_asks_for_entries(postgresql: SQLStorage, name: str) -> None:
    query, index = QUESTIONS[name]
    statement, values = page(postgresql, LARGE, query)
    connection = postgresql.database.checkout()
    cursor = connection.cursor()
    nulls = ", ".join("NULL" for _ in statement.bind(values))
    cursor.execute(f"PREPARE asked AS {statement.text}")
    cursor.execute(f"EXPLAIN EXECUTE asked ({nulls})")
    plan = "\n".join(row[0] for row in cursor.fetchall())
    cursor.execute("DEALLOCATE asked")
    connection.close()
    # Of a list, statistics say what most lists are like: few records, which would be looked at one by one.
    assert f"using {index}_pkey" in plan, plan
    assert {name for name in re.findall(r"field_\w+", plan) if not name.startswith(index)} == set(), plan


@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_may_be_asked_together(storage: SQLStorage, name: str) -> None:
    query, _ = QUESTIONS[name]
    expected = storage.page(LARGE, query)
    with Transaction() as transaction:
        questions = [storage.foresee_page(transaction, LARGE, one) for one in (query, where(Filter("n", 3, "max")))]
        ask(Inquiry(tuple(questions)))
        assert storage.page(LARGE, query, transaction=transaction) == expected


def test_many_records_with_one_value_are_a_page_soon(storage: SQLStorage) -> None:
    """What nearly all records have is not collected first."""
    for condition in (Filter("tags", ("all",), "contains"), Filter("n", 10, "min"), Filter("status", ("done",), "in")):
        assert len(storage.page(LARGE, where(condition)).documents) == 100
