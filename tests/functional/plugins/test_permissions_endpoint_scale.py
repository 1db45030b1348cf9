"""``/permissions`` of somebody with 100 000 ACEs: a page costs what a page costs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

import kinto
from cliquet.database.engine import Database
from cliquet.permission.sql.permission import SQLPermission
from cliquet.resource.paths import Paths, lists_of
from cliquet.testing.app import SETTINGS, Client
from tests.functional.plugins.sharing_service import user

pytestmark = pytest.mark.slow
MANY = 100_000
#: The most that a page of 100 may make a database look at.
A_PAGE = 5000
PAGES = (
    "_limit=100",
    "_limit=100&_sort=uri",
    "_limit=100&exclude_resource_name=record",
    "_limit=100&exclude_resource_name=record,group",
    "_limit=100&resource_name=bucket",
    "_limit=100&resource_name=record",
)
#: What the databases do by themselves, in time.
UPKEEP = {"sqlite": ["ANALYZE"], "postgresql": ["SET synchronous_commit = on", "ANALYZE", "RESET synchronous_commit"]}


#: How many rows, their lists, ids, kinds, and whose they are: mine, and those of others in the same lists. The modulo
#: would have to be written differently for the two drivers.
_RECORDS = "'/buckets/b' || (n / 2000) || '/collections/c' || (n / 200 - n / 2000 * 10) || '/records/'"
ROWS = (
    (MANY, _RECORDS, "'r' || (100000 + n)", "6/records", ":me"),
    (MANY, _RECORDS, "'s' || (100000 + n)", "6/records", "'user' || (n / 1000)"),
    (MANY, _RECORDS, "'r' || (100000 + n)", "6/records", "'user' || (n / 1000)"),
    (50, "'/buckets/'", "'b' || n", "2/buckets", ":me"),
    (500, "'/buckets/b' || (n / 10) || '/collections/'", "'c' || (n - n / 10 * 10)", "4/collections", ":me"),
)
_INSERT = """
INSERT INTO ace (object_id, permission, principal, kind, list)
WITH RECURSIVE n(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM n WHERE n < {most} - 1)
SELECT {place} || {id}, 'write', {whose}, '{kind}', {place} FROM n
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def app(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """The store, used by alice, with as many ACEs."""
    kind = request.param
    url = f"sqlite:///{tmp_path_factory.mktemp('many')}/data.sqlite"
    url = request.getfixturevalue("postgresql_url") if kind == "postgresql" else url
    backends = {f"{part}_backend": f"cliquet.{part}.{kind}" for part in ("storage", "permission")}
    settings: dict[str, Any] = {
        **SETTINGS,
        **backends,
        "storage_url": url,
        "permission_url": url,
        "storage_synchronous": "NORMAL",
        "project_name": "kinto",
        "includes": "cliquet.plugins.permissions_endpoint",
    }
    loose = Client(kinto.main(None, **settings, check_on_start=False))
    assert loose.parts.permission is not None
    loose.parts.permission.migrate()
    loose.parts.permission.close()
    alice = Client(kinto.main(None, **settings))
    fill(database_of(alice), user(alice))
    yield alice
    alice.storage.flush()
    permission_of(alice).flush()
    permission_of(alice).close()


def permission_of(app: Client) -> Any:
    """The backend of the permissions."""
    return app.parts.permission


def database_of(app: Client) -> Database:
    found: SQLPermission = permission_of(app)
    return found.database


def fill(database: Database, me: str) -> None:
    with database.engine.begin() as connection:
        connection.execute(sa.text("DELETE FROM ace"))
        for most, place, record_id, kind, whose in ROWS:
            insert = _INSERT.format(most=most, place=place, id=record_id, kind=kind, whose=whose)
            connection.execute(sa.text(insert), {"me": me} if whose == ":me" else {})
    upkeep = database.checkout()
    for statement in UPKEEP[database.driver.name]:
        upkeep.cursor().execute(statement)
    upkeep.close()


class Work:
    """What the database looks at: entries of indexes and rows in PostgreSQL, tens of steps of its machine in SQLite."""

    def __init__(self, database: Database) -> None:
        self._database, self._steps = database, 0

    def of(self, call: Callable[[], Any]) -> int:
        """How much a call makes it do."""
        before = self._so_far()
        call()
        return self._so_far() - before

    def _so_far(self) -> int:
        connection = self._database.checkout()
        try:
            if self._database.driver.name == "sqlite":
                # The pool gives the same connection to the call.
                driver: Any = connection.driver_connection
                driver.set_progress_handler(self._step, 10)
                return self._steps
            cursor = connection.cursor()
            cursor.execute("SELECT pg_stat_force_next_flush()")
            connection.commit()
            cursor.execute(
                "SELECT (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes) + "
                "(SELECT sum(seq_tup_read) FROM pg_stat_user_tables)"
            )
            [(much,)] = cursor.fetchall()
            return int(much)
        finally:
            connection.close()

    def _step(self) -> int:
        self._steps += 1
        return 0


@pytest.fixture
def work(app: Client) -> Work:
    return Work(database_of(app))


def test_a_page_looks_at_no_more_than_a_page(app: Client, work: Work) -> None:
    found = {}
    for query in PAGES:
        first = app.get(f"/v1/permissions?{query}")
        following = first.headers.get("Next-Page", "").removeprefix("http://localhost")
        for url in filter(None, (f"/v1/permissions?{query}", following)):
            found[url] = work.of(functools.partial(app.get, url))
    assert {url: much for url, much in found.items() if much > A_PAGE} == {}
    assert work.of(lambda: app.head("/v1/permissions")) > 10 * A_PAGE, "all of it is counted, which is seen"


def test_a_page_in_the_middle_costs_as_much_as_the_first(app: Client, work: Work) -> None:
    middle = "/buckets/b23/collections/c3/records/r146700"
    permission, lists = permission_of(app), [lists_of(context) for context in Paths.of(app.parts)]

    def page(after: str | None = None) -> Any:
        return permission.objects_of([user(app)], lists=lists, after=after, limit=101)

    assert len(page(middle).entries) == 101
    assert page(middle).entries[0][0] == "/buckets/b23/collections/c3/records/r146699"
    assert work.of(lambda: page(middle)) < A_PAGE


def test_the_whole_list_is_all_of_it(app: Client) -> None:
    head = app.head("/v1/permissions?resource_name=record")
    assert head.headers["Total-Records"] == str(MANY)
    found = app.get("/v1/permissions?resource_name=record&_sort=id&_limit=3").json["data"]
    assert [entry["id"] for entry in found] == ["r100000", "r100001", "r100002"]
    found = app.get("/v1/permissions?_sort=-id&_limit=2&resource_name=record").json["data"]
    assert [entry["id"] for entry in found] == ["r199999", "r199998"]
