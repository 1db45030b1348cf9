"""Names and passwords on every request: what they cost, and what odd ones do."""

from __future__ import annotations

import base64
import dataclasses
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cliquet.monitoring.metrics import NoMetrics
from cliquet.plugins.accounts.gate import Gate
from cliquet.plugins.accounts.hashing import Cost, Hasher
from cliquet.plugins.accounts.service import KEY
from cliquet.testing.app import Client
from tests.functional.plugins.accounts_service import in_memory, of, sign_up

URL = "/v1/accounts"
ALICE = "/v1/accounts/alice"
ONLY = {"multiauth.policies": "account"}


class Work(NoMetrics):
    """How many hashes were worked out."""

    def __init__(self) -> None:
        self.hashes = 0

    def count(self, key: str, n: int = 1) -> None:
        self.hashes += n

    def of(self, call: Any, *arguments: Any, **options: Any) -> tuple[int, int]:
        """The status of an answer, and what it cost."""
        before = self.hashes
        return call(*arguments, status="*", **options).status_int, self.hashes - before


def with_hasher(app: Client, hasher: Hasher) -> Client:
    """The application, hashing in another way."""
    found = of(app)
    verifier = dataclasses.replace(found.verifier, hasher=hasher)
    app.app.registry[KEY] = dataclasses.replace(found, hasher=hasher, verifier=verifier)
    return app


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
def app(work: Work) -> Client:
    """The service in memory, where nobody is anybody without an account; alice has one."""
    made = with_hasher(in_memory(ONLY), Hasher(Cost(passes=1, memory=8), Gate(working=4, waiting=4), work))
    sign_up(made, "alice", "right")
    return made


def test_wrong_credentials_are_anonymous_in_public_and_refused_elsewhere(app: Client) -> None:
    for name, password in (("alice", "wrong"), ("bob", "right"), ("alice", ""), ("alice", "x" * 5000), ("-", "x")):
        wrong = app.as_user(name, password)
        assert "user" not in wrong.get("/v1/").json
        refused = wrong.get(ALICE, status=401)
        assert refused.json["errno"] == 104
        assert refused.headers["WWW-Authenticate"] == 'Basic realm="Realm"'
        assert refused.text == wrong.get("/v1/accounts/nobody", status=401).text


def test_a_right_password_is_worked_out_once(app: Client, work: Work) -> None:
    alice = app.as_user("alice", "right")
    assert [work.of(alice.get, ALICE) for _ in range(3)] == [(200, 1), (200, 0), (200, 0)]


def test_a_name_that_nobody_has_costs_what_any_other_costs(app: Client, work: Work) -> None:
    for name in ("alice", "nobody"):
        wrong = app.as_user(name, "wrong")
        assert [work.of(wrong.get, ALICE) for _ in range(2)] == [(401, 1), (401, 0)]


def test_signing_up_costs_the_same_whether_or_not_the_name_is_taken(app: Client, work: Work) -> None:
    costs = [work.of(app.post_json, URL, {"data": {"id": name, "password": "x"}}) for name in ("alice", "bob")]
    assert costs == [(401, 1), (201, 1)]


def test_a_password_is_asked_for_once_in_a_request_and_in_a_batch(app: Client, work: Work) -> None:
    alice = app.as_user("alice", "right")
    requests = [{"path": "/accounts/alice"}] * 5
    assert work.of(alice.post_json, "/v1/batch", {"requests": requests}) == (200, 1)


def test_a_flood_is_told_to_come_back_and_those_who_are_known_go_on(app: Client) -> None:
    alice = app.as_user("alice", "right")
    alice.get(ALICE)
    gate = Gate(working=1, waiting=0)
    with_hasher(app, Hasher(Cost(passes=1, memory=8), gate))
    with gate.turn():
        for wrong in (app.as_user("alice", "wrong"), app.as_user("nobody", "x")):
            refused = wrong.get("/v1/", status=503)
            assert refused.json["errno"] == 201
            assert refused.headers["Retry-After"]
        app.put_json(f"{URL}/bob", {"data": {"password": "x"}}, status=503)
        alice.get(ALICE)
    app.as_user("alice", "wrong").get(ALICE, status=401)
    app.put_json(f"{URL}/bob", {"data": {"password": "x"}}, status=201)


NAMES = st.one_of(st.sampled_from(["alice", "bob", ""]), st.text(max_size=30))
PASSWORDS = st.one_of(st.sampled_from(["right", ""]), st.text(max_size=30), st.text("x", min_size=4000, max_size=5000))


@pytest.fixture(scope="module")
def fuzzed() -> Client:
    """The same for many requests."""
    app = in_memory(ONLY)
    sign_up(app, "alice", "right")
    return app


@settings(max_examples=150, deadline=None)
@given(NAMES, PASSWORDS)
@example("alice", "a\0b")
@example("alice\0", "right")
@example("alice", "\ud7ff\U0010ffff")
def test_no_name_and_no_password_breaks_anything(fuzzed: Client, name: str, password: str) -> None:
    raw = base64.b64encode(f"{name}:{password}".encode()).decode()
    header = {"Authorization": f"Basic {raw}"}
    user = fuzzed.get("/v1/", headers=header).json.get("user")
    # The first colon ends the name.
    is_alice = f"{name}:{password}" == "alice:right"
    assert (user == {"id": "account:alice", "principals": user["principals"]}) if is_alice else user is None
    fuzzed.get(URL, headers=header, status=200 if is_alice else 401)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=60))
@example(b"alice:\xff\xfe")
@example(b"\xff:right")
def test_no_bytes_break_anything(fuzzed: Client, raw: bytes) -> None:
    header = {"Authorization": f"Basic {base64.b64encode(raw).decode()}"}
    assert ("user" in fuzzed.get("/v1/", headers=header).json) is (raw == b"alice:right")


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    ["id", "password", "password_hash", "password_modified", "validated", "email-context", "last_modified", "x"]
)


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(FIELDS, VALUES, max_size=4), st.sampled_from(["alice", "new", "x" * 255]))
def test_no_body_breaks_anything(fuzzed: Client, data: dict[str, Any], name: str) -> None:
    alice = fuzzed.as_user("alice", "right")
    kept = {field: value for field, value in data.items() if field != "password"}
    answers = [
        fuzzed.put_json(f"{URL}/{name}", {"data": data}, status="*"),
        fuzzed.post_json(URL, {"data": data}, status="*"),
        alice.put_json(ALICE, {"data": kept}, status="*"),
        alice.patch_json(ALICE, {"data": kept}, status="*"),
    ]
    assert max(answer.status_int for answer in answers) < 500
    alice.get(ALICE, status=200)
