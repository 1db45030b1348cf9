"""What the requests of one resource share."""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator

from cliquet.errors import RecordNotFound
from cliquet.resource.shareable import ShareableResource
from cliquet.schema.record import Anything
from cliquet.testing.app import make_app

SHELF = "7d1d1f5e-5f5b-4f0f-8f3e-0e7d7d1d1f5e"


class Shelf(ShareableResource):
    schema = Anything


class Book(ShareableResource):
    schema = Anything


def book() -> Any:
    """The context of books on shelves of some library, which is no resource."""

    def configure(config: Configurator) -> None:
        config.add_resource(Shelf, collection_path="/{library}/shelves")
        config.add_resource(Book, under=Shelf)

    return make_app({"permission_backend": "cliquet.permission.memory"}, configure=configure).parts.contexts["book"]


def test_parents_of_other_paths_are_others() -> None:
    context = book()
    for _ in range(2):
        for library in ("a", "b"):
            (level,) = context.levels({"library": library, "shelf_id": SHELF, "id": "y"})
            assert level.uri == f"/{library}/shelves/{SHELF}"


def test_an_id_that_no_parent_can_have_is_refused_each_time() -> None:
    context = book()
    for _ in range(2):
        with pytest.raises(RecordNotFound):
            context.levels({"library": "a", "shelf_id": "no/id"})


def test_only_the_paths_of_parents_say_where_a_parent_is() -> None:
    def configure(config: Configurator) -> None:
        config.add_resource(Shelf)
        config.add_resource(
            Book, under=Shelf, collection_path="/{language}/{shelf_id}/books", record_path="/{shelf_id}/{id}"
        )

    app = make_app({"permission_backend": "cliquet.permission.memory"}, configure=configure)
    (level,) = app.parts.contexts["book"].levels({"shelf_id": SHELF, "id": "y"})
    assert level.uri == f"/shelfs/{SHELF}"
