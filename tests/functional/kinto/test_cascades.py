"""What is below a bucket or a collection goes with it, however that is deleted, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.config import Configurator

import kinto
from cliquet.errors import NotAllowed
from cliquet.testing.app import Client
from cliquet.web.events import ResourceChanged

BUCKET = "/v1/buckets/b"
COLLECTIONS, GROUPS = f"{BUCKET}/collections", f"{BUCKET}/groups"
COLLECTION = f"{COLLECTIONS}/c"
RECORDS = f"{COLLECTION}/records"
#: More than one statement fetches, see ``store``.
MANY = 7
PLUGINS = "cliquet.plugins.history cliquet.plugins.permissions_endpoint tests.functional.kinto.test_cascades"
SETTINGS = {"storage_max_fetch_size": 3, "includes": PLUGINS}


def includeme(config: Configurator) -> None:
    """Refuses to delete a bucket that is called ``kept``."""

    def refuse(event: Any) -> None:
        if any(change.id == "kept" for change in event.changes):
            raise NotAllowed("This bucket stays.")

    config.add_subscriber(refuse, ResourceChanged, for_actions=("delete",), for_resources=("bucket",))


@pytest.fixture
def store(store_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Client:
    """The store with a bucket, of which everything is shared with bob; used by alice."""
    alice = serve(kinto.main(None, **{**store_settings, **SETTINGS}))
    plant(alice, BUCKET)
    return alice


def identity(person: Client) -> str:
    found: str = person.get("/v1/").json["user"]["id"]
    return found


def plant(alice: Client, bucket: str, record: str = "r", collection: str = "c") -> None:
    """A bucket with a group and a collection of many records."""
    bob = identity(alice.as_user("bob"))
    paths = [bucket, f"{bucket}/collections/{collection}"]
    paths += [f"{paths[1]}/records/{record}{number}" for number in range(MANY)]
    requests = [{"method": "PUT", "path": path, "body": {"permissions": {"read": [bob]}}} for path in paths]
    requests += [{"method": "PUT", "path": f"{bucket}/groups/g", "body": {"data": {"members": [bob]}}}]
    done(alice, *requests)


def done(person: Client, *requests: dict[str, Any], **options: Any) -> list[Any]:
    """The answers to a batch in which all succeed."""
    found: list[Any] = person.post_json("/v1/batch", {"requests": list(requests)}, **options).json["responses"]
    assert {one["status"] for one in found} <= {200, 201}, found
    return found


def everything(person: Client, path: str) -> list[dict[str, Any]]:
    """All of a list, page by page."""
    found: list[dict[str, Any]] = []
    following = path
    while following:
        response = person.get(following)
        found += response.json["data"]
        following = response.headers.get("Next-Page", "")
    return found


def shared(person: Client) -> list[str]:
    """The paths of all that names somebody in its access list."""
    return [one["uri"] for one in everything(person, "/v1/permissions") if one["uri"] != "/"]


def shape(alice: Client) -> set[str]:
    """The paths of all that has an access list, and what bob is."""
    bob = alice.as_user("bob")
    return {*shared(alice), *shared(bob), *bob.get("/v1/").json["user"]["principals"]}


def plant_again(alice: Client) -> None:
    """The bucket, the collection and the group, without anybody else in them."""
    done(alice, *({"method": "PUT", "path": path, "body": {}} for path in (BUCKET, COLLECTION, f"{GROUPS}/g")))


def left(alice: Client, *, group: bool = True) -> list[str]:
    """What bob still has below the bucket, and what comes back when everything is made again.

    :param group: whether the group should be gone as well.
    """
    bob = alice.as_user("bob")
    plant_again(alice)
    found = [one["id"] for one in everything(alice, RECORDS)] + shared(bob)
    done(alice, *({"method": "PUT", "path": f"{RECORDS}/r{number}", "body": {}} for number in range(MANY)))
    lists = [alice.get(f"{RECORDS}/r{number}").json["permissions"] for number in range(MANY)]
    found += [str(one) for one in lists if one != {"write": [identity(alice)]}]
    return found + [one for one in bob.get("/v1/").json["user"]["principals"] if group and one.startswith("/")]


WAYS: dict[str, dict[str, Any]] = {
    "a bucket": {"method": "DELETE", "path": BUCKET},
    "the list of buckets": {"method": "DELETE", "path": "/v1/buckets"},
    "some buckets": {"method": "DELETE", "path": "/v1/buckets?in_id=b,x"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("batched", [False, True], ids=["alone", "in a batch"])
def test_nothing_outlives_its_bucket(store: Client, way: str, batched: bool) -> None:
    if batched:
        done(store, WAYS[way])
    else:
        store.delete(WAYS[way]["path"])
    store.as_user("bob").get(f"{RECORDS}/r1", status=403)
    assert left(store) == []


@pytest.mark.parametrize("path", [COLLECTION, COLLECTIONS, f"{COLLECTIONS}?id=c"])
def test_nothing_outlives_its_collection(store: Client, path: str) -> None:
    store.delete(path)
    store.patch_json(BUCKET, {"permissions": {"read": []}})
    assert left(store, group=False) == []


def test_nothing_outlives_a_bucket_that_is_made_again_in_the_same_batch(store: Client) -> None:
    mine = {"method": "PUT", "path": f"{RECORDS}/new", "body": {}}
    again = [{"method": "PUT", "path": path, "body": {}} for path in (BUCKET, COLLECTION)]
    done(store, {"method": "DELETE", "path": BUCKET}, *again, mine)
    assert [one["id"] for one in store.get(RECORDS).json["data"]] == ["new"]
    store.delete(f"{RECORDS}/new")
    assert left(store) == []


def test_what_a_batch_creates_goes_with_what_it_deletes(store: Client) -> None:
    late = [f"{RECORDS}/late", f"{GROUPS}/late"]
    bob = identity(store.as_user("bob"))
    body = {"data": {"members": [bob]}, "permissions": {"read": [bob]}}
    done(store, *({"method": "PUT", "path": path, "body": body} for path in late), WAYS["a bucket"])
    assert left(store) == []
    assert store.get(f"{GROUPS}/late", status=404).json["errno"] == 110


#: Of the one with the underscore, as a pattern, all of the others are look-alikes.
NAMES = ("b_", "b-", "ba", "b0", "B", "bb")


@pytest.mark.parametrize("name", ["b", "b_"])
def test_buckets_that_look_alike_stay(store: Client, name: str) -> None:
    for one in NAMES:
        plant(store, f"/v1/buckets/{one}")
    before, gone = shape(store), f"/buckets/{name}"
    store.delete(f"/v1{gone}")
    assert shape(store) == {one for one in before if one != gone and not one.startswith(f"{gone}/")}
    for one in {"b", *NAMES} - {name}:
        assert store.head(f"/v1/buckets/{one}/collections/c/records").headers["Total-Records"] == str(MANY)


@pytest.mark.parametrize("name", ["c", "c_"])
def test_collections_that_look_alike_stay(store: Client, name: str) -> None:
    for one in ("c_", "c-", "ca", "c0", "C"):
        plant(store, BUCKET, collection=one)
    before, gone = shape(store), f"/buckets/b/collections/{name}"
    store.delete(f"/v1{gone}")
    assert shape(store) == {one for one in before if one != gone and not one.startswith(f"{gone}/")}
    assert store.head(f"{COLLECTIONS}/ca/records").headers["Total-Records"] == str(MANY)


# What is undone is all there.


def test_a_refused_deletion_leaves_everything(store: Client) -> None:
    plant(store, "/v1/buckets/kept")
    before, history = shape(store), store.head("/v1/buckets/kept/history").headers["Total-Records"]
    store.delete("/v1/buckets/kept", status=403)
    store.delete("/v1/buckets", status=403)
    assert shape(store) == before
    assert store.head("/v1/buckets/kept/history").headers["Total-Records"] == history
    assert store.as_user("bob").get(f"{RECORDS}/r1").json["data"]["id"] == "r1"


@pytest.mark.parametrize("path", [BUCKET, "/v1/buckets", COLLECTION, COLLECTIONS, GROUPS])
def test_an_atomic_batch_that_fails_leaves_everything(store: Client, path: str) -> None:
    before, times = shape(store), moments(store)
    requests = [{"method": "DELETE", "path": path}, {"method": "GET", "path": "/v1/nowhere"}]
    store.post_json("/v1/batch", {"requests": requests, "atomic": True}, status=409)
    assert (shape(store), moments(store)) == (before, times)
    assert store.get(f"{RECORDS}?_since=0").json["data"]


def moments(person: Client) -> list[str]:
    paths = (RECORDS, COLLECTIONS, GROUPS, f"{BUCKET}/history")
    return [person.head(path).headers["ETag"] + person.head(path).headers["Total-Records"] for path in paths]


def test_who_may_not_delete_a_bucket_deletes_nothing_below_it(store: Client) -> None:
    before, bob = shape(store), store.as_user("bob")
    for path in (BUCKET, COLLECTION, f"{RECORDS}/r1", COLLECTIONS, RECORDS, GROUPS):
        assert bob.delete(path, status="*").status_int in (200, 403), path
    assert shape(store) == before


# What followers and the history are told.


def test_followers_start_over(store: Client) -> None:
    seen = store.get(f"{RECORDS}?_limit=2").headers["ETag"]
    store.delete(BUCKET)
    plant_again(store)
    assert store.get(f"{RECORDS}?_since={seen}", status=410).json["errno"] == 118
    fresh = store.get(RECORDS)
    assert (fresh.json["data"], fresh.headers["ETag"] > seen) == ([], True)
    assert store.get(f"{RECORDS}?_since={fresh.headers['ETag']}").json["data"] == []


def test_the_history_says_what_went_with_a_collection(store: Client) -> None:
    before = int(store.head(f"{BUCKET}/history").headers["Total-Records"])
    store.delete(COLLECTION)
    entries = everything(store, f"{BUCKET}/history?_sort=last_modified&action=delete")
    uris = [one["uri"].removeprefix("/buckets/b/collections/") for one in entries]
    assert (uris[0], set(uris[1:])) == ("c", {f"c/records/r{number}" for number in range(MANY)})
    assert {frozenset(one["target"]["data"]) for one in entries} == {frozenset(("id", "last_modified", "deleted"))}
    assert {str(one["target"]["permissions"]) for one in entries} == {"{}"}
    assert int(store.head(f"{BUCKET}/history").headers["Total-Records"]) == before + 1 + MANY


def test_the_history_of_a_bucket_ends_with_it(store: Client) -> None:
    store.delete(BUCKET)
    store.put_json(BUCKET, {})
    assert [one["action"] for one in store.get(f"{BUCKET}/history").json["data"]] == ["create"]
