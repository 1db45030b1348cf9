"""The tests of single records: creating, reading and replacing them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cliquet.errors import BackendError, RecordNotFound, UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Head, Storage
from cliquet.testing.storage.base import ALICE, START, Contract, save

__all__ = ["RecordsContract"]

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    2**63 - 1,
    -(2**63),
    2**53 + 1,
    0.1 + 0.2,
    1e300,
    -1e-300,
    5e-324,
    1.5,
    "",
    "déjà vu 日本 😀",
    "quote \" apostrophe ' backslash \\ percent % %s :name ? $1 line\r\n\ttab \x01 \x7f \u2028",
    "x" * 100_000,
    [],
    {},
    [1, "two", None, [3.5, {}], {"a": [[]]}],
    {"": None, 'a"b\\c.d$e': {"id": 1, "last_modified": "x", "deleted": True}, "é\x01😀": [None]},
]
#: What JSON, or the protocol's share of it, does not have.
UNFIT: list[Any] = [
    float("nan"),
    float("inf"),
    "nul\x00",
    {"nul\x00": 1},
    "\ud800",
    {"\udfff": 1},
    2**63,
    -(2**63) - 1,
    {1: 2},
]


def nested(levels: int) -> Any:
    """Arrays in arrays."""
    value: Any = []
    for _ in range(levels - 1):
        value = [value]
    return value


class RecordsContract(Contract):
    """A record is kept as it was given."""

    def test_a_created_record_is_read_back(self, storage: Storage) -> None:
        created = storage.create(ALICE, {"id": "a", "title": "A"})
        assert created == storage.get(ALICE, "a")
        assert (created.id, created.last_modified, created.deleted) == ("a", START, False)
        assert created.data == {"id": "a", "last_modified": START, "title": "A"}

    @pytest.mark.parametrize("value", VALUES, ids=lambda value: f"{type(value).__name__}-{str(value)[:12]!a}")
    def test_any_json_comes_back_as_it_was(self, storage: Storage, value: Any) -> None:
        storage.create(ALICE, {"id": "a", "field": value})
        stored = storage.get(ALICE, "a").data["field"]
        assert stored == value
        assert repr(stored) == repr(value)

    def test_numbers_keep_their_spelling(self, storage: Storage) -> None:
        storage.create(ALICE, {"id": "a", "whole": 1.0, "zero": -0.0, "many": [2.0, 1e22]})
        stored = storage.get(ALICE, "a").data
        assert repr([stored["whole"], stored["zero"], stored["many"]]) == "[1.0, -0.0, [2.0, 1e+22]]"

    def test_a_deeply_nested_record_is_kept(self, storage: Storage) -> None:
        storage.create(ALICE, {"id": "a", "field": nested(126)})
        assert storage.get(ALICE, "a").data["field"] == nested(126)

    def test_a_document_is_json_text(self, storage: Storage) -> None:
        storage.create(ALICE, {"id": "a", "title": "é"})
        document = storage.get(ALICE, "a")
        assert json.loads(document.json) == document.data == document.copy()

    @pytest.mark.parametrize(
        "value", [*UNFIT, nested(200)], ids=lambda value: f"{type(value).__name__}-{str(value)[:9]!a}"
    )
    @pytest.mark.parametrize("verb", ["create", "replace"])
    def test_what_json_has_not_is_refused_and_changes_nothing(self, storage: Storage, verb: str, value: Any) -> None:
        arguments = ("a",) if verb == "replace" else ()
        with pytest.raises(BackendError):
            getattr(storage, verb)(ALICE, *arguments, {"id": "a", "field": [value]})
        assert storage.head(ALICE) == Head()
        with pytest.raises(RecordNotFound):
            storage.get(ALICE, "a")

    def test_an_unknown_record_is_not_found(self, storage: Storage) -> None:
        with pytest.raises(RecordNotFound) as caught:
            storage.get(ALICE, "nobody", tombstone=True)
        assert (caught.value.record_id, caught.value.resource) == ("nobody", "article")

    def test_an_id_that_exists_is_not_created_again(self, storage: Storage) -> None:
        created = storage.create(ALICE, {"id": "a", "title": "A"})
        with pytest.raises(UnicityError) as caught:
            storage.create(ALICE, {"id": "a", "title": "B"})
        assert (caught.value.field, caught.value.record) == ("id", created.data)
        assert storage.get(ALICE, "a") == created

    def test_a_replacement_leaves_nothing_of_what_was_there(self, storage: Storage) -> None:
        save(storage, {"title": "A", "old": True})
        replaced = storage.replace(ALICE, "a", {"title": "B", "new": True})
        assert replaced == storage.get(ALICE, "a")
        assert replaced.data == {"id": "a", "last_modified": START + 1, "title": "B", "new": True}

    def test_a_replacement_creates_what_was_not_there(self, storage: Storage) -> None:
        replaced = storage.replace(ALICE, "a", {"title": "A"})
        assert storage.get(ALICE, "a") == replaced

    def test_what_the_server_decides_is_not_taken_from_the_record(self, storage: Storage) -> None:
        storage.replace(ALICE, "a", {"id": "b", "last_modified": None, "deleted": True, "title": "A"})
        assert storage.get(ALICE, "a").data == {"id": "a", "last_modified": START, "title": "A"}

    def test_what_the_caller_changes_later_is_not_stored(self, storage: Storage) -> None:
        record: dict[str, Any] = {"id": "a", "tags": [1], "author": {"name": "A"}}
        created = storage.create(ALICE, record)
        record["tags"].append(2)
        record["author"]["name"] = "B"
        created.copy()["tags"].append(3)
        storage.page(ALICE, Query()).documents[0].copy()["author"]["name"] = "C"
        assert storage.get(ALICE, "a").copy() == {
            "id": "a",
            "last_modified": START,
            "tags": [1],
            "author": {"name": "A"},
        }
        assert record == {"id": "a", "tags": [1, 2], "author": {"name": "B"}}

    def test_an_old_document_does_not_change(self, storage: Storage) -> None:
        (old,) = save(storage, {"title": "A"})
        storage.replace(ALICE, "a", {"title": "B"})
        storage.delete(ALICE, "a")
        assert (old.data["title"], old.deleted) == ("A", False)
