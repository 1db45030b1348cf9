"""Questions are asked with one statement, and changes are sent with one, on each database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
import sqlalchemy as sa

from cliquet.database.effect import by_kind
from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.question import Inquiry, Question
from cliquet.database.session import Session
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.permission.postgresql import PostgreSQLDialect as PostgreSQLPermissionDialect
from cliquet.permission.sql.dialect import Dialect as PermissionDialect
from cliquet.permission.sql.effects import Effects as PermissionEffects
from cliquet.permission.sqlite import SQLiteDialect as SQLitePermissionDialect
from cliquet.storage.base import Document, Scope
from cliquet.storage.postgresql import PostgreSQLDialect
from cliquet.storage.sql.effects import Effects
from cliquet.storage.sql.storage import SQLStorage
from cliquet.storage.sqlite import SQLiteDialect

SCOPE = Scope("note", "alice")


class Desk:
    """A database, with all that is sent to it."""

    def __init__(self, kind: str, url: str) -> None:
        self.sent: list[str] = []
        driver = SQLite(synchronous="NORMAL") if kind == "sqlite" else PostgreSQL()
        dialect = SQLiteDialect() if kind == "sqlite" else PostgreSQLDialect()
        permission: PermissionDialect = SQLitePermissionDialect() if kind == "sqlite" else PostgreSQLPermissionDialect()
        self.database = Database(url, driver, observe=self.sent.append)
        self.storage = SQLStorage(self.database, dialect)
        self.effects, self.permission = Effects(dialect), PermissionEffects(permission)

    def rows(self, text: str) -> list[Any]:
        with self.database.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(text).all()]


@pytest.fixture(params=["sqlite", "postgresql"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    found = Desk(request.param, request.getfixturevalue(f"{request.param}_url"))
    found.storage.migrate()
    found.storage.flush()
    with found.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM ace")
        connection.exec_driver_sql("DELETE FROM member")
    found.storage.create(SCOPE, {"id": "a"})
    found.sent.clear()
    yield found
    found.storage.close()


def question(session: Session, learned: dict[str, Any], name: str, *, rows: int) -> Question:
    """A question that a database answers with so many rows."""
    nothing, number = sa.cast(sa.null(), sa.Text()), sa.cast(sa.null(), sa.BigInteger())
    columns = (sa.bindparam("said", type_=sa.Text()).label("a"), nothing.label("b"), nothing.label("c"))

    def build() -> Any:
        some = sa.select(*columns, number.label("d"), number.label("e"))
        return some if rows else some.where(sa.literal_column("1") == sa.literal_column("0"))

    def learn(answer: Sequence[Any]) -> None:
        learned[name] = [row[0] for row in answer]

    return Question(session, (name, rows), build, {"said": name}, learn)


@pytest.mark.parametrize("keys", [0, 1])
def test_the_key_decides_what_is_asked_and_learned(desk: Desk, keys: int) -> None:
    learned: dict[str, Any] = {}
    with Transaction() as transaction:
        session = desk.database.session(transaction)
        parts = {name: question(session, learned, name, rows=1) for name in ("always", "found", "missed")}
        key = question(session, learned, "key", rows=keys)
        session.ask(Inquiry((parts["always"],), key, (parts["found"],), (parts["missed"],)))
    assert len(desk.sent) == 1
    expected = {"key": ["key"], "found": ["found"]} if keys else {"key": [], "missed": ["missed"]}
    assert learned == {"always": ["always"], **expected}


def test_reading_begins_nothing(desk: Desk) -> None:
    with Transaction() as transaction:
        desk.storage.get(SCOPE, "a", transaction=transaction)
        desk.storage.head(SCOPE, transaction=transaction)
    assert len(desk.sent) == 2


def test_the_last_change_of_a_row_counts(desk: Desk) -> None:
    with Transaction() as transaction:
        session = desk.database.session(transaction)
        for number in (1, 2):
            document = Document.make("x", number, {"n": number})
            session.later(("record", *SCOPE.place, "x"), desk.effects.put(SCOPE, document))
        session.later(("timeline", *SCOPE.place), desk.effects.move(SCOPE, 2))
    assert desk.rows("SELECT last_modified FROM record WHERE id = 'x'") == [(2,)]
    assert desk.rows("SELECT last_modified FROM timeline") == [(2,)]
    assert len(desk.sent) == 3


#: One row, and several, take different ways on PostgreSQL.
@pytest.mark.parametrize("count", [1, 3])
def test_every_kind_of_change_is_made(desk: Desk, count: int) -> None:
    effects, permission = desk.effects, desk.permission
    names = [f'{number} "quoted" \\ é,' for number in range(count)]
    with Transaction() as transaction:
        session = desk.database.session(transaction)
        for name in names:
            session.later(("unique", name), effects.take(SCOPE, "url", name, "a"))
            session.later(("ace", name), permission.grant(f"/x/{name}", "read", name))
            session.later(("member", name), permission.join(name, "/groups/g"))
    assert {row[0] for row in desk.rows("SELECT value FROM unique_value")} == set(names)
    assert {row[0] for row in desk.rows("SELECT principal FROM ace")} == set(names)
    assert {row[0] for row in desk.rows("SELECT user_id FROM member")} == set(names)
    with Transaction() as transaction:
        session = desk.database.session(transaction)
        for name in names:
            session.later(("unique", name), effects.give_back(SCOPE, "url", name, "a"))
            session.later(("ace", name), permission.revoke(f"/x/{name}", "read", name))
            session.later(("member", name), permission.leave(name, "/groups/g"))
    assert [desk.rows(f"SELECT * FROM {table}") for table in ("unique_value", "ace", "member")] == [[], [], []]


def test_all_that_names_a_principal_or_is_about_an_object_goes(desk: Desk) -> None:
    with Transaction() as transaction:
        session = desk.database.session(transaction)
        for number, (uri, principal) in enumerate([("/x/1", "alice"), ("/x/2", "/groups/g"), ("/x/3", "bob")]):
            session.later(("ace", number), desk.permission.grant(uri, "read", principal))
        session.later(("member", "alice"), desk.permission.join("alice", "/groups/g"))
        session.flush()
        session.later(("unlisted", "/x/1"), desk.permission.unlist("/x/1"))
        session.later(("unnamed", "/groups/g"), desk.permission.unname("/groups/g"))
        session.later(("disbanded", "/groups/g"), desk.permission.disband("/groups/g"))
    assert desk.rows("SELECT object_id FROM ace") == [("/x/3",)]
    assert desk.rows("SELECT * FROM member") == []


def test_what_waits_comes_back_when_a_block_is_undone(desk: Desk) -> None:
    def put(session: Session, name: str) -> None:
        effect = desk.effects.put(SCOPE, Document.make(name, 1, {}))
        session.later(("record", *SCOPE.place, name), effect)

    with Transaction() as transaction:
        session = desk.database.session(transaction)
        put(session, "kept")
        with transaction.savepoint() as point:
            put(session, "undone")
            session.flush()
            point.undo()
        assert session.waits("record", begin=(*SCOPE.place, "kept"))
        assert not session.waits("record", begin=(*SCOPE.place, "undone"))
    assert {row[0] for row in desk.rows("SELECT id FROM record")} == {"a", "kept"}


def test_rows_are_sent_in_the_order_of_their_keys(desk: Desk) -> None:
    effects = {("ace", name): desk.permission.revoke(name, "read", "x") for name in "bca"}
    (rows,) = by_kind(effects).values()
    assert [row[0] for row in rows] == ["a", "b", "c"]


def test_changes_are_made_although_a_table_was_renamed(desk: Desk) -> None:
    with desk.database.engine.begin() as connection:
        for old, new in (("record", "away"), ("away", "record"), ("unique_value", "away"), ("away", "unique_value")):
            connection.exec_driver_sql(f"ALTER TABLE {old} RENAME TO {new}")
    for title in ("A", "B"):
        desk.storage.replace(SCOPE, "a", {"title": title}, unique=("title",))
    assert desk.storage.get(SCOPE, "a").data["title"] == "B"
    assert len(desk.rows("SELECT value FROM unique_value")) == 1
