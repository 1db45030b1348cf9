"""What kinto-http needs of a server: each test is one thing that it does, seen on the wire, and the answer to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from kinto_http import BucketNotFound, KintoException
from kinto_http.patch_type import BasicPatch, JSONPatch, MergePatch

from tests.compatibility.kinto_http.batches import do, failed, responses
from tests.compatibility.kinto_http.conftest import As
from tests.compatibility.kinto_http.wire import Wire
from tests.compatibility.server import Kinto


@pytest.fixture
def wire(kinto: Kinto, alice: Any) -> Iterator[Wire]:
    """What goes between the client and the server; Alice's bucket and collection exist."""
    with Wire(kinto.url) as found:
        yield found


@pytest.fixture
def client(wire: Wire, as_user: As) -> Any:
    """Alice's client on the wire."""
    return as_user("alice", server_url=wire.url)


def test_an_accept_header_of_everything_means_json(client: Any, wire: Wire) -> None:
    client.server_info()
    client.get_records()
    for exchange in wire.exchanges:
        assert exchange.headers["accept"] == "*/*"
        assert exchange.answer.header("Content-Type").split(";")[0] == "application/json"
        assert exchange.answer.status == 200


def test_every_request_that_writes_has_a_body(client: Any, wire: Wire) -> None:
    client.create_record(id="r1")
    client.patch_record(id="r1", data={"n": 1})
    client.delete_record(id="r1")
    client.delete_records()
    client.purge_history()
    client.delete_collection()
    client.delete_bucket()
    assert [exchange.body for exchange in wire.sent("DELETE")] == [b"{}"] * 5
    for exchange in wire.exchanges:
        assert exchange.headers["content-type"] == "application/json"
        assert exchange.body
        assert exchange.answer.status in {200, 201}


def test_what_is_created_is_put_where_nothing_is(client: Any, wire: Wire) -> None:
    client.create_record(data={"n": 1})
    client.create_group(id="friends")
    for exchange in wire.exchanges:
        assert (exchange.method, exchange.headers["if-none-match"]) == ("PUT", "*")
        assert exchange.answer.status == 201
    with pytest.raises(KintoException):
        client.create_group(id="friends")
    assert wire.last.answer.status == 412
    assert wire.last.answer.json["details"]["existing"]["id"] == "friends"


@pytest.mark.parametrize(
    ("changes", "media_type"),
    [
        (BasicPatch({"n": 2}), "application/json"),
        (MergePatch({"n": 2}), "application/merge-patch+json"),
        (JSONPatch([{"op": "replace", "path": "/data/n", "value": 2}]), "application/json-patch+json"),
    ],
    ids=["basic", "merge", "json"],
)
def test_each_type_of_patch_is_understood(client: Any, wire: Wire, changes: Any, media_type: str) -> None:
    client.create_record(id="r1", data={"n": 1})
    client.patch_record(id="r1", changes=changes)
    assert (wire.last.method, wire.last.headers["content-type"]) == ("PATCH", media_type)
    assert wire.last.answer.json["data"]["n"] == 2


def test_a_lone_value_with_a_comma_after_it_is_a_list_of_one(client: Any, wire: Wire) -> None:
    for name in ("b4", "b5"):
        client.create_record(id=name)
    assert [record["id"] for record in client.get_records(in_id="b5")] == ["b5"]
    assert wire.last.query == {"in_id": ["b5,"]}
    assert [record["id"] for record in client.get_records(exclude_id="b5")] == ["b4"]
    assert wire.last.query == {"exclude_id": ["b5,"]}


def test_a_lone_resource_that_is_left_out_of_the_permissions_has_a_comma_after_it(client: Any, wire: Wire) -> None:
    client.create_record(id="r1")
    found = client.get_permissions(exclude_resource_names=["record"])
    assert wire.last.query["exclude_resource_name"] == ["record,"]
    assert wire.last.query["_sort"] == ["id"]
    assert "record" not in {entry["resource_name"] for entry in found}


def test_a_list_that_has_not_changed_is_answered_with_304(client: Any, wire: Wire) -> None:
    client.create_record(id="r1")
    version = client.get_records_timestamp()
    assert client.get_records(if_none_match=version) == []
    assert wire.last.headers["if-none-match"] == f'"{version}"'
    assert (wire.last.answer.status, wire.last.answer.content) == (304, b"")
    assert wire.last.answer.header("ETag") == f'"{version}"'


def test_a_bucket_that_does_not_exist_is_answered_with_403(client: Any, wire: Wire) -> None:
    with pytest.raises(BucketNotFound):
        client.get_bucket(id="nobody-made-this")
    assert (wire.last.answer.status, wire.last.answer.json["errno"]) == (403, 121)


def test_every_answer_inside_a_batch_has_a_body(client: Any, wire: Wire) -> None:
    client.create_record(id="r1")
    error = failed(
        client,
        do("create_record", id="r2"),
        do("create_record", id="r2"),
        do("patch_record", id="r1", data={"n": 1}),
        do("delete_record", id="r1"),
        do("get_group", id="nobody-made-this"),
        do("delete_records"),
    )
    assert [response["status"] for response in responses(error)] == [201, 412, 200, 200, 404, 200]
    for response in responses(error):
        assert set(response) >= {"status", "path", "headers", "body"}
        assert response["path"].startswith("/v1/buckets/")
        assert isinstance(response["body"], dict)


def test_what_a_batch_does_not_send_again_has_a_body_too(client: Any) -> None:
    version = int(client.get_records_timestamp())
    requests = [
        {"path": client.get_endpoint("records"), "headers": {"If-None-Match": f'"{version}"'}},
        {"method": "HEAD", "path": client.get_endpoint("records")},
    ]
    answer, _ = client.session.request("post", "/batch", payload={"requests": requests})
    assert [response["status"] for response in answer["responses"]] == [304, 200]
    assert all("body" in response for response in answer["responses"])


def test_the_next_page_is_an_address_that_the_client_can_follow(client: Any, wire: Wire) -> None:
    for number in range(3):
        client.create_record(id=f"r{number}")
    assert len(client.get_records(_limit=1, pages=float("inf"))) == 3
    pages = wire.sent("GET")
    assert [bool(page.answer.header("Next-Page")) for page in pages] == [True, True, False]
    assert pages[0].answer.header("Next-Page").startswith(f"{wire.url}/buckets/")


def test_a_version_is_a_number_between_quotes(client: Any, wire: Wire) -> None:
    created = client.create_record(id="r1")["data"]
    client.get_records()
    assert wire.last.answer.header("ETag") == f'"{created["last_modified"]}"'
    client.update_record(data={**created, "n": 1})
    assert wire.last.headers["if-match"] == f'"{created["last_modified"]}"'
    assert wire.last.answer.status == 200
