"""What a query means for a list that has no times and is stored nowhere."""

from __future__ import annotations

import pytest

from cliquet.permission.base import Lists
from cliquet.plugins.permissions_endpoint.entry import Entries
from cliquet.plugins.permissions_endpoint.sources import beginning, segment_of
from cliquet.plugins.permissions_endpoint.wanted import Wanted
from cliquet.protocol.query import Filter, Query, Sort, total_order
from cliquet.resource.context import Context
from cliquet.resource.paths import Paths
from cliquet.testing.app import Client, make_app
from tests.functional.plugins.sharing_service import configure


@pytest.fixture(scope="module")
def app() -> Client:
    return make_app({"permission_backend": "cliquet.permission.memory"}, resources=[], configure=configure)


def wanted(*filters: Filter, sort: tuple[Sort, ...] = ()) -> Wanted:
    return Wanted.of(Query(filters, total_order(list(sort))))


def context(app: Client, name: str) -> Context:
    found: Context = app.parts.contexts[name]
    return found


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ([], [("uri", -1)]),
        ([("uri", 1)], [("uri", 1)]),
        ([("uri", 1), ("id", 1)], [("uri", 1)]),
        ([("id", 1)], [("id", 1), ("uri", 1)]),
        ([("id", -1)], [("id", -1), ("uri", -1)]),
        ([("id", 1), ("uri", -1)], [("id", 1), ("uri", -1)]),
        ([("last_modified", 1)], [("uri", -1)]),
        ([("book_id", 1), ("last_modified", -1), ("id", 1)], [("book_id", 1), ("uri", 1)]),
    ],
)
def test_the_path_makes_every_order_total(asked: list[tuple[str, int]], meant: list[tuple[str, int]]) -> None:
    found = wanted(sort=tuple(Sort(*one) for one in asked))
    assert [(sort.field, sort.direction) for sort in found.query.sort] == meant


def test_only_orders_of_paths_and_of_ids_are_read_in_order() -> None:
    assert wanted().by_path
    assert wanted(sort=(Sort("uri", 1),)).by_path
    assert wanted(sort=(Sort("id", 1),)).by_id
    for other in ((Sort("id", 1), Sort("uri", -1)), (Sort("shelf_id", 1),), (Sort("id", 1), Sort("shelf_id", 1))):
        found = wanted(sort=other)
        assert not found.by_path
        assert not found.by_id


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ([], "book compartment oldshelf shelf team"),
        ([Filter("resource_name", "book")], "book"),
        ([Filter("resource_name", ("book", "team"), "exclude")], "compartment oldshelf shelf"),
        ([Filter("resource_name", "shelf", "like")], "oldshelf shelf"),
        ([Filter("shelf_id", "s")], "book compartment shelf"),
        ([Filter("shelf_id", "s", "not")], "book compartment oldshelf shelf team"),
        ([Filter("shelf_id", "s"), Filter("resource_name", "team")], ""),
        ([Filter("book_id", False, "has")], "book compartment oldshelf shelf team"),
        ([Filter("uri", "/x"), Filter("permissions", ("read",), "contains")], "book compartment oldshelf shelf team"),
        ([Filter("last_modified", 5, "gt")], "book compartment oldshelf shelf team"),
    ],
)
def test_lists_that_cannot_hold_what_is_wanted_are_not_read(app: Client, filters: list[Filter], names: str) -> None:
    found = wanted(*filters)
    assert sorted(one.name for one in Paths.of(app.parts) if found.lists(one) is not None) == names.split()


def test_ids_that_are_known_narrow_the_lists(app: Client) -> None:
    found = wanted(Filter("shelf_id", "s"))
    assert found.lists(context(app, "book")) == Lists("5/books", "/api/shelves/s/", "/api/shelves/s0")
    assert found.lists(context(app, "compartment")) == Lists("5/shelves", "/api/shelves/s/", "/api/shelves/s0")
    assert found.lists(context(app, "shelf")) == Lists("3/shelves")
    assert wanted(Filter("shelf_id", "s", "min")).lists(context(app, "book")) == Lists("5/books")


def test_the_root_is_wanted_unless_it_cannot_be() -> None:
    assert wanted().wants_root()
    assert wanted(Filter("resource_name", "root")).wants_root()
    assert wanted(Filter("id", False, "has")).wants_root()
    for one in (Filter("resource_name", "book"), Filter("id", "x"), Filter("shelf_id", "x")):
        assert not wanted(one).wants_root()


def test_what_is_implied_follows_the_tree(app: Client) -> None:
    entries = Entries(Paths.of(app.parts), app.parts.tree)
    assert entries.implied("shelf", frozenset({"write"})) == [
        *("book:create", "compartment:create", "read", "read:attributes", "write")
    ]
    assert entries.implied("shelf", frozenset({"read"})) == ["read", "read:attributes"]
    assert entries.implied("book", frozenset({"borrow"})) == ["borrow"]
    assert entries.implied("book", frozenset({"write"})) == ["borrow", "read", "write"]
    assert entries.implied("book", frozenset({"strange"})) == ["strange"]
    assert entries.entry("/nothing/x", frozenset({"read"})) is None


@pytest.mark.parametrize(
    ("name", "after", "place"),
    [
        ("shelf", "/api/shelves/s", ("/", "s")),
        ("shelf", "/api/shelves/s/books/b", ("/", "s/books/b")),
        ("shelf", "/old/shelves/s", ("/", "\U0010ffff")),
        ("oldshelf", "/api/shelves/s", ("/", "")),
        ("team", "/", ("/", "")),
        ("book", "/api/shelves/s/books/b", ("/api/shelves/s/", "b")),
        ("book", "/api/shelves/s/shelves/b", ("/api/shelves/s/", "\U0010ffff")),
        ("compartment", "/api/shelves/s/books/b", ("/api/shelves/s/", "")),
        ("book", "/api/shelves/s", ("/api/shelves/s", "")),
        ("book", "/", ("/", "")),
    ],
)
def test_records_of_a_resource_begin_where_a_path_of_any_does(
    app: Client, name: str, after: str, place: tuple[str, str]
) -> None:
    found = context(app, name)
    assert beginning(found, segment_of(found), after) == place
