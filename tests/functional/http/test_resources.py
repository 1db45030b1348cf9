"""Resources that applications declare, with options, and with methods of their own."""

from __future__ import annotations

import re
import sys
from types import ModuleType
from typing import Any

import colander
import pytest
from pyramid.config import Configurator
from pyramid.exceptions import ConfigurationConflictError
from pyramid.request import Request

from cliquet import resource
from cliquet.errors import ConfigurationError, NotAllowed
from cliquet.ids import Generator
from cliquet.resource import Reply
from cliquet.resource.policy import Public
from cliquet.testing.app import Client, make_app

UUID = "9f2d363f-9841-8b13-253d-6d7193fc8869"


class Letters(Generator):
    regexp = r"[a-z]{5}"

    def __call__(self) -> str:
        return "abcde"


def serving(*classes: type, **options: Any) -> Client:
    """An application with one resource and options."""

    def configure(config: Configurator) -> None:
        for cls in classes:
            config.add_resource(cls, **options)

    return make_app(resources=[], configure=configure)


class Thing(resource.UserResource):
    schema = resource.Anything


# Options


@pytest.mark.parametrize(
    ("options", "collection", "record"),
    [
        ({}, "/things", "/things/{id}"),
        ({"name": "gizmo"}, "/gizmos", "/gizmos/{id}"),
        ({"collection_path": "/a/b"}, "/a/b", "/a/b/{id}"),
        ({"collection_path": "/x/{resource_name}"}, "/x/thing", "/x/thing/{id}"),
        ({"collection_path": "/list", "record_path": "/one/{{id}}"}, "/list", "/one/{id}"),
        ({"collection_path": "/list", "record_path": "/one/{id}"}, "/list", "/one/{id}"),
    ],
)
def test_names_and_paths_can_be_chosen(options: dict[str, str], collection: str, record: str) -> None:
    app = serving(Thing, **options)
    made = app.post_json(f"/v1{collection}", {"data": {}}, status=201).json["data"]
    assert app.get(f"/v1{record}".replace("{id}", made["id"])).json["data"] == made


def test_methods_can_be_chosen() -> None:
    app = serving(Thing, collection_methods=("GET", "post"), record_methods=("PATCH",))
    app.get("/v1/things", status=200)
    app.head("/v1/things", status=200)
    app.delete("/v1/things", status=405)
    assert set(app.get(f"/v1/things/{UUID}", status=405).headers["Allow"].split(", ")) - {"OPTIONS"} == {"PATCH"}


def test_an_unknown_method_is_refused_at_start_up() -> None:
    with pytest.raises(ConfigurationError, match="FETCH"):
        serving(Thing, record_methods=("FETCH",))


def test_an_endpoint_without_methods_is_not_there() -> None:
    assert serving(Thing, record_methods=()).get(f"/v1/things/{UUID}", status=404).json["errno"] == 111


def test_the_name_may_be_an_attribute() -> None:
    named = type("Whatever", (Thing,), {"name": "moon"})
    serving(named).get("/v1/moons", status=200)


def test_two_resources_of_one_name_are_a_conflict() -> None:
    other = type("Thing", (Thing,), {})
    with pytest.raises(ConfigurationConflictError):
        serving(Thing, other)


def test_a_decorated_class_is_served_once_its_module_is_scanned() -> None:
    module = ModuleType("moons")
    sys.modules["moons"] = module
    code = (
        "from cliquet import resource\n"
        "@resource.register(name='moon', record_methods=['GET'])\n"
        "class Moon(resource.UserResource):\n    schema = resource.Anything\n"
        "class Plain(resource.UserResource):\n    mapping = resource.Anything()\n"
        "resource.register_resource(Plain, name='plain')\n"
    )
    try:
        exec(compile(code, "moons.py", "exec"), module.__dict__)
        app = make_app(resources=[], configure=lambda config: config.scan(module))
    finally:
        del sys.modules["moons"]
    app.get("/v1/moons", status=200)
    app.get("/v1/plains", status=200)
    app.delete(f"/v1/moons/{UUID}", status=405)


def test_a_resource_needs_a_storage() -> None:
    with pytest.raises(ConfigurationError, match="storage_backend"):
        make_app({"storage_backend": ""})


# Schemas


class Moon(resource.ResourceSchema):
    name = colander.SchemaNode(colander.String())


NAME = colander.SchemaNode(colander.String(), name="name")


@pytest.mark.parametrize("schema", [Moon, Moon(), colander.MappingSchema(children=[NAME])])
@pytest.mark.parametrize("attribute", ["schema", "mapping"])
def test_a_schema_is_a_class_or_an_instance_under_either_name(attribute: str, schema: Any) -> None:
    app = serving(type("Moon", (resource.UserResource,), {attribute: schema}))
    assert "name" in app.post_json("/v1/moons", {"data": {}}, status=400).json["message"]
    made = app.post_json("/v1/moons", {"data": {"name": "Io", "other": 1}}).json["data"]
    assert set(made) == {"id", "last_modified", "name"}


def test_nulls_count_as_absent_in_a_closed_schema(memory: Client) -> None:
    made = memory.post_json("/v1/psilos", {"data": {"name": None, "size": None}}).json["data"]
    assert (made["name"], made["size"]) == ("Unknown", -1)
    path = f"/v1/psilos/{made['id']}"
    assert memory.patch_json(path, {"data": {"name": "x", "edible": False}}).json["data"]["edible"] is False
    assert memory.patch_json(path, {"data": {"edible": None}}).json["data"]["edible"] is True


def test_fields_of_the_server_are_not_the_clients(memory: Client) -> None:
    made = memory.post_json("/v1/notes", {"data": {"deleted": True, "a": 1}}).json["data"]
    assert "deleted" not in made
    assert memory.get("/v1/notes").json["data"] == [made]
    patched = memory.patch_json(f"/v1/notes/{made['id']}", {"data": {"deleted": True}}).json["data"]
    assert patched == made


# Overriding


def test_an_overridden_method_may_answer_a_dict() -> None:
    class Summary(Thing):
        def collection_get(self) -> Any:
            found = super().collection_get()
            assert isinstance(found, Reply)
            assert isinstance(found.data, list)
            return {"count": len(found.data), "user": self.request.prefixed_userid}

        def get(self) -> Any:
            return {"id": self.record_id, "timestamp": self.timestamp}

    app = serving(Summary)
    made = app.post_json("/v1/summarys", {"data": {}}).json["data"]
    assert app.get("/v1/summarys").json["count"] == 1
    assert app.get(f"/v1/summarys/{made['id']}").json == {"id": made["id"], "timestamp": made["last_modified"]}


def test_the_parent_may_be_chosen() -> None:
    class Leaf(Thing):
        access = Public()

        def get_parent_id(self, request: Request) -> str:
            tree = str(request.matchdict["tree"])
            if tree == "forbidden":
                raise NotAllowed("tree")
            return f"/trees/{tree}"

    app = serving(Leaf, collection_path="/trees/{tree}/leaves").anonymous()
    made = app.post_json("/v1/trees/oak/leaves", {"data": {"n": 1}}, status=201).json["data"]
    assert app.get("/v1/trees/oak/leaves").json["data"] == [made]
    assert app.get("/v1/trees/elm/leaves").json["data"] == []
    app.get(f"/v1/trees/elm/leaves/{made['id']}", status=404)
    app.get("/v1/trees/forbidden/leaves", status=401)
    app.as_user("bob").get("/v1/trees/forbidden/leaves", status=403)
    paths = [f"/trees/{tree}/leaves" for tree in ("elm", "forbidden")]
    requests = [{"method": "POST", "path": path, "body": {"data": {}}} for path in paths]
    found = app.post_json("/v1/batch", {"requests": requests}).json["responses"]
    assert [one["status"] for one in found] == [201, 401]


def test_pages_that_anybody_may_read_can_be_cached() -> None:
    class Weather(Thing):
        access = Public()

        def get_parent_id(self, request: Request) -> str:
            return ""

    def configure(config: Configurator) -> None:
        config.add_resource(Weather)

    app = make_app({"weather_cache_expires_seconds": 60}, resources=[], configure=configure)
    response = app.anonymous().get("/v1/weathers")
    assert response.headers["Cache-Control"] == "max-age=60"
    assert "Expires" in response.headers
    assert app.get("/v1/weathers").headers["Cache-Control"] == "no-cache, no-store"
    zero = make_app({"weather_cache_expires_seconds": 0}, resources=[], configure=configure)
    at_once = "max-age=0, must-revalidate, no-cache, no-store"
    assert zero.anonymous().get("/v1/weathers").headers["Cache-Control"] == at_once


def test_ids_have_the_form_that_a_resource_wants() -> None:
    for generator in (Letters, Letters()):
        app = serving(type("Word", (Thing,), {"id_generator": generator}))
        assert app.post_json("/v1/words", {"data": {}}).json["data"]["id"] == "abcde"
        app.put_json("/v1/words/fghij", {"data": {}}, status=201)
        app.put_json(f"/v1/words/{UUID}", {"data": {}}, status=400)
        app.post_json("/v1/words", {"data": {"id": "x"}}, status=400)


def test_ids_have_the_form_that_the_settings_want() -> None:
    app = make_app({"id_generator": "cliquet.ids.Short"})
    assert re.fullmatch("[a-zA-Z0-9]{8}", app.post_json("/v1/notes", {"data": {}}).json["data"]["id"])
    app.put_json("/v1/notes/a-slug_1", {"data": {}}, status=201)


def test_a_generator_that_refuses_its_own_ids_stops_the_start() -> None:
    wrong = type("Wrong", (Letters,), {"regexp": "[0-9]+"})
    with pytest.raises(ConfigurationError, match="Wrong"):
        serving(type("Word", (Thing,), {"id_generator": wrong}))


def test_the_request_and_the_model_are_there_for_hooks() -> None:
    class Counted(Thing):
        def process_record(self, new: dict[str, Any], old: dict[str, Any] | None = None) -> dict[str, Any]:
            return {**new, "number": len(self.model.get_records()), "by": self.request.authn_type}

    app = serving(Counted)
    found = [app.post_json("/v1/counteds", {"data": {}}).json["data"] for _ in range(2)]
    assert [(one["number"], one["by"]) for one in found] == [(0, "basicauth"), (1, "basicauth")]
