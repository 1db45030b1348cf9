"""Cases of docs/protocol/buckets on the default bucket: a bucket of one's own that need not be made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from cliquet.conformance.grove import needs
from cliquet.conformance.person import Person, access_of
from cliquet.conformance.place import Place, bucket, fresh
from cliquet.conformance.sections import section

DEFAULT = bucket("default")


@pytest.fixture(autouse=True)
def _offered(hello: dict[str, Any]) -> None:
    needs(hello, "default_bucket")


@pytest.fixture
def mine(owner: Person, hello: dict[str, Any]) -> Iterator[Place]:
    """The real place of the first user's default bucket, which does not exist."""
    real = bucket(str(hello["user"].get("bucket")))
    owner.delete(real).expect(200, 403)
    yield real
    owner.delete(real)


@section("buckets#default-bucket")
def test_hello_names_the_real_bucket(owner: Person, guest: Person, nobody: Person) -> None:
    found = [person.get("/").expect(200).body["user"].get("bucket") for person in (owner, guest, owner)]
    assert all(isinstance(name, str) and name for name in found), f"user.bucket is {found}"
    assert found[0] == found[2] != found[1], f"user.bucket is {found}"
    assert "user" not in nobody.get("/").expect(200).body


@section("buckets#default-bucket")
def test_reading_creates_the_bucket(owner: Person, mine: Place) -> None:
    owner.get(mine).refused(403, 121)
    answer = owner.get(DEFAULT).expect(200)
    assert answer.data["id"] == mine.id
    assert access_of(answer) == {"write": {owner.id}}
    assert owner.data(mine) == answer.data


@section("buckets#default-bucket")
def test_naming_creates_the_collection(owner: Person, mine: Place) -> None:
    collection = DEFAULT.child("collection", fresh())
    answer = owner.get(collection).expect(200)
    assert answer.data["id"] == collection.id
    assert access_of(answer) == {"write": {owner.id}}
    other = DEFAULT.child("collection", fresh())
    assert owner.ids(other.list("record")) == []
    assert owner.ids(mine.list("collection")) == [other.id, collection.id]


@section("buckets#default-bucket")
def test_a_record_needs_nothing_above_it(owner: Person, mine: Place) -> None:
    collection = DEFAULT.child("collection", "tasks")
    made = owner.post(collection.list("record"), {"title": "Buy milk"}).expect(201)
    real = mine.child("collection", "tasks").child("record", made.data["id"])
    assert owner.data(real) == made.data
    owner.create(DEFAULT.child("collection", "notes").child("record", "r"), {"title": "x"})
    assert owner.patch(DEFAULT.child("collection", "notes").child("record", "r"), {"title": "y"}).expect(200)
    assert owner.data(mine.child("collection", "notes").child("record", "r"))["title"] == "y"


@section("buckets#default-bucket")
def test_the_second_request_creates_nothing(owner: Person, mine: Place) -> None:
    collection = DEFAULT.child("collection", "tasks")
    before = [owner.data(place) for place in (DEFAULT, collection)]
    owner.create(collection.child("record", fresh()))
    assert [owner.data(place) for place in (DEFAULT, collection)] == before


@section("buckets#default-bucket")
def test_put_creates_in_the_usual_way(owner: Person, mine: Place) -> None:
    answer = owner.put(DEFAULT, {"a": 1}, headers={"If-None-Match": "*"}).expect(201)
    assert (answer.data["id"], answer.data["a"]) == (mine.id, 1)
    owner.put(DEFAULT, {"a": 2}, headers={"If-None-Match": "*"}).refused(412, 114)
    assert owner.put(DEFAULT, {"a": 3}).expect(200).data["a"] == 3
    collection = DEFAULT.child("collection", fresh())
    owner.put(collection, {"b": 1}, headers={"If-None-Match": "*"}).expect(201)
    owner.put(collection, {"b": 1}, headers={"If-None-Match": "*"}).refused(412, 114)


@section("buckets#default-bucket")
def test_put_of_a_collection_creates_the_bucket(owner: Person, mine: Place) -> None:
    owner.put(DEFAULT.child("collection", "first"), {"a": 1}).expect(201)
    assert owner.data(mine.child("collection", "first"))["a"] == 1


@section("buckets#default-bucket")
def test_default_in_a_body_is_the_real_id(owner: Person, mine: Place) -> None:
    assert owner.put(DEFAULT, {"id": "default", "a": 1}).expect(201).data["id"] == mine.id
    assert owner.patch(DEFAULT, {"id": "default", "a": 2}).expect(200).data["id"] == mine.id
    assert owner.put(DEFAULT, {"id": mine.id, "a": 3}).expect(200).data["a"] == 3


@section("buckets#default-bucket")
def test_groups_and_records_are_not_made_up(owner: Person, mine: Place) -> None:
    owner.get(DEFAULT.child("group", "g")).refused(404, 110)
    owner.get(DEFAULT.child("collection", "c").child("record", "r")).refused(404, 110)
    owner.create(DEFAULT.child("group", "g"), {"members": []})
    assert owner.ids(mine.list("group")) == ["g"]


@section("buckets#default-bucket")
def test_delete_creates_too(owner: Person, mine: Place) -> None:
    collection = DEFAULT.child("collection", "c")
    assert owner.delete(collection).expect(200).data["id"] == "c"
    tombstone = owner.delete(DEFAULT).expect(200).data
    assert (tombstone["id"], tombstone.get("deleted")) == (mine.id, True)
    owner.get(mine).refused(403, 121)


@section("buckets#default-bucket")
def test_pages_show_the_real_bucket(owner: Person, mine: Place) -> None:
    collection = DEFAULT.child("collection", "c")
    for name in ("a", "b", "c"):
        owner.create(collection.child("record", name))
    answer = owner.get(collection.list("record"), {"_limit": "2"}).expect(200)
    assert mine.id in answer.header("Next-Page"), f"{answer}: Next-Page is {answer.header('Next-Page')}"
    pages = owner.walk(collection.list("record"), {"_limit": "2", "_sort": "id"})
    assert [[record["id"] for record in page] for page in pages] == [["a", "b"], ["c"]]


@section("buckets#default-bucket")
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_nobody_has_a_default_bucket(nobody: Person, method: str) -> None:
    sent: dict[str, Any] = {"body": {}} if method in ("PUT", "POST") else {}
    path = DEFAULT.child("collection", "c").list("record") if method == "POST" else str(DEFAULT)
    answer = nobody.ask(method, path, headers={"Origin": "http://kit.example"}, **sent).refused(401, 104)
    allowed = nobody.get("/", headers={"Origin": "http://kit.example"}).header("Access-Control-Allow-Origin")
    assert answer.header("Access-Control-Allow-Origin") == allowed, f"{answer}: a script cannot read it"


@section("buckets#default-bucket")
def test_a_preflight_needs_no_user_and_creates_nothing(owner: Person, nobody: Person, mine: Place) -> None:
    headers = {"Origin": "http://kit.example", "Access-Control-Request-Method": "GET"}
    nobody.ask("OPTIONS", DEFAULT.child("collection", "c").list("record"), headers=headers).expect(200)
    nobody.ask("OPTIONS", DEFAULT, headers=headers).expect(200)
    owner.get(mine).refused(403, 121)


@section("buckets#default-bucket")
def test_a_default_bucket_is_private(owner: Person, guest: Person, mine: Place) -> None:
    record = owner.create(DEFAULT.child("collection", "c").child("record", "r"), {"a": 1})
    guest.get(record).refused(404, 110)
    guest.get(mine).refused(403, 121)
    guest.get(mine.child("collection", "c").list("record")).refused(403, 121)
    guest.delete(DEFAULT).expect(200)


@section("buckets#default-bucket")
def test_a_default_bucket_may_be_shared(owner: Person, guest: Person, mine: Place) -> None:
    owner.create(DEFAULT.child("collection", "c").child("record", "r"), {"a": 1})
    owner.share(DEFAULT, "read", guest.id)
    assert guest.data(mine.child("collection", "c").child("record", "r"))["a"] == 1
    assert mine.id in guest.ids("/buckets", {"id": mine.id})


@section("buckets#default-bucket")
def test_an_id_that_cannot_be_one_is_refused(owner: Person, mine: Place) -> None:
    for wrong in ("_x", "a b", "a\n"):
        answer = owner.get(DEFAULT.child("collection", wrong).list("record"))
        assert answer.status in (400, 404), str(answer)
        answer.envelope()
    assert owner.ids(DEFAULT.list("collection")) == []


@section("buckets#default-bucket")
def test_a_batch_keeps_the_paths(owner: Person, mine: Place) -> None:
    collection = DEFAULT.child("collection", "c")
    requests: list[dict[str, Any]] = [
        {"method": "PUT", "path": str(collection.child("record", "r")), "body": {"data": {"a": 1}}},
        {"path": collection.list("record")},
        {"path": str(DEFAULT)},
    ]
    found = owner.batch(*requests).expect(200).body["responses"]
    assert [each["status"] for each in found] == [201, 200, 200], found
    assert [each["path"].partition("/buckets")[2] for each in found] == [
        request["path"].partition("/buckets")[2] for request in requests
    ]
    assert found[1]["body"]["data"][0]["a"] == 1
    assert found[2]["body"]["data"]["id"] == mine.id


@section("buckets#default-bucket")
def test_a_batch_that_is_undone_leaves_no_bucket(owner: Person, mine: Place) -> None:
    requests = [{"path": str(DEFAULT.child("collection", "c"))}, {"path": str(DEFAULT.child("group", "missing"))}]
    owner.batch(*requests, atomic=True).expect(409)
    owner.get(mine).refused(403, 121)
