"""What the list of permissions says of an object."""

from __future__ import annotations

from pyramid.config import Configurator

from cliquet.plugins.permissions_endpoint.entry import Entries
from cliquet.resource import Anything, ShareableResource
from cliquet.resource.paths import Paths
from cliquet.testing.app import make_app

READ = frozenset({"read"})


class Shelf(ShareableResource):
    schema = Anything


def declare(config: Configurator) -> None:
    config.add_resource(Shelf, collection_path="/shelves")


def test_what_is_on_the_path_of_a_list_hides_nothing_in_it() -> None:
    parts = make_app({"permission_backend": "cliquet.permission.memory"}, resources=[], configure=declare).parts
    held = [("/", READ), ("/shelves/", READ), ("/shelves/a", READ), ("/shelves/", READ), ("/shelves/b", READ)]
    entries = Entries(Paths.of(parts), parts.tree).of(held)
    assert [entry["uri"] for entry in entries] == ["/", "/shelves/a", "/shelves/b"]
