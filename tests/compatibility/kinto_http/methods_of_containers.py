"""One use of each method for buckets, collections and groups."""

from __future__ import annotations

import pytest
from kinto_http import BucketNotFound, CollectionNotFound, KintoException

from tests.compatibility.kinto_http.given import Given


def create_bucket(given: Given) -> None:
    other = f"{given.bucket}-2"
    answer = given.client.create_bucket(id=other, data={"title": "Mine"}, permissions={"read": ["system.Everyone"]})
    assert answer["data"]["id"] == other
    assert answer["data"]["title"] == "Mine"
    assert answer["permissions"] == {"write": ["account:alice"], "read": ["system.Everyone"]}


def get_bucket(given: Given) -> None:
    assert given.client.get_bucket()["data"]["id"] == given.bucket
    with pytest.raises(BucketNotFound):
        given.client.get_bucket(id="nobody-made-this")


def get_buckets(given: Given) -> None:
    assert [bucket["id"] for bucket in given.client.get_buckets(id=given.bucket)] == [given.bucket]


def update_bucket(given: Given) -> None:
    given.client.update_bucket(data={"title": "First"})
    answer = given.client.update_bucket(data={"colour": "red"}, permissions={"read": ["account:bob"]})
    assert sorted(answer["data"]) == ["colour", "id", "last_modified"]
    assert answer["permissions"]["read"] == ["account:bob"]


def patch_bucket(given: Given) -> None:
    given.client.update_bucket(data={"title": "First"})
    answer = given.client.patch_bucket(data={"colour": "red"})
    assert sorted(answer["data"]) == ["colour", "id", "last_modified", "title"]


def delete_bucket(given: Given) -> None:
    answer = given.client.delete_bucket()
    assert (answer["id"], answer["deleted"]) == (given.bucket, True)
    with pytest.raises(BucketNotFound):
        given.client.get_bucket()


def delete_buckets(given: Given) -> None:
    hers = given.of(given.kinto.somebody())
    ids = {hers.create_bucket(id=f"{given.bucket}-{number}")["data"]["id"] for number in range(3)}
    assert {bucket["id"] for bucket in hers.delete_buckets()} == ids
    assert not ids & {bucket["id"] for bucket in hers.get_buckets()}
    assert given.client.get_bucket()["data"]["id"] == given.bucket


def create_collection(given: Given) -> None:
    answer = given.client.create_collection(
        id="drafts", data={"sort": "-title"}, permissions={"record:create": ["system.Authenticated"]}
    )
    assert (answer["data"]["id"], answer["data"]["sort"]) == ("drafts", "-title")
    assert answer["permissions"] == {"write": ["account:alice"], "record:create": ["system.Authenticated"]}


def get_collection(given: Given) -> None:
    assert given.client.get_collection()["data"]["id"] == "notes"
    with pytest.raises(CollectionNotFound):
        given.client.get_collection(id="nobody-made-this")


def get_collections(given: Given) -> None:
    given.client.create_collection(id="drafts")
    assert [collection["id"] for collection in given.client.get_collections()] == ["drafts", "notes"]
    assert [collection["id"] for collection in given.client.get_collections(_sort="-id")] == ["notes", "drafts"]


def update_collection(given: Given) -> None:
    given.client.update_collection(data={"title": "First"})
    answer = given.client.update_collection(data={"colour": "red"})
    assert sorted(answer["data"]) == ["colour", "id", "last_modified"]


def patch_collection(given: Given) -> None:
    given.client.update_collection(data={"title": "First"})
    answer = given.client.patch_collection(data={"colour": "red"})
    assert sorted(answer["data"]) == ["colour", "id", "last_modified", "title"]


def delete_collection(given: Given) -> None:
    answer = given.client.delete_collection()
    assert (answer["id"], answer["deleted"]) == ("notes", True)
    with pytest.raises(CollectionNotFound):
        given.client.get_collection()


def delete_collections(given: Given) -> None:
    given.client.create_collection(id="drafts")
    assert {collection["id"] for collection in given.client.delete_collections()} == {"drafts", "notes"}
    assert given.client.get_collections() == []


def create_group(given: Given) -> None:
    answer = given.client.create_group(id="friends", data={"members": ["account:bob"], "title": "Friends"})
    assert (answer["data"]["members"], answer["data"]["title"]) == (["account:bob"], "Friends")
    assert answer["permissions"] == {"write": ["account:alice"]}


def get_group(given: Given) -> None:
    given.client.create_group(id="friends", data={"members": ["account:bob"]})
    assert given.client.get_group(id="friends")["data"]["members"] == ["account:bob"]
    with pytest.raises(KintoException, match="404"):
        given.client.get_group(id="nobody-made-this")


def get_groups(given: Given) -> None:
    for name, members in (("friends", []), ("family", ["account:bob"])):
        given.client.create_group(id=name, data={"members": members})
    assert [(group["id"], group["members"]) for group in given.client.get_groups()] == [
        ("family", ["account:bob"]),
        ("friends", []),
    ]


def update_group(given: Given) -> None:
    given.client.create_group(id="friends", data={"members": ["account:bob"], "title": "Friends"})
    answer = given.client.update_group(id="friends", data={"members": ["account:admin"]})
    assert answer["data"]["members"] == ["account:admin"]
    assert "title" not in answer["data"]


def patch_group(given: Given) -> None:
    given.client.create_group(id="friends", data={"members": ["account:bob"], "title": "Friends"})
    answer = given.client.patch_group(id="friends", data={"members": []})
    assert (answer["data"]["members"], answer["data"]["title"]) == ([], "Friends")


def delete_group(given: Given) -> None:
    given.client.create_group(id="friends")
    answer = given.client.delete_group(id="friends")
    assert (answer["id"], answer["deleted"]) == ("friends", True)
    with pytest.raises(KintoException, match="404"):
        given.client.get_group(id="friends")


def delete_groups(given: Given) -> None:
    for name in ("friends", "family"):
        given.client.create_group(id=name)
    assert {group["id"] for group in given.client.delete_groups()} == {"friends", "family"}
    assert given.client.get_groups() == []


CONTAINERS = (
    create_bucket,
    get_bucket,
    get_buckets,
    update_bucket,
    patch_bucket,
    delete_bucket,
    delete_buckets,
    create_collection,
    get_collection,
    get_collections,
    update_collection,
    patch_collection,
    delete_collection,
    delete_collections,
    create_group,
    get_group,
    get_groups,
    update_group,
    patch_group,
    delete_group,
    delete_groups,
)
