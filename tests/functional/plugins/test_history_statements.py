"""What a history costs: a few statements for each transaction, however many entries it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import kinto
from cliquet.testing.app import Client
from tests.functional.plugins.history_service import BUCKET, COLLECTION, Serve, batch, put, user

BRACKETS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
RECORDS = f"{COLLECTION}/records"

OPERATIONS: dict[str, Callable[[Client], Any]] = {
    "create": lambda app: put(app, f"{RECORDS}/new"),
    "update": lambda app: put(app, f"{RECORDS}/0", {"n": 2}),
    "patch": lambda app: app.patch_json(f"/v1{RECORDS}/0", {"data": {"n": 3}}),
    "delete": lambda app: app.delete(f"/v1{RECORDS}/0"),
    "delete 10": lambda app: app.delete(f"/v1{RECORDS}"),
    "batch of 25": lambda app: batch(app, *(("PUT", f"{RECORDS}/a{number}", {}) for number in range(25))),
    "delete the collection": lambda app: app.delete(f"/v1{COLLECTION}"),
}


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest) -> dict[str, Any]:
    found: dict[str, Any] = request.getfixturevalue(f"{request.param}_settings")
    permission = {"permission_backend": f"cliquet.permission.{request.param}", "permission_url": found["storage_url"]}
    return {**found, **permission, "project_name": "kinto"}


def costs(serve: Serve, settings: dict[str, Any], operation: str) -> int:
    """The statements of an operation on a collection of 10 records, beside begin and end."""
    app = serve(kinto.main(None, **settings))
    put(app, BUCKET)
    put(app, COLLECTION, read=["basicauth:bob"])
    for number in range(10):
        put(app, f"{RECORDS}/{number}")
    user(app)
    sent: list[str] = []
    storage: Any = app.storage
    storage.database.observe = sent.append
    OPERATIONS[operation](app)
    return len([text for text in sent if not text.startswith(BRACKETS)])


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize(
    ("more", "statements"),
    [
        # the lock, and who could read what was changed
        ({"includes": "cliquet.plugins.history"}, 2),
        ({"includes": "cliquet.plugins.history", "explicit_permissions": "false"}, 1),
        # now and then one that forgets; here nothing is old enough
        ({"includes": "cliquet.plugins.history", "history.auto_trim_max_count": "1000"}, 2),
    ],
)
def test_a_transaction_costs_a_few_statements_more(
    settings: dict[str, Any], serve: Serve, operation: str, more: dict[str, str], statements: int
) -> None:
    without = {name: value for name, value in more.items() if name == "explicit_permissions"}
    assert (
        costs(serve, {**settings, **more}, operation) - costs(serve, {**settings, **without}, operation) == statements
    )
