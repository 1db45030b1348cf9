"""Each request of a batch sees what those before it changed: records, who may do what, and members of groups."""

from __future__ import annotations

from typing import Any

from cliquet.testing.app import Client

BUCKET = "/buckets/b"
RECORDS = f"{BUCKET}/collections/c/records"


def batch(person: Client, *requests: tuple[Any, ...]) -> list[Any]:
    """The answers: status and body."""
    parts = [{"method": method, "path": path, "body": rest[0] if rest else {}} for method, path, *rest in requests]
    answers = person.post_json("/v1/batch", {"requests": parts}).json["responses"]
    return [(one["status"], one["body"]) for one in answers]


def test_what_was_created_is_listed_and_read(store: Client) -> None:
    made = [("PUT", BUCKET), ("PUT", f"{BUCKET}/collections/c"), ("PUT", f"{RECORDS}/r", {"data": {"n": 1}})]
    read = [("GET", RECORDS), ("GET", f"{RECORDS}/r"), ("GET", BUCKET), ("GET", f"{BUCKET}/groups/missing")]
    found = batch(store, *made, *read)
    assert [status for status, _ in found] == [201, 201, 201, 200, 200, 200, 404]
    assert [one["n"] for one in found[3][1]["data"]] == [1]


def test_what_was_shared_in_a_batch_is_shared_in_it(store: Client) -> None:
    batch(store, ("PUT", BUCKET), ("PUT", f"{BUCKET}/collections/c"), ("PUT", f"{RECORDS}/r"))
    bob = store.as_user("bob")
    name = bob.get("/v1/").json["user"]["id"]
    store.patch_json(f"/v1{RECORDS}/r", {"permissions": {"write": [name]}})
    gone = batch(bob, ("GET", RECORDS), ("PATCH", f"{RECORDS}/r", {"data": {"n": 1}}), ("DELETE", f"{RECORDS}/r"))
    assert [status for status, _ in gone] == [200, 200, 200]
    assert batch(bob, ("GET", f"{RECORDS}/r"))[0][0] == 403


def test_members_of_a_group_are_in_it_at_once(store: Client) -> None:
    me = store.get("/v1/").json["user"]["id"]
    group = f"{BUCKET}/groups/g"
    made = [("PUT", BUCKET), ("PUT", f"{BUCKET}/collections/c"), ("PUT", group, {"data": {"members": [me]}})]
    given = [
        ("PATCH", f"{BUCKET}/collections/c", {"permissions": {"read": [group]}}),
        ("GET", f"{BUCKET}/collections/c"),
        ("DELETE", group),
        ("GET", group),
        ("GET", RECORDS),
    ]
    assert [status for status, _ in batch(store, *made, *given)] == [201, 201, 201, 200, 200, 200, 404, 200]


def test_what_a_path_has_no_method_for_is_answered_in_its_place(store: Client) -> None:
    batch(store, ("PUT", BUCKET), ("PUT", f"{BUCKET}/collections/c"))
    found = batch(store, ("POST", f"{RECORDS}/r"), ("TRACE", RECORDS), ("PUT", RECORDS), ("HEAD", RECORDS))
    assert [status for status, _ in found] == [405, 405, 405, 200]
