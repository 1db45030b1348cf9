"""Searches that no index serves are given up in time, and say which field to index."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import kinto
from cliquet.cli import main
from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.errors import SearchTimedOut
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect
from cliquet.testing.app import Client
from cliquet.testing.storage.base import following, ids, ordered_by

SCOPE = Scope("record", "/buckets/b/collections/c")
#: So many that no machine looks at all of them in a millisecond.
MANY = 20_000
BODY = """'{"id":"r' || n || '","last_modified":' || n || ',"n":' || n || '}'"""


def fill(storage: Any) -> None:
    data = f", CAST({BODY} AS jsonb)" if storage.database.driver.name == "postgresql" else ""
    numbers = f"WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < {MANY})"
    row = f"SELECT '{SCOPE.parent}', '{SCOPE.resource}', 'r' || n, n, n < 0, {BODY}{data} FROM n"
    with storage.database.engine.begin() as connection:
        connection.exec_driver_sql(f"INSERT INTO record {numbers} {row}")
        head = f"INSERT INTO timeline SELECT '{SCOPE.parent}', '{SCOPE.resource}', {MANY}, 0, 0"
        connection.exec_driver_sql(head)


@pytest.fixture(scope="module")
def sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SQLStorage]:
    url = f"sqlite:///{tmp_path_factory.mktemp('limits')}/data.sqlite"
    storage = SQLStorage(Database(url, SQLite(synchronous="NORMAL")), SQLiteDialect(), limit=1)
    storage.migrate()
    fill(storage)
    list(storage.index({"record": ("m",)}))
    yield storage
    storage.close()


@pytest.fixture(scope="module")
def postgresql(postgresql_url: str) -> Iterator[SQLStorage]:
    storage = SQLStorage(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect(), limit=1, freshness=0.0)
    storage.migrate()
    storage.flush()
    fill(storage)
    list(storage.index({"record": ("m",)}))
    yield storage
    storage.flush()
    list(storage.index({}))
    storage.close()


@pytest.fixture
def pgbouncer(postgresql: SQLStorage, pgbouncer_url: str) -> Iterator[SQLStorage]:
    """The same records, behind PgBouncer in transaction mode."""
    storage = SQLStorage(Database(pgbouncer_url, PostgreSQL()), PostgreSQLDialect(), limit=1)
    yield storage
    storage.close()


@pytest.fixture(params=["sqlite", "postgresql", "pgbouncer"])
def storage(request: pytest.FixtureRequest) -> SQLStorage:
    found: SQLStorage = request.getfixturevalue(request.param)
    return found


NOBODY = Filter("n", "nobody")
LONG = {
    "filter": (Query(filters=(NOBODY,), limit=5), ("n",)),
    "filter among tombstones": (dataclasses.replace(following(0), filters=(NOBODY,), limit=5), ("n",)),
    "sort": (ordered_by("-n", limit=5), ("n",)),
    "sort by two": (ordered_by("m", "n", limit=5), ("n",)),
    "like": (Query(filters=(Filter("n.o", "x", "like"),), limit=5), ("n.o",)),
    "an operator that no index serves": (Query(filters=(Filter("m", "x", "like"),), limit=5), ()),
}


@pytest.mark.parametrize("name", LONG)
@pytest.mark.parametrize("within", [False, True], ids=["alone", "in a transaction"])
def test_a_long_search_is_given_up(storage: SQLStorage, name: str, within: bool) -> None:
    query, fields = LONG[name]
    transaction = Transaction() if within else None
    try:
        if transaction is not None:
            storage.lock([SCOPE], transaction=transaction)
        with pytest.raises(SearchTimedOut) as stopped:
            storage.page(SCOPE, query, transaction=transaction)
        assert stopped.value.fields == fields
    finally:
        if transaction is not None:
            transaction.rollback()
    assert len(storage.page(SCOPE, Query(limit=5)).documents) == 5


@pytest.mark.parametrize("query", [Query(), Query(filters=(NOBODY,))], ids=["all", "filtered"])
def test_a_long_count_is_given_up(storage: SQLStorage, query: Query) -> None:
    with pytest.raises(SearchTimedOut):
        storage.count(SCOPE, query)


SHORT = {
    "page": Query(limit=5),
    "since": dataclasses.replace(following(MANY - 2), limit=5),
    "equal": Query(filters=(Filter("m", 5),), limit=5),
    "one of some": Query(filters=(Filter("m", (5, 6), "in"),), limit=5),
    "with an item": Query(filters=(Filter("m", (5,), "contains"),), limit=5),
    "with one of some items": Query(filters=(Filter("m", (5, 6), "contains_any"),), limit=5),
    "sorted": ordered_by("m", limit=5),
    "range in its order": ordered_by("-m", filters=(Filter("m", 5, "min"),), limit=5),
}


@pytest.mark.parametrize("name", SHORT)
def test_what_an_index_has_in_order_is_not_limited_and_costs_one_statement(storage: SQLStorage, name: str) -> None:
    sent: list[str] = []
    storage.page(SCOPE, SHORT[name])
    storage.database.observe = sent.append
    storage.page(SCOPE, SHORT[name])
    storage.database.observe = lambda _: None
    assert len([text for text in sent if "indexed" not in text and "metadata" not in text]) == 1, sent


def test_the_limit_ends_with_its_statement(postgresql: SQLStorage) -> None:
    patient = SQLStorage(postgresql.database, PostgreSQLDialect(), limit=60_000)
    with Transaction() as transaction:
        patient.lock([SCOPE], transaction=transaction)
        assert ids(patient.page(SCOPE, ordered_by("-n", limit=1), transaction=transaction)) == [f"r{MANY}"]
        postgresql.page(SCOPE, Query(), transaction=transaction)
        connection: Any = postgresql.database.session(transaction)._dialogue._connection
        cursor = connection.cursor()
        assert cursor.execute("SHOW statement_timeout").fetchall() == [("0",)]
    assert ids(patient.page(SCOPE, ordered_by("-n", limit=1))) == [f"r{MANY}"]
    with postgresql.database.connect() as another:
        assert another.exec_driver_sql("SHOW statement_timeout").scalar() == "0"


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, serve: Callable[[Any], Client]) -> Iterator[Client]:
    """A store in which a search may take a millisecond; nobody else uses its database, which has no indexes."""
    settings = request.getfixturevalue(f"{request.param}_settings")
    backend = f"cliquet.permission.{request.param}"
    places = {"permission_backend": backend, "permission_url": settings["storage_url"]}
    limits = {"storage_statement_timeout_ms": 1, "retry_after_seconds": 7}
    found = serve(kinto.main(None, **{**settings, **places, **limits, "project_name": "kinto"}))
    found.put_json("/v1/buckets/b", {})
    found.put_json("/v1/buckets/b/collections/c", {})
    fill(found.storage)
    drop_indexes(found)
    yield found
    drop_indexes(found)


def drop_indexes(store: Client) -> None:
    """Drop them without the wait for others who may still use them."""
    assert isinstance(store.storage, SQLStorage)
    database = store.storage.database
    dialect = PostgreSQLDialect() if database.driver.name == "postgresql" else SQLiteDialect()
    list(SQLStorage(database, dialect, freshness=0.0).index({}))


RECORDS = "/v1/buckets/b/collections/c/records"


def test_a_client_is_told_which_field_to_index(store: Client) -> None:
    refused = store.get(f"{RECORDS}?n=nobody", status=503)
    assert (refused.json["errno"], refused.headers["Retry-After"]) == (201, "7")
    assert refused.json["message"] == (
        "The search took longer than 1 ms, for there is no index on 'n'. Have it indexed, or ask for less."
    )
    assert "'n'" in store.get(f"{RECORDS}?_sort=n&_limit=5", status=503).json["message"]
    assert "'n'" in store.delete(f"{RECORDS}?n=nobody", status=503).json["message"]
    assert store.head(f"{RECORDS}?n=nobody", status=503).headers["Retry-After"] == "7"
    assert store.head(RECORDS, status=503).headers["Retry-After"] == "7"
    batch = {"requests": [{"path": f"{RECORDS}?n=nobody".removeprefix("/v1")}]}
    assert "'n'" in store.post_json("/v1/batch", batch, status="*").text
    assert len(store.get(f"{RECORDS}?_limit=5").json["data"]) == 5
    list(store.storage.index({"record": ("n",)}))
    assert store.get(f"{RECORDS}?n=nobody").json["data"] == []
    assert store.get(f"{RECORDS}?_sort=-n&_limit=1").json["data"][0]["n"] == MANY


BAD = {
    "no list": "n",
    "no text": [{}],
    "empty": [""],
    "quoted": ["n'"],
    "double quoted": ['a"b'],
    "percent": ["%s"],
    "a dot at the end": ["a."],
    "the time": ["last_modified"],
    "too long": ["n" * 64],
    "too deep": ["a.b.c.d.e.f"],
    "too many": [f"f{number}" for number in range(11)],
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_indexed_is_refused_by_name(sqlite_settings: dict[str, Any], serve: Any, name: str) -> None:
    places = {"permission_backend": "cliquet.permission.sqlite", "permission_url": sqlite_settings["storage_url"]}
    client = serve(kinto.main(None, **{**sqlite_settings, **places, "project_name": "kinto"}))
    client.put_json("/v1/buckets/b", {})
    refused = client.put_json("/v1/buckets/b/collections/c", {"data": {"indexes": BAD[name]}}, status=400)
    assert {problem["name"].split(".")[1] for problem in refused.json["details"]} == {"indexes"}, refused.json
    client.put_json("/v1/buckets/b/collections/c", {"data": {"indexes": ["n", "author.name"]}})
    schema = client.get("/v1/__api__").json["components"]["schemas"]
    assert '"indexes": {"type": "array"' in str(schema).replace("'", '"')


def test_collections_have_their_fields_indexed_by_a_command(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/kinto.sqlite"
    places = {"storage_url": url, "permission_url": url, "storage_backend": "cliquet.storage.sqlite"}
    settings = {**places, "permission_backend": "cliquet.permission.sqlite", "storage_max_indexed_fields": "2"}
    ini = tmp_path / "kinto.ini"
    ini.write_text("[app:main]\nuse = call:kinto:main\n" + "".join(f"{key} = {settings[key]}\n" for key in settings))
    client = Client(kinto.main(None, **settings))
    client.put_json("/v1/buckets/b", {})
    for name, indexes in (("c", ["title", "rare"]), ("d", ["title", "n"]), ("e", ["n", "title"])):
        client.put_json(f"/v1/buckets/b/collections/{name}", {"data": {"indexes": indexes}})

    def run(*options: str) -> list[str]:
        done = CliRunner().invoke(main, ["index", "--ini", str(ini), *options])
        assert done.exit_code == 0, done.output
        return [line.rpartition(" in ")[0] or line for line in done.output.splitlines()]

    refused = "record: too many fields, not indexed: rare (setting storage_max_indexed_fields)"
    assert run("--dry-run") == [refused, "record: n would be indexed", "record: title would be indexed"]
    assert run() == [refused, "record: n indexed", "record: title indexed"]
    for name in "fgh":
        client.put_json(f"/v1/buckets/b/collections/{name}", {"data": {"indexes": ["rare"]}})
    assert run()[1:] == ["Nothing to do."], "what is indexed already is not crowded out"
    client.delete("/v1/buckets/b/collections")
    client.storage.close()
