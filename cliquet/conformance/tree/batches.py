"""Cases of docs/protocol/batch over several levels of the tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cliquet.conformance.client import Answer
from cliquet.conformance.person import Person
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.place import bucket as bucket_at
from cliquet.conformance.sections import section


def put(place: Place, permissions: Mapping[str, list[str]] | None = None, **data: Any) -> dict[str, Any]:
    """A request that creates something."""
    body = {"data": data} if permissions is None else {"data": data, "permissions": permissions}
    return {"method": "PUT", "path": str(place), "body": body}


def delete(path: Place | str) -> dict[str, Any]:
    """A request that deletes something."""
    return {"method": "DELETE", "path": str(path)}


def bodies(answer: Answer, *statuses: int) -> list[Any]:
    """The bodies of a batch, after a check of its statuses."""
    found = answer.body["responses"]
    assert [each["status"] for each in found] == list(statuses), f"{answer}: {[each['status'] for each in found]}"
    return [each["body"] for each in found]


def tree(top: Place) -> list[Place]:
    """One of each."""
    collection = top.child("collection", "c")
    return [top, top.child("group", "g"), collection, collection.child("record", "r")]


@section("batch#answers")
def test_a_tree_is_made_in_one_batch(owner: Person, guest: Person) -> None:
    places = tree(bucket_at(fresh()))
    requests = [put(places[0]), put(places[1], members=[guest.id]), put(places[2], {"read": [str(places[1])]})]
    found = bodies(
        owner.batch(*requests, put(places[3], a=1), {"path": places[3].siblings}).expect(200), *[201] * 4, 200
    )
    assert [body["data"]["id"] for body in found[:4]] == [place.id for place in places]
    assert found[2]["permissions"] == {"read": [str(places[1])], "write": [owner.id]}
    assert [record["id"] for record in found[4]["data"]] == ["r"]
    assert guest.data(places[3])["a"] == 1
    owner.delete(places[0]).expect(200)


@section("batch#answers")
def test_each_request_is_authorized_on_its_own(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(record, "read", guest.id)
    requests: list[dict[str, Any]] = [
        {"path": str(record)},
        {"path": str(bucket)},
        put(record, a=1),
        put(bucket.child("group", "g")),
    ]
    found = bodies(guest.batch(*requests).expect(200), 200, 403, 403, 403)
    assert [body["errno"] for body in found[1:]] == [121] * 3
    assert found[0]["permissions"] == {}


@section("batch#answers")
def test_a_permission_counts_for_the_next_request(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(bucket, "write", owner.id, guest.id)
    away = {"method": "PATCH", "path": str(bucket), "body": {"permissions": {"write": [owner.id]}}}
    read = {"path": str(record)}
    explicit = owner.get("/").body["settings"].get("explicit_permissions")
    bodies(guest.batch(read, away, read).expect(200), 200, 200, 200 if explicit else 403)
    owner.share(bucket, "write", owner.id)
    group = owner.create(bucket.child("group", "g"), {"members": [guest.id]}, {"write": [guest.id]})
    owner.share(record, "read", str(group))
    leave = {"method": "PATCH", "path": str(group), "body": {"data": {"members": []}}}
    bodies(guest.batch(read, leave, read).expect(200), 200, 200, 403)


@section("batch#answers")
def test_what_is_deleted_in_a_batch_is_gone_for_the_next_request(owner: Person, bucket: Place, record: Place) -> None:
    again = [put(bucket), {"path": bucket.list("collection")}]
    found = bodies(owner.batch(delete(bucket), {"path": str(record)}, *again).expect(200), 200, 403, 201, 200)
    assert found[3]["data"] == []


@section("batch#inheritance")
def test_each_request_may_be_of_another_user(owner: Person, guest: Person, bucket: Place, record: Place) -> None:
    owner.share(record, "read", guest.id)
    nobody = {"Authorization": "None"}
    requests: list[dict[str, Any]] = [{"path": str(record)}, {"path": str(record), "headers": nobody}]
    bodies(guest.batch(*requests).expect(200), 200, 401)


@section("batch#atomic")
def test_a_tree_is_made_as_a_whole_or_not_at_all(owner: Person, guest: Person) -> None:
    places = tree(bucket_at(fresh()))
    requests = [put(place, {"read": [guest.id]}) for place in places]
    answer = owner.batch(*requests, {"path": str(places[0].child("group", "missing"))}, atomic=True)
    answer.refused(409, 122)
    bodies(answer, *[201] * 4, 404)
    for person in (owner, guest):
        for place in places:
            person.get(place).refused(403, 121)
    bodies(owner.batch(*requests, atomic=True).expect(200), *[201] * 4)
    assert guest.data(places[3])["id"] == "r"
    owner.delete(places[0]).expect(200)


@section("batch#atomic")
def test_a_deletion_that_is_undone_took_nothing(
    owner: Person, guest: Person, bucket: Place, group: Place, record: Place
) -> None:
    owner.patch(group, {"members": [guest.id]}).expect(200)
    owner.share(record, "read", str(group))
    before = [owner.get(path).expect(200).timestamp for path in (bucket, group, record, record.siblings)]
    failing = {"path": str(bucket_at(fresh()))}
    for doomed in (bucket, group, record, bucket.list("collection"), group.siblings):
        owner.batch(delete(doomed), failing, atomic=True).refused(409, 122)
        assert guest.data(record)["title"] == "First", f"DELETE {doomed} was not undone"
    assert [owner.get(path).expect(200).timestamp for path in (bucket, group, record, record.siblings)] == before
    assert owner.get(record.siblings, {"_since": str(before[2] - 1)}).expect(200).data == [owner.data(record)]


@section("batch#atomic")
def test_permissions_that_are_undone_were_never_granted(
    owner: Person, guest: Person, group: Place, record: Place
) -> None:
    changes: list[dict[str, Any]] = [
        {"method": "PATCH", "path": str(record), "body": {"permissions": {"read": [guest.id]}}},
        {"method": "PATCH", "path": str(group), "body": {"data": {"members": [guest.id]}}},
    ]
    owner.share(record, "read", str(group))
    failing = {"path": str(record.sibling(fresh()))}
    owner.batch(*changes, failing, atomic=True).refused(409, 122)
    guest.get(record).refused(403, 121)
    assert owner.access(record) == {"read": {str(group)}, "write": {owner.id}}
    assert owner.data(group)["members"] == []
