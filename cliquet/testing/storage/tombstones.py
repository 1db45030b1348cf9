"""The tests of deleting: tombstones, and what happens when they are purged."""

from __future__ import annotations

import pytest

from cliquet.errors import HorizonPassed, RecordNotFound
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Head, Storage
from cliquet.testing.storage.base import ALICE, BOB, START, Contract, ManualClock, following, ids, save

__all__ = ["TombstonesContract"]


class TombstonesContract(Contract):
    """A deleted record leaves a tombstone, until it is purged."""

    def test_a_deleted_record_is_not_found(self, storage: Storage) -> None:
        save(storage, {})
        storage.delete(ALICE, "a")
        with pytest.raises(RecordNotFound):
            storage.get(ALICE, "a")

    def test_a_tombstone_has_three_members(self, storage: Storage) -> None:
        save(storage, {"title": "A"})
        tombstone = storage.delete(ALICE, "a")
        assert tombstone == storage.get(ALICE, "a", tombstone=True)
        assert tombstone.deleted
        assert tombstone.data == {"id": "a", "last_modified": START + 1, "deleted": True}

    @pytest.mark.parametrize("record_id", ["a", "b"])
    def test_what_does_not_live_cannot_be_deleted(self, storage: Storage, record_id: str) -> None:
        save(storage, {})
        storage.delete(ALICE, "a")
        before = storage.head(ALICE)
        with pytest.raises(RecordNotFound):
            storage.delete(ALICE, record_id)
        assert storage.head(ALICE) == before

    @pytest.mark.parametrize("verb", ["create", "replace"])
    def test_a_new_record_takes_the_place_of_a_tombstone(self, storage: Storage, verb: str) -> None:
        save(storage, {"old": True})
        storage.delete(ALICE, "a")
        if verb == "create":
            storage.create(ALICE, {"id": "a", "title": "B"})
        else:
            storage.replace(ALICE, "a", {"title": "B"})
        assert storage.get(ALICE, "a").data == {"id": "a", "last_modified": START + 2, "title": "B"}
        assert ids(storage.page(ALICE, Query(tombstones=True))) == ["a"]

    def test_pages_have_tombstones_when_they_are_asked_for(self, storage: Storage) -> None:
        save(storage, {}, {})
        storage.delete(ALICE, "a")
        assert ids(storage.page(ALICE, Query())) == ["b"]
        page = storage.page(ALICE, Query(tombstones=True))
        assert [(one.id, one.deleted) for one in page.documents] == [("a", True), ("b", False)]

    def test_filters_select_tombstones(self, storage: Storage) -> None:
        save(storage, {"title": "A"}, {"title": "B"}, {"title": "C"})
        storage.delete(ALICE, "a")
        gone = Query(filters=(Filter("deleted", True),), tombstones=True)
        assert ids(storage.page(ALICE, gone)) == ["a"]
        untitled = Query(filters=(Filter("title", False, "has"),), tombstones=True)
        assert ids(storage.page(ALICE, untitled)) == ["a"]
        assert ids(storage.page(ALICE, Query(filters=(Filter("deleted", True),)))) == []

    def test_a_purge_forgets_old_tombstones_only(self, storage: Storage, clock: ManualClock) -> None:
        save(storage, {}, {}, {})
        storage.delete(ALICE, "a")
        clock.now += 1000
        later = storage.delete(ALICE, "b").last_modified
        assert storage.purge(later) == 1
        assert ids(storage.page(ALICE, Query(tombstones=True))) == ["b", "c"]
        with pytest.raises(RecordNotFound):
            storage.get(ALICE, "a", tombstone=True)
        assert storage.purge(later) == 0

    def test_a_purge_moves_the_horizon_and_not_the_time(self, storage: Storage) -> None:
        save(storage, {}, {})
        gone = storage.delete(ALICE, "a").last_modified
        now = storage.delete(ALICE, "b").last_modified
        assert storage.head(ALICE) == Head(now, 0)
        storage.purge(now)
        assert storage.head(ALICE) == Head(now, gone)
        storage.purge(now + 1)
        assert storage.head(ALICE) == Head(now, now)
        assert storage.create(ALICE, {"id": "a"}).last_modified > now

    def test_a_purge_of_nothing_moves_no_horizon(self, storage: Storage) -> None:
        save(storage, {}, {})
        assert storage.purge(START + 100) == 0
        assert storage.purge(START + 100, scope=BOB) == 0
        assert storage.head(ALICE) == Head(START + 1, 0)
        assert storage.head(BOB) == Head()

    def test_a_purge_may_be_about_one_scope(self, storage: Storage) -> None:
        for scope in (ALICE, BOB):
            save(storage, {}, scope=scope)
            storage.delete(scope, "a")
        assert storage.purge(START + 100, scope=ALICE) == 1
        assert ids(storage.page(BOB, Query(tombstones=True))) == ["a"]
        assert storage.head(BOB).horizon == 0
        assert storage.purge(START + 100) == 1

    def test_who_asks_from_before_the_horizon_has_to_start_over(self, storage: Storage) -> None:
        save(storage, {}, {})
        horizon = storage.delete(ALICE, "a").last_modified
        storage.purge(horizon + 1)
        with pytest.raises(HorizonPassed) as caught:
            storage.page(ALICE, following(horizon - 1))
        assert caught.value.horizon == horizon
        with pytest.raises(HorizonPassed):
            storage.count(ALICE, following(horizon - 1))

    def test_who_asks_from_the_horizon_on_misses_nothing(self, storage: Storage) -> None:
        save(storage, {}, {})
        horizon = storage.delete(ALICE, "a").last_modified
        storage.purge(horizon + 1)
        storage.delete(ALICE, "b")
        assert ids(storage.page(ALICE, following(horizon))) == ["b"]
        assert ids(storage.page(ALICE, Query())) == []

    def test_a_purged_id_may_be_used_again(self, storage: Storage) -> None:
        save(storage, {"title": "A"})
        storage.delete(ALICE, "a")
        storage.purge(START + 100)
        storage.create(ALICE, {"id": "a", "title": "B"})
        assert storage.get(ALICE, "a").data["title"] == "B"
