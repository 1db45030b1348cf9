"""Which stored permissions grant which: the table of a bucket > collection > record tree, row by row."""

from __future__ import annotations

import pytest

from cliquet.errors import ConfigurationError
from cliquet.model.access import Kind, Level, Tree

#: (resource, permission) -> what grants it, as resource:permission.
TABLE = {
    ("bucket", "write"): {"bucket write"},
    ("bucket", "read"): {"bucket write", "bucket read"},
    ("bucket", "read:attributes"): {
        "bucket write",
        "bucket read",
        "bucket collection:create",
        "bucket group:create",
    },
    ("bucket", "collection:create"): {"bucket write", "bucket collection:create"},
    ("bucket", "group:create"): {"bucket write", "bucket group:create"},
    ("collection", "write"): {"bucket write", "collection write"},
    ("collection", "read"): {"bucket write", "bucket read", "collection write", "collection read"},
    ("collection", "read:attributes"): {
        "bucket write",
        "bucket read",
        "collection write",
        "collection read",
        "collection record:create",
    },
    ("collection", "record:create"): {"bucket write", "collection write", "collection record:create"},
    ("group", "write"): {"bucket write", "group write"},
    ("group", "read"): {"bucket write", "bucket read", "group write", "group read"},
    ("record", "write"): {"bucket write", "collection write", "record write"},
    ("record", "read"): {
        "bucket write",
        "bucket read",
        "collection write",
        "collection read",
        "record write",
        "record read",
    },
}


@pytest.fixture
def tree() -> Tree:
    found = Tree()
    found.add(Kind("bucket", ("read", "write", "collection:create", "group:create")))
    found.add(Kind("collection", ("read", "write", "record:create"), under="bucket"))
    found.add(Kind("group", under="bucket"))
    found.add(Kind("record", under="collection"))
    return found


@pytest.mark.parametrize(("resource", "permission"), TABLE)
def test_a_permission_is_granted_by_what_the_table_says(tree: Tree, resource: str, permission: str) -> None:
    granters = {f"{one.resource} {one.permission}" for one in tree.granters(resource, permission)}
    assert granters == TABLE[resource, permission]


def test_nothing_grants_what_a_resource_does_not_know(tree: Tree) -> None:
    assert tree.granters("record", "collection:create") == ()
    assert tree.granters("unknown", "read") == ()


def test_pairs_are_about_the_objects_on_the_way(tree: Tree) -> None:
    way = [Level("bucket", "/buckets/b"), Level("group", "/buckets/b/groups/g")]
    assert {tuple(pair) for pair in tree.pairs(way, "read")} == {
        ("/buckets/b", "write"),
        ("/buckets/b", "read"),
        ("/buckets/b/groups/g", "write"),
        ("/buckets/b/groups/g", "read"),
    }


def test_a_plugin_adds_rows_and_each_counts_once(tree: Tree) -> None:
    tree.add(Kind("history", ("read",), under="bucket"))
    tree.extend("history", "read", [("group", "write"), ("bucket", "read")])
    granters = [f"{one.resource} {one.permission}" for one in tree.granters("history", "read")]
    assert sorted(granters) == ["bucket read", "bucket write", "group write", "history read", "history write"]


def test_a_parent_has_to_be_registered_first() -> None:
    with pytest.raises(ConfigurationError, match="'page' is under 'book'"):
        Tree().add(Kind("page", under="book"))


def test_who_is_above_and_below(tree: Tree) -> None:
    assert tree.ancestors("record") == ["collection", "bucket"]
    assert [kind.name for kind in tree.children("bucket")] == ["collection", "group"]
