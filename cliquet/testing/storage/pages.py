"""The tests of pages: their order, their end, and the walk from one to the next (``docs/protocol/reading``)."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from cliquet.database.transaction import Transaction
from cliquet.protocol.order import MISSING
from cliquet.protocol.query import Filter, Query
from cliquet.storage.base import Storage
from cliquet.testing.storage.base import ALICE, START, Contract, ManualClock, following, ids, ordered_by, save, walk
from cliquet.testing.storage.filters import VALUES

__all__ = ["PagesContract"]

SORTS = [
    (),
    ("last_modified",),
    ("-last_modified",),
    ("id",),
    ("-id",),
    ("v",),
    ("-v",),
    ("d",),
    ("-d", "v"),
    ("d", "-v"),
    ("o.v", "-id"),
    ("last_modified", "v"),
    ("-v", "last_modified"),
    ("deleted",),
    ("-deleted", "v", "-d"),
    ("missing",),
    ("-missing", "id"),
]


def fill(storage: Storage) -> list[dict[str, Any]]:
    """Store records with values of every type, duplicates, equal times and tombstones."""
    with Transaction() as transaction:
        for number, value in enumerate(VALUES):
            fields = {} if value is MISSING else {"v": value, "o": {"v": value}}
            past = {"last_modified": 1000 + number // 5} if number % 3 else {}
            record = {"id": f"{number % 7}-{number}", "d": number % 4 or None, **fields, **past}
            storage.create(ALICE, record, transaction=transaction)
        for number in range(0, len(VALUES), 9):
            storage.delete(ALICE, f"{number % 7}-{number}", transaction=transaction)
    return [document.data for document in storage.page(ALICE, Query(tombstones=True)).documents]


class PagesContract(Contract):
    """A walk over pages shows every record once, in the order asked for."""

    def test_the_newest_comes_first(self, storage: Storage) -> None:
        save(storage, {}, {}, {})
        storage.replace(ALICE, "a", {})
        assert ids(storage.page(ALICE, Query())) == ["a", "c", "b"]

    @pytest.mark.parametrize(("limit", "more"), [(1, True), (2, True), (3, False), (4, False), (None, False)])
    def test_a_page_says_whether_there_is_more(self, storage: Storage, limit: int | None, more: bool) -> None:
        save(storage, {}, {}, {})
        page = storage.page(ALICE, Query(limit=limit))
        assert (ids(page), page.more) == (["c", "b", "a"][:limit], more)

    def test_what_is_filtered_out_is_not_more(self, storage: Storage) -> None:
        save(storage, {"n": 1}, {"n": 1}, {"n": 2})
        assert storage.page(ALICE, Query(filters=(Filter("n", 1),), limit=2)).more is False

    def test_an_empty_scope_has_an_empty_page(self, storage: Storage) -> None:
        assert storage.page(ALICE, Query(limit=5)) == ([], 0, False)

    @pytest.mark.parametrize("sort", SORTS, ids=lambda sort: ",".join(sort) or "default")
    @pytest.mark.parametrize("tombstones", [False, True], ids=["live", "all"])
    def test_every_sort_is_a_total_order(self, storage: Storage, sort: tuple[str, ...], tombstones: bool) -> None:
        records = fill(storage)
        query = ordered_by(*sort, tombstones=tombstones)
        expected = [record["id"] for record in query.ordered([one for one in records if query.matches(one)])]
        assert ids(storage.page(ALICE, query)) == expected
        for size in (1, 7, len(expected) - 1, len(expected)):
            assert walk(storage, query, size) == expected, size

    def test_long_texts_are_sorted_by_their_beginning(self, storage: Storage) -> None:
        start = "x" * 256
        save(storage, {"t": start + "b"}, {"t": start + "a"}, {"t": start}, {"t": start[1:]}, {"t": ["x" * 400]})
        assert ids(storage.page(ALICE, ordered_by("t"))) == ["d", "c", "b", "a", "e"]
        assert walk(storage, ordered_by("t"), 1) == ["d", "c", "b", "a", "e"]

    def test_long_ids_are_told_apart(self, storage: Storage) -> None:
        save(storage, *({"id": "x" * 300 + letter, "last_modified": 50} for letter in "bca"))
        expected = ["x" * 300 + letter for letter in "abc"]
        assert walk(storage, ordered_by("id"), 1) == expected
        assert walk(storage, ordered_by("last_modified"), 1) == expected
        assert walk(storage, Query(), 1) == expected[::-1]

    def test_text_is_sorted_by_code_point(self, storage: Storage) -> None:
        texts = ["", " ", "A", "Z", "_", "a", "b", "z", "é", "\uffff", "😀"]
        save(storage, *({"id": text, "t": text} for text in reversed(texts)))
        assert ids(storage.page(ALICE, ordered_by("t"))) == texts
        assert ids(storage.page(ALICE, ordered_by("id"))) == texts

    def test_a_walk_may_change_its_pace(self, storage: Storage) -> None:
        save(storage, *({"n": number % 3} for number in range(10)))
        query = ordered_by("n")
        first = storage.page(ALICE, dataclasses.replace(query, limit=3))
        rest = storage.page(ALICE, dataclasses.replace(query, after=query.position(first.documents[-1].data)))
        assert ids(first) + ids(rest) == ids(storage.page(ALICE, query))

    def test_changes_do_not_make_others_appear_twice_or_never(self, storage: Storage) -> None:
        save(storage, *({"n": number} for number in range(8)))
        query = ordered_by("n", limit=3)
        first = storage.page(ALICE, query)
        storage.delete(ALICE, first.documents[-1].id)
        storage.create(ALICE, {"id": "early", "n": 1.5})
        place = query.position(first.documents[-1].data)
        rest = storage.page(ALICE, dataclasses.replace(query, limit=None, after=place))
        assert ids(first) + ids(rest) == list("abcdefgh")

    def test_twenty_sort_keys_are_possible(self, storage: Storage) -> None:
        save(storage, *({f"f{key}": number >> key & 1 for key in range(20)} for number in range(6)))
        query = ordered_by(*(f"-f{key}" for key in range(20)))
        assert walk(storage, query, 1) == ids(storage.page(ALICE, query))

    # What a reader already has.

    def test_nothing_is_read_when_nothing_changed(self, storage: Storage) -> None:
        save(storage, {}, {})
        now = storage.head(ALICE).timestamp
        assert storage.page(ALICE, Query(unless=now)) == ([], now, False)
        assert storage.page(ALICE, Query(unless=0, filters=(Filter("id", "a"),))).documents[0].id == "a"
        storage.delete(ALICE, "a")
        assert ids(storage.page(ALICE, Query(unless=now, limit=5))) == ["b"]

    def test_an_empty_scope_has_not_changed_since_zero(self, storage: Storage) -> None:
        assert storage.page(ALICE, Query(unless=0)) == ([], 0, False)
        assert storage.page(ALICE, Query(unless=5)) == ([], 0, False)

    def test_who_follows_in_small_pages_misses_nothing(self, storage: Storage, clock: ManualClock) -> None:
        save(storage, *({} for _ in range(5)))
        clock.now += 10
        seen = storage.page(ALICE, Query()).timestamp
        for record_id in ("c", "a", "e"):
            storage.replace(ALICE, record_id, {})
        storage.delete(ALICE, "b")
        assert walk(storage, following(seen), 1) == ["c", "a", "e", "b"]
        assert walk(storage, following(0), 2) == ["d", "c", "a", "e", "b"]

    # Counting and deleting.

    def test_live_records_are_counted_whatever_the_page(self, storage: Storage) -> None:
        save(storage, *({"n": number} for number in range(6)))
        storage.delete(ALICE, "a")
        small = ordered_by("n", limit=2, tombstones=True)
        place = small.position({"n": 4, "last_modified": START, "id": "x"})
        for query in (Query(), small, dataclasses.replace(small, after=place)):
            assert storage.count(ALICE, query) == (5, START + 6)
        assert storage.count(ALICE, Query(filters=(Filter("n", 3, "min"),))).total == 3

    def test_exactly_the_page_is_deleted(self, storage: Storage) -> None:
        save(storage, *({"n": number} for number in range(6)))
        query = ordered_by("-n", filters=(Filter("n", 5, "lt"),), limit=2)
        page, gone = storage.delete_page(ALICE, query)
        assert (ids(page), page.more) == (["e", "d"], True)
        assert [(one.id, one.deleted, one.last_modified) for one in gone] == [
            ("e", True, START + 6),
            ("d", True, START + 7),
        ]
        assert [one.data["n"] for one in page.documents] == [4, 3]
        assert ids(storage.page(ALICE, ordered_by("id"))) == ["a", "b", "c", "f"]
        place = query.position(page.documents[-1].data)
        page, gone = storage.delete_page(ALICE, dataclasses.replace(query, limit=5, after=place))
        assert (ids(page), page.more, len(gone)) == (["c", "b", "a"], False, 3)
        assert ids(storage.page(ALICE, Query())) == ["f"]

    def test_a_page_of_nothing_is_deleted_without_a_trace(self, storage: Storage) -> None:
        save(storage, {})
        assert storage.delete_page(ALICE, Query(filters=(Filter("n", 1),))) == (([], START, False), [])
        assert storage.head(ALICE).timestamp == START

    def test_tombstones_are_not_deleted_again(self, storage: Storage) -> None:
        save(storage, {}, {})
        before = storage.delete(ALICE, "a")
        page, gone = storage.delete_page(ALICE, dataclasses.replace(following(0), unless=START + 2))
        assert ids(page) == [one.id for one in gone] == ["b"]
        assert storage.get(ALICE, "a", tombstone=True) == before

    def test_a_deletion_has_no_limit_of_its_own(self, storage: Storage) -> None:
        records = [{"id": f"r{number}", "n": number} for number in range(250)]
        save(storage, *records)
        _, gone = storage.delete_page(ALICE, Query())
        assert len({one.last_modified for one in gone}) == 250
        assert storage.count(ALICE, Query()).total == 0
