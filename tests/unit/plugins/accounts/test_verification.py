"""Whether a password is right: what is worked out, what is remembered, and what never is."""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import bcrypt
import pytest

from cliquet.cache.memory import MemoryCache
from cliquet.database.transaction import Transaction
from cliquet.errors import Overloaded
from cliquet.monitoring.metrics import NoMetrics
from cliquet.plugins.accounts.gate import Gate
from cliquet.plugins.accounts.hashing import Cost, Hasher
from cliquet.plugins.accounts.passwords import ACTIVATION, RESET, Key, Password, Passwords
from cliquet.plugins.accounts.verification import Verifier, digest_of
from cliquet.storage.memory import MemoryStorage

CHEAP = Cost(passes=1, memory=8)


class Work(NoMetrics):
    """How many hashes were worked out."""

    def __init__(self) -> None:
        self.hashes = 0

    def count(self, key: str, n: int = 1) -> None:
        self.hashes += n

    def of(self, verifier: Verifier, name: str, password: str) -> tuple[bool, int]:
        """What an answer was, and cost."""
        before = self.hashes
        return verifier.verify(name, password), self.hashes - before


class Clock:
    """A clock that tests set, in ms."""

    def __init__(self) -> None:
        self.now = 1_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(MemoryStorage())


@pytest.fixture
def verifier(work: Work, clock: Clock, passwords: Passwords) -> Verifier:
    """One that knows alice, whose password is right."""
    hasher = Hasher(CHEAP, metrics=work)
    passwords.put("alice", Password(hasher.hash("right")))
    return Verifier(passwords, hasher, MemoryCache(now=clock), lambda: "the server's", clock, ttl=30)


def change(verifier: Verifier, password: str) -> None:
    verifier.passwords.put("alice", Password(verifier.hasher.hash(password)))


def test_a_right_password_is_worked_out_once_in_a_while(verifier: Verifier, work: Work, clock: Clock) -> None:
    assert work.of(verifier, "alice", "right") == (True, 1)
    assert work.of(verifier, "alice", "right") == (True, 0)
    clock.now += 29_000
    assert work.of(verifier, "alice", "right") == (True, 0)
    clock.now += 2_000
    assert work.of(verifier, "alice", "right") == (True, 1)


@pytest.mark.parametrize("name", ["alice", "bob", "gone"])
def test_a_wrong_password_costs_the_same_whether_or_not_there_is_an_account(
    verifier: Verifier, work: Work, name: str
) -> None:
    with Transaction() as transaction:
        verifier.passwords.retire("gone", transaction=transaction)
    assert work.of(verifier, name, "wrong") == (False, 1)
    assert work.of(verifier, name, "wrong") == (False, 0)
    assert work.of(verifier, name, "also wrong") == (False, 1)


@pytest.mark.parametrize("password", ["", "x" * 4097, "a\0b"])
def test_what_can_be_nobodys_password_costs_nothing(verifier: Verifier, work: Work, password: str) -> None:
    for name in ("alice", "bob"):
        assert work.of(verifier, name, password) == (False, 0)


def test_the_old_password_is_wrong_as_soon_as_there_is_a_new_one(verifier: Verifier, work: Work) -> None:
    assert verifier.verify("alice", "right")
    change(verifier, "new")
    assert not verifier.verify("alice", "right")
    assert verifier.verify("alice", "new")
    change(verifier, "right")
    assert work.of(verifier, "alice", "right") == (True, 1)


def test_another_process_with_a_cache_of_its_own_learns_of_a_change_at_once(
    verifier: Verifier, work: Work, clock: Clock
) -> None:
    other = dataclasses.replace(verifier, cache=MemoryCache(now=clock))
    assert work.of(other, "alice", "right") == (True, 1)
    assert work.of(other, "alice", "right") == (True, 0)
    change(verifier, "new")
    assert not other.verify("alice", "right")
    assert other.verify("alice", "new")


def test_a_wrong_password_is_right_as_soon_as_it_is_the_new_one(verifier: Verifier) -> None:
    assert not verifier.verify("alice", "new")
    assert not verifier.verify("bob", "new")
    change(verifier, "new")
    verifier.passwords.put("bob", Password(verifier.hasher.hash("new")))
    assert verifier.verify("alice", "new")
    assert verifier.verify("bob", "new")


def test_who_is_gone_is_nobody(verifier: Verifier) -> None:
    assert verifier.verify("alice", "right")
    with Transaction() as transaction:
        verifier.passwords.retire("alice", transaction=transaction)
    assert not verifier.verify("alice", "right")


def test_without_a_cache_every_password_is_worked_out(verifier: Verifier, work: Work) -> None:
    for one in (dataclasses.replace(verifier, cache=None), dataclasses.replace(verifier, ttl=0)):
        assert [work.of(one, "alice", "right") for _ in range(2)] == [(True, 1), (True, 1)]


def test_the_cache_shows_no_password(verifier: Verifier) -> None:
    class Seen(MemoryCache):
        keys: list[str] = []  # noqa: RUF012  # of this test alone

        def set(self, key: str, value: Any, ttl: float | None = None) -> None:
            self.keys.append(f"{key}={value}")
            super().set(key, value, ttl)

    seen = Seen()
    one = dataclasses.replace(verifier, cache=seen, secret=lambda: "x")
    two = dataclasses.replace(verifier, cache=seen, secret=lambda: "y")
    assert one.verify("alice", "right")
    assert two.verify("alice", "right")
    assert len(set(seen.keys)) == 2, "who does not know the secret cannot try passwords on the keys"
    assert all("right" not in key and "alice" not in key and "argon2" not in key for key in seen.keys)


def test_many_requests_at_once_cost_one_hash(verifier: Verifier, work: Work) -> None:
    start, before = threading.Barrier(8), work.hashes

    def ask() -> bool:
        start.wait(20)
        return verifier.verify("alice", "right")

    slow = dataclasses.replace(verifier, hasher=Hasher(Cost(passes=2, memory=19_456), metrics=work))
    verifier = dataclasses.replace(slow, renew=False)
    with ThreadPoolExecutor(8) as pool:
        answers = [job.result(30) for job in [pool.submit(ask) for _ in range(8)]]
    assert answers == [True] * 8
    assert work.hashes - before == 1


def test_a_flood_is_refused_and_not_remembered(verifier: Verifier) -> None:
    gate = Gate(working=1, waiting=0)
    busy = dataclasses.replace(verifier, hasher=Hasher(CHEAP, gate))
    with gate.turn(), pytest.raises(Overloaded):
        busy.verify("alice", "right")
    assert busy.verify("alice", "right")


def test_an_account_that_was_not_validated_cannot_be_used(verifier: Verifier, work: Work) -> None:
    verifier.passwords.put("alice", Password(verifier.hasher.hash("right"), validated=False))
    strict = dataclasses.replace(verifier, validation=True)
    assert work.of(strict, "alice", "right") == (False, 1)
    assert verifier.verify("alice", "right"), "where nothing is validated, everybody may come in"


def test_an_older_hash_is_made_anew_when_the_password_is_known(verifier: Verifier, work: Work) -> None:
    old = bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()
    verifier.passwords.put("alice", Password(old))
    assert not verifier.verify("alice", "wrong")
    with Transaction() as transaction:
        assert verifier.verify("alice", "right", transaction=transaction), "in a batch it stays as it is"
    assert verifier.passwords.get("alice") == Password(old)
    assert verifier.verify("alice", "right")
    found = verifier.passwords.get("alice")
    assert found is not None
    assert found.hash.startswith("$argon2id$")
    assert work.of(verifier, "alice", "right") == (True, 1)
    assert work.of(verifier, "alice", "right") == (True, 0)


def test_a_service_that_only_reads_leaves_hashes_as_they_are(verifier: Verifier) -> None:
    old = bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()
    verifier.passwords.put("alice", Password(old))
    assert dataclasses.replace(verifier, renew=False).verify("alice", "right")
    assert verifier.passwords.get("alice") == Password(old)


def test_making_a_hash_anew_never_undoes_a_change(verifier: Verifier) -> None:
    old = bcrypt.hashpw(b"right", bcrypt.gensalt(4)).decode()
    verifier.passwords.put("alice", Password(verifier.hasher.hash("new")))
    assert verifier._renew("alice", "right", old)
    assert verifier.verify("alice", "new")


def test_a_key_is_good_for_its_account_its_purpose_and_its_time(verifier: Verifier, clock: Clock) -> None:
    digest = digest_of("the server's", RESET, "alice", "abc")
    password = verifier.passwords.get("alice") or Password()
    verifier.passwords.put("alice", password.with_key(RESET, Key(digest, clock.now, clock.now + 1000)))
    assert verifier.verify_key("alice", "abc", RESET)
    assert not verifier.verify_key("alice", "abd", RESET)
    assert not verifier.verify_key("alice", "", RESET)
    assert not verifier.verify_key("bob", "abc", RESET)
    assert not verifier.verify_key("alice", "abc", ACTIVATION)
    assert not verifier.verify("alice", "abc")
    clock.now += 1000
    assert not verifier.verify_key("alice", "abc", RESET)


def test_a_new_password_ends_the_key_that_was_sent_for_it() -> None:
    key = Key("digest", 0, 1)
    password = Password("hash").with_key(RESET, key).with_key(ACTIVATION, key)
    assert password.changed("other") == Password("other", keys={ACTIVATION: key})
    assert password.activated() == Password("hash", keys={RESET: key})
