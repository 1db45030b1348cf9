"""Cases of docs/protocol/json-schema: records that have to fit a schema."""

from __future__ import annotations

import time
from typing import Any

import pytest

from cliquet.conformance.grove import label, needs
from cliquet.conformance.person import JSON_PATCH, MERGE_PATCH, Person, Record
from cliquet.conformance.place import Place, fresh
from cliquet.conformance.sections import section

TASK = {
    "type": "object",
    "properties": {"title": {"type": "string"}, "done": {"type": "boolean"}, "size": {"type": "integer", "minimum": 1}},
    "required": ["title"],
}
DRAFTS = [
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
]
WRONG: list[Any] = ["x", 1, [], {"type": "nonsense"}, {"properties": 1}, {"required": "title"}, {"pattern": "("}]


@pytest.fixture(autouse=True)
def _offered(hello: dict[str, Any]) -> None:
    needs(hello, "schema")


@pytest.fixture
def tasks(owner: Person, bucket: Place) -> Place:
    """A collection with a schema."""
    return owner.create(bucket.child("collection", "tasks"), {"schema": TASK})


def task(collection: Place) -> Place:
    """A task that does not exist."""
    return collection.child("record", fresh())


def names(owner: Person, place: Place, data: Record) -> set[str]:
    """The fields that a refusal names."""
    details = owner.put(place, data).refused(400, 107).body["details"]
    assert all(problem["location"] == "body" for problem in details), details
    return {problem["name"].rpartition(".")[2] for problem in details}


@section("json-schema#schemas")
@pytest.mark.parametrize("schema", WRONG, ids=label)
@pytest.mark.parametrize("field", ["schema", "record:schema", "collection:schema", "group:schema"])
def test_a_schema_has_to_be_one(owner: Person, bucket: Place, field: str, schema: Any) -> None:
    place = bucket.child("collection", "c") if field == "schema" else bucket
    body = owner.put(place, {field: schema}).refused(400, 107).body
    assert field in str(body["details"]), f"{field} is not named: {body['details']}"


@section("json-schema#schemas")
@pytest.mark.parametrize("draft", DRAFTS)
def test_a_schema_may_name_its_draft(owner: Person, bucket: Place, draft: str) -> None:
    schema = {"$schema": draft, "properties": {"n": {"exclusiveMinimum": 1}}}
    collection = owner.create(bucket.child("collection", "c"), {"schema": schema})
    assert owner.data(collection)["schema"] == schema
    owner.put(task(collection), {"n": 1}).refused(400, 107)
    owner.create(task(collection), {"n": 2})


@section("json-schema#schemas")
def test_an_unknown_draft_is_draft_7(owner: Person, bucket: Place) -> None:
    schema = {"$schema": "http://example.com/draft", "if": {"required": ["a"]}, "then": {"required": ["b"]}}
    collection = owner.create(bucket.child("collection", "c"), {"schema": schema})
    owner.put(task(collection), {"a": 1}).refused(400, 107)
    owner.create(task(collection), {"a": 1, "b": 1})


@section("json-schema#schemas")
@pytest.mark.parametrize("reference", ["http://127.0.0.1:9/schema", "file:///etc/hostname", "other.json", "//x/y"])
def test_a_schema_leads_nowhere_else(owner: Person, bucket: Place, reference: str) -> None:
    schema = {"properties": {"a": {"$ref": reference}}}
    answer = owner.put(bucket.child("collection", "c"), {"schema": schema})
    if answer.status == 201:
        answer = owner.put(task(bucket.child("collection", "c")), {"a": 1})
    answer.refused(400, 107)


@section("json-schema#schemas")
def test_a_schema_may_refer_to_itself(owner: Person, bucket: Place) -> None:
    schema = {"properties": {"children": {"type": "array", "items": {"$ref": "#"}}, "n": {"type": "integer"}}}
    collection = owner.create(bucket.child("collection", "c"), {"schema": schema})
    owner.create(task(collection), {"children": [{"n": 1, "children": []}]})
    owner.put(task(collection), {"children": [{"n": "x"}]}).refused(400, 107)


@section("json-schema#validation")
def test_what_fits_is_stored(owner: Person, tasks: Place) -> None:
    place = owner.create(task(tasks), {"title": "x", "done": False, "more": [1]})
    stored = owner.data(place)
    assert stored["title"] == "x"
    assert stored.get("schema") == owner.data(tasks)["last_modified"], f"`schema` is {stored.get('schema')}"


@section("json-schema#validation")
def test_what_does_not_fit_is_refused(owner: Person, tasks: Place) -> None:
    wrong = {"title": 1}
    owner.put(task(tasks), wrong).refused(400, 107)
    owner.post(tasks.list("record"), wrong).refused(400, 107)
    owner.batch({"method": "POST", "path": tasks.list("record"), "body": {"data": wrong}}).expect(200)
    assert owner.ids(tasks.list("record")) == []


@section("json-schema#validation")
def test_every_problem_is_named(owner: Person, tasks: Place) -> None:
    assert names(owner, task(tasks), {"title": "x", "done": 1}) == {"done"}
    assert names(owner, task(tasks), {"title": 1, "done": 1, "size": 0}) == {"title", "done", "size"}
    assert names(owner, task(tasks), {}) == {"title"}


@section("json-schema#validation")
def test_the_result_of_a_patch_is_checked(owner: Person, tasks: Place) -> None:
    place = owner.create(task(tasks), {"title": "x", "size": 1})
    before = owner.data(place)
    owner.patch(place, {"size": "large"}).refused(400, 107)
    owner.apply(place, MERGE_PATCH, {"data": {"title": None}}).refused(400, 107)
    owner.apply(place, JSON_PATCH, [{"op": "remove", "path": "/data/title"}]).refused(400, 107)
    owner.put(place, {"size": 2}).refused(400, 107)
    assert owner.data(place) == before
    owner.patch(place, {"size": 2}).expect(200)


@section("json-schema#validation")
def test_what_is_the_servers_is_not_checked(owner: Person, bucket: Place) -> None:
    schema = {**TASK, "additionalProperties": False, "required": ["title", "id", "schema", "last_modified"]}
    collection = owner.create(bucket.child("collection", "c"), {"schema": schema})
    place = owner.create(task(collection), {"title": "x"})
    owner.put(place, {**owner.data(place), "title": "y"}).expect(200)


@section("json-schema#validation")
def test_a_schema_may_bear_on_the_id(owner: Person, bucket: Place) -> None:
    schema = {"properties": {"id": {"pattern": "^task-"}}}
    collection = owner.create(bucket.child("collection", "c"), {"schema": schema})
    owner.create(collection.child("record", "task-1"))
    owner.put(collection.child("record", "other"), {}).refused(400, 107)


@section("json-schema#validation")
def test_stored_records_are_checked_when_they_change(owner: Person, collection: Place) -> None:
    place = owner.create(task(collection), {"title": 1})
    owner.patch(collection, {"schema": TASK}).expect(200)
    assert owner.data(place)["title"] == 1
    owner.patch(place, {"done": True}).refused(400, 107)
    owner.patch(place, {"title": "x"}).expect(200)


@section("json-schema#validation")
def test_a_bucket_may_have_a_schema_for_records(owner: Person, bucket: Place, tasks: Place) -> None:
    owner.patch(bucket, {"record:schema": {"required": ["by"]}}).expect(200)
    assert names(owner, task(tasks), {"title": "x"}) == {"by"}
    owner.put(task(tasks), {"by": "me"}).refused(400, 107)
    owner.create(task(tasks), {"title": "x", "by": "me"})
    other = owner.create(bucket.child("collection", "other"))
    owner.put(task(other), {}).refused(400, 107)
    owner.create(task(other), {"by": "me"})


@section("json-schema#validation")
@pytest.mark.parametrize("kind", ["collection", "group"])
def test_a_bucket_may_have_a_schema_for_what_is_in_it(owner: Person, bucket: Place, kind: str) -> None:
    owner.patch(bucket, {f"{kind}:schema": {"required": ["label"]}}).expect(200)
    place = bucket.child(kind, fresh())
    assert names(owner, place, {}) == {"label"}
    owner.create(place, {"label": "x"})
    other = {"collection": "group", "group": "collection"}[kind]
    owner.create(bucket.child(other, fresh()))


@section("json-schema#validation")
def test_without_a_schema_everything_fits(owner: Person, tasks: Place) -> None:
    owner.patch(tasks, {"schema": {}}).expect(200)
    owner.create(task(tasks), {"title": 1})


@section("json-schema#validation")
def test_no_pattern_keeps_the_server_busy(owner: Person, bucket: Place) -> None:
    schema = {"properties": {"a": {"pattern": "^(a|aa)+$"}}}
    answer = owner.put(bucket.child("collection", "c"), {"schema": schema}).expect(201, 400)
    if answer.status == 400:
        return
    begin = time.monotonic()
    owner.put(task(bucket.child("collection", "c")), {"a": "a" * 35 + "b"}).expect(201, 400)
    assert time.monotonic() - begin < 2, "a pattern took seconds"
