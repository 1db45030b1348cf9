"""Many operations in few requests, with an answer for each of them."""

from __future__ import annotations

from typing import Any

import pytest
from kinto_http import KintoException
from kinto_http.patch_type import BasicPatch, JSONPatch, MergePatch

from tests.compatibility.kinto_http.batches import do, failed, responses
from tests.compatibility.kinto_http.conftest import As
from tests.compatibility.kinto_http.wire import Wire
from tests.compatibility.server import Kinto

LIMIT = 25


def test_more_operations_than_the_server_takes_become_several_requests(as_user: As, alice: Any, kinto: Kinto) -> None:
    with Wire(kinto.url) as wire:
        client = as_user("alice", server_url=wire.url)
        with client.batch() as batch:
            for number in range(60):
                batch.create_record(id=f"r{number}", data={"n": number})
        sent = [len(exchange.json["requests"]) for exchange in wire.sent("POST")]
    assert sent == [LIMIT, LIMIT, 10]
    assert [answer["data"]["n"] for answer in batch.results()] == list(range(60))
    assert len(alice.get_records()) == 60


def test_more_operations_than_allowed_in_one_request_are_refused(alice: Any) -> None:
    requests = [{"path": "/"}] * (LIMIT + 1)
    with pytest.raises(KintoException) as refused:
        alice.session.request("post", "/batch", payload={"requests": requests})
    assert refused.value.response.status_code == 400
    assert "25" in refused.value.response.json()["message"]


def test_each_kind_of_operation_has_its_result(alice: Any) -> None:
    alice.create_record(id="old", data={"n": 1})
    with alice.batch() as batch:
        batch.create_collection(id="drafts")
        batch.create_group(id="friends", data={"members": ["account:bob"]})
        batch.get_group(id="friends")
        batch.create_record(id="new", collection="drafts", data={"n": 2})
        batch.update_record(id="old", data={"n": 3})
        batch.patch_collection(id="drafts", data={"title": "Drafts"})
        batch.delete_record(id="old")
        batch.delete_records(collection="drafts")
    found = [result["data"] for result in batch.results()]
    assert [data.get("id") for data in found[:7]] == ["drafts", "friends", "friends", "new", "old", "drafts", "old"]
    assert (found[2]["members"], found[4]["n"], found[5]["title"]) == (["account:bob"], 3, "Drafts")
    assert [tombstone["id"] for tombstone in found[7]] == ["new"]


def test_an_operation_sees_what_the_ones_before_it_did(alice: Any) -> None:
    with alice.batch(bucket="default", collection="batched") as batch:
        batch.create_record(id="r1", data={"n": 1}, safe=False)
        batch.patch_record(id="r1", data={"m": 2})
        batch.delete_record(id="r1")
    assert batch.results()[1]["data"]["m"] == 2
    assert batch.results()[2]["data"]["deleted"] is True


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        (BasicPatch({"gone": None}), {"title": "One", "gone": None}),
        (MergePatch({"gone": None}), {"title": "One"}),
        (JSONPatch([{"op": "remove", "path": "/data/gone"}]), {"title": "One"}),
    ],
    ids=["basic", "merge", "json"],
)
def test_every_way_to_patch_works_in_a_batch(alice: Any, changes: Any, expected: dict[str, Any]) -> None:
    alice.create_record(id="r1", data={"title": "One", "gone": 1})
    with alice.batch() as batch:
        batch.patch_record(id="r1", changes=changes)
    (answer,) = batch.results()
    assert {name: answer["data"][name] for name in answer["data"] if name not in {"id", "last_modified"}} == expected


def test_errors_of_operations_are_raised_together(alice: Any) -> None:
    alice.create_record(id="taken", data={"n": 1})
    error = failed(
        alice,
        do("create_record", id="taken", data={"n": 2}),
        do("create_record", id="new", data={"n": 3}),
        do("get_group", id="nobody-made-this"),
        do("create_group", id="friends", data={"members": ["/buckets/b/groups/g"]}),
    )
    assert [each.response.status_code for each in error.exceptions] == [412, 404, 400]
    assert [each.response["body"]["errno"] for each in error.exceptions] == [114, 110, 107]
    assert error.exceptions[0].response["body"]["details"]["existing"]["n"] == 1
    assert [response["status"] for response in responses(error)] == [412, 201, 404, 400]


def test_an_error_of_a_client_does_not_undo_the_other_operations(alice: Any) -> None:
    alice.create_record(id="taken", data={"n": 1})
    failed(alice, *(do("create_record", id=name) for name in ("before", "taken", "after")))
    assert {record["id"] for record in alice.get_records()} == {"before", "taken", "after"}


def test_errors_of_a_client_can_be_read_instead_of_raised(alice: Any, as_user: As) -> None:
    alice.create_record(id="taken")
    with as_user("alice", ignore_batch_4xx=True).batch() as batch:
        batch.create_record(id="taken")
        batch.create_record(id="new")
    taken, new = batch.results()
    assert (taken["code"], taken["errno"]) == (412, 114)
    assert new["data"]["id"] == "new"


def test_operations_are_allowed_one_by_one(alice: Any, bob: Any, bucket: str) -> None:
    alice.patch_collection(permissions={"record:create": ["account:bob"]})
    error = failed(
        bob,
        do("create_record", id="r1"),
        do("create_collection", id="drafts"),
        do("create_bucket", id=f"{bucket}-bob"),
    )
    assert [response["status"] for response in responses(error)] == [201, 403, 201]


def test_the_batch_of_nobody_is_answered_with_401s(alice: Any, anonymous: Any) -> None:
    error = failed(anonymous, do("create_record", id="r1"), do("delete_collection", id="notes"))
    assert [each.response.status_code for each in error.exceptions] == [401, 401]
    assert alice.get_records() == []


def test_a_batch_without_operations_sends_none(alice: Any) -> None:
    with alice.batch() as batch:
        pass
    assert batch.results() == []
