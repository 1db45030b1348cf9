"""Cases of docs/protocol/accounts: users with a name and a password."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from typing import Any

import pytest

from cliquet.conformance.client import Answer, Client
from cliquet.conformance.grove import label, needs
from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.sections import section

LIST = "/accounts"
PASSWORD = "kit-correct-horse-1"
#: The user of a name and a password.
At = Callable[[str, str], Person]


@pytest.fixture(autouse=True)
def capability(hello: dict[str, Any]) -> dict[str, Any]:
    """What the service says about its accounts."""
    return needs(hello, "accounts")


@pytest.fixture
def name(capability: dict[str, Any]) -> str:
    """A name that nobody has."""
    return f"{fresh()}@example.org" if capability.get("validation_enabled") else fresh()


@pytest.fixture
def at(nobody: Person) -> Iterator[At]:
    """Makes users of a name and a password, who hang up in the end."""
    with ExitStack() as stack:

        def user(name: str, password: str) -> Person:
            client = stack.enter_context(closing(Client(nobody.client.base_url, (name, password))))
            return Person(client, f"account:{name}")

        yield user


@pytest.fixture
def carol(nobody: Person, at: At, name: str, capability: dict[str, Any]) -> Iterator[Person]:
    """Somebody who signed up."""
    if capability.get("validation_enabled"):
        pytest.skip("accounts have to be validated by mail before they can be used")
    signed_up(nobody, name)
    yield at(name, PASSWORD)
    for password in (PASSWORD, PASSWORD + "2"):
        at(name, password).delete(account(name))


def account(name: str) -> Place:
    """The place of an account."""
    return Place("account", LIST, name)


def signed_up(nobody: Person, name: str, **fields: Any) -> Answer:
    """A new account; the case is skipped where signing up is not open."""
    answer = nobody.put(account(name), {"password": PASSWORD, **fields})
    if answer.status in (401, 403):
        pytest.skip("not everybody may sign up")
    return answer.expect(201)


def user_of(person: Person) -> str:
    """Who the service takes somebody for."""
    return str(person.get("/").expect(200).body.get("user", {}).get("id", ""))


def check_discreet(answer: Answer) -> None:
    """Fail if there is a password, or what is made from one, in an answer."""
    for trace in (PASSWORD, '"password"', "$argon2", "$2b$", "$scrypt", "$pbkdf2"):
        assert trace.encode() not in answer.raw, f"{answer} shows a password: {answer.raw[:160]!r}"


@section("accounts#accounts")
def test_a_user_owns_their_account(carol: Person, name: str) -> None:
    answer = carol.get(account(name)).expect(200)
    assert answer.data["id"] == name
    assert answer.body["permissions"] == {"write": [carol.id]}


@section("accounts#accounts")
def test_no_answer_shows_a_password(nobody: Person, carol: Person, name: str) -> None:
    place = account(name)
    answers = [carol.get(place), carol.get(LIST), carol.patch(place, {"a": 1}), carol.patch(place, {"a": 1})]
    answers += [carol.put(place, {"password": PASSWORD}), carol.post(LIST, {"id": name, "password": PASSWORD})]
    answers += [carol.get(place, {"_fields": "password"}), carol.patch(place, {"a": 2}, If_Match='"1"')]
    answers += [carol.patch(place, {"password": PASSWORD}, Response_Behavior=value) for value in ("light", "diff")]
    for answer in answers:
        check_discreet(answer)


@section("accounts#accounts")
def test_other_fields_are_kept(carol: Person, name: str) -> None:
    carol.patch(account(name), {"mail": "x@example.org", "deep": {"a": [1]}}).expect(200)
    found = carol.data(account(name))
    assert (found["mail"], found["deep"]) == ("x@example.org", {"a": [1]})


@section("accounts#accounts")
def test_a_user_sees_no_other_account(carol: Person, guest: Person, nobody: Person, name: str) -> None:
    assert carol.ids(LIST) == [name]
    assert carol.total(LIST) == 1
    nobody.get(LIST).expect(401)
    for person, status in ((guest, 403), (nobody, 401)):
        person.get(account(name)).expect(status, 404)
        person.patch(account(name), {"a": 1}).expect(status, 404)
        person.delete(account(name)).expect(status, 404)
    assert carol.get(account(name)).expect(200).data["id"] == name


@section("accounts#accounts")
@pytest.mark.parametrize("wrong", ["a:b", "_a", "a b", "a/b", "é", "a\n", "@a", "x" * 256], ids=label)
def test_a_name_may_not_be(nobody: Person, wrong: str) -> None:
    for answer in (nobody.post(LIST, {"id": wrong, "password": PASSWORD}), nobody.put(account(wrong), {})):
        answer.expect(400, 401, 404).envelope()


@section("accounts#signing-up")
def test_everybody_may_sign_up(nobody: Person, at: At, name: str, capability: dict[str, Any]) -> None:
    answer = signed_up(nobody, name, color="blue")
    assert (answer.data["id"], answer.data["color"]) == (name, "blue")
    check_discreet(answer)
    if not capability.get("validation_enabled"):
        at(name, PASSWORD).delete(account(name)).expect(200)


@section("accounts#signing-up")
def test_a_list_takes_new_accounts_by_name(nobody: Person, at: At, carol: Person) -> None:
    other = fresh()
    assert nobody.post(LIST, {"id": other, "password": PASSWORD}).expect(201).data["id"] == other
    assert user_of(at(other, PASSWORD)) == f"account:{other}"
    at(other, PASSWORD).delete(account(other)).expect(200)
    nobody.post(LIST, {"password": PASSWORD}).refused(400, 107)


@section("accounts#signing-up")
@pytest.mark.parametrize(
    "data", [{}, {"password": 1}, {"password": None}, {"password": ""}, {"password": ["x"]}], ids=label
)
def test_an_account_needs_a_password(nobody: Person, carol: Person, data: dict[str, Any]) -> None:
    nobody.put(account(fresh()), data).refused(400, 107)
    nobody.post(LIST, {"id": fresh(), **data}).refused(400, 107)


@section("accounts#signing-up")
def test_a_name_is_given_once(nobody: Person, at: At, guest: Person, carol: Person, name: str) -> None:
    stolen = {"password": "kit-stolen-horse-1"}
    for person, status in ((nobody, 401), (guest, 403)):
        person.put(account(name), stolen).expect(status, 400)
        person.post(LIST, {"id": name, **stolen}).expect(status, 400)
    assert user_of(carol) == carol.id
    assert user_of(at(name, stolen["password"])) != carol.id


@section("accounts#signing-up")
def test_users_make_no_accounts_for_others(at: At, carol: Person) -> None:
    other = fresh()
    carol.put(account(other), {"password": PASSWORD}).expect(400, 403).envelope()
    carol.post(LIST, {"id": other, "password": PASSWORD}).expect(400, 403).envelope()
    assert user_of(at(other, PASSWORD)) != f"account:{other}"


@section("accounts#signing-in")
def test_the_right_password_is_that_user(at: At, carol: Person, name: str) -> None:
    assert user_of(carol) == carol.id
    for wrong in ("", PASSWORD[:-1], PASSWORD + " ", PASSWORD.upper()):
        assert user_of(at(name, wrong)) != carol.id, f"{wrong!r} is taken for the password"
    assert user_of(at(name.upper(), PASSWORD)) != carol.id
    assert user_of(carol) == carol.id


@section("accounts#signing-in")
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
def test_a_new_password_counts_at_once(at: At, carol: Person, name: str, method: str) -> None:
    assert user_of(carol) == carol.id
    carol.ask(method, account(name), body={"data": {"password": PASSWORD + "2"}}).expect(200)
    assert user_of(carol) != carol.id
    assert user_of(at(name, PASSWORD + "2")) == carol.id


@section("accounts#signing-in")
def test_a_change_without_password_keeps_it(carol: Person, name: str) -> None:
    carol.patch(account(name), {"color": "blue"}).expect(200)
    assert carol.data(account(name))["color"] == "blue"


@section("accounts#signing-in")
def test_a_deleted_account_signs_in_no_more(nobody: Person, carol: Person, name: str) -> None:
    assert user_of(carol) == carol.id
    carol.delete(account(name)).expect(200)
    assert user_of(carol) != carol.id
    again = nobody.put(account(name), {"password": PASSWORD}).expect(201, 401, 403, 400)
    assert (user_of(carol) == carol.id) == (again.status == 201)


@section("accounts#validation-and-reset")
def test_a_wrong_key_validates_nothing(nobody: Person, at: At, name: str, capability: dict[str, Any]) -> None:
    if not capability.get("validation_enabled"):
        pytest.skip("accounts need no validation here")
    assert signed_up(nobody, name).data.get("validated") is False
    assert user_of(at(name, PASSWORD)) != f"account:{name}"
    for who in (name, f"{fresh()}@example.org"):
        nobody.ask("POST", f"{account(who)}/validate/wrong", body={}).refused(403, 121)


@section("accounts#validation-and-reset")
def test_a_reset_says_nothing_about_who_exists(nobody: Person, name: str, capability: dict[str, Any]) -> None:
    if not capability.get("validation_enabled"):
        pytest.skip("passwords are not reset here")
    signed_up(nobody, name)
    answers = [
        nobody.ask("POST", f"{account(who)}/reset-password", body={}) for who in (name, f"{fresh()}@example.org")
    ]
    assert answers[0].expect(200).raw == answers[1].expect(200).raw
