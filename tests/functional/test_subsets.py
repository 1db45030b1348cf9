"""Records whose ids another part of the database knows: they are found there, and nobody is told the ids."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.permission import postgresql as postgresql_permission
from cliquet.permission import sqlite as sqlite_permission
from cliquet.permission.sql.permission import SQLPermission
from cliquet.protocol.query import Filter, Query
from cliquet.storage import postgresql, sqlite
from cliquet.storage.base import Scope
from cliquet.storage.memory import MemoryStorage
from cliquet.storage.sql.storage import SQLStorage

PARENT = "/buckets/b/collections/c"
RECORDS, SCOPE = f"{PARENT}/records", Scope("record", PARENT)
DIALECTS: dict[str, tuple[Any, Any]] = {
    "sqlite": (sqlite.SQLiteDialect(), sqlite_permission.SQLiteDialect()),
    "postgresql": (postgresql.PostgreSQLDialect(), postgresql_permission.PostgreSQLDialect()),
}


class Pair(NamedTuple):
    """A storage and the permissions in the same database, and what that was sent."""

    storage: SQLStorage
    permission: SQLPermission
    sent: list[str]

    def shared(self, *permissions: str, transaction: Transaction | None = None) -> Any:
        """What bob may see."""
        return self.permission.accessible_ids(RECORDS, permissions, ["bob"], transaction=transaction)


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest) -> Iterator[Pair]:
    driver = SQLite(synchronous="NORMAL") if request.param == "sqlite" else PostgreSQL()
    found = opened(request.getfixturevalue(f"{request.param}_url"), driver)
    yield found
    emptied(found)
    found.storage.close()


def opened(url: str, driver: SQLite | PostgreSQL) -> Pair:
    """A pair with some records, two of which bob may see."""
    sent = list[str]()
    of_storage, of_permission = DIALECTS[driver.name]
    database = Database(url, driver, observe=sent.append)
    found = Pair(SQLStorage(database, of_storage), SQLPermission(database, of_permission), sent)
    found.storage.migrate()
    emptied(found)
    for number in range(6):
        found.storage.create(SCOPE, {"id": f"r{number}", "number": number})
    for record in ("r1", "r4", "gone"):
        found.permission.replace(f"{RECORDS}/{record}", {"read": ["bob"], "write": ["bob", "alice"]})
    return found


def emptied(pair: Pair) -> None:
    pair.storage.flush()
    pair.permission.flush()


def asked(pair: Pair, call: Callable[[], Any]) -> int:
    pair.sent.clear()
    call()
    return len([text for text in pair.sent if not text.startswith(("BEGIN", "COMMIT", "ROLLBACK"))])


def ids(pair: Pair, query: Query, transaction: Transaction | None = None) -> list[str]:
    return [one.id for one in pair.storage.page(SCOPE, query, transaction=transaction).documents]


def test_a_page_of_them_is_one_statement_that_names_none(pair: Pair) -> None:
    only = pair.shared("read", "write")
    assert pair.storage.finds(only)
    assert asked(pair, lambda: ids(pair, Query(only=only, limit=5))) == 1
    assert ids(pair, Query(only=only, limit=5)) == ["r4", "r1"]
    assert ids(pair, Query(only=only)) == ["r4", "r1"]
    assert ids(pair, Query(only=only, limit=5, filters=(Filter("number", 4, "lt"),))) == ["r1"]


def test_they_are_counted_in_one_statement(pair: Pair) -> None:
    only = pair.shared("read", "write")
    assert asked(pair, lambda: pair.storage.count(SCOPE, Query(only=only))) == 1
    assert pair.storage.count(SCOPE, Query(only=only)).total == 2


def test_nobody_reads_the_rows_that_are_known(pair: Pair) -> None:
    time = pair.storage.head(SCOPE).timestamp
    assert ids(pair, Query(only=pair.shared("read"), limit=5, unless=time)) == []
    assert ids(pair, Query(only=pair.shared("read"), limit=5, unless=time - 1)) == ["r4", "r1"]


def test_whether_there_is_one_is_one_short_statement(pair: Pair) -> None:
    assert asked(pair, lambda: bool(pair.shared("read"))) == 1
    assert pair.shared("read")
    assert not pair.shared("own")
    assert not pair.permission.accessible_ids("/buckets/b\0", ["read"], ["bob"])


def test_who_looks_at_them_sees_a_set(pair: Pair) -> None:
    found = pair.shared("read")
    assert found == {"r1", "r4", "gone"}
    assert len(found) == 3
    assert "r1" in found
    assert "r2" not in found


def test_what_a_transaction_has_granted_counts_in_it(pair: Pair) -> None:
    with Transaction() as transaction:
        only = pair.shared("read", transaction=transaction)
        pair.storage.create(SCOPE, {"id": "new"}, transaction=transaction)
        pair.permission.grant(f"{RECORDS}/new", "read", "bob", transaction=transaction)
        assert ids(pair, Query(only=only, limit=5), transaction) == ["new", "r4", "r1"]
        pair.permission.revoke(f"{RECORDS}/r4", "read", "bob", transaction=transaction)
        assert ids(pair, Query(only=only, limit=5), transaction) == ["new", "r1"]


def test_a_transaction_asks_once_whether_there_is_one(pair: Pair) -> None:
    with Transaction() as transaction:
        only = pair.shared("read", transaction=transaction)
        assert asked(pair, lambda: [bool(only), bool(only)]) == 1


def test_what_is_deleted_is_what_they_have(pair: Pair) -> None:
    _, gone = pair.storage.delete_page(SCOPE, Query(only=pair.shared("write"), limit=1))
    assert [one.id for one in gone] == ["r4"]
    assert pair.storage.count(SCOPE, Query()).total == 5


def test_another_storage_is_told_them(pair: Pair, tmp_path: Path) -> None:
    memory = MemoryStorage()
    other = SQLStorage(Database(f"sqlite:///{tmp_path}/other.sqlite3", SQLite()), sqlite.SQLiteDialect())
    other.migrate()
    only = pair.shared("read")
    for storage in (memory, other):
        for number in range(3):
            storage.create(SCOPE, {"id": f"r{number}"})
        assert not storage.finds(only)
        assert [one.id for one in storage.page(SCOPE, Query(only=only, limit=5)).documents] == ["r1"]
        assert storage.count(SCOPE, Query(only=only)).total == 1
    other.close()


#: Drivers whose statements nobody else has used.
UNUSED: dict[str, SQLite | PostgreSQL] = {
    "sqlite": SQLite("NORMAL", busy_timeout=6.5),
    "postgresql": PostgreSQL(prepared_statements=False),
}


@pytest.mark.parametrize("kind", UNUSED)
def test_statements_that_are_kept_keep_nothing_of_who_used_them(kind: str, request: pytest.FixtureRequest) -> None:
    url = request.getfixturevalue(f"{kind}_url")

    def used() -> list[weakref.ref[Any]]:
        pair = opened(url, UNUSED[kind])
        assert ids(pair, Query(only=pair.shared("read"), limit=5)) == ["r4", "r1"]
        emptied(pair)
        pair.storage.close()
        parts = (pair.permission.builder, pair.permission._effects)
        return [weakref.ref(one) for one in (pair.storage.database, pair.storage, pair.permission, *parts)]

    kept = used()
    gc.collect()
    assert [one() for one in kept] == [None] * len(kept)
