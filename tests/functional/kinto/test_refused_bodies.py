"""A body that is refused is refused, however early it was looked into."""

from __future__ import annotations

import pytest

from cliquet.testing.app import Client

RECORDS = "/v1/buckets/b/collections/c/records"


@pytest.fixture
def collection(store: Client) -> Client:
    store.put_json("/v1/buckets/b", {})
    store.put_json("/v1/buckets/b/collections/c", {})
    return store


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"[]",
        b'{"data": 1}',
        b'{"data": {"id": 5}}',
        b'{"data": {"id": "*"}}',
        b'{"data": {"n": NaN}}',
        b'{"n": 1}',
    ],
)
def test_nothing_is_created_of_a_body_that_is_wrong(collection: Client, content: bytes) -> None:
    collection.post(RECORDS, content, content_type="application/json", status=400)
    parts = [{"method": "POST", "path": RECORDS, "body": {"data": {"id": "*"}}}]
    assert collection.post_json("/v1/batch", {"requests": parts}).json["responses"][0]["status"] == 400
    assert collection.get(RECORDS).json["data"] == []


def test_who_may_not_create_is_refused_whatever_the_body_is(collection: Client) -> None:
    for content in (b"{", b'{"data": {"id": "*"}}'):
        collection.as_user("bob").post(RECORDS, content, content_type="application/json", status=403)
        collection.anonymous().post(RECORDS, content, content_type="application/json", status=401)
