"""The three ways to change an object in part, on every kind of object."""

from __future__ import annotations

from typing import Any

import pytest
from kinto_http import KintoException
from kinto_http.patch_type import BasicPatch, JSONPatch, MergePatch

from tests.compatibility.kinto_http.kinds import Object

DATA = {"title": "One", "size": {"width": 1, "height": 2}, "tags": ["a", "b"], "gone": True}


@pytest.fixture
def one(thing: Object) -> Object:
    """An object that exists."""
    members = {"members": ["account:admin"]} if thing.kind == "group" else {}
    thing.create(data={**DATA, **members}, permissions={"read": ["account:bob"]})
    return thing


def attributes(answer: Any) -> dict[str, Any]:
    """What the test has put into an object."""
    return {name: value for name, value in answer["data"].items() if name not in {"id", "last_modified", "members"}}


def test_a_basic_patch_replaces_what_it_names(one: Object) -> None:
    answer = one.patch(changes=BasicPatch({"size": {"width": 3}, "gone": None, "new": 1}))
    assert attributes(answer) == {**DATA, "size": {"width": 3}, "gone": None, "new": 1}
    assert one.get() == answer


def test_a_basic_patch_replaces_the_permissions_that_it_names(one: Object) -> None:
    answer = one.patch(changes=BasicPatch(permissions={"read": ["system.Everyone"]}))
    assert answer["permissions"] == {"write": ["account:alice"], "read": ["system.Everyone"]}
    assert attributes(answer) == DATA


def test_a_merge_patch_goes_into_objects_and_removes_nulls(one: Object) -> None:
    answer = one.patch(changes=MergePatch({"size": {"width": 3}, "gone": None, "tags": ["c"]}))
    assert attributes(answer) == {"title": "One", "size": {"width": 3, "height": 2}, "tags": ["c"]}
    assert one.get() == answer


def test_a_merge_patch_removes_a_permission(one: Object) -> None:
    answer = one.patch(changes=MergePatch(permissions={"read": None}))
    assert answer["permissions"] == {"write": ["account:alice"]}
    assert attributes(answer) == DATA


def test_a_merge_patch_of_data_leaves_the_permissions(one: Object) -> None:
    answer = one.patch(changes=MergePatch({"new": 1}))
    assert answer["permissions"] == {"write": ["account:alice"], "read": ["account:bob"]}


def test_a_json_patch_runs_its_operations_in_order(one: Object) -> None:
    operations = [
        {"op": "test", "path": "/data/title", "value": "One"},
        {"op": "replace", "path": "/data/title", "value": "Two"},
        {"op": "add", "path": "/data/tags/0", "value": "first"},
        {"op": "remove", "path": "/data/gone"},
        {"op": "move", "from": "/data/size/width", "path": "/data/width"},
        {"op": "copy", "from": "/data/title", "path": "/data/name"},
    ]
    answer = one.patch(changes=JSONPatch(operations))
    assert attributes(answer) == {
        "title": "Two",
        "name": "Two",
        "tags": ["first", "a", "b"],
        "size": {"height": 2},
        "width": 1,
    }
    assert one.get() == answer


def test_a_json_patch_adds_and_removes_principals(one: Object) -> None:
    operations = [
        {"op": "test", "path": "/permissions/read/account:bob"},
        {"op": "remove", "path": "/permissions/read/account:bob"},
        {"op": "add", "path": "/permissions/read/~1buckets~1b~1groups~1g"},
    ]
    answer = one.patch(changes=JSONPatch(operations))
    assert answer["permissions"] == {"write": ["account:alice"], "read": ["/buckets/b/groups/g"]}


def test_a_json_patch_whose_test_fails_changes_nothing(one: Object) -> None:
    before = one.get()
    operations = [
        {"op": "add", "path": "/data/new", "value": 1},
        {"op": "test", "path": "/data/title", "value": "Two"},
    ]
    with pytest.raises(KintoException) as refused:
        one.patch(changes=JSONPatch(operations))
    assert (refused.value.response.status_code, refused.value.response.json()["errno"]) == (400, 107)
    assert one.get() == before


@pytest.mark.parametrize("changes", [BasicPatch({"title": "Two"}), MergePatch({"title": "Two"})])
def test_a_patch_of_what_was_read_before_another_change_is_refused(one: Object, changes: Any) -> None:
    read = one.get()["data"]
    one.patch(changes=BasicPatch({"new": 1}))
    with pytest.raises(KintoException) as refused:
        one.patch(original=read, changes=changes)
    assert refused.value.response.status_code == 412
    assert refused.value.response.json()["details"]["existing"]["new"] == 1
    assert one.patch(original=one.get()["data"], changes=changes)["data"]["title"] == "Two"


@pytest.mark.parametrize(
    "changes",
    [BasicPatch({"a": 1}), MergePatch({"a": 1}), JSONPatch([{"op": "add", "path": "/data/a", "value": 1}])],
)
def test_what_does_not_exist_cannot_be_patched(thing: Object, changes: Any) -> None:
    with pytest.raises(KintoException) as refused:
        thing.patch(changes=changes)
    # Nobody is told which buckets exist.
    assert refused.value.response.status_code == (403 if thing.kind == "bucket" else 404)


@pytest.mark.parametrize(
    "changes",
    [
        BasicPatch({"new": 1}),
        MergePatch({"new": 1}),
        JSONPatch([{"op": "add", "path": "/data/new", "value": 1}]),
    ],
)
def test_a_patch_by_who_inherits_write_leaves_the_permissions(alice: Any, bob: Any, changes: Any) -> None:
    alice.create_record(id="r1", permissions={"read": ["account:admin"]})
    alice.patch_bucket(permissions={"write": ["account:bob"]})
    assert bob.patch_record(id="r1", changes=changes)["data"]["new"] == 1
    permissions = alice.get_record(id="r1")["permissions"]
    assert permissions["read"] == ["account:admin"]
    assert "account:alice" in permissions["write"]


@pytest.mark.parametrize(
    "changes",
    [BasicPatch({"title": "One"}), MergePatch({"title": "One"})],
)
def test_a_patch_that_changes_nothing_keeps_the_timestamp(one: Object, changes: Any) -> None:
    before = one.get()
    assert one.patch(changes=changes) == before
