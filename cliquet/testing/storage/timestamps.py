"""The tests of timestamps (``docs/protocol/timestamps``)."""

from __future__ import annotations

import pytest

from cliquet.errors import RecordNotFound, UnicityError
from cliquet.protocol.query import Query
from cliquet.storage.base import Head, Storage
from cliquet.testing.storage.base import ALICE, BOB, START, Contract, ManualClock, following, ids, save

__all__ = ["TimestampsContract"]

HOUR = 3_600_000


class TimestampsContract(Contract):
    """Timestamps of a scope are unique, and grow with every change."""

    def test_a_change_is_dated_by_the_clock(self, storage: Storage, clock: ManualClock) -> None:
        clock.now += 5000
        assert save(storage, {})[0].last_modified == START + 5000
        assert storage.head(ALICE) == Head(START + 5000)

    def test_changes_in_the_same_millisecond_have_different_times(self, storage: Storage) -> None:
        times = [document.last_modified for document in save(storage, {}, {})]
        times.append(storage.replace(ALICE, "a", {}).last_modified)
        times.append(storage.delete(ALICE, "a").last_modified)
        times.append(storage.create(ALICE, {"id": "a"}).last_modified)
        assert times == [START, START + 1, START + 2, START + 3, START + 4]
        assert storage.head(ALICE).timestamp == START + 4

    @pytest.mark.parametrize("jump", [-HOUR, -START, -5, 5, HOUR])
    def test_time_never_goes_backwards_when_the_clock_jumps(
        self, storage: Storage, clock: ManualClock, jump: int
    ) -> None:
        before = save(storage, {})[0].last_modified
        clock.now += jump
        after = storage.replace(ALICE, "a", {}).last_modified
        assert after == max(before + 1, START + jump)
        clock.now = START
        assert storage.delete(ALICE, "a").last_modified > after

    def test_scopes_have_times_of_their_own(self, storage: Storage, clock: ManualClock) -> None:
        save(storage, {}, {}, {})
        assert save(storage, {}, scope=BOB)[0].last_modified == START
        assert (storage.head(ALICE), storage.head(BOB)) == (Head(START + 2), Head(START))

    def test_a_scope_that_was_never_written_has_time_zero_whatever_is_read(
        self, storage: Storage, clock: ManualClock
    ) -> None:
        for _ in range(2):
            clock.now += 1000
            assert storage.head(ALICE) == Head(0, 0)
            assert storage.page(ALICE, Query()) == ([], 0, False)
            assert storage.count(ALICE, Query()) == (0, 0)

    def test_a_refused_write_does_not_move_the_time(self, storage: Storage, clock: ManualClock) -> None:
        save(storage, {})
        clock.now += 1000
        with pytest.raises(UnicityError):
            storage.create(ALICE, {"id": "a"})
        with pytest.raises(RecordNotFound):
            storage.delete(ALICE, "b")
        assert storage.head(ALICE) == Head(START)

    def test_the_time_outlives_the_records(self, storage: Storage, clock: ManualClock) -> None:
        save(storage, {}, {})
        _, gone = storage.delete_page(ALICE, Query())
        storage.purge(START + HOUR)
        clock.now -= HOUR
        assert storage.head(ALICE).timestamp == gone[-1].last_modified
        assert save(storage, {})[0].last_modified > gone[-1].last_modified

    def test_a_page_tells_the_time_of_its_scope(self, storage: Storage) -> None:
        save(storage, {}, {})
        assert storage.page(ALICE, Query(limit=1)).timestamp == START + 1
        assert storage.count(ALICE, Query()).timestamp == START + 1

    def test_changes_are_seen_by_who_follows_the_time(self, storage: Storage) -> None:
        save(storage, {}, {}, {})
        seen = storage.page(ALICE, Query()).timestamp
        storage.delete(ALICE, "b")
        storage.replace(ALICE, "a", {})
        page = storage.page(ALICE, following(seen))
        assert ids(page) == ["b", "a"]
        assert ids(storage.page(ALICE, following(page.timestamp))) == []

    # Times that the client supplies.

    def test_a_new_record_may_be_dated_in_the_past(self, storage: Storage) -> None:
        save(storage, {})
        assert storage.create(ALICE, {"id": "old", "last_modified": 50}).last_modified == 50
        assert storage.replace(ALICE, "older", {"last_modified": 40}).last_modified == 40
        assert storage.create(ALICE, {"id": "oldest", "last_modified": 0}).last_modified == 0
        assert storage.head(ALICE) == Head(START)

    def test_imported_records_may_share_a_past_time(self, storage: Storage) -> None:
        save(storage, {}, {"last_modified": 50}, {"last_modified": 50})
        assert ids(storage.page(ALICE, Query())) == ["a", "c", "b"]

    def test_a_record_dated_in_the_future_moves_the_time(self, storage: Storage) -> None:
        assert storage.create(ALICE, {"id": "a", "last_modified": START + HOUR}).last_modified == START + HOUR
        assert storage.head(ALICE) == Head(START + HOUR)
        assert storage.create(ALICE, {"id": "b"}).last_modified == START + HOUR + 1

    def test_a_new_record_dated_like_the_scope_gets_the_next_time(self, storage: Storage) -> None:
        save(storage, {})
        assert storage.create(ALICE, {"id": "b", "last_modified": START}).last_modified == START + 1
        assert storage.head(ALICE) == Head(START + 1)

    def test_the_first_record_may_be_dated(self, storage: Storage) -> None:
        assert storage.create(ALICE, {"id": "a", "last_modified": 50}).last_modified == 50
        assert storage.head(ALICE) == Head(50)

    def test_no_time_is_no_wish(self, storage: Storage) -> None:
        assert storage.create(ALICE, {"id": "a", "last_modified": None}).last_modified == START

    @pytest.mark.parametrize("wanted", [50, START, START + 1, START + 2])
    def test_a_change_dated_at_or_before_the_time_of_the_scope_is_dated_anew(
        self, storage: Storage, clock: ManualClock, wanted: int
    ) -> None:
        save(storage, {}, {}, {})
        seen = storage.head(ALICE).timestamp
        clock.now += 1000
        assert storage.replace(ALICE, "a", {"last_modified": wanted}).last_modified == START + 1000
        assert ids(storage.page(ALICE, following(seen))) == ["a"]

    def test_a_change_dated_after_the_time_of_the_scope_is_dated_so(self, storage: Storage) -> None:
        save(storage, {}, {})
        assert storage.replace(ALICE, "a", {"last_modified": START + HOUR}).last_modified == START + HOUR
        assert storage.head(ALICE) == Head(START + HOUR)

    @pytest.mark.parametrize("wanted", [50, START, START + 1])
    def test_a_deletion_dated_at_or_before_the_time_of_the_scope_is_dated_anew(
        self, storage: Storage, clock: ManualClock, wanted: int
    ) -> None:
        save(storage, {}, {})
        clock.now += 1000
        assert storage.delete(ALICE, "a", last_modified=wanted).last_modified == START + 1000

    def test_a_deletion_may_be_dated_in_the_future(self, storage: Storage) -> None:
        save(storage, {})
        assert storage.delete(ALICE, "a", last_modified=START + HOUR).last_modified == START + HOUR
        assert storage.head(ALICE) == Head(START + HOUR)

    @pytest.mark.parametrize("wanted", [50, START + 1, START + 2])
    def test_a_record_that_replaces_a_tombstone_is_a_change(
        self, storage: Storage, clock: ManualClock, wanted: int
    ) -> None:
        save(storage, {})
        storage.delete(ALICE, "a")
        seen = save(storage, {"id": "b"})[0].last_modified
        clock.now += 1000
        assert storage.create(ALICE, {"id": "a", "last_modified": wanted}).last_modified == START + 1000
        assert ids(storage.page(ALICE, following(seen))) == ["a"]
