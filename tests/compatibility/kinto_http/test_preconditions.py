"""``safe``, ``if_match``, ``if_not_exists`` and ``if_exists``, on every kind of object."""

from __future__ import annotations

from typing import Any

import kinto_http
import pytest
from kinto_http import KintoException

from tests.compatibility.kinto_http.kinds import Object


def refused(error: KintoException) -> Any:
    """The body of a 412."""
    assert error.response.status_code == 412
    body = error.response.json()
    assert body["errno"] == 114
    return body


def test_what_exists_is_not_created_again(thing: Object) -> None:
    created = thing.create(data={"title": "One"})
    with pytest.raises(KintoException) as error:
        thing.create(data={"title": "Two"})
    assert refused(error.value)["details"]["existing"] == created["data"]
    assert thing.get() == created


def test_what_exists_is_given_back_if_one_wants_that(thing: Object) -> None:
    created = thing.create(data={"title": "One"}, permissions={"read": ["account:bob"]})
    assert thing.create(data={"title": "Two"}, if_not_exists=True) == created


def test_what_does_not_exist_is_created_if_one_wants_that(thing: Object) -> None:
    assert thing.create(data={"title": "One"}, if_not_exists=True)["data"]["title"] == "One"


def test_what_exists_is_replaced_by_a_creation_that_is_not_safe(thing: Object) -> None:
    created = thing.create(data={"title": "One"})
    answer = thing.create(data={"colour": "red"}, safe=False)
    assert "title" not in answer["data"]
    assert answer["data"]["last_modified"] > created["data"]["last_modified"]


def test_what_was_deleted_is_created_again(thing: Object) -> None:
    thing.create(data={"title": "One"})
    deleted = thing.delete()
    answer = thing.create(data={"title": "Two"})
    assert answer["data"]["title"] == "Two"
    assert answer["data"]["last_modified"] > deleted["last_modified"]


def test_an_update_of_what_was_read_before_another_change_is_refused(thing: Object) -> None:
    read = thing.create(data={"title": "One"})["data"]
    current = thing.update(data={"title": "Two"})["data"]
    with pytest.raises(KintoException) as error:
        thing.update(data={**read, "title": "Three"})
    assert refused(error.value)["details"]["existing"] == current
    assert thing.get()["data"] == current


def test_an_update_of_what_was_read_last_is_done(thing: Object) -> None:
    read = thing.create(data={"title": "One"})["data"]
    answer = thing.update(data={**read, "title": "Two"})
    assert answer["data"]["title"] == "Two"
    assert answer["data"]["last_modified"] > read["last_modified"]


def test_an_update_that_is_not_safe_is_always_done(thing: Object) -> None:
    read = thing.create(data={"title": "One"})["data"]
    current = thing.update(data={"title": "Two"})["data"]
    answer = thing.update(data={**read, "title": "Three"}, safe=False)
    assert answer["data"]["title"] == "Three"
    assert answer["data"]["last_modified"] > current["last_modified"]


def test_an_update_states_the_version_that_it_replaces(thing: Object) -> None:
    version = thing.create(data={"title": "One"})["data"]["last_modified"]
    with pytest.raises(KintoException) as error:
        thing.update(data={"title": "Two"}, if_match=version - 1)
    refused(error.value)
    assert thing.update(data={"title": "Two"}, if_match=version)["data"]["title"] == "Two"


def test_a_deletion_states_the_version_that_it_removes(thing: Object) -> None:
    version = thing.create(data={"title": "One"})["data"]["last_modified"]
    with pytest.raises(KintoException) as error:
        thing.delete(if_match=version - 1)
    refused(error.value)
    assert thing.delete(if_match=version)["deleted"] is True


def test_what_does_not_exist_cannot_be_deleted(thing: Object) -> None:
    with pytest.raises(KintoException) as error:
        thing.delete()
    assert error.value.response.status_code == (403 if thing.kind == "bucket" else 404)


def test_what_does_not_exist_may_be_deleted_if_one_wants_that(thing: Object) -> None:
    assert thing.delete(if_exists=True) is None
    thing.create()
    assert thing.delete(if_exists=True)["deleted"] is True
    assert thing.delete(if_exists=True) is None


def test_a_list_that_has_changed_is_not_deleted(alice: Any) -> None:
    alice.create_record(id="r1")
    version = int(alice.get_records_timestamp())
    alice.create_record(id="r2")
    with pytest.raises(KintoException) as error:
        alice.delete_records(if_match=version)
    refused(error.value)
    version = alice.get_record(id="r2")["data"]["last_modified"]
    assert len(alice.delete_records(if_match=version)) == 2


@pytest.mark.parametrize("method", ["delete_groups", "delete_collections"])
def test_a_list_below_a_bucket_that_has_changed_is_not_deleted(alice: Any, method: str) -> None:
    with pytest.raises(KintoException) as error:
        getattr(alice, method)(if_match=1)
    refused(error.value)


def test_purging_a_history_that_has_grown_is_refused(alice: Any) -> None:
    with pytest.raises(KintoException) as error:
        alice.purge_history(if_match=1)
    refused(error.value)


def test_a_dry_run_writes_nothing(alice: Any, as_user: Any) -> None:
    assert as_user("alice", dry_mode=True).create_record(id="r1") == {}
    with pytest.raises(kinto_http.KintoException, match="404"):
        alice.get_record(id="r1")
