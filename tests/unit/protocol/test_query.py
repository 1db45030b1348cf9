"""Tests of filters, sorts, and the places of records."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cliquet.protocol.order import MISSING, lookup, sort_key
from cliquet.protocol.query import Filter, Query, Sort, total_order
from tests.unit.protocol.strategies import JSON, json_values

FIELDS = st.sampled_from(["a", "b", "a.b", "id", "last_modified"])
SORTS = st.lists(st.builds(Sort, FIELDS, st.sampled_from([1, -1])), max_size=3, unique_by=lambda sort: sort.field)
#: Few values, so that many records are equal; long ones, so that sorting cuts them.
FEW = json_values(st.sampled_from([None, True, 0, 1.0, 1, "", "a", "x" * 256 + "a", "x" * 256 + "b"]))
CONTENTS = st.lists(st.dictionaries(st.sampled_from(["a", "b"]), FEW, max_size=2), max_size=12)


def records(contents: list[dict[str, Any]], times: list[int]) -> list[dict[str, Any]]:
    """Records of which some have the same timestamp, and very long ids that begin alike."""
    made = [
        {**content, "id": "i" * (300 * (index % 2)) + str(index), "last_modified": times[index % len(times)]}
        for index, content in enumerate(contents)
    ]
    return [
        {"id": one["id"], "last_modified": one["last_modified"], "deleted": True} if index % 5 == 4 else one
        for index, one in enumerate(made)
    ]


def walk(query: Query, every: list[dict[str, Any]]) -> list[str]:
    """The ids that a reader sees who follows the pages; ends because each page has a record."""
    seen: list[str] = []
    assert query.limit is not None
    while page := query.ordered(every)[: query.limit]:
        seen += [record["id"] for record in page]
        assert len(seen) <= len(every)
        query = dataclasses.replace(query, after=query.position(page[-1]))
    return seen


@given(CONTENTS, st.lists(st.integers(0, 2), min_size=1, max_size=4), SORTS, st.integers(1, 5), st.randoms())
def test_a_walk_shows_every_record_exactly_once(
    contents: list[dict[str, Any]], times: list[int], sorts: list[Sort], limit: int, chance: Any
) -> None:
    every = records(contents, times)
    chance.shuffle(every)
    query = Query(sort=total_order(sorts), limit=limit, tombstones=True)
    seen = walk(query, every)
    assert sorted(seen) == sorted(record["id"] for record in every)
    assert seen == [record["id"] for record in dataclasses.replace(query, limit=None).ordered(every)]


@given(CONTENTS, SORTS)
def test_records_come_in_the_order_of_each_key_in_turn(contents: list[dict[str, Any]], sorts: list[Sort]) -> None:
    ordered = Query(sort=total_order(sorts)).ordered(records(contents, [1, 2, 3]))
    first = total_order(sorts)[0]
    keys = [sort_key(lookup(record, first.path)) for record in ordered]
    if first.field != "id":
        assert keys == sorted(keys, reverse=first.direction < 0)


def test_missing_comes_last_when_ascending_and_first_when_descending() -> None:
    every: list[dict[str, Any]] = [{"id": "x", "last_modified": 1}, {"id": "y", "last_modified": 1, "a": []}]
    assert [one["id"] for one in Query(sort=total_order([Sort("a")])).ordered(every)] == ["y", "x"]
    assert [one["id"] for one in Query(sort=total_order([Sort("a", -1)])).ordered(every)] == ["x", "y"]


@pytest.mark.parametrize(
    ("asked", "due"),
    [
        ([], ["-last_modified", "-id"]),
        ([Sort("a")], ["a", "-last_modified", "-id"]),
        ([Sort("last_modified")], ["last_modified", "id"]),
        ([Sort("last_modified", -1)], ["-last_modified", "-id"]),
        ([Sort("id")], ["id", "-last_modified"]),
        ([Sort("a", -1), Sort("last_modified")], ["-a", "last_modified", "id"]),
    ],
)
def test_every_order_is_completed_to_a_total_one(asked: list[Sort], due: list[str]) -> None:
    assert [("-" if sort.direction < 0 else "") + sort.field for sort in total_order(asked)] == due


@given(JSON)
def test_a_tombstone_is_shown_only_when_asked_for(value: Any) -> None:
    tombstone = {"id": "x", "last_modified": 1, "deleted": True}
    assert not Query().matches(tombstone)
    assert Query(tombstones=True).matches(tombstone)
    assert Query().matches({"id": "x", "deleted": value}) == (value is not True)


def test_all_filters_have_to_hold() -> None:
    query = Query((Filter("n", 1, "min"), Filter("n", 3, "lt")))
    assert [number for number in range(5) if query.matches({"n": number})] == [1, 2]


def test_a_filter_looks_into_objects() -> None:
    assert Filter("a.b", 1).holds({"a": {"b": 1.0}})
    assert not Filter("a.b", 1).holds({"a.b": 1})
    assert Filter("a.b", False, "has").holds({"a": 1})


def test_equal_places_compare_as_equal() -> None:
    query = Query(sort=total_order([Sort("a")]))
    record = {"id": "x", "last_modified": 1, "a": MISSING}
    assert query.compare(query.position(record), query.position({**record})) == 0
