"""What an entry is made of."""

from __future__ import annotations

import pytest

from cliquet.model.access import Level
from cliquet.model.change import Change
from cliquet.model.journal import Written
from cliquet.plugins.history import entry
from cliquet.schema.validator import Validator
from cliquet.storage.base import Document, Scope

SHELF, BOOK = Level("shelf", "/shelves/s"), Level("book", "/shelves/s/books/b")


def written(user_id: str | None = "alice") -> Written:
    permissions = {"write": frozenset("ba"), "read": frozenset("c")}
    document = Document.make("b", 1000, {"n": 1.0})
    return Written(Change("create", Scope("book", SHELF.uri), BOOK.uri, document, None, permissions), user_id)


def test_an_entry_is_stored_with_its_readers_and_shown_without() -> None:
    made = entry.make(written(), (SHELF, BOOK), 1_700_000_000_005, {"y", "x"})
    assert made["readers"] == ["x", "y"]
    stored = Document.make(made["id"], made["last_modified"], made)
    shown = entry.shown(stored)
    assert "readers" not in shown.data
    assert {**shown.data, "readers": ["x", "y"]} == stored.data == made
    assert made["target"] == {
        "data": {"id": "b", "last_modified": 1000, "n": 1.0},
        "permissions": {"read": ["c"], "write": ["a", "b"]},
    }


def test_each_entry_has_an_id_of_its_own() -> None:
    assert len({entry.make(written(), (SHELF, BOOK), 1, ())["id"] for _ in range(10)}) == 10


def test_a_root_is_named_in_its_own_entries_only() -> None:
    made = entry.make(written(None), (SHELF,), 1000, ())
    assert (made["shelf_id"], made["user_id"]) == ("s", "system.Everyone")
    assert "shelf_id" not in entry.make(written(), (SHELF, BOOK), 1000, ())


def test_a_field_of_the_same_name_in_a_record_is_shown() -> None:
    document = Document.make("x", 1, {"target": {"data": {"readers": ["me"]}}, "readers": ["you"]})
    assert entry.shown(document).data["target"] == {"data": {"readers": ["me"]}}
    tombstone = Document.tombstone("x", 1)
    assert entry.shown(tombstone) is tombstone


@pytest.mark.parametrize(
    ("timestamp", "text"),
    [
        (0, "1970-01-01T00:00:00.000+00:00"),
        (1_700_000_000_005, "2023-11-14T22:13:20.005+00:00"),
        (1_709_164_799_999, "2024-02-28T23:59:59.999+00:00"),
    ],
)
def test_a_time_as_text_is_as_exact_as_the_time(timestamp: int, text: str) -> None:
    assert entry.date(timestamp) == text


def test_the_fields_are_closed_but_the_target_is_open() -> None:
    fields = Validator(entry.schema(["shelf", "book"])).fields
    assert not fields.open
    known = {name for name in ("book_id", "shelf_id", "page_id", "user_id", "readers") if fields.is_declared(name)}
    assert known == {"book_id", "shelf_id", "user_id"}
    assert [fields.type_of(name) for name in ("readers", "page_id")] == [None, None]
    found = fields.type_of("target.data.a.b")
    assert found is not None
    assert found.kind == "json"
