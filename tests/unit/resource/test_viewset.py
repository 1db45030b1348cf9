"""Names, paths and methods of a resource's endpoints."""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator

import cliquet
from cliquet.errors import ConfigurationError
from cliquet.resource.viewset import ViewSet
from cliquet.testing.app import SETTINGS


class Moon: ...


@pytest.mark.parametrize(
    ("options", "name"), [({}, "moon"), ({"name": "satellite"}, "satellite"), ({"name": ""}, "moon")]
)
def test_the_name_is_given_or_the_class(options: dict[str, Any], name: str) -> None:
    assert ViewSet(**options).named(Moon).name == name


def test_an_attribute_names_it_unless_it_is_a_method() -> None:
    assert ViewSet().named(type("Moon", (), {"name": "io"})).name == "io"
    assert ViewSet().named(type("Moon", (), {"name": lambda self: "io"})).name == "moon"
    assert ViewSet(name="europa").named(type("Moon", (), {"name": "io"})).name == "europa"


@pytest.mark.parametrize(
    ("options", "paths"),
    [
        ({}, ("/moons", "/moons/{id}")),
        ({"collection_path": "/a"}, ("/a", "/a/{id}")),
        ({"collection_path": "/{planet}/moons"}, ("/{planet}/moons", "/{planet}/moons/{id}")),
        ({"collection_path": "/{{planet}}/{resource_name}"}, ("/{planet}/moon", "/{planet}/moon/{id}")),
        ({"record_path": "/m/{id}"}, ("/moons", "/m/{id}")),
        ({"record_path": "/{resource_name}/{{id}}"}, ("/moons", "/moon/{id}")),
    ],
)
def test_paths_are_templates_or_given(options: dict[str, Any], paths: tuple[str, str]) -> None:
    named = ViewSet(**options).named(Moon)
    assert (named.path("collection"), named.path("record")) == paths


def test_routes_are_named_after_the_resource() -> None:
    assert ViewSet(name="moon").route("record") == "moon-record"
    assert (
        ViewSet(name="moon", service_name="x-{resource_name}-{endpoint_type}").route("collection")
        == "x-moon-collection"
    )


def test_methods_are_in_upper_case_and_head_comes_with_get() -> None:
    assert ViewSet(collection_methods=("get", "HEAD", "Post")).methods("collection") == ("GET", "POST")


@pytest.mark.parametrize("options", [{"collection_methods": ("PUT",)}, {"record_methods": ("GET", "POST")}])
def test_a_method_that_an_endpoint_cannot_have_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match="has no method P"):
        ViewSet(**options)


def test_the_directives_are_there_once_a_service_is_initialised() -> None:
    config = Configurator(settings=dict(SETTINGS))
    cliquet.initialize(config, version="1.0")
    for directive in ("add_resource", "add_heartbeat", "add_api_capability", "add_public_setting"):
        assert callable(getattr(config, directive))
