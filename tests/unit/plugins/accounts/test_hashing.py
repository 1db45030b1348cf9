"""Hashes of passwords, ours and those of others."""

from __future__ import annotations

import argon2
import bcrypt
import pytest

from cliquet.monitoring.metrics import NoMetrics
from cliquet.plugins.accounts.hashing import LONGEST_PASSWORD_BYTES, Cost, Hasher, fault

CHEAP = Cost(passes=1, memory=8)


class Counted(NoMetrics):
    """Counts what is counted."""

    def __init__(self) -> None:
        self.counts: dict[str, int] = {}

    def count(self, key: str, n: int = 1) -> None:
        self.counts[key] = self.counts.get(key, 0) + n


@pytest.fixture
def hasher() -> Hasher:
    return Hasher(CHEAP)


def old_hash(password: str, prefix: bytes = b"2b") -> str:
    return bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4, prefix)).decode()


@pytest.mark.parametrize("password", ["a", "pass word", "pässwörd ✓", "\x01\x7f", "x" * LONGEST_PASSWORD_BYTES])
def test_a_hash_fits_its_password_and_no_other(hasher: Hasher, password: str) -> None:
    encoded = hasher.hash(password)
    assert hasher.matches(encoded, password)
    for other in (password + "x", password[:-1], password.upper() + "1", ""):
        assert not hasher.matches(encoded, other)


def test_two_hashes_of_one_password_differ(hasher: Hasher) -> None:
    assert hasher.hash("s3cret") != hasher.hash("s3cret")


def test_the_default_cost_is_the_one_of_owasp() -> None:
    found = argon2.extract_parameters(Hasher(Cost()).nobody)
    assert (found.type, found.time_cost, found.memory_cost, found.parallelism) == (argon2.Type.ID, 2, 19_456, 1)


def test_nobody_has_a_password_and_costs_the_same(hasher: Hasher) -> None:
    assert not hasher.matches(hasher.nobody, "")
    assert argon2.extract_parameters(hasher.nobody) == argon2.extract_parameters(hasher.hash("x"))
    assert not hasher.is_outdated(hasher.nobody)
    assert Hasher(CHEAP).nobody != hasher.nobody


@pytest.mark.parametrize("prefix", [b"2a", b"2b"])
def test_hashes_of_bcrypt_are_understood(hasher: Hasher, prefix: bytes) -> None:
    encoded = old_hash("pässwörd", prefix)
    assert hasher.fault(encoded) is None
    assert hasher.matches(encoded, "pässwörd")
    assert not hasher.matches(encoded, "passwörd")
    assert hasher.is_outdated(encoded)


def test_bcrypt_reads_72_bytes_and_no_more(hasher: Hasher) -> None:
    encoded = old_hash("x" * 100)
    assert hasher.matches(encoded, "x" * 100)
    assert not hasher.matches(encoded, "x" * 71)


def test_a_hash_of_another_cost_is_outdated(hasher: Hasher) -> None:
    assert hasher.is_outdated(Hasher(Cost(passes=2, memory=8)).hash("x"))
    assert not hasher.is_outdated(hasher.hash("x"))


@pytest.mark.parametrize(
    ("encoded", "text"),
    [
        (None, "expected"),
        (17, "expected"),
        ("", "expected"),
        ("s3cret", "expected"),
        ("$2b$12$short", "expected"),
        ("$2b$04$" + "z" * 53, "expected"),
        ("$2b$03$" + "." * 53, "expected"),
        ("$2b$15$" + "." * 53, "cost"),
        ("$2b$99$" + "." * 53, "cost"),
        ("$argon2id$v=19$m=8,t=1,p=1$" + "a" * 22 + "$" + "b" * 22 + "\n", "expected"),
        ("$argon2id$v=19$m=8,t=1,p=1$" + "é" * 22 + "$" + "b" * 22, "expected"),
        ("$argon2id$v=19$m=8,t=1,p=1$" + "a" * 21 + "$" + "b" * 21, "expected"),
        ("$argon2id$v=19$m=1,t=1,p=1$" + "a" * 22 + "$" + "b" * 22, "expected"),
        ("$argon2id$v=19$m=8,t=0,p=1$" + "a" * 22 + "$" + "b" * 22, "expected"),
        ("$argon2id$v=19$m=999999,t=1,p=1$" + "a" * 22 + "$" + "b" * 22, "cost"),
        ("$argon2id$v=19$m=8,t=11,p=1$" + "a" * 22 + "$" + "b" * 22, "cost"),
        ("$argon2id$v=19$m=800,t=1,p=9$" + "a" * 22 + "$" + "b" * 22, "cost"),
    ],
)
def test_a_hash_that_cannot_be_used_is_refused(hasher: Hasher, encoded: object, text: str) -> None:
    found = hasher.fault(encoded)
    assert found is not None
    assert text in found


def test_a_hash_of_our_own_can_be_given(hasher: Hasher) -> None:
    assert hasher.fault(hasher.hash("s3cret")) is None


def test_every_hash_is_counted() -> None:
    counted = Counted()
    hasher = Hasher(CHEAP, metrics=counted)
    encoded = hasher.hash("s3cret")
    hasher.matches(encoded, "s3cret")
    hasher.matches(hasher.nobody, "s3cret")
    assert counted.counts == {"accounts.hash": 3}


@pytest.mark.parametrize(
    "password", [None, 17, True, [], {}, b"bytes", "", "\0", "a\0b", "\ud800", "é" * 2049, "x" * 4097]
)
def test_what_is_no_password_is_refused_without_being_repeated(password: object) -> None:
    found = fault(password)
    assert found is not None
    assert str(password) not in found or not password


def test_a_password_of_the_greatest_length_is_one() -> None:
    assert fault("é" * 2048) is None
