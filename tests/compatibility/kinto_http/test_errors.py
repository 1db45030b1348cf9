"""What the error of a client says: the words of the protocol, and which field is at fault."""

from __future__ import annotations

from collections.abc import Callable
from operator import methodcaller
from typing import Any

import pytest
from kinto_http import CollectionNotFound, KintoException

FAULTS = {
    "members that are no list": (
        methodcaller("create_group", id="g", data={"members": "x"}),
        ("data.members", "body"),
    ),
    "a member that is no text": (
        methodcaller("create_group", id="g", data={"members": [1]}),
        ("data.members.0", "body"),
    ),
    "a group in a group": (
        methodcaller("create_group", id="g", data={"members": ["/buckets/b/groups/g"]}),
        ("data.members.0", "body"),
    ),
    "a lifetime that is no number": (
        methodcaller("create_collection", id="c", data={"cache_expires": "long"}),
        ("data.cache_expires", "body"),
    ),
    "principals that are no list": (
        methodcaller("create_record", id="r", permissions={"read": "system.Everyone"}),
        ("permissions.read", "body"),
    ),
    "a timestamp that is none": (
        methodcaller("create_record", id="r", data={"last_modified": "x"}, safe=False),
        ("data.last_modified", "body"),
    ),
    "a point in time that is none": (methodcaller("get_records", _since="yesterday"), ("_since", "querystring")),
    "a limit that is no number": (methodcaller("get_buckets", _limit="many"), ("_limit", "querystring")),
    "a field that histories have not": (methodcaller("get_history", colour="red"), ("colour", "querystring")),
}


@pytest.mark.parametrize(("call", "fault"), FAULTS.values(), ids=FAULTS.keys())
def test_the_error_names_the_field_at_fault(alice: Any, call: Callable[[Any], Any], fault: tuple[str, str]) -> None:
    with pytest.raises(KintoException) as refused:
        call(alice)
    body = refused.value.response.json()
    assert (refused.value.response.status_code, body["code"], body["errno"]) == (400, 400, 107)
    assert body["error"] == "Invalid parameters"
    assert (body["details"][0]["name"], body["details"][0]["location"]) == fault
    assert body["details"][0]["description"] in body["message"]
    assert "$" not in body["message"], "a placeholder was not filled in"


def test_the_text_of_an_error_has_the_request_and_the_answer(alice: Any) -> None:
    with pytest.raises(KintoException) as refused:
        alice.get_record(id="nobody-made-this")
    text = str(refused.value)
    assert "GET /v1/buckets/" in text
    assert "404" in text
    assert "'errno': 110" in text
    assert refused.value.request.method == "GET"
    details = refused.value.response.json()["details"]
    assert details == {"id": "nobody-made-this", "resource_name": "record"}


def test_the_records_of_a_collection_that_does_not_exist_are_not_found(alice: Any) -> None:
    with pytest.raises(KintoException) as refused:
        alice.get_records(collection="nobody-made-this")
    body = refused.value.response.json()
    assert (body["code"], body["errno"]) == (404, 111)
    assert body["details"] == {"id": "nobody-made-this", "resource_name": "collection"}
    with pytest.raises(CollectionNotFound):
        alice.get_collection(id="nobody-made-this")


def test_what_is_not_offered_is_answered_in_json(alice: Any, bucket: str) -> None:
    with pytest.raises(KintoException) as refused:
        alice.session.request("put", f"/buckets/{bucket}/history", data={})
    assert (refused.value.response.status_code, refused.value.response.json()["errno"]) == (405, 115)
    with pytest.raises(KintoException) as refused:
        alice.session.request("get", f"/buckets/{bucket}/nothing")
    assert (refused.value.response.status_code, refused.value.response.json()["errno"]) == (404, 111)


def test_a_record_that_the_schema_of_its_collection_does_not_know_is_refused(alice: Any) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    collection = alice.update_collection(data={"schema": schema})["data"]
    with pytest.raises(KintoException) as refused:
        alice.create_record(id="r1", data={"n": "one"})
    body = refused.value.response.json()
    assert (body["code"], body["errno"], body["details"][0]["name"]) == (400, 107, "data.n")
    assert alice.create_record(id="r1", data={"n": 1})["data"]["schema"] == collection["last_modified"]
    with pytest.raises(KintoException, match="400"):
        alice.update_collection(data={"schema": {"type": "strange"}})
