"""Cases of docs/protocol/sharing on changes of access lists, and on who is an owner after them."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.conformance.grove import Grow, label
from cliquet.conformance.person import JSON_PATCH, MERGE_PATCH, Person, access_of
from cliquet.conformance.place import KINDS, Place, fresh
from cliquet.conformance.sections import section

every_kind = pytest.mark.parametrize("kind", KINDS)
COMMON = {"read": ["kit:a", "kit:b"]}


@pytest.fixture
def explicit(hello: dict[str, Any]) -> bool:
    """Whether editors become owners."""
    found = hello["settings"].get("explicit_permissions")
    assert isinstance(found, bool), f"settings.explicit_permissions is {found!r}"
    return found


@section("sharing#creators-and-editors")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_editor_is_an_owner_where_the_service_says_so(
    owner: Person, guest: Person, bucket: Place, record: Place, explicit: bool, method: str
) -> None:
    owner.share(bucket, "write", owner.id, guest.id)
    guest.ask(method, record, body={"data": {"by": "guest"}}).expect(200)
    assert owner.access(record) == {"write": {owner.id, guest.id} if explicit else {owner.id}}


@section("sharing#creators-and-editors")
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
def test_an_owner_may_leave_where_the_service_says_so(
    owner: Person, guest: Person, bucket: Place, record: Place, explicit: bool, method: str
) -> None:
    answer = owner.ask(method, record, body={"permissions": {"write": [guest.id]}}).expect(200)
    assert access_of(answer) == ({"write": {owner.id, guest.id}} if explicit else {})
    assert guest.access(record) == {"write": {owner.id, guest.id} if explicit else {guest.id}}


@section("sharing#permissions-in-a-body")
@every_kind
def test_put_without_data_keeps_the_fields(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    before = owner.put(place, {"a": 1}).expect(200).data
    bodies: list[dict[str, Any]] = [{"permissions": {"read": [guest.id]}}, {}]
    for body in bodies:
        after = owner.ask("PUT", place, body=body).expect(200).data
        assert {**after, "last_modified": 0} == {**before, "last_modified": 0}
        assert after["last_modified"] > before["last_modified"]
    assert owner.ask("PUT", place).expect(200).data["a"] == 1
    assert guest.data(place)["a"] == 1
    assert "a" not in owner.put(place, {}).expect(200).data


@section("sharing#permissions-in-a-body")
@every_kind
def test_a_record_may_be_created_without_data(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    bodies: list[dict[str, Any]] = [{}, {"permissions": {"read": [guest.id]}}, {"data": {}}]
    for body in bodies:
        new = place.sibling(fresh())
        assert owner.ask("PUT", new, body=body).expect(201).data["id"] == new.id
        owner.delete(new).expect(200)
        made = owner.ask("POST", place.siblings, body=body).expect(201)
        owner.delete(place.sibling(made.data["id"])).expect(200)
    owner.ask("PUT", new).expect(201)
    owner.delete(new).expect(200)


@section("sharing#permissions-in-a-body")
@every_kind
def test_put_replaces_the_whole_access_list(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.put(place, permissions={"read": ["kit:a"], "write": [owner.id, "kit:b"]}).expect(200)
    shown = access_of(owner.put(place, {"a": 1}, {"write": [owner.id, "kit:c"]}).expect(200))
    assert shown == {"write": {owner.id, "kit:c"}}
    assert owner.access(place) == shown


@section("sharing#permissions-in-a-body")
@every_kind
def test_put_that_names_no_permission_keeps_the_access_list(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.put(place, permissions={**COMMON, "write": [owner.id]}).expect(200)
    bodies: list[dict[str, Any]] = [
        {"data": {"a": 1}},
        {"data": {}, "permissions": {}},
        {"permissions": {"read": None}},
    ]
    for body in bodies:
        answer = owner.ask("PUT", place, body=body).expect(200)
        assert access_of(answer) == {"read": {"kit:a", "kit:b"}, "write": {owner.id}}, f"after {body}"


@section("sharing#permissions-in-a-body")
@every_kind
def test_a_plain_patch_replaces_what_it_names(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.put(place, {"a": 1}, {**COMMON, "write": [owner.id, "kit:c"]}).expect(200)
    rest = {"write": {owner.id, "kit:c"}}
    answer = owner.patch(place, permissions={"read": ["kit:d"]}).expect(200)
    assert access_of(answer) == {**rest, "read": {"kit:d"}}
    assert answer.data["a"] == 1
    assert access_of(owner.patch(place, {"b": 2}, {"read": None}).expect(200)) == {**rest, "read": {"kit:d"}}
    assert access_of(owner.patch(place, permissions={"read": []}).expect(200)) == rest
    assert owner.data(place)["b"] == 2


@section("sharing#permissions-in-a-body")
@every_kind
def test_null_removes_a_permission_in_a_merge_patch(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.put(place, {"a": 1}, {**COMMON, "write": [owner.id, "kit:c"]}).expect(200)
    rest = {"write": {owner.id, "kit:c"}}
    answer = owner.apply(place, MERGE_PATCH, {"permissions": {"read": ["kit:d"]}}).expect(200)
    assert access_of(answer) == {**rest, "read": {"kit:d"}}
    assert access_of(owner.apply(place, MERGE_PATCH, {"permissions": {"read": None}}).expect(200)) == rest
    assert owner.data(place)["a"] == 1


@section("sharing#permissions-in-a-body")
@every_kind
def test_a_json_patch_names_principals(owner: Person, guest: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    owner.put(place, {"a": 1}, {"read": ["kit:a", "/buckets/b/groups/g"]}).expect(200)
    operations = [
        {"op": "test", "path": "/permissions/read/kit:a"},
        {"op": "remove", "path": "/permissions/read/kit:a"},
        {"op": "add", "path": f"/permissions/read/{guest.id}"},
        {"op": "add", "path": "/permissions/write/~1buckets~1b~1groups~1h", "value": "anything"},
        {"op": "replace", "path": "/data/a", "value": 2},
    ]
    answer = owner.apply(place, JSON_PATCH, operations).expect(200)
    assert access_of(answer) == {
        "read": {guest.id, "/buckets/b/groups/g"},
        "write": {owner.id, "/buckets/b/groups/h"},
    }
    assert answer.data["a"] == 2
    assert guest.data(place)["a"] == 2


@section("sharing#permissions-in-a-body")
@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/permissions/read/kit:nobody"},
        {"op": "remove", "path": "/permissions/read/kit:nobody"},
        {"op": "add", "path": "/permissions/own/kit:a"},
        {"op": "add", "path": "/permissions/read:attributes/kit:a"},
        {"op": "replace", "path": "/permissions/read", "value": 1},
        {"op": "add", "path": "/permission/read/kit:a"},
    ],
    ids=label,
)
def test_a_json_patch_that_fails_changes_nothing(owner: Person, record: Place, operation: dict[str, Any]) -> None:
    owner.share(record, "read", "kit:a")
    before = owner.data(record)
    grant = {"op": "add", "path": "/permissions/write/kit:b"}
    owner.apply(record, JSON_PATCH, [grant, operation]).refused(400, 107)
    assert owner.data(record) == before
    assert owner.access(record) == {"read": {"kit:a"}, "write": {owner.id}}


@section("sharing#permissions-in-a-body")
@pytest.mark.parametrize("kind", ["application/json", MERGE_PATCH, JSON_PATCH])
def test_a_patch_by_who_inherits_write_takes_nothing_away(
    owner: Person, guest: Person, bucket: Place, record: Place, explicit: bool, kind: str
) -> None:
    owner.share(bucket, "write", owner.id, guest.id)
    owner.put(record, permissions={"read": ["kit:a"], "write": [owner.id, "kit:b"]}).expect(200)
    body: Any = {"permissions": {"read": ["kit:c"]}}
    if kind == JSON_PATCH:
        body = [{"op": "test", "path": "/permissions/read/kit:a"}, {"op": "add", "path": "/permissions/read/kit:c"}]
    guest.apply(record, kind, body).expect(200)
    editors = {guest.id} if explicit else set[str]()
    readers = {"kit:a", "kit:c"} if kind == JSON_PATCH else {"kit:c"}
    assert owner.access(record) == {"read": readers, "write": {owner.id, "kit:b"} | editors}


@section("sharing#permissions-in-a-body")
@pytest.mark.parametrize("kind", ["application/json", MERGE_PATCH, JSON_PATCH])
def test_a_patch_of_the_data_keeps_the_access_list(
    owner: Person, guest: Person, bucket: Place, record: Place, explicit: bool, kind: str
) -> None:
    owner.share(bucket, "write", owner.id, guest.id)
    owner.share(record, "read", "kit:a")
    body: Any = {"data": {"a": 1}}
    guest.apply(record, kind, [{"op": "add", "path": "/data/a", "value": 1}] if kind == JSON_PATCH else body).expect(
        200
    )
    editors = {guest.id} if explicit else set[str]()
    assert owner.access(record) == {"read": {"kit:a"}, "write": {owner.id} | editors}


@section("sharing#permissions-in-a-body")
@every_kind
def test_a_change_of_the_access_list_is_a_change(owner: Person, grow: Grow, kind: str) -> None:
    place = grow(kind)
    before = owner.data(place)
    changed = owner.patch(place, permissions=COMMON).expect(200)
    assert changed.timestamp > before["last_modified"]
    assert owner.patch(place, permissions=COMMON).expect(200).timestamp == changed.timestamp
    assert owner.patch(place, permissions={"read": ["kit:b", "kit:a"]}).expect(200).timestamp == changed.timestamp
    assert owner.data(place)["last_modified"] == changed.timestamp


@section("sharing#permissions-in-a-body")
@pytest.mark.parametrize(
    "body", [{}, {"data": None}, {"foo": {}}, {"permissions": 1}, {"permissions": [], "data": {}}], ids=label
)
def test_a_patch_of_nothing_is_invalid(owner: Person, record: Place, body: Any) -> None:
    owner.ask("PATCH", record, body=body).refused(400, 107)


@section("sharing#permissions-in-a-body")
def test_a_refused_body_changes_neither(owner: Person, record: Place) -> None:
    before = owner.data(record)
    for body in ({"data": {"a": 1}, "permissions": {"own": []}}, {"data": 1, "permissions": COMMON}):
        owner.ask("PUT", record, body=body).refused(400, 107)
        owner.ask("PATCH", record, body=body).refused(400, 107)
    assert owner.data(record) == before
    assert owner.access(record) == {"write": {owner.id}}
