"""Records are validated against the schemas above them: by every verb, in any application, on every backend."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from pyramid.config import Configurator

from cliquet import ids, resource
from cliquet.errors import ConfigurationError
from cliquet.storage.base import Scope
from cliquet.testing.app import Client, make_wsgi_app

TITLED = {"properties": {"title": {"type": "string"}}, "required": ["title"]}
PLUGIN = {"includes": "cliquet.plugins.json_schema", "library_create_principals": "system.Authenticated"}


class Library(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class Shelf(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


class Reader(resource.GroupResource):
    id_generator = ids.Slug


class Book(resource.ShareableResource):
    schema = resource.Anything
    id_generator = ids.Slug


def declare(config: Configurator) -> None:
    config.add_resource(Library, collection_path="/libraries")
    config.add_resource(Shelf, under=Library)
    config.add_resource(Reader, under=Library)
    config.add_resource(Book, under=Shelf)


@pytest.fixture
def serve_with(sharing_settings: dict[str, Any], serve: Callable[[Any], Client]) -> Callable[..., Client]:
    """A function that serves a library with a shelf, with more settings."""

    def client(**settings: Any) -> Client:
        app = make_wsgi_app({**sharing_settings, **PLUGIN, **settings}, resources=[], configure=declare)
        alice = serve(app)
        alice.put_json("/v1/libraries/l", {"data": {}})
        alice.put_json("/v1/libraries/l/shelfs/s", {"data": {"schema": TITLED}})
        return alice

    return client


@pytest.fixture
def alice(serve_with: Callable[..., Client]) -> Client:
    return serve_with()


def shelf(alice: Client, **data: Any) -> dict[str, Any]:
    found: dict[str, Any] = alice.put_json("/v1/libraries/l/shelfs/s", {"data": data}).json["data"]
    return found


def put(alice: Client, data: dict[str, Any], status: int | None = None) -> dict[str, Any]:
    found: dict[str, Any] = alice.put_json("/v1/libraries/l/shelfs/s/books/b", {"data": data}, status=status).json
    return found


def names(refusal: dict[str, Any]) -> list[str]:
    assert refusal["errno"] == 107
    return sorted(problem["name"] for problem in refusal["details"])


def test_a_valid_record_says_which_version_of_the_schema_it_was_checked_against(alice: Client) -> None:
    version = alice.get("/v1/libraries/l/shelfs/s").json["data"]["last_modified"]
    assert put(alice, {"title": "Emma"})["data"]["schema"] == version
    later = shelf(alice, schema={**TITLED, "title": "Books"})["last_modified"]
    assert put(alice, {"title": "Emma", "schema": "mine"})["data"]["schema"] == later > version


def test_all_problems_are_told_by_their_paths(alice: Client) -> None:
    shelf(
        alice,
        schema={
            "properties": {
                "title": {"type": "string"},
                "authors": {"items": {"required": ["name"]}},
                "size": {"properties": {"cm": {}}, "additionalProperties": False},
            },
            "required": ["title", "year"],
        },
    )
    refusal = put(alice, {"title": 1, "authors": [{"name": "Jane"}, {}], "size": {"pages": 3, "inches": 4}}, 400)
    assert names(refusal) == [
        "data.authors.1.name",
        "data.size.inches",
        "data.size.pages",
        "data.title",
        "data.year",
    ]


def test_every_verb_that_writes_is_checked(alice: Client) -> None:
    books, book = "/v1/libraries/l/shelfs/s/books", "/v1/libraries/l/shelfs/s/books/b"
    assert names(alice.post_json(books, {"data": {"id": "b"}}, status=400).json) == ["data.title"]
    alice.get(book, status=404)
    put(alice, {"title": "Emma"})
    assert names(alice.patch_json(book, {"data": {"title": 1}}, status=400).json) == ["data.title"]
    for form, change in (
        ("merge-patch", {"data": {"title": None}}),
        ("json-patch", [{"op": "remove", "path": "/data/title"}]),
    ):
        headers = {"Content-Type": f"application/{form}+json"}
        assert names(alice.patch_json(book, change, headers=headers, status=400).json) == ["data.title"]
    assert alice.get(book).json["data"]["title"] == "Emma"


def test_each_request_of_a_batch_is_checked_against_what_the_batch_wrote_before(alice: Client) -> None:
    number = {"properties": {"title": {"type": "integer"}}}
    requests = [
        {"method": "PUT", "path": "/libraries/l/shelfs/t", "body": {"data": {"schema": number}}},
        {"method": "PUT", "path": "/libraries/l/shelfs/t/books/a", "body": {"data": {"title": "Emma"}}},
        {"method": "PUT", "path": "/libraries/l/shelfs/t/books/b", "body": {"data": {"title": 1984}}},
    ]
    made, refused, taken = alice.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert (made["status"], refused["status"], taken["status"]) == (201, 400, 201)
    assert names(refused["body"]) == ["data.title"]
    assert taken["body"]["data"]["schema"] == made["body"]["data"]["last_modified"]


def test_schemas_further_up_apply_too_nearest_first(alice: Client) -> None:
    alice.put_json("/v1/libraries/l", {"data": {"book:schema": {"required": ["isbn"]}, "shelf:schema": {}}})
    assert names(put(alice, {}, 400)) == ["data.isbn", "data.title"]
    assert "schema" in put(alice, {"title": "Emma", "isbn": "1"})["data"]
    shelf(alice)
    assert names(put(alice, {}, 400)) == ["data.isbn"]
    assert "schema" not in put(alice, {"isbn": "1"})["data"]


def test_a_schema_may_be_about_shelves_or_groups(alice: Client) -> None:
    few = {"properties": {"members": {"maxItems": 1}}}
    alice.put_json("/v1/libraries/l", {"data": {"shelf:schema": {"required": ["floor"]}, "reader:schema": few}})
    refusal = alice.put_json("/v1/libraries/l/shelfs/t", {"data": {}}, status=400).json
    assert names(refusal) == ["data.floor"]
    alice.put_json("/v1/libraries/l/shelfs/t", {"data": {"floor": 1}})
    refusal = alice.put_json("/v1/libraries/l/readers/r", {"data": {"members": ["a:b", "a:c"]}}, status=400).json
    assert names(refusal) == ["data.members"]


def test_what_the_protocol_adds_is_not_asked_for_nor_unexpected(alice: Client) -> None:
    shelf(alice, schema={"required": ["id", "schema", "last_modified", "title"], "additionalProperties": False,
                         "properties": {"title": {}}})  # fmt: skip
    put(alice, {"title": "Emma"})
    put(alice, {"title": "Emma", "schema": 1, "last_modified": 1_500_000_000_000})


def test_an_id_is_checked_when_the_schema_knows_it(alice: Client) -> None:
    shelf(alice, schema={"properties": {"id": {"minLength": 3}}})
    assert names(put(alice, {}, 400)) == ["data.id"]
    shelf(alice, schema={"properties": {"id": {"maxLength": 3}}, "required": ["id"]})
    put(alice, {})


def test_a_member_called_schema_is_ordinary_where_no_schema_applies(alice: Client) -> None:
    shelf(alice)
    assert put(alice, {"schema": "mine"})["data"]["schema"] == "mine"
    library = {"schema": "mine", "library:schema": 1, "page:schema": 2}
    assert alice.put_json("/v1/libraries/l", {"data": library}).json["data"].items() >= library.items()


@pytest.mark.parametrize("wrong", [{"type": "nonsense"}, {"properties": {"a": {"pattern": "("}}}, 3, None, True, []])
def test_a_schema_has_to_be_one(alice: Client, wrong: Any) -> None:
    for path, name in (("/v1/libraries/l/shelfs/s", "schema"), ("/v1/libraries/l", "book:schema")):
        assert names(alice.put_json(path, {"data": {name: wrong}}, status=400).json) == [f"data.{name}"]


@pytest.mark.parametrize(
    "reference", ["http://localhost:1/x.json", "https://json-schema.org/schema", "file:///etc/passwd", "x.json"]
)
def test_a_schema_refers_to_nothing_but_itself(alice: Client, reference: str) -> None:
    refusal = alice.put_json("/v1/libraries/l/shelfs/s", {"data": {"schema": {"$ref": reference}}}, status=400).json
    assert names(refusal) == ["data.schema"]
    assert reference in refusal["details"][0]["description"]


def test_records_are_not_asked_again_when_the_schema_changes(alice: Client) -> None:
    put(alice, {"title": "Emma"})
    shelf(alice, schema={"properties": {"title": {"type": "integer"}}})
    assert alice.get("/v1/libraries/l/shelfs/s/books/b").json["data"]["title"] == "Emma"
    alice.patch_json("/v1/libraries/l/shelfs/s/books/b", {"data": {"read": True}}, status=400)


def test_schemas_are_checked_when_validation_is_off(serve_with: Callable[..., Client]) -> None:
    alice = serve_with(json_schema_validation="false")
    assert "schema" not in alice.get("/v1/").json["capabilities"]
    assert "schema" not in put(alice, {"title": 1})["data"]
    alice.put_json("/v1/libraries/l/shelfs/s", {"data": {"schema": {"type": "nonsense"}}}, status=400)


def test_the_service_says_that_it_validates(alice: Client) -> None:
    assert alice.get("/v1/").json["capabilities"]["schema"]["description"]


def test_formats_are_checked_where_the_settings_say_so(serve_with: Callable[..., Client]) -> None:
    for formats, status in (("false", 200), ("true", 400)):
        alice = serve_with(json_schema_formats=formats)
        put(alice, {"title": "Emma"})
        shelf(alice, schema={"properties": {"on": {"format": "date"}}})
        put(alice, {"title": "Emma", "on": "yesterday"}, status)


def test_a_schema_from_before_the_plugin_refuses_records_by_its_name(alice: Client) -> None:
    old = {"schema": {"$ref": "http://localhost/x"}, "floor": 1}
    alice.storage.replace(Scope("shelf", "/libraries/l"), "s", old)
    assert names(put(alice, {"title": "Emma"}, 400)) == ["schema"]
    # What was there already does not stand in the way of other changes.
    alice.patch_json("/v1/libraries/l/shelfs/s", {"data": {"floor": 2}})


def test_a_service_without_the_engine_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ConfigurationError, match=r"cliquet\[schema\]"):
        make_wsgi_app(PLUGIN)
