"""The tests of unique fields (``docs/protocol/writing``)."""

from __future__ import annotations

from typing import Any

import pytest

from cliquet.database.transaction import Transaction
from cliquet.errors import UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Document, Head, Storage
from cliquet.testing.storage.base import ALICE, START, Contract
from cliquet.testing.transactions import undone

__all__ = ["UnicityContract"]

UNIQUE = ("url", "code")
#: Values each of which differs from all the others.
DIFFERENT: list[Any] = [
    0,
    1,
    "0",
    "1",
    "true",
    True,
    False,
    1.5,
    "1.5",
    [],
    [1],
    ["1"],
    {},
    {"a": 1},
    "a",
    "A",
    "a ",
    2**53,
    2**53 + 1,
]
#: Pairs of the same value in different words.
SAME: list[tuple[Any, Any]] = [
    (1, 1.0),
    (0, -0.0),
    ([1], [1.0]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1.0}),
    (2**53, 2.0**53),
]


def put(storage: Storage, record_id: str, transaction: Transaction | None = None, **fields: Any) -> Document:
    """Store a record whose ``url`` and ``code`` are unique."""
    return storage.replace(ALICE, record_id, fields, unique=UNIQUE, transaction=transaction)


def clash(storage: Storage, record_id: str, transaction: Transaction | None = None, **fields: Any) -> tuple[str, Any]:
    """The field that is refused, and the id of the record that has its value."""
    with pytest.raises(UnicityError) as caught:
        put(storage, record_id, transaction, **fields)
    return caught.value.field, caught.value.record["id"]


class UnicityContract(Contract):
    """No two live records of a scope have the same value in a unique field."""

    @pytest.mark.parametrize("verb", ["create", "replace"])
    def test_a_value_that_is_taken_is_refused_and_changes_nothing(self, storage: Storage, verb: str) -> None:
        holder = put(storage, "a", url="x")
        arguments = ("b",) if verb == "replace" else ()
        with pytest.raises(UnicityError) as caught:
            getattr(storage, verb)(ALICE, *arguments, {"id": "b", "url": "x"}, unique=UNIQUE)
        assert (caught.value.field, caught.value.record) == ("url", holder.data)
        assert (storage.count(ALICE, Query()), storage.head(ALICE)) == ((1, START), Head(START))

    def test_a_record_may_keep_its_own_values(self, storage: Storage) -> None:
        put(storage, "a", url="x", code=1)
        assert put(storage, "a", url="x", code=1, more=True).data["more"]

    @pytest.mark.parametrize("fields", [{}, {"url": None}, {"url": ""}], ids=["missing", "null", "empty"])
    def test_no_value_is_never_taken(self, storage: Storage, fields: dict[str, Any]) -> None:
        for record_id in ("a", "b", "c"):
            put(storage, record_id, **fields)
        assert storage.count(ALICE, Query()).total == 3

    def test_different_values_do_not_clash(self, storage: Storage) -> None:
        for number, value in enumerate(DIFFERENT):
            put(storage, str(number), url=value)
        assert storage.count(ALICE, Query()).total == len(DIFFERENT)

    @pytest.mark.parametrize(("one", "other"), SAME)
    def test_the_same_value_in_other_words_clashes(self, storage: Storage, one: Any, other: Any) -> None:
        put(storage, "a", url=one)
        assert clash(storage, "b", url=other) == ("url", "a")

    def test_fields_do_not_clash_with_each_other(self, storage: Storage) -> None:
        put(storage, "a", url="x")
        put(storage, "b", code="x")
        put(storage, "c", url="y", code="y")

    def test_the_first_field_that_clashes_is_named(self, storage: Storage) -> None:
        put(storage, "a", code=1)
        put(storage, "b", url="x")
        assert clash(storage, "c", url="x", code=1) == ("url", "b")
        assert clash(storage, "c", url="y", code=1) == ("code", "a")
        with pytest.raises(UnicityError) as caught:
            storage.create(ALICE, {"id": "c", "url": "x", "code": 1}, unique=("code", "url"))
        assert caught.value.field == "code"

    def test_the_id_clashes_before_any_field(self, storage: Storage) -> None:
        put(storage, "a", url="x")
        put(storage, "b", url="y")
        with pytest.raises(UnicityError) as caught:
            storage.create(ALICE, {"id": "a", "url": "y"}, unique=UNIQUE)
        assert (caught.value.field, caught.value.record["id"]) == ("id", "a")

    def test_the_value_of_a_deleted_record_is_free(self, storage: Storage) -> None:
        put(storage, "a", url="x")
        storage.delete(ALICE, "a")
        put(storage, "b", url="x")
        assert clash(storage, "a", url="x") == ("url", "b")
        assert clash(storage, "c", url="x") == ("url", "b")

    def test_the_value_of_a_purged_record_is_free(self, storage: Storage) -> None:
        put(storage, "a", url="x")
        storage.delete(ALICE, "a")
        storage.purge(START + 100)
        put(storage, "b", url="x")
        assert clash(storage, "a", url="x") == ("url", "b")

    def test_the_value_of_a_record_deleted_with_a_page_is_free(self, storage: Storage) -> None:
        put(storage, "a", url="x")
        storage.delete_page(ALICE, Query())
        put(storage, "b", url="x")
        assert clash(storage, "a", url="x") == ("url", "b")

    @pytest.mark.parametrize("fields", [{}, {"url": "y"}, {"url": None}, {"url": ""}])
    def test_a_value_that_was_given_up_is_free(self, storage: Storage, fields: dict[str, Any]) -> None:
        put(storage, "a", url="x")
        put(storage, "a", **fields)
        put(storage, "b", url="x")
        assert clash(storage, "a", url="x") == ("url", "b")

    def test_a_value_may_come_back_to_a_deleted_record(self, storage: Storage) -> None:
        put(storage, "a", url="x")
        storage.delete(ALICE, "a")
        put(storage, "a", url="x")
        assert clash(storage, "b", url="x") == ("url", "a")

    def test_a_record_revived_without_its_value_does_not_hold_it(self, storage: Storage) -> None:
        put(storage, "a", url="x")
        storage.delete(ALICE, "a")
        put(storage, "a", url="y")
        put(storage, "b", url="x")
        assert clash(storage, "c", url="y") == ("url", "a")

    # In one transaction.

    def test_a_clash_in_one_transaction_is_seen(self, storage: Storage) -> None:
        with Transaction() as transaction:
            put(storage, "a", transaction, url="x")
            assert clash(storage, "b", transaction, url="x") == ("url", "a")
        assert storage.count(ALICE, Query()).total == 1

    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    def test_values_change_hands_in_one_transaction(self, storage: Storage, flushed: bool) -> None:
        put(storage, "a", url="x")
        put(storage, "b", url="y")
        with Transaction() as transaction:
            put(storage, "a", transaction, url="z")
            if flushed:
                storage.page(ALICE, Query(), transaction=transaction)
            put(storage, "b", transaction, url="x")
            put(storage, "a", transaction, url="y")
        assert clash(storage, "c", url="x") == ("url", "b")
        assert clash(storage, "c", url="y") == ("url", "a")
        put(storage, "c", url="z")

    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    @pytest.mark.parametrize("leave", ["delete", "drop", "change"])
    def test_who_had_a_value_for_a_moment_does_not_keep_it_from_its_holder(
        self, storage: Storage, leave: str, flushed: bool
    ) -> None:
        with Transaction() as transaction:
            put(storage, "b", transaction, url="y")
            put(storage, "a", transaction, url="x")
            if flushed:
                storage.page(ALICE, Query(), transaction=transaction)
            if leave == "delete":
                storage.delete(ALICE, "a", transaction=transaction)
            else:
                put(storage, "a", transaction, **({} if leave == "drop" else {"url": "z"}))
            put(storage, "b", transaction, url="x")
        assert clash(storage, "c", url="x") == ("url", "b")
        put(storage, "c", url="y")

    def test_a_value_may_leave_and_come_back_in_one_transaction(self, storage: Storage) -> None:
        put(storage, "a", url="x")
        with Transaction() as transaction:
            put(storage, "a", transaction, url="y")
            put(storage, "a", transaction, url="x")
        assert clash(storage, "b", url="x") == ("url", "a")
        put(storage, "b", url="y")

    @pytest.mark.parametrize("flushed", [False, True], ids=["pending", "flushed"])
    def test_an_undone_block_gives_values_back(self, storage: Storage, flushed: bool) -> None:
        with Transaction() as transaction:
            put(storage, "a", transaction, url="x")
            with transaction.savepoint() as point:
                put(storage, "a", transaction, url="y")
                put(storage, "b", transaction, url="x")
                if flushed:
                    storage.page(ALICE, Query(), transaction=transaction)
                point.undo()
            assert clash(storage, "b", transaction, url="x") == ("url", "a")
            put(storage, "b", transaction, url="y")
        assert clash(storage, "c", url="x") == ("url", "a")
        assert clash(storage, "c", url="y") == ("url", "b")

    def test_a_rollback_frees_values(self, storage: Storage) -> None:
        with undone() as transaction:
            put(storage, "a", transaction, url="x")
        put(storage, "b", url="x")
