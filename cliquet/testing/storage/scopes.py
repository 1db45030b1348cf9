"""The tests that scopes, and ids, do not take each other for the same."""

from __future__ import annotations

import pytest

from cliquet.errors import RecordNotFound
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Scope, Storage
from cliquet.testing.storage.base import ALICE, BOB, START, Contract, ids, save

__all__ = ["ScopesContract"]

#: Texts that a careless comparison takes for one another.
LOOKALIKES = [
    "a",
    "A",
    "_",
    "%",
    "a_",
    "a%",
    ".",
    "*",
    "+",
    "a+b",
    "a b",
    "/",
    "//",
    "/a",
    "/a/",
    "\\",
    "\\\\",
    "\\_",
    "'",
    "''",
    '"',
    "' OR '1'='1",
    "é",
    "e\u0301",
    "ß",
    "ss",
    "😀",
    "",
    " ",
    "a ",
    "0",
    "00",
    "null",
    "NULL",
    "?",
    ":id",
    "%(id)s",
    "$1",
    "\n",
]
SCOPES = [Scope("article", text) for text in LOOKALIKES] + [Scope(text, "alice") for text in LOOKALIKES]


class ScopesContract(Contract):
    """What happens in one scope stays there."""

    def test_the_same_id_may_live_in_several_scopes(self, storage: Storage) -> None:
        for scope in SCOPES:
            storage.create(scope, {"id": "x", "where": list(scope)})
        assert [storage.get(scope, "x").data["where"] for scope in SCOPES] == [list(scope) for scope in SCOPES]
        assert [storage.page(scope, Query()).documents[0].data["where"] for scope in SCOPES] == list(map(list, SCOPES))
        assert {storage.count(scope, Query()).total for scope in SCOPES} == {1}
        assert {storage.head(scope).timestamp for scope in SCOPES} == {START}

    def test_a_parent_and_a_resource_do_not_run_together(self, storage: Storage) -> None:
        scopes = [Scope("ab", "c"), Scope("a", "bc"), Scope("c", "ab"), Scope("bc", "a")]
        for number, scope in enumerate(scopes):
            storage.create(scope, {"id": "x", "n": number})
        assert [storage.get(scope, "x").data["n"] for scope in scopes] == [0, 1, 2, 3]

    def test_no_two_ids_are_the_same(self, storage: Storage) -> None:
        for number, record_id in enumerate(LOOKALIKES):
            storage.create(ALICE, {"id": record_id, "n": number})
        assert [storage.get(ALICE, record_id).data["n"] for record_id in LOOKALIKES] == list(range(len(LOOKALIKES)))
        for record_id in LOOKALIKES[::2]:
            storage.delete(ALICE, record_id)
        assert sorted(ids(storage.page(ALICE, Query()))) == sorted(LOOKALIKES[1::2])

    def test_ids_are_filtered_as_they_are(self, storage: Storage) -> None:
        for record_id in LOOKALIKES:
            storage.create(ALICE, {"id": record_id})
        for record_id in LOOKALIKES:
            assert ids(storage.page(ALICE, Query(filters=(Filter("id", record_id),)))) == [record_id]
        several = Query(filters=(Filter("id", tuple(LOOKALIKES[:7]), "in"),))
        assert sorted(ids(storage.page(ALICE, several))) == sorted(LOOKALIKES[:7])

    def test_deleting_in_one_scope_leaves_the_others_alone(self, storage: Storage) -> None:
        for scope in SCOPES:
            storage.create(scope, {"id": "x"})
        for scope in SCOPES[::2]:
            storage.delete_page(scope, Query())
        assert [storage.count(scope, Query()).total for scope in SCOPES] == [0, 1] * (len(SCOPES) // 2)
        assert storage.purge(START + 100, scope=SCOPES[0]) == 1
        assert storage.get(SCOPES[2], "x", tombstone=True).deleted

    def test_unique_values_are_unique_in_their_scope_only(self, storage: Storage) -> None:
        for scope in SCOPES:
            storage.create(scope, {"id": "x", "title": "same"}, unique=("title",))
        assert {storage.count(scope, Query()).total for scope in SCOPES} == {1}

    def test_a_record_of_somebody_else_is_not_found(self, storage: Storage) -> None:
        save(storage, {}, scope=BOB)
        with pytest.raises(RecordNotFound):
            storage.get(ALICE, "a")
        with pytest.raises(RecordNotFound):
            storage.delete(ALICE, "a")
        storage.replace(ALICE, "a", {"mine": True})
        assert "mine" not in storage.get(BOB, "a").data
