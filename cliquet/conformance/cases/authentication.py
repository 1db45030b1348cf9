"""Cases of docs/protocol/authentication: who is who, and what each may see."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.conformance.client import Client
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Shelf

WRONG = ["Basic", "Basic !!!", "Basic bm9jb2xvbg", "Bearer nobody", "Carrier pigeon"]


@section("authentication#identities")
def test_hello_names_the_user(alice: Shelf, bob: Shelf) -> None:
    users = [shelf.client.request("GET", "/").expect(200).body.get("user", {}).get("id") for shelf in (alice, bob)]
    assert all(isinstance(user, str) and user for user in users), f"user.id is {users!r}"
    assert users[0] != users[1], "two users have one id"


@section("authentication#identities")
def test_hello_names_nobody_without_credentials(anyone: Client) -> None:
    assert "user" not in anyone.request("GET", "/").expect(200).body


@section("authentication#identities")
@pytest.mark.parametrize("credentials", WRONG)
def test_wrong_credentials_are_anonymous_in_hello(anyone: Client, credentials: str) -> None:
    assert "user" not in anyone.request("GET", "/", headers={"Authorization": credentials}).expect(200).body


@section("authentication#identities")
@pytest.mark.parametrize("credentials", WRONG)
def test_wrong_credentials_are_refused_elsewhere(anyone: Client, alice: Shelf, credentials: str) -> None:
    anyone.request("GET", alice.path, headers={"Authorization": credentials}).refused(401, 104)


@section("authentication#identities")
def test_no_answer_shows_a_password(alice: Shelf) -> None:
    assert alice.client.auth is not None
    name, password = alice.client.auth
    if len(password) < 6 or password in name:
        pytest.skip("the first user's password is too short to be looked for")
    record = alice.create()
    for answer in (alice.client.request("GET", "/"), alice.all(), alice.read(record)):
        assert password.encode() not in answer.raw, f"{answer}: the password is in the body"


@section("authentication#private-collections")
@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE"])
def test_a_collection_asks_for_credentials(anyone: Client, alice: Shelf, method: str) -> None:
    sent: dict[str, Any] = {"body": {"data": alice.new()}} if method == "POST" else {}
    answer = anyone.request(method, alice.path, **sent).expect(401)
    if method != "HEAD":
        answer.refused(401, 104)


@section("authentication#private-collections")
def test_a_refusal_says_how_to_authenticate(anyone: Client, alice: Shelf) -> None:
    answer = anyone.request("GET", alice.path).refused(401, 104)
    assert answer.header("WWW-Authenticate"), f"{answer}: no WWW-Authenticate"


@section("authentication#private-collections")
def test_a_record_is_not_found_by_another_user(alice: Shelf, bob: Shelf) -> None:
    record = alice.create()
    bob.read(record).refused(404, 110)
    assert bob.records() == [], "another user's record is in the list"
    assert bob.records({"id": record["id"]}) == [], "another user's record is found by its id"


@section("authentication#private-collections")
def test_a_record_is_not_changed_by_another_user(alice: Shelf, bob: Shelf) -> None:
    record = alice.create()
    bob.retitle(record, "mine now").refused(404, 110)
    bob.delete(record).refused(404, 110)
    bob.all(method="DELETE").expect(200)
    assert alice.read(record).expect(200).data == record


@section("authentication#private-collections")
def test_one_id_may_be_used_by_two_users(alice: Shelf, bob: Shelf) -> None:
    record = alice.create()
    bob.post(bob.new("of bob", id=record["id"])).expect(201)
    assert alice.read(record).expect(200).data == record


@section("authentication#private-collections")
def test_a_write_of_one_user_moves_no_timestamp_of_another(alice: Shelf, bob: Shelf) -> None:
    before = bob.timestamp()
    alice.create()
    assert bob.timestamp() == before


@section("authentication#private-collections")
def test_totals_count_no_record_of_another_user(alice: Shelf, bob: Shelf) -> None:
    alice.create()
    assert bob.all(method="HEAD").expect(200).header("Total-Records") == "0"
