"""What journals are told: by roots, and without what ended with a root."""

from __future__ import annotations

import pytest

from cliquet.errors import ConfigurationError
from cliquet.model.access import Kind, Level, Tree, place
from cliquet.model.change import Change
from cliquet.model.journal import Written, by_root, names
from cliquet.storage.base import Document, Scope

KINDS = (
    Kind("shelf", segment="shelves"),
    Kind("book", under="shelf", segment="books"),
    Kind("page", under="book", segment="pages"),
    Kind("log", under="shelf", segment="log", journal=True),
    Kind("account", segment="accounts"),
    Kind("account_log", under="account", segment="log", journal=True),
)
TREE = Tree({kind.name: kind for kind in KINDS})
SHELF = "/shelves/s"
BOOK = f"{SHELF}/books/b"


def change(action: str, resource: str, uri: str) -> Written:
    scope, record_id = place(TREE.levels(resource, uri))
    return Written(Change(action, scope, uri, Document.make(record_id, 1000, {})), "alice")


def told(*written: Written) -> list[tuple[str, list[str]]]:
    """The roots, with what was written there."""
    found = by_root(TREE, {"shelf": "log"}, written)
    assert all(one.scope == Scope("log", one.root.uri) for one in found)
    return [(one.root.uri, [f"{each.change.action} {each.change.uri}" for each in one.written]) for one in found]


def test_changes_are_told_by_root_in_their_order() -> None:
    found = told(
        change("create", "shelf", SHELF),
        change("update", "shelf", "/shelves/other"),
        change("create", "page", f"{BOOK}/pages/p"),
        change("delete", "book", BOOK),
    )
    assert found == [
        (SHELF, [f"create {SHELF}", f"create {BOOK}/pages/p", f"delete {BOOK}"]),
        ("/shelves/other", ["update /shelves/other"]),
    ]


def test_nothing_is_told_of_journals_and_of_what_has_none() -> None:
    private = Written(Change("create", Scope("memo", "alice"), "/memos/x", Document.make("x", 1000, {})))
    found = told(change("delete", "log", f"{SHELF}/log/1"), change("create", "account", "/accounts/a"), private)
    assert found == []


def test_nothing_is_told_of_a_root_that_is_gone_and_of_what_went_with_it() -> None:
    gone = [change("update", "book", BOOK), change("delete", "shelf", SHELF), change("delete", "book", BOOK)]
    assert told(*gone) == []
    again = [change("create", "shelf", SHELF), change("create", "book", BOOK)]
    assert told(*gone, *again) == [(SHELF, [f"create {SHELF}", f"create {BOOK}"])]
    assert told(*gone, *again, *gone[1:]) == []


def test_journals_are_under_what_has_others_under_it_or_as_somebody_wishes() -> None:
    assert names(TREE, "log") == {"shelf": "log"}
    assert names(TREE, "log", ["account", "shelf"]) == {"account": "log", "shelf": "shelf_log"}
    assert names(Tree(), "log") == {}
    for wrong in ("book", "nope"):
        with pytest.raises(ConfigurationError, match=f"no log of '{wrong}'"):
            names(TREE, "log", [wrong])


def test_the_levels_of_a_path_lead_to_where_each_is_stored() -> None:
    levels = TREE.levels("page", f"/api{BOOK}/pages/p")
    assert levels == (
        Level("shelf", f"/api{SHELF}"),
        Level("book", f"/api{BOOK}"),
        Level("page", f"/api{BOOK}/pages/p"),
    )
    assert place(levels[:1]) == (Scope("shelf", ""), "s")
    assert place(levels) == (Scope("page", f"/api{BOOK}"), "p")
