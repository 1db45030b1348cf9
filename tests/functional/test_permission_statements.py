"""What permissions cost a SQL database: statements, indexes, and the transaction they share with the records."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from cliquet.database.engine import Database
from cliquet.database.migrations import HEAD
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound
from cliquet.permission.base import AUTHENTICATED, Lists
from cliquet.permission.postgresql import PostgreSQLDialect
from cliquet.permission.sql.dialect import Dialect
from cliquet.permission.sql.objects import LISTS, Pages
from cliquet.permission.sql.permission import SQLPermission
from cliquet.permission.sql.statements import Builder
from cliquet.permission.sqlite import SQLiteDialect
from cliquet.permission.values import kind_of, list_of
from cliquet.storage import postgresql as postgresql_storage
from cliquet.storage import sqlite as sqlite_storage
from cliquet.storage.base import Scope
from cliquet.storage.sql.storage import SQLStorage

BUCKET, GROUP = "/buckets/b", "/buckets/b/groups/g"
RECORDS = f"{BUCKET}/collections/c/records"
WANTED = [(BUCKET, "write"), (RECORDS + "/1", "read")]
KINDS_OF = [Lists.like(one) for one in (BUCKET, f"{BUCKET}/collections/c", GROUP, f"{RECORDS}/1")]
KINDS = ("sqlite", "postgresql")
DIALECTS: dict[str, Dialect] = {"sqlite": SQLiteDialect(), "postgresql": PostgreSQLDialect()}
BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


class Sent(list[str]):
    """The statements that were sent."""

    def counted(self, call: Callable[[], Any]) -> tuple[int, int]:
        """How many statements a call sends, and how many around them."""
        self.clear()
        call()
        around = sum(text.startswith(BRACKETS) for text in self)
        return len(self) - around, around


def database(kind: str, url: str, sent: Sent) -> Database:
    return Database(url, SQLite(synchronous="NORMAL") if kind == "sqlite" else PostgreSQL(), observe=sent.append)


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture(params=KINDS)
def permission(request: pytest.FixtureRequest, sent: Sent) -> Iterator[SQLPermission]:
    url = request.getfixturevalue(f"{request.param}_url")
    permission = SQLPermission(database(request.param, url, sent), DIALECTS[request.param])
    permission.migrate()
    permission.flush()
    yield permission
    permission.flush()
    permission.close()


@pytest.fixture
def storage(permission: SQLPermission) -> SQLStorage:
    """A storage in the same database."""
    sqlite = permission.database.driver.name == "sqlite"
    dialect = sqlite_storage.SQLiteDialect() if sqlite else postgresql_storage.PostgreSQLDialect()
    storage = SQLStorage(permission.database, dialect)
    storage.flush()
    return storage


#: Operation -> statements, and statements around them.
COSTS: dict[str, tuple[Callable[[SQLPermission], Any], int, int]] = {
    "principals_of": (lambda permission: permission.principals_of("alice"), 1, 0),
    "check": (lambda permission: permission.check(WANTED, ["a"] * 50, user_id="alice"), 1, 0),
    "check named": (lambda permission: permission.check(WANTED, ["a"], user_id="alice", named=[GROUP]), 1, 0),
    "check nothing": (lambda permission: permission.check([], ["a"], user_id="alice"), 0, 0),
    "granting": (lambda permission: permission.granting(WANTED, ["a"], user_id="alice"), 1, 0),
    "accessible": (lambda permission: permission.accessible(RECORDS, ["read"], ["a"], user_id="alice"), 1, 0),
    "memberships": (lambda permission: permission.memberships("alice"), 1, 0),
    "objects_of": (lambda permission: permission.objects_of(["a"], user_id="alice", after="/x", limit=9), 1, 0),
    "objects_of by path": (lambda permission: permission.objects_of(["a"], user_id="a", lists=KINDS_OF, limit=9), 1, 0),
    "objects_of by id": (lambda permission: permission.objects_of(["a"], lists=KINDS_OF, by_id=True, limit=9), 1, 0),
    "numbers_of": (lambda permission: permission.numbers_of(["a"], user_id="alice", lists=KINDS_OF), 1, 0),
    "held_alone": (lambda permission: permission.held_alone("alice", "write", lists=KINDS_OF[0], limit=9), 1, 0),
    "permissions_of": (lambda permission: permission.permissions_of(*[f"/x/{n}" for n in range(999)]), 1, 0),
    "permissions_of nothing": (lambda permission: permission.permissions_of(), 0, 0),
    "grant": (lambda permission: permission.grant(BUCKET, "read", "alice"), 1, 2),
    "revoke": (lambda permission: permission.revoke(BUCKET, "read", "alice"), 1, 2),
    "replace": (lambda permission: permission.replace(BUCKET, {"read": ["a", "b"], "write": ["c"]}), 2, 2),
    "replace by nobody": (lambda permission: permission.replace(BUCKET, {"read": []}), 1, 0),
    "replace nothing": (lambda permission: permission.replace(BUCKET, {}), 1, 0),
    "delete": (lambda permission: permission.delete(*[f"/x/{n}" for n in range(999)]), 1, 2),
    "delete nothing": (lambda permission: permission.delete(), 0, 0),
    "delete_under": (lambda permission: permission.delete_under(BUCKET), 1, 2),
    "delete_under inclusive": (lambda permission: permission.delete_under(BUCKET, inclusive=True), 2, 2),
    "add_member": (lambda permission: permission.add_member(GROUP, "alice"), 1, 2),
    "remove_member": (lambda permission: permission.remove_member(GROUP, "alice"), 1, 2),
    "set_members": (lambda permission: permission.set_members(GROUP, [str(n) for n in range(999)]), 2, 2),
    "set_members to nobody": (lambda permission: permission.set_members(GROUP, []), 1, 0),
    "remove_group": (lambda permission: permission.remove_group(GROUP), 1, 2),
    "remove_groups_under": (lambda permission: permission.remove_groups_under(BUCKET), 2, 2),
    "erase": (lambda permission: permission.erase("alice"), 2, 2),
}


@pytest.mark.parametrize("name", COSTS)
def test_an_operation_costs_so_many_statements(permission: SQLPermission, sent: Sent, name: str) -> None:
    call, statements, around = COSTS[name]
    assert sent.counted(lambda: call(permission)) == (statements, around)


def test_a_transaction_begins_once(permission: SQLPermission, storage: SQLStorage, sent: Sent) -> None:
    def work() -> None:
        with Transaction() as transaction:
            storage.create(Scope("bucket", ""), {"id": "b"}, transaction=transaction)
            permission.grant(BUCKET, "write", "alice", transaction=transaction)
            permission.check(WANTED, ["alice"], transaction=transaction)

    storage.create(Scope("bucket", ""), {"id": "first"})
    alone = sent.counted(lambda: storage.create(Scope("bucket", ""), {"id": "a"}))
    # The lock, what was there, all changes: they are sent when somebody asks about permissions.
    assert sent.counted(work) == (alone[0] + 1, alone[1])


def test_records_and_their_aces_are_undone_together(permission: SQLPermission, storage: SQLStorage) -> None:
    scope = Scope("bucket", "")

    def create(name: str, transaction: Transaction) -> None:
        storage.create(scope, {"id": name}, transaction=transaction)
        permission.grant(f"/buckets/{name}", "write", "alice", transaction=transaction)

    with Transaction() as transaction:
        create("kept", transaction)
        with transaction.savepoint() as point:
            create("undone", transaction)
            point.undo()
    transaction = Transaction()
    create("lost", transaction)
    transaction.rollback()
    assert set(permission.accessible("/buckets", ["write"], ["alice"])) == {"/buckets/kept"}
    assert storage.get(scope, "kept").id == "kept"
    for name in ("undone", "lost"):
        with pytest.raises(RecordNotFound):
            storage.get(scope, name)


def test_an_older_database_is_brought_up_to_date(permission: SQLPermission) -> None:
    with permission.database.engine.begin() as connection:
        for what in ("VIEW IF EXISTS effect", "TABLE ace", "TABLE member", "INDEX timeline_by_path"):
            connection.exec_driver_sql(f"DROP {what}")
        connection.exec_driver_sql("ALTER TABLE timeline DROP COLUMN cascades")
        connection.exec_driver_sql("UPDATE cliquet_version SET version_num = '0001'")
    permission.close()
    assert permission.ping() is False
    assert permission.migrate() == [f"0001 -> {HEAD}"]
    assert permission.ping() is True
    permission.check_schema()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_that_a_client_says_is_part_of_a_statement(kind: str, sqlite_url: str, sent: Sent) -> None:
    permission = SQLPermission(database("sqlite", sqlite_url, sent), DIALECTS["sqlite"])
    permission.migrate()
    sent.clear()
    for word in ("harmless", "x'; DROP TABLE ace; --", "%(id)s", ":id", "?"):
        permission.replace(word, {word: [word]})
        permission.check([(word, word)] * 3, [word] * 3, user_id=word)
        permission.objects_of([word], after=word, limit=3)
        permission.objects_of([word], lists=[Lists(f"1/{word}", word, word)], after=word, limit=3)
        permission.held_alone(word, word, lists=Lists(f"1/{word}", word, word), after=word, limit=3)
    assert not [text for text in sent if "harmless" in text or "DROP" in text]
    assert len(set(sent)) == 2 + 6
    permission.close()


# With 20 000 ACEs, each question is answered from an index.

PLANS: dict[str, tuple[dict[str, Any], tuple[Any, ...]]] = {
    "check": ({}, ()),
    "check_or_named": ({}, ()),
    "granting": ({}, ()),
    "granting_or_named": ({}, ()),
    "accessible": ({"kind": "6/records", "list": f"{RECORDS}/"}, ()),
    "some_accessible": ({"kind": "6/records", "list": f"{RECORDS}/"}, ()),
    "accessible_ids": ({"kind": "6/records", "list": f"{RECORDS}/"}, ()),
    "principals_of": ({}, ()),
    "permissions_of": ({}, ()),
    "delete_under": ({"low": f"{RECORDS}/7", "high": f"{RECORDS}/8"}, ()),
    "members_of": ({"group": GROUP}, ()),
    "remove_groups": ({"low": "/buckets/b1/", "high": "/buckets/b10"}, ()),
    "forget_user": ({"user_id": "user1", "group": "user1"}, ()),
    "forget_principal": ({"principal": "user1"}, ()),
    "forget_principals": ({"low": "/buckets/b1/", "high": "/buckets/b10"}, ()),
    "nearest": ({"limit": 10}, (True,)),
    "numbers": ({}, ()),
    "sorted": ({"after": f"{RECORDS}/7", "after_id": "7", "limit": 10}, ((True, True, True, True, True),)),
    "held_alone": (
        {
            "principal": "user1",
            "permission": "write",
            "kind": "6/records",
            "high": f"{RECORDS}0",
            "at": f"{RECORDS}/",
            "past": f"{RECORDS}/7",
            "limit": 10,
        },
        (True,),
    ),
}
#: What the databases do by themselves, in time. The first lets the second see that everything is on the disk.
UPKEEP = {
    "sqlite": ["ANALYZE"],
    "postgresql": ["SET synchronous_commit = on", "ANALYZE", "VACUUM", "RESET synchronous_commit"],
}
_SCAN = re.compile(r"Seq Scan on (ace|member)|SCAN (ace|member)\b(?! USING (COVERING )?INDEX)")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory, postgresql_url: str) -> Iterator[dict[str, SQLPermission]]:
    """20 000 ACEs, 5 000 members, and statistics, in each database."""
    urls = {"sqlite": f"sqlite:///{tmp_path_factory.mktemp('large')}/data.sqlite", "postgresql": postgresql_url}
    made = {kind: SQLPermission(database(kind, urls[kind], Sent()), DIALECTS[kind]) for kind in KINDS}
    for permission in made.values():
        permission.migrate()
        permission.flush()
        fill(permission)
    yield made
    for permission in made.values():
        permission.flush()
        permission.close()


def fill(permission: SQLPermission) -> None:
    ids = [f"{RECORDS}/{number}" for number in range(9000)] + [f"/buckets/b{number}" for number in range(1000)]
    rows = [
        {"o": object_id, "p": name, "who": f"user{number % 100}", "k": kind_of(object_id), "l": list_of(object_id)}
        for number, object_id in enumerate(ids)
        for name in ("read", "write")
    ]
    members = [{"u": f"user{number}", "g": f"/buckets/b{number % 50}/groups/g{number}"} for number in range(5000)]
    with permission.database.engine.begin() as connection:
        connection.execute(
            sa.text("INSERT INTO ace (object_id, permission, principal, kind, list) VALUES (:o, :p, :who, :k, :l)"),
            rows,
        )
        connection.execute(sa.text("INSERT INTO member VALUES (:u, :g)"), members)
    upkeep = permission.database.checkout()
    for statement in UPKEEP[permission.database.driver.name]:
        upkeep.cursor().execute(statement)
    upkeep.close()


def explain(permission: SQLPermission, name: str, values: dict[str, Any], shape: tuple[Any, ...]) -> str:
    """What the database says it would do."""
    dialect = permission.dialect
    lists = {
        **dialect.of_texts("users", ["user1", AUTHENTICATED]),
        **dialect.of_texts("principals", ["user1", "user2", "system.Everyone"]),
        **dialect.of_texts("permissions", ["read", "write"]),
        **dialect.of_texts("named", ["/buckets/b1/groups/g1", "/buckets/b2/groups/g2"]),
        **dialect.of_texts("objects", [f"{RECORDS}/1", f"{RECORDS}/2"]),
        **dialect.of_rows("wanted", ("first", "second"), [(f"{RECORDS}/1", "read"), (BUCKET, "write")]),
        **dialect.of_rows(
            "lists", LISTS, [(*one, *one.beginning(f"{RECORDS}/7", descending=True)) for one in KINDS_OF]
        ),
    }
    command = "EXPLAIN QUERY PLAN " if permission.database.driver.name == "sqlite" else "EXPLAIN "
    statement = permission._statement(name, *shape)
    connection = permission.database.checkout()
    try:
        cursor = permission.database.driver.cursor(connection.driver_connection)
        cursor.execute(command + statement.text, statement.bind({**lists, **values}))
        return "\n".join(str(row[-1]) for row in cursor.fetchall())
    finally:
        connection.close()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", PLANS)
def test_every_statement_uses_an_index(large: dict[str, SQLPermission], kind: str, name: str) -> None:
    plan = explain(large[kind], name, *PLANS[name])
    assert not _SCAN.search(plan), plan
    if "accessible" in name or name in ("nearest", "numbers", "held_alone", "forget_principal", "forget_principals"):
        assert "ace_by_principal" in plan, plan


def test_every_method_of_the_builder_has_a_plan() -> None:
    without = {"remove_groups", "ping"}
    names = {name for builder in (Builder, Pages) for name in vars(builder) if not name.startswith(("_", "flush"))}
    assert names - without <= PLANS.keys()
