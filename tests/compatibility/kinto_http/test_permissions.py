"""Who may do what, as clients set it, see it and meet it."""

from __future__ import annotations

from typing import Any

import pytest
from kinto_http import BucketNotFound, KintoException

from tests.compatibility.kinto_http.conftest import As
from tests.compatibility.kinto_http.kinds import Object
from tests.compatibility.server import Kinto


def status(call: Any, *arguments: Any, **options: Any) -> int:
    """The status that a refused call was answered with."""
    with pytest.raises(KintoException) as refused:
        call(*arguments, **options)
    found: int = refused.value.response.status_code
    return found


def test_the_creator_of_an_object_may_write_it(thing: Object) -> None:
    assert thing.create()["permissions"] == {"write": ["account:alice"]}


def test_permissions_are_set_with_the_object(thing: Object) -> None:
    answer = thing.create(permissions={"read": ["system.Everyone"], "write": ["account:bob"]})
    assert answer["permissions"]["read"] == ["system.Everyone"]
    assert sorted(answer["permissions"]["write"]) == ["account:alice", "account:bob"]


def test_an_update_replaces_the_permissions(thing: Object) -> None:
    thing.create(permissions={"read": ["account:bob"], "write": ["account:bob"]})
    answer = thing.update(data={"members": []}, permissions={"read": ["system.Everyone"]})
    assert answer["permissions"] == {"read": ["system.Everyone"], "write": ["account:alice"]}


def test_an_update_without_permissions_keeps_them(thing: Object) -> None:
    thing.create(permissions={"read": ["account:bob"]})
    assert thing.update(data={"title": "Two"})["permissions"]["read"] == ["account:bob"]


def test_a_patch_of_permissions_keeps_the_data(thing: Object) -> None:
    thing.create(data={"title": "One"})
    answer = thing.patch(permissions={"read": ["account:bob"]})
    assert (answer["data"]["title"], answer["permissions"]["read"]) == ("One", ["account:bob"])


def test_a_reader_sees_the_object_and_not_its_permissions(thing: Object, bob: Any) -> None:
    created = thing.create(data={"title": "One"}, permissions={"read": ["account:bob"]})
    answer = thing.seen_by(bob).get()
    assert (answer["data"], answer["permissions"]) == (created["data"], {})


def test_a_reader_does_not_write(thing: Object, bob: Any) -> None:
    thing.create(permissions={"read": ["account:bob"]})
    his = thing.seen_by(bob)
    assert status(his.update, data={"title": "His"}) == 403
    assert status(his.patch, data={"title": "His"}) == 403
    assert status(his.delete) == 403


def test_a_writer_sees_the_permissions_and_writes(thing: Object, bob: Any) -> None:
    thing.create(permissions={"write": ["account:bob"]})
    his = thing.seen_by(bob)
    assert sorted(his.get()["permissions"]["write"]) == ["account:alice", "account:bob"]
    assert his.patch(data={"title": "His"})["data"]["title"] == "His"
    his.delete()
    assert status(thing.get) in {403, 404}


def test_a_permission_that_does_not_exist_is_refused(thing: Object) -> None:
    assert status(thing.create, permissions={"fly": ["account:bob"]}) == 400


def test_a_stranger_is_refused(thing: Object, bob: Any, anonymous: Any) -> None:
    thing.create()
    assert status(thing.seen_by(bob).update, data={"title": "His"}) == 403
    assert status(thing.seen_by(anonymous).update, data={"title": "Mine"}) == 401


def test_the_bucket_of_a_stranger_is_not_found(alice: Any, bob: Any) -> None:
    with pytest.raises(BucketNotFound):
        bob.get_bucket()


def test_who_may_create_records_creates_them_and_sees_own_ones(alice: Any, bob: Any) -> None:
    alice.create_record(id="hers")
    alice.patch_collection(permissions={"record:create": ["account:bob"]})
    assert bob.get_records() == []
    bob.create_record(id="his")
    assert [record["id"] for record in bob.get_records()] == ["his"]
    assert {record["id"] for record in alice.get_records()} == {"hers", "his"}


def test_a_list_shows_what_is_shared_one_by_one(alice: Any, bob: Any) -> None:
    for number in range(4):
        shared = {"read": ["account:bob"]} if number % 2 else {}
        alice.create_record(id=f"r{number}", permissions=shared)
    assert [record["id"] for record in bob.get_records(_sort="id")] == ["r1", "r3"]
    assert [record["id"] for record in bob.get_records(_sort="id", _limit=1, pages=2)] == ["r1", "r3"]
    assert status(bob.get_record, id="r0") == 403


def test_who_reads_a_bucket_reads_all_that_is_below(alice: Any, bob: Any) -> None:
    alice.create_record(id="r1")
    alice.create_group(id="friends")
    assert status(bob.get_records) == 403
    alice.patch_bucket(permissions={"read": ["account:bob"]})
    assert [record["id"] for record in bob.get_records()] == ["r1"]
    assert bob.get_group(id="friends")["data"]["id"] == "friends"
    assert [collection["id"] for collection in bob.get_collections()] == ["notes"]


def test_members_of_a_group_have_its_permissions_while_they_are_members(alice: Any, bob: Any, bucket: str) -> None:
    alice.create_group(id="friends", data={"members": ["account:bob"]})
    alice.create_record(id="r1", permissions={"write": [f"/buckets/{bucket}/groups/friends"]})
    assert f"/buckets/{bucket}/groups/friends" in bob.server_info()["user"]["principals"]
    assert bob.get_record(id="r1")["data"]["id"] == "r1"
    alice.patch_group(id="friends", data={"members": []})
    assert status(bob.get_record, id="r1") == 403
    alice.patch_group(id="friends", data={"members": ["account:bob"]})
    alice.delete_group(id="friends")
    assert status(bob.get_record, id="r1") == 403


def test_everybody_reads_what_is_public(alice: Any, anonymous: Any) -> None:
    alice.create_record(id="r1")
    alice.patch_collection(permissions={"read": ["system.Everyone"]})
    assert [record["id"] for record in anonymous.get_records()] == ["r1"]


def test_the_permissions_of_a_user_are_listed(as_user: As, kinto: Kinto, alice: Any, bucket: str) -> None:
    name = kinto.somebody()
    alice.create_group(id="friends", data={"members": [f"account:{name}"]})
    alice.patch_bucket(permissions={"read": [f"/buckets/{bucket}/groups/friends"]})
    alice.patch_collection(permissions={"record:create": [f"account:{name}"]})
    alice.create_record(id="r1", permissions={"write": [f"account:{name}"]})
    found = {entry["uri"]: entry for entry in as_user(name).get_permissions()}
    notes = f"/buckets/{bucket}/collections/notes"
    assert set(found[f"/buckets/{bucket}"]["permissions"]) == {"read", "read:attributes"}
    assert set(found[notes]["permissions"]) == {"record:create", "read:attributes"}
    assert set(found[f"{notes}/records/r1"]["permissions"]) == {"read", "write"}
    entry = found[f"{notes}/records/r1"]
    assert (entry["resource_name"], entry["id"], entry["record_id"]) == ("record", "r1", "r1")
    assert (entry["bucket_id"], entry["collection_id"]) == (bucket, "notes")


def test_the_list_of_permissions_is_filtered(as_user: As, kinto: Kinto) -> None:
    client = as_user(kinto.somebody())
    client.create_bucket()
    for number in range(3):
        client.create_collection(id=f"c{number}")
        client.create_group(id=f"g{number}")
    found = client.get_permissions(exclude_resource_names=["group", "root"])
    assert {entry["resource_name"] for entry in found} >= {"bucket", "collection"}
    assert not {entry["resource_name"] for entry in found} & {"group", "root"}


def test_the_list_of_permissions_of_nobody_is_that_of_everyone(alice: Any, anonymous: Any, bucket: str) -> None:
    alice.patch_collection(permissions={"read": ["system.Everyone"]})
    found = {entry["uri"]: set(entry["permissions"]) for entry in anonymous.get_permissions()}
    assert found[f"/buckets/{bucket}/collections/notes"] == {"read", "read:attributes"}
    assert f"/buckets/{bucket}" not in found
