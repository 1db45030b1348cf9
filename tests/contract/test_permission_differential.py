"""After generated changes, every permission backend answers as the one in memory does, which is the specification.

``CLIQUET_TEST_EXAMPLES=20000`` looks further, and each time elsewhere.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cliquet.database.engine import Database
from cliquet.database.postgresql import PostgreSQL
from cliquet.database.question import Inquiry, ask
from cliquet.database.sqlite import SQLite
from cliquet.database.transaction import Transaction
from cliquet.permission.base import Lists, Permission
from cliquet.permission.memory import MemoryPermission
from cliquet.permission.postgresql import PostgreSQLDialect
from cliquet.permission.redis import RedisPermission, connect
from cliquet.permission.sql.permission import SQLPermission
from cliquet.permission.sqlite import SQLiteDialect
from cliquet.testing.permission.holdings import pages
from tests.contract.generated_changes import NAMES, OBJECTS, PERMISSIONS, PRINCIPALS, blocks, run

EXAMPLES = int(os.environ.get("CLIQUET_TEST_EXAMPLES", "0"))
LISTS = sorted({Lists.like(one) for one in OBJECTS} | {Lists.like(one, under="/x/b") for one in OBJECTS})
PARENTS = ["/x", "/x/b/y", "/x/b", "", *(f"/x/{name}/y" for name in NAMES)]

lookfor = settings(
    max_examples=EXAMPLES or 100,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def backends(tmp_path_factory: pytest.TempPathFactory, postgresql_url: str, redis_url: str) -> Iterator[Any]:
    """One of each kind."""
    url = f"sqlite:///{tmp_path_factory.mktemp('differential')}/data.sqlite"
    made: dict[str, Permission] = {
        "sqlite": SQLPermission(Database(url, SQLite(synchronous="OFF")), SQLiteDialect()),
        "postgresql": SQLPermission(Database(postgresql_url, PostgreSQL()), PostgreSQLDialect()),
        "redis": RedisPermission(connect(redis_url, timeout=5), "differential"),
    }
    for permission in made.values():
        permission.migrate()
    yield made
    for permission in made.values():
        permission.flush()
        permission.close()


def answers(permission: Permission, question: dict[str, Any], transaction: Transaction | None) -> dict[str, Any]:
    """All that a backend says to one question."""
    who: dict[str, Any] = {"user_id": question["user_id"], "transaction": transaction}
    principals, wanted, permissions = (question[name] for name in ("principals", "wanted", "permissions"))
    return {
        "groups": {user: permission.principals_of(user, transaction=transaction) for user in PRINCIPALS},
        "entries": permission.permissions_of(*OBJECTS, transaction=transaction),
        "check": permission.check(wanted, principals, **who),
        "granting": permission.granting(wanted, principals, **who),
        "accessible": [permission.accessible(parent, permissions, principals, **who) for parent in PARENTS],
        "page": permission.objects_of(principals, **who, **question["page"]),
        "pages": pages(permission, principals, question["page"]["limit"], **who),
        "in lists": [
            permission.objects_of(principals, **who, **question["page"], by_id=by_id, lists=question["lists"])
            for by_id in (False, True)
        ],
        "pages in lists": pages(permission, principals, question["page"]["limit"], lists=question["lists"], **who),
        "alone": [
            permission.held_alone(user, name, lists=lists, after=after, limit=limit, transaction=transaction)
            for lists in question["lists"]
            for user, name in zip(PRINCIPALS, PERMISSIONS, strict=False)
            for after, limit in ((None, None), (question["page"]["after"], question["page"]["limit"]))
        ],
        "memberships": {user: permission.memberships(user, transaction=transaction) for user in PRINCIPALS},
        "all": permission.objects_of(principals, **who),
        "numbers": permission.numbers_of(principals, **who, lists=question["lists"]),
        "named": permission.check(wanted, principals, **who, named=question["named"]),
        "foreseen": transaction is not None and foreseen(permission, question, transaction),
    }


def foreseen(permission: Permission, question: dict[str, Any], transaction: Transaction) -> list[bool]:
    """Who may what, after all of it was asked at once."""
    who = {name: question[name] for name in ("principals", "user_id")}
    found = permission.foresee(transaction, **who, wanted=question["wanted"], named=question["named"])
    ask(Inquiry(() if found.held is None else (found.held,)))
    named = [permission.check([], **who, named=[one], transaction=transaction) for one in question["named"]]
    return [*named, *(permission.check([one], **who, transaction=transaction) for one in question["wanted"])]


QUESTIONS = st.fixed_dictionaries(
    {
        "user_id": st.one_of(st.none(), st.sampled_from(PRINCIPALS)),
        "principals": st.lists(st.sampled_from(PRINCIPALS), max_size=4),
        "permissions": st.lists(st.sampled_from(PERMISSIONS), max_size=4),
        "named": st.lists(st.sampled_from(PRINCIPALS), max_size=2),
        "lists": st.lists(st.sampled_from(LISTS), max_size=4, unique=True),
        "wanted": st.lists(st.tuples(st.sampled_from(OBJECTS), st.sampled_from(PERMISSIONS)), max_size=8),
        "page": st.fixed_dictionaries(
            {
                "after": st.one_of(st.none(), st.sampled_from(OBJECTS), st.sampled_from(PARENTS)),
                "limit": st.integers(1, 4),
                "descending": st.booleans(),
            }
        ),
    }
)


@lookfor
@given(committed=blocks, pending=blocks, question=QUESTIONS)
def test_every_backend_gives_the_same_answers(
    backends: dict[str, Permission], committed: list[Any], pending: list[Any], question: dict[str, Any]
) -> None:
    expected = story(MemoryPermission(), committed, pending, question)
    for name, permission in backends.items():
        permission.flush()
        assert story(permission, committed, pending, question) == expected, name


def story(permission: Permission, committed: list[Any], pending: list[Any], question: dict[str, Any]) -> Any:
    """What is answered after a transaction, inside of the next one, and after that one was undone."""
    with Transaction() as transaction:
        run(permission, committed, transaction)
    after = answers(permission, question, None)
    transaction = Transaction()
    run(permission, pending, transaction)
    within = answers(permission, question, transaction)
    transaction.rollback()
    assert answers(permission, question, None) == after
    return after, within
