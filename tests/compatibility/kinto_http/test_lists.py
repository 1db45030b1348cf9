"""Lists: pages, filters, sorting, and what has changed since."""

from __future__ import annotations

from typing import Any

import pytest
from kinto_http import KintoException

INFINITY = float("inf")


@pytest.fixture
def seven(alice: Any) -> Any:
    """A client whose collection has seven records."""
    with alice.batch() as batch:
        for number in range(7):
            data = {
                "n": number,
                "colour": ["red", "blue"][number % 2],
                "tags": [f"t{number}"],
                "title": f"Title {number}",
            }
            batch.create_record(id=f"r{number}", data=data)
    return alice


def names(records: Any) -> list[str]:
    """The ids of records."""
    return [record["id"] for record in records]


def test_the_newest_comes_first(seven: Any) -> None:
    assert names(seven.get_records()) == [f"r{number}" for number in reversed(range(7))]


def test_a_limit_alone_gives_one_page(seven: Any) -> None:
    assert names(seven.get_records(_limit=3, _sort="id")) == ["r0", "r1", "r2"]


def test_as_many_pages_are_followed_as_one_wants(seven: Any) -> None:
    assert names(seven.get_records(_limit=3, pages=2, _sort="id")) == [f"r{number}" for number in range(6)]


@pytest.mark.parametrize("sort", ["id", "-id", "n", "-last_modified", "colour,-n", "missing"])
def test_all_pages_have_every_record_once(seven: Any, sort: str) -> None:
    whole = names(seven.get_records(_sort=sort))
    assert names(seven.get_records(_limit=2, pages=INFINITY, _sort=sort)) == whole
    assert sorted(whole) == [f"r{number}" for number in range(7)]


def test_pages_come_one_by_one(seven: Any) -> None:
    pages = seven.get_paginated_records(_limit=3, _sort="id")
    assert names(next(pages)["data"]) == ["r0", "r1", "r2"]
    seven.delete_record(id="r4")
    assert names(next(pages)["data"]) == ["r3", "r5", "r6"]
    assert list(pages) == []


def test_pages_of_what_has_changed_have_the_tombstones(seven: Any) -> None:
    seven.delete_record(id="r2")
    seven.delete_record(id="r5")
    found = seven.get_records(_since="0", _limit=2, pages=INFINITY)
    assert {record["id"]: record.get("deleted", False) for record in found} == {
        f"r{number}": number in {2, 5} for number in range(7)
    }


def test_what_has_changed_since_a_timestamp_is_read(seven: Any) -> None:
    since = max(record["last_modified"] for record in seven.get_records())
    assert seven.get_records(_since=since) == []
    seven.update_record(id="r1", data={"n": 100})
    seven.delete_record(id="r2")
    assert names(seven.get_records(_since=str(since))) == ["r2", "r1"]
    assert names(seven.get_records(_since=f'"{since}"')) == ["r2", "r1"]


def test_what_was_there_before_a_timestamp_is_read(seven: Any) -> None:
    third = seven.get_record(id="r2")["data"]["last_modified"]
    assert names(seven.get_records(_before=third)) == ["r1", "r0"]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"colour": "red"}, ["r0", "r2", "r4", "r6"]),
        ({"n": 3}, ["r3"]),
        ({"min_n": 5}, ["r5", "r6"]),
        ({"max_n": 1}, ["r0", "r1"]),
        ({"lt_n": 2, "gt_n": 0}, ["r1"]),
        ({"not_colour": "red"}, ["r1", "r3", "r5"]),
        ({"in_id": ["r1", "r3"]}, ["r1", "r3"]),
        ({"exclude_id": ["r1", "r3"], "colour": "blue"}, ["r5"]),
        ({"like_title": "*le 4"}, ["r4"]),
        ({"has_missing": "true"}, []),
        ({"contains_tags": '["t2"]'}, ["r2"]),
        ({"contains_any_tags": '["t2","t6"]'}, ["r2", "r6"]),
    ],
    ids=str,
)
def test_records_are_filtered(seven: Any, filters: dict[str, Any], expected: list[str]) -> None:
    assert names(seven.get_records(**filters, _sort="id")) == expected


def test_some_fields_are_read(seven: Any) -> None:
    (record,) = seven.get_records(id="r1", _fields="n")
    assert sorted(record) == ["id", "last_modified", "n"]
    assert sorted(seven.get_record(id="r1", _fields="n")["data"]) == ["id", "last_modified", "n"]


def test_a_list_that_has_not_changed_is_not_sent(seven: Any) -> None:
    version = int(seven.get_records_timestamp())
    assert seven.get_records(if_none_match=version) == []
    assert len(seven.get_records(if_none_match=version - 1)) == 7


def test_the_timestamp_of_a_list_moves_with_deletions(seven: Any) -> None:
    tombstone = seven.delete_record(id="r1")
    assert seven.clone().get_records_timestamp() == str(tombstone["last_modified"])


def test_the_timestamp_of_an_empty_list_stands_still(alice: Any) -> None:
    first, second = (alice.clone().get_records_timestamp() for _ in range(2))
    assert first == second
    assert alice.get_records(_since=first) == []


def test_deleted_records_are_not_listed(seven: Any) -> None:
    seven.delete_records()
    assert seven.get_records() == []
    assert len(seven.get_records(_since="0")) == 7


@pytest.mark.parametrize(
    "wrong",
    [{"_limit": "many"}, {"_since": "yesterday"}, {"_token": "forged", "_limit": 2}, {"last_modified": "abc"}],
    ids=str,
)
def test_a_question_without_sense_is_refused(seven: Any, wrong: dict[str, Any]) -> None:
    with pytest.raises(KintoException) as refused:
        seven.get_records(**wrong)
    body = refused.value.response.json()
    assert (refused.value.response.status_code, body["errno"]) == (400, 107)
    assert body["details"][0]["location"] == "querystring"


@pytest.mark.parametrize("method", ["get_buckets", "get_collections", "get_groups"])
def test_lists_of_all_kinds_are_filtered_and_paged(alice: Any, bucket: str, method: str) -> None:
    for number in range(3):
        alice.create_bucket(id=f"{bucket}-{number}", data={"mark": bucket})
        alice.create_collection(id=f"c{number}", data={"mark": bucket})
        alice.create_group(id=f"g{number}", data={"mark": bucket})
    found = getattr(alice, method)(mark=bucket, _sort="-id", _limit=2, pages=INFINITY)
    assert [record["id"][-1] for record in found] == ["2", "1", "0"]
