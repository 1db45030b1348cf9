"""Accounts under concurrency: one name is one account, and an old password ends with the answer to its change."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from cliquet.testing.app import Client
from tests.functional.plugins.accounts_service import ACCOUNTS, make, of, sign_up

URL = "/v1/accounts"
ALICE = "/v1/accounts/alice"
Serve = Callable[[Any], Client]


@pytest.fixture
def app(sharing_settings: dict[str, Any], serve: Serve) -> Client:
    """The service, once on each storage."""
    return serve(make({**sharing_settings, **ACCOUNTS})).anonymous()


@pytest.fixture(params=["sqlite", "postgresql"])
def two(request: pytest.FixtureRequest, serve: Serve) -> Iterator[tuple[Client, Client]]:
    """Two processes of the service, as far as they can tell: each has a cache and connections of its own."""
    settings = request.getfixturevalue(f"{request.param}_settings")
    permission = {
        "permission_backend": settings["storage_backend"].replace("cliquet.storage", "cliquet.permission"),
        "permission_url": settings["storage_url"],
    }
    one, other = (make({**settings, **permission, **ACCOUNTS}) for _ in range(2))
    first = serve(one)
    second = Client(other, None)
    yield first.anonymous(), second
    second.storage.close()


def together(work: Callable[[int], Any], count: int) -> list[Any]:
    """What some threads answer that begin at the same moment."""
    start = threading.Barrier(count)

    def run(number: int) -> Any:
        start.wait(20)
        return work(number)

    with ThreadPoolExecutor(count) as pool:
        return [job.result(60) for job in [pool.submit(run, number) for number in range(count)]]


@pytest.mark.parametrize("method", ["put", "post"])
def test_of_many_who_want_one_name_one_gets_it(app: Client, method: str) -> None:
    def attempt(number: int) -> int:
        data = {"id": "alice", "password": f"password {number}"}
        send = app.put_json if method == "put" else app.post_json
        status: int = send(ALICE if method == "put" else URL, {"data": data}, status="*").status_int
        return status

    statuses = together(attempt, 6)
    assert sorted(statuses) == [201, 401, 401, 401, 401, 401]
    for number, status in enumerate(statuses):
        user = app.as_user("alice", f"password {number}").get("/v1/").json["user"]["id"]
        assert (user == "account:alice") is (status == 201)


def test_changes_at_the_same_moment_leave_one_password(app: Client) -> None:
    alice = sign_up(app, "alice")
    alice.get(ALICE)

    def change(number: int) -> int:
        status: int = alice.patch_json(ALICE, {"data": {"password": f"p{number}"}}, status="*").status_int
        return status

    statuses = together(change, 5)
    assert set(statuses) <= {200, 401, 403}
    assert 200 in statuses
    names = [
        app.as_user("alice", text).get("/v1/").json["user"]["id"] for text in ("s3cret", "p0", "p1", "p2", "p3", "p4")
    ]
    assert names.count("account:alice") == 1
    assert names[0] != "account:alice"


def test_another_process_forgets_an_old_password_at_once(two: tuple[Client, Client]) -> None:
    first, second = two
    sign_up(first, "alice", "old")
    old, new = second.as_user("alice", "old"), second.as_user("alice", "new")
    assert old.get("/v1/").json["user"]["id"] == "account:alice"
    assert new.get("/v1/").json["user"]["id"] != "account:alice"
    first.as_user("alice", "old").patch_json(ALICE, {"data": {"password": "new"}})
    assert old.get("/v1/").json["user"]["id"] != "account:alice"
    assert new.get("/v1/").json["user"]["id"] == "account:alice"
    first.as_user("alice", "new").delete(ALICE)
    assert new.get("/v1/").json["user"]["id"] != "account:alice"


def test_no_request_that_begins_after_the_answer_is_let_in_with_the_old_password(two: tuple[Client, Client]) -> None:
    first, second = two
    sign_up(first, "alice", "old")
    old = second.as_user("alice", "old")
    begun: list[tuple[float, bool]] = []
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            moment = time.perf_counter()
            begun.append((moment, old.get("/v1/").json["user"]["id"] == "account:alice"))

    with ThreadPoolExecutor(2) as pool:
        askers = [pool.submit(ask) for _ in range(2)]
        while len(begun) < 20:
            time.sleep(0.005)
        first.as_user("alice", "old").patch_json(ALICE, {"data": {"password": "new"}})
        acknowledged, asked = time.perf_counter(), len(begun)
        while len(begun) < asked + 20:
            time.sleep(0.005)
        stop.set()
        for asker in askers:
            asker.result(60)
    assert any(right for moment, right in begun if moment < acknowledged)
    assert not any(right for moment, right in begun if moment > acknowledged)


def test_batches_that_write_accounts_and_memos_in_any_order_all_get_through(app: Client) -> None:
    alice = sign_up(app, "alice")
    account = {"method": "PATCH", "path": "/accounts/alice", "body": {"data": {"password": "s3cret"}}}
    memo = {"method": "POST", "path": "/memos", "body": {"data": {}}}

    def batch(number: int) -> list[int]:
        requests = [account, memo] if number % 2 else [memo, account]
        answers = [alice.post_json("/v1/batch", {"requests": requests}).json["responses"] for _ in range(4)]
        return sorted(one["status"] for answer in answers for one in answer)

    assert together(batch, 4) == [[200] * 4 + [201] * 4] * 4


def test_a_batch_makes_an_account_and_uses_it(app: Client) -> None:
    alice = app.as_user("alice", "s3cret")
    own = {"Authorization": alice.extra_environ["HTTP_AUTHORIZATION"]}
    requests = [
        {"method": "PUT", "path": "/accounts/alice", "body": {"data": {"password": "s3cret"}}},
        {"method": "POST", "path": "/memos", "headers": own, "body": {"data": {"text": "mine"}}},
        {"method": "PATCH", "path": "/accounts/alice", "headers": own, "body": {"data": {"password": "new"}}},
        {"path": "/accounts/alice", "headers": own},
    ]
    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [one["status"] for one in answers] == [201, 201, 200, 403]
    assert app.as_user("alice", "new").get("/v1/memos").json["data"][0]["text"] == "mine"


def test_a_batch_that_is_undone_leaves_the_old_password(app: Client) -> None:
    alice = sign_up(app, "alice")
    alice.get(ALICE)
    requests = [
        {"method": "PATCH", "path": "/accounts/alice", "body": {"data": {"password": "new"}}},
        {"method": "PUT", "path": "/accounts/bob", "body": {"data": {"password": "x"}}},
    ]
    alice.post_json("/v1/batch", {"requests": requests, "atomic": True}, status=409)
    assert alice.get(ALICE).json["data"]["id"] == "alice"
    assert app.as_user("alice", "new").get("/v1/").json["user"]["id"] != "account:alice"
    assert of(app).passwords.get("bob") is None


def test_what_is_deleted_and_made_again_in_one_batch_is_there(app: Client) -> None:
    with app.storage.within(None) as transaction:
        of(app).save("admin", of(app).hasher.hash("s3cret"), administrator=True, transaction=transaction)
    sign_up(app, "bob")
    requests = [
        {"method": "DELETE", "path": "/accounts/bob"},
        {"method": "PUT", "path": "/accounts/bob", "body": {"data": {"password": "again"}}},
    ]
    answers = app.as_user("admin", "s3cret").post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [one["status"] for one in answers] == [200, 201]
    assert app.as_user("bob", "again").get("/v1/accounts/bob").json["data"]["id"] == "bob"
