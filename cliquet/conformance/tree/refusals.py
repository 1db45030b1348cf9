"""Cases of docs/protocol/sharing on refusals: nobody learns what they may not read, not even whether it exists."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.conformance.client import Answer
from cliquet.conformance.grove import Grow
from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.place import bucket as bucket_at
from cliquet.conformance.sections import section

METHODS = ["GET", "PUT", "PATCH", "DELETE"]
each_method = pytest.mark.parametrize("method", METHODS)
each_child = pytest.mark.parametrize("kind", ["group", "collection", "record"])
BELOW = {"group": "bucket", "collection": "bucket", "record": "collection"}


def tried(person: Person, method: str, path: Place | str) -> Answer:
    """The answer to a request with a body where one is due."""
    sent: dict[str, Any] = {"body": {"data": {"a": 1}}} if method in ("PUT", "PATCH", "POST") else {}
    return person.ask(method, path, **sent)


def check_missing(answer: Answer, errno: int, place: Place) -> None:
    """Fail unless this is a 404 that names what is missing."""
    details = answer.refused(404, errno).body.get("details")
    assert details == {"id": place.id, "resource_name": place.kind}, f"{answer}: details is {details}"


@section("sharing#refusals")
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_an_unknown_bucket_is_forbidden(owner: Person, nobody: Person, method: str) -> None:
    tried(owner, method, bucket_at(fresh())).refused(403, 121)
    tried(nobody, method, bucket_at(fresh())).refused(401, 104)


@section("sharing#refusals")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_what_is_below_an_unknown_bucket_is_forbidden(owner: Person, nobody: Person, method: str) -> None:
    place = bucket_at(fresh())
    for path in (place.list("group"), place.list("collection"), place.child("collection", "c").list("record")):
        tried(owner, method, path).refused(403, 121)
        tried(nobody, method, path).refused(401, 104)


@section("sharing#refusals")
@each_method
def test_nothing_can_be_put_below_an_unknown_bucket(owner: Person, nobody: Person, method: str) -> None:
    place = bucket_at(fresh())
    for below in (place.child("group", "g"), place.child("collection", "c").child("record", "r")):
        tried(owner, method, below).refused(403, 121)
        tried(nobody, method, below).refused(401, 104)


@section("sharing#refusals")
@each_method
def test_what_exists_looks_like_what_does_not(guest: Person, nobody: Person, grow: Grow, method: str) -> None:
    for kind in ("bucket", "group", "collection", "record"):
        place = grow(kind)
        missing = place.sibling(fresh())
        if (method, kind) == ("PUT", "bucket"):
            continue
        for person in (guest, nobody):
            answers = [tried(person, method, path) for path in (place, missing)]
            assert answers[0].raw == answers[1].raw, f"{answers[0]}: {answers[0].raw!r}, {answers[1]}"
            answers[0].expect(403 if person.id else 401)


@section("sharing#refusals")
def test_a_deleted_bucket_is_an_unknown_one(owner: Person, bucket: Place) -> None:
    owner.delete(bucket).expect(200)
    for path in (bucket, bucket.list("collection")):
        owner.get(path).refused(403, 121)
        owner.delete(path).refused(403, 121)
    owner.patch(bucket, {"a": 1}).refused(403, 121)


@section("sharing#refusals")
@each_child
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_readers_of_the_parent_learn_what_is_missing(
    owner: Person, guest: Person, grow: Grow, kind: str, method: str
) -> None:
    place = grow(kind)
    missing = place.sibling(fresh())
    check_missing(tried(owner, method, missing), 110, missing)
    owner.head(missing).expect(404)
    owner.share(bucket_at(place.siblings.split("/")[2]), "read", guest.id)
    check_missing(tried(guest, method, missing), 110, missing)
    owner.delete(place).expect(200)
    check_missing(tried(guest, method, place), 110, place)


@section("sharing#refusals")
@each_child
@each_method
def test_others_do_not(owner: Person, guest: Person, nobody: Person, grow: Grow, kind: str, method: str) -> None:
    place = grow(kind)
    owner.share(place, "read", guest.id)
    tried(guest, method, place.sibling(fresh())).refused(403, 121)
    tried(nobody, method, place.sibling(fresh())).refused(401, 104)


@section("sharing#refusals")
@each_child
@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
def test_who_may_only_create_learns_nothing(owner: Person, guest: Person, grow: Grow, kind: str, method: str) -> None:
    place = grow(kind)
    top = bucket_at(place.siblings.split("/")[2])
    parent = top if BELOW[kind] == "bucket" else top.child("collection", place.siblings.split("/")[4])
    owner.share(parent, f"{kind}:create", guest.id)
    tried(guest, method, place).refused(403, 121)
    tried(guest, method, place.sibling(fresh())).refused(403, 121)


@section("sharing#refusals")
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_list_of_what_is_missing_names_the_parent(owner: Person, bucket: Place, method: str) -> None:
    parent = bucket.child("collection", fresh())
    check_missing(tried(owner, method, parent.list("record")), 111, parent)
    owner.head(parent.list("record")).expect(404)


@section("sharing#refusals")
@each_method
def test_a_record_of_what_is_missing_names_the_parent(owner: Person, bucket: Place, method: str) -> None:
    parent = bucket.child("collection", fresh())
    check_missing(tried(owner, method, parent.child("record", "r")), 111, parent)


@section("sharing#refusals")
def test_a_missing_parent_is_named_to_its_readers_only(owner: Person, guest: Person, bucket: Place) -> None:
    parent = bucket.child("collection", fresh())
    owner.share(bucket, "collection:create", guest.id)
    guest.get(parent.list("record")).refused(403, 121)
    guest.post(parent.list("record"), {}).refused(403, 121)
    owner.share(bucket, "read", guest.id)
    check_missing(guest.get(parent.list("record")), 111, parent)
    guest.post(parent.list("record"), {}).refused(403, 121)


@section("sharing#refusals")
def test_permission_comes_before_the_body(guest: Person, nobody: Person, grow: Grow) -> None:
    for kind in ("bucket", "record"):
        place = grow(kind)
        for method, path in (("PUT", str(place)), ("PATCH", str(place)), ("POST", place.siblings)):
            if (method, kind) == ("POST", "bucket"):
                continue
            for person, status in ((guest, 403), (nobody, 401)):
                person.ask(method, path, raw=b"{", headers={"Content-Type": "application/json"}).expect(status)
                person.ask(method, path, body={"foo": 1}).expect(status)
                person.ask(method, path, body={}, headers={"If-Match": "abc"}).expect(status)


@section("sharing#refusals")
def test_a_failed_precondition_shows_nothing_to_others(owner: Person, guest: Person, record: Place) -> None:
    stale = {"If-Match": '"1"'}
    guest.put(record, {}, headers=stale).refused(403, 121)
    guest.delete(record, headers=stale).refused(403, 121)
    guest.get(record, headers=stale).refused(403, 121)
    guest.get(record, headers={"If-None-Match": f'"{owner.data(record)["last_modified"]}"'}).refused(403, 121)


@section("sharing#requests")
def test_a_creator_learns_that_an_id_is_in_use_and_no_more(
    owner: Person, guest: Person, collection: Place, record: Place
) -> None:
    owner.share(collection, "record:create", guest.id)
    answer = guest.put(record, {"a": 1}, headers={"If-None-Match": "*"}).refused(412, 114)
    assert "existing" not in answer.body.get("details", {}), f"{answer}: {answer.body['details']}"
    guest.put(record, {"a": 1}).refused(403, 121)
    guest.post(record.siblings, {"id": record.id}).refused(403, 121)
    assert owner.data(record)["title"] == "First"


@section("sharing#requests")
def test_post_of_an_id_in_use_needs_to_read_it(
    owner: Person, guest: Person, nobody: Person, collection: Place, record: Place
) -> None:
    owner.share(collection, "record:create", "system.Everyone")
    guest.post(record.siblings, {"id": record.id}).refused(403, 121)
    nobody.post(record.siblings, {"id": record.id}).refused(401, 104)
    owner.share(record, "read", guest.id)
    answer = guest.post(record.siblings, {"id": record.id, "title": "x"}).expect(200)
    assert (answer.data["title"], answer.body["permissions"]) == ("First", {})
    owner.share(collection, "record:create")
    guest.post(record.siblings, {"id": record.id}).expect(200)
    guest.post(record.siblings, {"id": fresh()}).refused(403, 121)


@section("sharing#requests")
def test_who_may_delete_may_give_away(owner: Person, guest: Person, nobody: Person, record: Place) -> None:
    owner.share(record, "write", owner.id, guest.id)
    guest.share(record, "read", "system.Everyone")
    nobody.get(record).expect(200)
    guest.delete(record).expect(200)


@section("sharing#requests")
def test_a_tombstone_is_no_obstacle(owner: Person, guest: Person, collection: Place, record: Place) -> None:
    owner.share(collection, "record:create", guest.id)
    owner.delete(record).expect(200)
    guest.put(record, {"by": "guest"}, headers={"If-None-Match": "*"}).expect(201)
    guest.delete(record).expect(200)
    guest.post(record.siblings, {"id": record.id}).expect(201)


@section("headers#cors")
def test_a_script_may_read_a_refusal(owner: Person, guest: Person, nobody: Person, record: Place) -> None:
    origin = {"Origin": "http://kit.example"}
    if not owner.get("/", headers=origin).header("Access-Control-Allow-Origin"):
        pytest.skip("the service does not allow any origin")
    for person, status in ((guest, 403), (nobody, 401)):
        answer = person.get(record, headers=origin).expect(status)
        assert answer.header("Access-Control-Allow-Origin"), f"{answer}: a script cannot read it"
    preflight = {**origin, "Access-Control-Request-Method": "GET"}
    assert nobody.ask("OPTIONS", record, headers=preflight).expect(200).header("Access-Control-Allow-Origin")
