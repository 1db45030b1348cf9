"""What a path is about."""

from __future__ import annotations

import pytest

from cliquet.model.access import Level
from cliquet.permission.base import Lists
from cliquet.resource.paths import Paths, Place, lists_of
from cliquet.storage.base import Scope
from cliquet.testing.app import Client, make_app
from tests.functional.plugins.sharing_service import configure


@pytest.fixture(scope="module")
def app() -> Client:
    return make_app({"permission_backend": "cliquet.permission.memory"}, resources=[], configure=configure)


@pytest.fixture
def paths(app: Client) -> Paths:
    return Paths.of(app.parts)


def found(paths: Paths, uri: str) -> Place:
    place = paths.find(uri)
    assert place is not None
    return place


@pytest.mark.parametrize(
    ("uri", "name", "ids", "scope"),
    [
        ("/api/shelves/s", "shelf", {"id": "s"}, Scope("shelf", "")),
        ("/old/shelves/s", "oldshelf", {"id": "s"}, Scope("oldshelf", "")),
        ("/api/shelves/s/books/b", "book", {"shelf_id": "s", "id": "b"}, Scope("book", "/api/shelves/s")),
        (
            "/api/shelves/s/shelves/c",
            "compartment",
            {"shelf_id": "s", "id": "c"},
            Scope("compartment", "/api/shelves/s"),
        ),
        ("/teams/t", "team", {"id": "t"}, Scope("team", "")),
    ],
)
def test_a_path_is_about_one_record(paths: Paths, uri: str, name: str, ids: dict[str, str], scope: Scope) -> None:
    place = found(paths, uri)
    assert (place.context.name, place.ids, place.scope, place.record_id) == (name, ids, scope, ids["id"])
    assert place.is_possible
    assert f"{place.list_path}/{place.record_id}" == uri


@pytest.mark.parametrize(
    "uri",
    [
        *("", "/", "x", "/api", "/api/shelves", "/api/shelves/", "/api/shelves/s/", "/api/shelves/s/books"),
        *("/api/shelves//books/b", "/api/shelves/s/pages/p", "/new/shelves/s", "/api/shelves/s/books/b/c", "/notes/n"),
        *("api/shelves/s", "//api/shelves/s", "/v1/api/shelves/s"),
    ],
)
def test_other_paths_are_about_none(paths: Paths, uri: str) -> None:
    assert paths.find(uri) is None


def test_an_id_that_no_record_can_have_is_told(paths: Paths) -> None:
    assert not found(paths, "/api/shelves/a b").is_possible
    assert not found(paths, "/api/shelves/a b/books/b").is_possible
    assert not found(paths, "/api/shelves/s/books/*").is_possible


def test_the_levels_lead_from_the_root_to_the_record(paths: Paths) -> None:
    assert found(paths, "/api/shelves/s/books/b").levels == (
        Level("shelf", "/api/shelves/s"),
        Level("book", "/api/shelves/s/books/b"),
    )


def test_the_permissions_of_its_list_are_those_of_the_resource(paths: Paths) -> None:
    shared = found(paths, "/teams/t").shared()
    assert (shared.path, shared.members, shared.above, shared.explicit) == ("/teams", "members", (), False)
    assert found(paths, "/api/shelves/s/books/b").shared().above == (Level("shelf", "/api/shelves/s"),)


def test_all_shared_resources_have_paths(paths: Paths) -> None:
    assert sorted(context.name for context in paths) == ["book", "compartment", "oldshelf", "shelf", "team"]


def test_lists_are_those_of_a_resource(app: Client) -> None:
    book = app.parts.contexts["book"]
    assert lists_of(book) == Lists("5/books")
    assert lists_of(book, under="/api/shelves/s").holds("/api/shelves/s/books/b")
    assert not lists_of(book, under="/api/shelves/s").holds("/api/shelves/s-/books/b")
