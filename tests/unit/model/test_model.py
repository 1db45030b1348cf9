"""Records of a scope, without HTTP."""

from __future__ import annotations

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import RecordNotFound, UnicityError
from cliquet.ids import Short
from cliquet.model import Model
from cliquet.protocol.query import Filter, Sort
from cliquet.storage.memory import MemoryStorage


@pytest.fixture
def storage() -> MemoryStorage:
    return MemoryStorage(clock=lambda: 1000)


@pytest.fixture
def notes(storage: MemoryStorage) -> Model:
    return Model(storage, resource="note", parent="alice", unique_fields=["slug"])


def test_a_record_lives_from_its_creation_to_its_deletion(notes: Model) -> None:
    made = notes.create_record({"text": "a"})
    assert notes.get_record(made["id"]) == made == {"id": made["id"], "last_modified": 1000, "text": "a"}
    changed = notes.update_record({**made, "text": "b"})
    assert (changed["text"], changed["last_modified"]) == ("b", 1001)
    gone = notes.delete_record(changed)
    assert gone == {"id": made["id"], "last_modified": 1002, "deleted": True}
    with pytest.raises(RecordNotFound):
        notes.get_record(made["id"])
    assert notes.get_records(include_deleted=True) == [gone]
    assert notes.timestamp() == 1002


def test_a_record_is_deleted_by_its_id_and_dated(notes: Model) -> None:
    made = notes.create_record({"id": "x"})
    assert notes.delete_record("x", last_modified=5000)["last_modified"] == 5000
    with pytest.raises(RecordNotFound):
        notes.delete_record(made)


def test_an_update_of_nothing_creates(notes: Model) -> None:
    assert notes.update_record({"id": "x", "n": 1})["n"] == 1


def test_records_are_filtered_sorted_and_limited(notes: Model) -> None:
    for n in (3, 1, 2):
        notes.create_record({"n": n})
    found = notes.get_records([Filter("n", 3, "lt")], [Sort("n")], limit=5)
    assert [one["n"] for one in found] == [1, 2]
    assert [one["n"] for one in notes.get_records(sorting=[Sort("n", -1)], limit=1)] == [3]


def test_all_records_that_match_are_deleted(notes: Model) -> None:
    for n in range(5):
        notes.create_record({"n": n})
    assert len(notes.delete_records([Filter("n", 1, "gt")])) == 3
    assert len(notes.delete_records()) == 2
    assert notes.get_records() == []


def test_unique_fields_hold(notes: Model) -> None:
    notes.create_record({"id": "x", "slug": "a"})
    for write in (notes.create_record, notes.update_record):
        with pytest.raises(UnicityError):
            write({"id": "y", "slug": "a"})
    with pytest.raises(UnicityError):
        notes.create_record({"id": "x"})


def test_what_the_caller_does_to_a_record_is_not_stored(notes: Model) -> None:
    made = notes.create_record({"id": "x", "tags": ["a"]})
    made["tags"].append("b")
    notes.get_record("x")["tags"].append("c")
    notes.get_records()[0]["tags"].append("d")
    assert notes.get_record("x")["tags"] == ["a"]


def test_scopes_are_apart(storage: MemoryStorage, notes: Model) -> None:
    notes.create_record({"id": "x", "slug": "a"})
    for other in (Model(storage, resource="note", parent="bob"), Model(storage, resource="page", parent="alice")):
        assert other.get_records() == []
        assert other.timestamp() == 0
        assert other.find("x") is None


def test_ids_come_from_the_generator(storage: MemoryStorage) -> None:
    assert len(Model(storage, id_generator=Short()).create_record({})["id"]) == 8
    assert len(Model(storage).create_record({"id": None})["id"]) == 36


def test_calls_within_a_transaction_are_undone_together(storage: MemoryStorage) -> None:
    transaction = Transaction()
    notes = Model(storage, resource="note", transaction=transaction)
    notes.lock()
    notes.create_record({"id": "x"})
    assert notes.get_record("x")
    transaction.rollback()
    assert Model(storage, resource="note").get_records() == []
    assert Model(storage, resource="note").timestamp() == 0
