"""The contract of a permission backend, kept by the one in Redis."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from cliquet.database.transaction import Transaction
from cliquet.errors import BackendError
from cliquet.permission.redis import RedisPermission, connect
from cliquet.testing.permission import PermissionContract
from cliquet.testing.permission.base import BUCKET, COLLECTION, GROUP, held


@pytest.fixture
def client(redis_url: str) -> Iterator[redis.Redis]:
    with connect(redis_url, timeout=5) as client:
        client.flushdb()
        yield client
        client.flushdb()


class TestRedisPermission(PermissionContract):
    @pytest.fixture(scope="class")
    @classmethod
    def permission(cls, redis_url: str) -> Iterator[RedisPermission]:
        with connect(redis_url, timeout=5) as client:
            client.flushdb()
            yield RedisPermission(client, "app")
            client.flushdb()


def keys(client: redis.Redis) -> set[bytes]:
    found: list[bytes] = client.keys()  # type: ignore[assignment]  # not of the asynchronous client
    return set(found)


def test_a_prefix_sees_nothing_of_another(client: redis.Redis) -> None:
    mine, others = (
        RedisPermission(client, "app"),
        [RedisPermission(client, prefix) for prefix in ("ap", "app:ace", "*")],
    )
    for permission in (mine, *others):
        permission.grant(BUCKET, "read", "alice")
        permission.add_member(GROUP, "alice")
    others[2].flush()
    mine.grant(COLLECTION, "read", "alice")
    mine.flush()
    assert held(mine, BUCKET, COLLECTION) == {}
    for permission in others[:2]:
        assert held(permission, BUCKET) == {BUCKET: {"read": {"alice"}}}
        assert permission.principals_of("alice") == {GROUP}


def test_nothing_is_left_of_what_was_removed(client: redis.Redis) -> None:
    permission = RedisPermission(client, "app")
    for number in range(3):
        permission.replace(f"{COLLECTION}/records/{number}", {"read": ["alice", GROUP], "write": ["alice"]})
        permission.set_members(f"{GROUP}{number}", ["alice", "bob"])
    assert len(keys(client)) > 10
    permission.revoke(f"{COLLECTION}/records/0", "write", "alice")
    permission.remove_member(f"{GROUP}0", "alice")
    permission.remove_groups_under(BUCKET)
    permission.delete_under(BUCKET)
    assert keys(client) == {b"permission:app:version"}


def test_what_changes_nothing_writes_nothing(client: redis.Redis) -> None:
    permission = RedisPermission(client, "app")
    permission.grant(BUCKET, "read", "alice")
    before = client.get("permission:app:version")
    permission.grant(BUCKET, "read", "alice")
    permission.revoke(BUCKET, "write", "alice")
    permission.delete(COLLECTION)
    with Transaction() as transaction:
        permission.grant(COLLECTION, "read", "alice", transaction=transaction)
        permission.delete(COLLECTION, transaction=transaction)
    assert client.get("permission:app:version") == before


def test_changes_are_sent_once_everything_else_is_kept(client: redis.Redis) -> None:
    permission, seen = RedisPermission(client, "app"), []

    class Witness:
        """Another backend, which joined later."""

        def prepare(self) -> None: ...
        def commit(self) -> None:
            seen.append(held(permission, BUCKET))

        def rollback(self) -> None: ...
        def mark(self) -> None: ...
        def rewind(self, mark: None) -> None: ...
        def release(self, mark: None) -> None: ...

    with Transaction() as transaction:
        permission.grant(BUCKET, "read", "alice", transaction=transaction)
        transaction.join("witness", Witness)
        transaction.after_commit(lambda: seen.append(held(permission, BUCKET)))
    assert seen == [{}, {BUCKET: {"read": {"alice"}}}]


def test_a_server_that_does_not_answer_is_an_error_of_the_backend(tmp_path: Path) -> None:
    permission = RedisPermission(connect(f"unix://{tmp_path}/nobody.sock", timeout=0.2))
    assert permission.ping() is False
    for call in (
        lambda: permission.check([(BUCKET, "read")], ["alice"]),
        lambda: permission.grant(BUCKET, "read", "alice"),
        permission.flush,
    ):
        with pytest.raises(BackendError):
            call()
