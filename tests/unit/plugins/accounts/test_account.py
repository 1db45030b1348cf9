"""Names, and what is taken out of a body before an account is stored."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.errors import InvalidInput
from cliquet.plugins.accounts.account import AccountSchema, Name, Secrets, announced, take
from cliquet.plugins.accounts.options import DEFAULTS
from cliquet.rest.call import Call
from cliquet.schema.validator import Validator


@pytest.mark.parametrize("name", ["a", "1", "alice", "Alice_2-b", "a+b@example.com", "a.b.c", "x" * 255])
def test_a_name_of_an_account(name: str) -> None:
    assert Name().match(name)


@pytest.mark.parametrize(
    "name", ["", "-a", "_a", "+a", "@a", ".a", "a b", "a\n", "a/b", "a:b", "é", "aé", "a\0", "x" * 256, "a,b", "<a>"]
)
def test_no_name_of_an_account(name: str) -> None:
    assert not Name().match(name)


@given(st.from_regex(DEFAULTS["account_validation.email_regexp"], fullmatch=True))
def test_an_address_cannot_add_headers_or_recipients(address: str) -> None:
    assert not set(address) & set("\r\n\0\t ,;:<>\"'()")


def test_a_generated_name_is_one() -> None:
    assert Name().match(Name()())


@pytest.mark.parametrize(
    "password", [17, True, ["s3cret-list"], {"a": "s3cret-object"}, "", "x\0s3cret-nul", "y" * 4097]
)
def test_a_password_that_is_none_is_refused_and_not_repeated(password: Any) -> None:
    with pytest.raises(InvalidInput) as refused:
        Validator(AccountSchema).validate({"password": password})
    (problem,) = refused.value.problems
    assert problem.name == "data.password"
    assert "s3cret" not in problem.description
    assert "yyy" not in problem.description


def test_null_is_no_password() -> None:
    assert Validator(AccountSchema).validate({"password": None, "other": None}) == {"other": None}


def test_the_secrets_are_taken_out_of_a_record() -> None:
    record = {"id": "a", "password": "x", "password_hash": "y", "email-context": {"name": "A"}, "color": "red"}
    assert take(record) == Secrets("x", "y", {"name": "A"})
    assert record == {"id": "a", "color": "red"}


@pytest.mark.parametrize("context", [None, "text", 1, ["a"]])
def test_a_context_is_an_object(context: Any) -> None:
    record = {"id": "a", "email-context": context}
    assert take(record).context == {}
    assert record == {"id": "a"}


@pytest.mark.parametrize(
    ("call", "password"),
    [
        (Call(data={"password": "x"}), "x"),
        (Call(data={"password": ""}), None),
        (Call(data={}), None),
        (Call(data=None), None),
        (Call(change={"data": {"password": "x"}}), "x"),
        (Call(change={"data": {"password": 1}}), None),
        (Call(change={"data": None}), None),
        (Call(change={"permissions": {}}), None),
        (Call(change=[{"op": "add", "path": "/data/password", "value": "x"}]), "x"),
        (Call(change=[{"path": "/data/password", "value": "x"}, {"path": "/data/password", "value": "y"}]), "y"),
        (Call(change=[{"op": "remove", "path": "/data/password"}]), None),
        (Call(change=["odd", 1, None, {}]), None),
        (Call(change=[]), None),
        (Call(change="odd"), None),
    ],
)
def test_a_new_password_is_known_before_the_change_is_applied(call: Call, password: str | None) -> None:
    assert announced(call) == password
