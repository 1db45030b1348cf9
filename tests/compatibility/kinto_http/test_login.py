"""Who a client is for the server, with credentials of every sort."""

from __future__ import annotations

from typing import Any

import pytest
from kinto_http import BearerTokenAuth, KintoException, TokenAuth

from tests.compatibility.kinto_http.conftest import As
from tests.compatibility.server import PASSWORD, Kinto

WRONG = {
    "a wrong password": ("alice", "wrong"),
    "no password": ("alice", ""),
    "a password outside ASCII": ("alice", "pässwörd"),
    "a name outside ASCII": ("älice", PASSWORD),
    "a stranger": ("nobody-made-this", PASSWORD),
    "a token": BearerTokenAuth("abc"),
    "a token of another type": TokenAuth("abc", type="Strange"),
    "nothing": None,
}


def test_a_user_sees_who_they_are(as_user: As) -> None:
    user = as_user("bob").server_info()["user"]
    assert user["id"] == "account:bob"
    assert {"account:bob", "system.Authenticated", "system.Everyone"} <= set(user["principals"])
    assert as_user("bob").get_bucket(id="default")["data"]["id"] == user["bucket"]


@pytest.mark.parametrize("auth", WRONG.values(), ids=WRONG.keys())
def test_a_failed_login_shows_in_the_missing_user(as_user: As, auth: Any) -> None:
    assert "user" not in as_user("", auth=auth).server_info()


@pytest.mark.parametrize("auth", WRONG.values(), ids=WRONG.keys())
def test_a_failed_login_is_refused_with_the_words_of_the_protocol(alice: Any, as_user: As, auth: Any) -> None:
    with pytest.raises(KintoException) as refused:
        as_user("", auth=auth).get_records()
    assert refused.value.response.status_code == 401
    assert refused.value.response.json()["errno"] == 104


def test_the_default_bucket_and_its_collections_are_there_at_once(kinto: Kinto, as_user: As) -> None:
    client = as_user(kinto.somebody(), bucket="default", collection="diary")
    created = client.create_record(data={"title": "Dear diary"})
    assert client.get_records() == [created["data"]]
    assert client.get_collection()["data"]["id"] == "diary"
    assert client.server_info()["user"]["bucket"] in {bucket["id"] for bucket in client.get_buckets()}


def test_the_default_buckets_of_two_users_are_two(kinto: Kinto, as_user: As) -> None:
    one, other = (as_user(kinto.somebody(), bucket="default", collection="diary") for _ in range(2))
    one.create_record(id="r1")
    assert other.get_records() == []
