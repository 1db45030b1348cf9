"""Events: who is told what, when, and what happens when a subscriber refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.config import Configurator

from cliquet import resource
from cliquet.errors import raise_invalid
from cliquet.testing.app import Client, make_wsgi_app
from cliquet.testing.resources import Note
from cliquet.web.events import (
    ACTIONS,
    AfterResourceChanged,
    AfterResourceRead,
    ResourceChanged,
    ResourceRead,
    note,
)

IDS = [f"00000000-0000-4000-8000-00000000000{number}" for number in range(10)]
KINDS = (ResourceChanged, AfterResourceChanged, ResourceRead, AfterResourceRead)
Serve = Callable[[Any], Client]


class Shelf(resource.ShareableResource):
    schema = resource.Anything


class Book(resource.ShareableResource):
    schema = resource.Anything


class Page(resource.ShareableResource):
    schema = resource.Anything


def library(config: Configurator) -> None:
    config.add_resource(Page, under=Book)
    config.add_resource(Book, under=Shelf)
    config.add_resource(Shelf)


class Heard(list[Any]):
    """The events that were sent, in their order."""

    def of(self, kind: type) -> list[Any]:
        return [event for event in self if type(event) is kind]

    def actions(self, kind: type = ResourceChanged) -> list[tuple[str, str]]:
        return [(event.payload["resource_name"], event.payload["action"]) for event in self.of(kind)]


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def app(sharing_settings: dict[str, Any], serve: Serve, heard: Heard) -> Client:
    def configure(config: Configurator) -> None:
        library(config)
        for kind in KINDS:
            config.add_subscriber(heard.append, kind)

    settings = {**sharing_settings, "shelf_create_principals": "system.Authenticated"}
    return serve(make_wsgi_app(settings, resources=[Note], configure=configure))


def put(app: Client, path: str, **data: Any) -> Any:
    return app.put_json(f"/v1{path}", {"data": data})


def batch(app: Client, *parts: tuple[str, str, Any]) -> list[int]:
    requests = [{"method": method, "path": path, "body": {"data": data}} for method, path, data in parts]
    answers = app.post_json("/v1/batch", {"requests": requests}).json["responses"]
    return [answer["status"] for answer in answers]


def test_each_kind_of_write_is_told_before_and_after_the_commit(app: Client, heard: Heard) -> None:
    path = f"/notes/{IDS[0]}"
    put(app, path, n=1)
    put(app, path, n=2)
    app.patch_json(f"/v1{path}", {"data": {"n": 3}})
    app.delete(f"/v1{path}")
    wanted = [("note", action) for action in ("create", "update", "update", "delete")]
    assert heard.actions(ResourceChanged) == heard.actions(AfterResourceChanged) == wanted
    created, _, updated, deleted = heard.of(AfterResourceChanged)
    assert [set(record) for record in created.impacted_records] == [{"new"}]
    assert (updated.impacted_records[0]["old"]["n"], updated.impacted_records[0]["new"]["n"]) == (2, 3)
    assert deleted.impacted_objects[0]["old"]["n"] == 3
    assert deleted.impacted_objects[0]["new"]["deleted"] is True


def test_the_payload_says_what_happened_where_and_by_whom(app: Client, heard: Heard) -> None:
    put(app, f"/shelfs/{IDS[0]}")
    answer = put(app, f"/shelfs/{IDS[0]}/books/{IDS[1]}", title="A")
    assert heard.of(ResourceChanged)[-1].payload == {
        "timestamp": answer.json["data"]["last_modified"],
        "action": "create",
        "uri": f"/shelfs/{IDS[0]}/books/{IDS[1]}",
        "parent_uri": f"/shelfs/{IDS[0]}",
        "user_id": app.get("/v1/").json["user"]["id"],
        "resource_name": "book",
        "shelf_id": IDS[0],
        "book_id": IDS[1],
    }


def test_nothing_is_told_of_what_changed_nothing(app: Client, heard: Heard) -> None:
    path = f"/v1/notes/{IDS[0]}"
    app.put_json(path, {"data": {"n": 1}})
    heard.clear()
    app.patch_json(path, {"data": {"n": 1}})
    app.put_json(path, {"data": {}}, headers={"If-None-Match": "*"}, status=412)
    app.put_json(path, {"data": 1}, status=400)
    app.delete(f"/v1/notes/{IDS[1]}", status=404)
    assert heard.actions() == []


def test_a_batch_is_told_once_for_each_action_in_each_scope(app: Client, heard: Heard) -> None:
    parts = [("PUT", f"/notes/{one}", {"n": 1}) for one in IDS[:3]]
    statuses = batch(app, *parts, ("PUT", f"/notes/{IDS[0]}", {"n": 2}), ("PUT", f"/shelfs/{IDS[0]}", {}))
    assert statuses == [201, 201, 201, 200, 201]
    assert heard.actions() == [("note", "create"), ("note", "update"), ("shelf", "create")]
    assert [len(event.changes) for event in heard.of(ResourceChanged)] == [3, 1, 1]


def test_a_refused_part_of_a_batch_is_not_told(app: Client, heard: Heard) -> None:
    assert batch(app, ("PUT", f"/notes/{IDS[0]}", {"n": 1}), ("PUT", f"/notes/{IDS[1]}", 1)) == [201, 400]
    (event,) = heard.of(AfterResourceChanged)
    assert [change.id for change in event.changes] == [IDS[0]]


def test_a_cascade_is_told_level_by_level(app: Client, heard: Heard) -> None:
    put(app, f"/shelfs/{IDS[0]}")
    for book in IDS[1:3]:
        put(app, f"/shelfs/{IDS[0]}/books/{book}")
        for page in IDS[3:5]:
            put(app, f"/shelfs/{IDS[0]}/books/{book}/pages/{page}", n=1)
    heard.clear()
    app.delete(f"/v1/shelfs/{IDS[0]}")
    changes = [change for event in heard.of(ResourceChanged) for change in event.changes]
    assert {(change.scope.resource, change.cascade, change.action) for change in changes} == {
        ("shelf", 0, "delete"),
        ("book", 1, "delete"),
        ("page", 2, "delete"),
    }
    assert sorted(change.uri for change in changes if change.cascade == 2) == [
        f"/shelfs/{IDS[0]}/books/{book}/pages/{page}" for book in IDS[1:3] for page in IDS[3:5]
    ]
    assert all(change.new.deleted and change.old is not None for change in changes)


def test_reading_is_told_with_what_was_read(app: Client, heard: Heard) -> None:
    put(app, f"/notes/{IDS[0]}", n=1)
    heard.clear()
    app.get("/v1/notes")
    app.get(f"/v1/notes/{IDS[0]}")
    app.head("/v1/notes")
    assert heard.actions(ResourceRead) == heard.actions(AfterResourceRead) == [("note", "read")] * 2
    assert [record["n"] for event in heard.of(ResourceRead) for record in event.read_records] == [1, 1]


def subscribed(settings: dict[str, Any], function: Callable[[Any], None], kind: type, **only: Any) -> Client:
    def configure(config: Configurator) -> None:
        config.add_subscriber(function, kind, **only)

    client = Client(make_wsgi_app(settings, resources=[Note], configure=configure))
    client.storage.flush()
    return client


def test_who_refuses_before_the_commit_undoes_everything(storage_settings: dict[str, Any]) -> None:
    def refuse(event: ResourceChanged) -> None:
        if any(record["new"].get("n") == 13 for record in event.impacted_records):
            raise_invalid(name="data.n", description="Thirteen is refused.")

    app = subscribed(storage_settings, refuse, ResourceChanged)
    parts = [
        {"method": "PUT", "path": f"/notes/{one}", "body": {"data": {"n": n}}}
        for one, n in zip(IDS, (12, 13), strict=False)
    ]
    assert app.post_json("/v1/batch", {"requests": parts}, status=400).json["details"][0]["name"] == "data.n"
    assert app.get("/v1/notes").json["data"] == []
    put(app, f"/notes/{IDS[0]}", n=12)
    app.storage.close()


def test_who_fails_after_the_commit_changes_nothing(storage_settings: dict[str, Any]) -> None:
    def fail(event: AfterResourceChanged) -> None:
        raise RuntimeError("the search engine is away")

    app = subscribed(storage_settings, fail, AfterResourceChanged)
    assert put(app, f"/notes/{IDS[0]}", n=1).status_int == 201
    assert len(app.get("/v1/notes").json["data"]) == 1
    app.storage.close()


def test_a_subscriber_writes_in_the_same_transaction(storage_settings: dict[str, Any]) -> None:
    def copy(event: ResourceChanged) -> None:
        model = resource.model_of(event.request.registry, "note", "copies", transaction=event.transaction)
        for record in event.impacted_records:
            model.update_record(record["new"])

    app = subscribed(storage_settings, copy, ResourceChanged)
    put(app, f"/notes/{IDS[0]}", n=1)
    copies = resource.model_of(app.app.registry, "note", "copies").get_records()
    assert [record["n"] for record in copies] == [1]
    app.storage.close()


def test_changes_because_of_changes_have_an_end(storage_settings: dict[str, Any]) -> None:
    def again(event: ResourceChanged) -> None:
        note(event.request, event.transaction, event.changes)  # type: ignore[arg-type]  # there is one before a commit

    app = subscribed(storage_settings, again, ResourceChanged)
    assert app.put_json(f"/v1/notes/{IDS[0]}", {"data": {}}, status=500).json["errno"] == 999
    assert app.get("/v1/notes").json["data"] == []
    app.storage.close()


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        ({"for_actions": (ACTIONS.CREATE, "delete")}, ["create", "delete"]),
        ({"for_actions": "update"}, ["update"]),
        ({"for_resources": ("note",)}, ["create", "update", "delete"]),
        ({"for_resources": "other"}, []),
    ],
)
def test_a_subscriber_may_want_only_some(only: dict[str, Any], expected: list[str]) -> None:
    found: list[str] = []
    app = subscribed({}, lambda event: found.append(event.payload["action"]), ResourceChanged, **only)
    put(app, f"/notes/{IDS[0]}", n=1)
    put(app, f"/notes/{IDS[0]}", n=2)
    app.delete(f"/v1/notes/{IDS[0]}")
    assert found == expected
