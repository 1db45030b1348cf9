"""Cases of docs/protocol/reading, on sorting and paging."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from cliquet.conformance.client import Query
from cliquet.conformance.order import MISSING, key
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Record, Shelf

SORTS = ["", "last_modified", "id", "-id", "{text}", "-{text}", "{text},id", "-{text},last_modified"]
TEXTS = ["b", "a", "c", "a", "b", "a", "B"]


def flat(pages: list[list[Record]]) -> list[str]:
    """The ids of all pages in order."""
    return [record["id"] for page in pages for record in page]


def by_time(records: list[Record]) -> list[Record]:
    """Newest first."""
    return sorted(records, key=lambda record: -record["last_modified"])


@section("reading#sorting")
def test_text_sorts_by_code_point(alice: Shelf) -> None:
    texts = ["a", "Z", "\U0001f980", "é", "\uff5e", "", "aa", "10", "9"]
    for text in texts:
        alice.create(text)
    assert alice.texts({"_sort": alice.text}) == sorted(texts)
    assert alice.texts({"_sort": f"+{alice.text}"}) == sorted(texts)
    assert alice.texts({"_sort": f"-{alice.text}"}) == sorted(texts, reverse=True)


@section("reading#sorting")
def test_ties_are_newest_first(alice: Shelf) -> None:
    records = [alice.create(text) for text in TEXTS]
    for sort, backwards in ((alice.text, False), (f"-{alice.text}", True)):
        assert alice.ids({"_sort": sort}) == [record["id"] for record in stable(records, alice.text, backwards)]


def stable(records: list[Record], field: str, backwards: bool) -> list[Record]:
    """In the order of the field, newest first among equals."""
    order = sorted({record[field] for record in records}, reverse=backwards)
    return [record for value in order for record in by_time(records) if record[field] == value]


@section("reading#sorting")
def test_several_keys_sort_one_after_the_other(alice: Shelf) -> None:
    records = [alice.create(text) for text in TEXTS]
    due = sorted(records, key=lambda record: (record[alice.text], record["last_modified"]))
    assert alice.ids({"_sort": f"{alice.text},last_modified"}) == [record["id"] for record in due]
    by_id = sorted(records, key=lambda record: (record[alice.text], record["id"]))
    assert alice.ids({"_sort": f"{alice.text},id,"}) == [record["id"] for record in by_id]


@section("reading#sorting")
def test_last_modified_sorts_both_ways(alice: Shelf) -> None:
    ids = [alice.create()["id"] for _ in range(3)]
    assert alice.ids({"_sort": "last_modified"}) == ids
    assert alice.ids({"_sort": "-last_modified"}) == ids[::-1]


@section("reading#sorting")
@pytest.mark.parametrize("sort", ["", ",", "--id", "a b", "!"])
def test_what_is_no_field_name_is_ignored(alice: Shelf, sort: str) -> None:
    ids = [alice.create()["id"] for _ in range(3)]
    assert alice.ids({"_sort": sort}) == ids[::-1]


@section("reading#sorting")
def test_an_unknown_sort_field_of_a_closed_schema_is_invalid(alice: Shelf, closed_schema: None) -> None:
    alice.all({"_sort": "kit_extra"}).refused(400, 107)


@section("reading#sorting")
def test_only_the_first_256_characters_sort(alice: Shelf) -> None:
    older, newer = alice.create("x" * 256 + "a"), alice.create("x" * 256 + "b")
    first = alice.create("x" * 255)
    assert alice.ids({"_sort": alice.text}) == [first["id"], newer["id"], older["id"]]
    assert flat(alice.walk({"_sort": alice.text, "_limit": "1"})) == [first["id"], newer["id"], older["id"]]


MIXED: list[Any] = [True, "a", None, [2], 10, {"b": 1}, False, [10], 2.5, "B", {"a": 9}, -1, []]


@section("reading#order-over-json")
def test_every_kind_of_value_sorts(alice: Shelf, open_schema: None) -> None:
    records = [alice.create(kit_extra=value) for value in MIXED] + [alice.create()]
    due = sorted(records, key=lambda record: key(record.get("kit_extra", MISSING)))
    assert alice.ids({"_sort": "kit_extra"}) == [record["id"] for record in due]
    assert alice.ids({"_sort": "-kit_extra"}) == [record["id"] for record in due[::-1]]


@section("reading#paging")
@pytest.mark.parametrize("sort", ["kit_extra", "-kit_extra", "kit_extra,-id"])
def test_a_walk_over_every_kind_of_value(alice: Shelf, open_schema: None, sort: str) -> None:
    ids = {alice.create(kit_extra=value)["id"] for value in MIXED} | {alice.create()["id"], alice.create()["id"]}
    walked = flat(alice.walk({"_sort": sort, "_limit": "2"}))
    assert len(walked) == len(ids)
    assert set(walked) == ids


@section("reading#paging")
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 2, 3])
def test_a_walk_shows_every_record_once_and_in_order(alice: Shelf, sort: str, limit: int) -> None:
    for text in TEXTS:
        alice.create(text)
    query = {"_sort": sort.format(text=alice.text)} if sort else {}
    pages = alice.walk({**query, "_limit": str(limit)})
    assert flat(pages) == alice.ids(query)
    assert [len(page) for page in pages[:-1]] == [limit] * (len(pages) - 1)
    assert pages[-1], "the last page is empty: Next-Page was answered although nothing was left"


@section("reading#paging")
def test_a_walk_shows_tombstones_too(alice: Shelf) -> None:
    before = alice.timestamp()
    records = [alice.create(text) for text in TEXTS]
    for record in records[::2]:
        alice.delete(record).expect(200)
    for sort in ("last_modified", alice.text, f"-{alice.text}"):
        walked = flat(alice.walk({"_since": str(before), "_limit": "2", "_sort": sort}))
        assert sorted(walked) == sorted(record["id"] for record in records), f"_sort={sort}"


@section("reading#paging")
def test_the_next_page_has_the_same_filters(alice: Shelf) -> None:
    for text in TEXTS:
        alice.create(text)
    pages = alice.walk({alice.text: "a", "_limit": "2"})
    assert [record[alice.text] for page in pages for record in page] == ["a", "a", "a"]


@section("reading#paging")
def test_a_record_changed_during_a_walk_moves_no_other(alice: Shelf) -> None:
    records = [alice.create(text) for text in ("a", "b", "c", "d")]
    first = alice.all({"_sort": alice.text, "_limit": "2"}).expect(200)
    alice.delete(records[0]).expect(200)
    rest = alice.client.follow(first.header("Next-Page")).expect(200)
    assert [record["id"] for record in rest.data] == [record["id"] for record in records[2:]]


@section("reading#paging")
def test_the_last_page_has_no_next_page(alice: Shelf) -> None:
    for _ in range(4):
        alice.create()
    assert [len(page) for page in alice.walk({"_limit": "2"})] == [2, 2]
    for limit in ("4", "5", "99999"):
        assert not alice.all({"_limit": limit}).expect(200).header("Next-Page"), f"_limit={limit}"


@section("reading#paging")
@pytest.mark.parametrize("limit", ["0", "-1", "abc", "1.5", "", "null", "true"])
def test_a_limit_is_a_positive_integer(alice: Shelf, limit: str) -> None:
    alice.all({"_limit": limit}).refused(400, 107)


@section("reading#paging")
def test_a_huge_limit_is_no_error_of_the_server(alice: Shelf) -> None:
    alice.create()
    alice.all({"_limit": "9" * 40}).expect(200, 400)


def second_page(shelf: Shelf) -> dict[str, str]:
    """The parameters of a second page, after three records and ``_limit=1``."""
    for text in ("a", "b", "c"):
        shelf.create(text)
    url = shelf.all({"_limit": "1", "_sort": shelf.text}).expect(200).header("Next-Page")
    query = dict(parse_qsl(urlsplit(url).query))
    assert query.get("_token"), f"Next-Page has no _token: {url!r}"
    return query


@section("reading#paging")
def test_a_token_is_followed(alice: Shelf) -> None:
    assert alice.texts(second_page(alice)) == ["b"]


@section("reading#paging")
@pytest.mark.parametrize("token", ["abc", "e30=", "bnVsbA==", "\ud7ff", "x" * 5000, "{}"])
def test_a_forged_token_is_invalid(alice: Shelf, token: str) -> None:
    alice.all({"_limit": "1", "_token": token}).refused(400, 107)


@section("reading#paging")
def test_a_tampered_token_is_invalid(alice: Shelf) -> None:
    query = second_page(alice)
    token = query["_token"]
    for place in (0, len(token) // 2):
        other = "A" if token[place] != "A" else "B"
        tampered = token[:place] + other + token[place + 1 :]
        alice.all({**query, "_token": tampered}).refused(400, 107)


@section("reading#paging")
def test_a_token_of_another_list_is_invalid(alice: Shelf) -> None:
    query = second_page(alice)
    foreign: list[Query] = [
        {**query, "_sort": "last_modified"},
        {**query, alice.text: "b"},
        {name: value for name, value in query.items() if name != "_sort"},
    ]
    for changed in foreign:
        alice.all(changed).refused(400, 107)
