"""Cases of docs/protocol/reading, on filters and operators."""

from __future__ import annotations

import json
from typing import Any

import pytest

from cliquet.conformance.order import MISSING, OPERATORS
from cliquet.conformance.sections import section
from cliquet.conformance.shelf import Record, Shelf

TEXTS = ["", "1", "B", "a", "a b", "null", "true", "é", "\uff5e", "\U0001f980"]
#: Values of a field of one's own, one per kind and per border between kinds.
VALUES: list[Any] = [None, "", "1", "a", -5, 0, 1.5, 2, 2**53 + 1, False, True, [], [1], ["a"], {}, {"a": 1}, {"bb": 0}]


def selected(records: list[Record], field: str, prefix: str, given: Any) -> set[str]:
    """The ids of the records that the operator selects."""
    test = OPERATORS[prefix]
    return {record["id"] for record in records if test(record.get(field, MISSING), given)}


def check(shelf: Shelf, records: list[Record], field: str, given: Any) -> None:
    """Compare what the server selects with what the protocol says, for each operator."""
    text = json.dumps(given, ensure_ascii=False)
    for prefix in OPERATORS:
        if "," in text and prefix in {"in_", "exclude_"}:
            continue
        found = {record["id"] for page in shelf.walk({prefix + field: text}) for record in page}
        due = selected(records, field, prefix, given)
        wrong = [record.get(field) for record in records if record["id"] in found ^ due]
        assert not wrong, f"{prefix}{field}={text} is wrong about {wrong!r}"


@section("reading#operators")
def test_each_operator_on_text(alice: Shelf) -> None:
    records = [alice.create(text) for text in TEXTS]
    for text in TEXTS:
        check(alice, records, alice.text, text)


@section("reading#operators")
def test_each_operator_on_every_field_of_a_record(alice: Shelf) -> None:
    records = [alice.create() for _ in range(3)]
    fields = [name for name, value in records[1].items() if type(value) in (str, int, bool)]
    for name in fields:
        check(alice, records, name, records[1][name])


@section("reading#order-over-json")
def test_each_operator_on_every_kind_of_value(alice: Shelf, open_schema: None) -> None:
    records = [alice.create(kit_extra=value) for value in VALUES] + [alice.create()]
    for given in [*VALUES, 1, 2.0, "zz"]:
        check(alice, records, "kit_extra", given)


@section("reading#operators")
def test_several_values_at_once(alice: Shelf) -> None:
    for text in ("a", "b", "c"):
        alice.create(text)
    assert sorted(alice.texts({f"in_{alice.text}": "a,c"})) == ["a", "c"]
    assert sorted(alice.texts({f"exclude_{alice.text}": "a,c"})) == ["b"]


@section("reading#operators")
def test_an_empty_last_element_of_a_list_is_ignored(alice: Shelf) -> None:
    for text in ("", "a"):
        alice.create(text)
    assert alice.texts({f"in_{alice.text}": "a,"}) == ["a"]
    assert alice.texts({f"exclude_{alice.text}": "a,"}) == [""]


@section("reading#operators")
def test_has_asks_for_presence(alice: Shelf) -> None:
    record = alice.create()
    assert alice.ids({f"has_{alice.text}": "true"}) == [record["id"]]
    assert alice.ids({f"has_{alice.text}": "false"}) == []


@section("reading#operators")
def test_null_is_present(alice: Shelf, open_schema: None) -> None:
    null, missing = alice.create(kit_extra=None), alice.create()
    assert alice.ids({"has_kit_extra": "true"}) == [null["id"]]
    assert alice.ids({"has_kit_extra": "false"}) == [missing["id"]]
    assert alice.ids({"kit_extra": "null"}) == [null["id"]]


@section("reading#operators")
@pytest.mark.parametrize(
    ("query", "due"),
    [
        ({"contains_kit_extra": "[1,2]"}, {"both"}),
        ({"contains_kit_extra": "1"}, {"both", "one"}),
        ({"contains_kit_extra": '"1"'}, {"text"}),
        ({"contains_any_kit_extra": '[2,"1"]'}, {"both", "text"}),
        ({"contains_any_kit_extra": "9"}, set()),
    ],
)
def test_arrays_contain(alice: Shelf, open_schema: None, query: dict[str, str], due: set[str]) -> None:
    for text, value in (("both", [2, 1]), ("one", [1]), ("text", ["1"]), ("scalar", 1), ("word", "12")):
        alice.create(text, kit_extra=value)
    alice.create("missing")
    assert set(alice.texts(query)) == due


@section("reading#operators")
def test_a_field_inside_a_field_is_compared(alice: Shelf, open_schema: None) -> None:
    record = alice.create(kit_extra={"a": {"b": 2}})
    alice.create(kit_extra={"a": 2})
    assert alice.ids({"kit_extra.a.b": "2"}) == [record["id"]]
    assert alice.ids({"lt_kit_extra.a.b": "3"}) == [record["id"]]


@section("reading#filters")
def test_several_filters_are_all_met(alice: Shelf) -> None:
    records = [alice.create(text) for text in ("a", "a", "b")]
    assert alice.ids({alice.text: "a", "id": records[0]["id"]}) == [records[0]["id"]]


@section("reading#filters")
def test_a_repeated_filter_is_met_each_time(alice: Shelf) -> None:
    for text in ("a", "b", "c"):
        alice.create(text)
    assert alice.texts([(f"not_{alice.text}", "a"), (f"not_{alice.text}", "b")]) == ["c"]
    assert alice.texts([(alice.text, "a"), (alice.text, "b")]) == []


@section("reading#filters")
def test_an_unknown_parameter_with_underscore_is_ignored(alice: Shelf) -> None:
    record = alice.create()
    assert alice.ids({"_kit_unknown": "1"}) == [record["id"]]


@section("reading#filters")
@pytest.mark.parametrize("prefix", ["", "not_", "min_", "in_", "like_", "has_"])
def test_an_unknown_filter_of_a_closed_schema_is_invalid(alice: Shelf, closed_schema: None, prefix: str) -> None:
    body = alice.all({f"{prefix}kit_extra": "1"}).refused(400, 107).body
    assert body["details"][0]["location"] == "querystring", body


@section("reading#filters")
def test_a_quoted_string_is_that_text(alice: Shelf) -> None:
    record = alice.create("1")
    alice.create("2")
    assert alice.ids({alice.text: '"1"'}) == [record["id"]]


@section("reading#filters")
@pytest.mark.parametrize("text", ["1", "true", "1.50", "[1]"])
def test_a_declared_text_field_takes_the_value_as_text(alice: Shelf, closed_schema: None, text: str) -> None:
    record = alice.create(text)
    alice.create("other")
    assert alice.ids({alice.text: text}) == [record["id"]]


@section("reading#filters")
def test_a_declared_number_or_boolean_refuses_text(alice: Shelf, closed_schema: None) -> None:
    record = alice.create()
    typed = [name for name, value in record.items() if type(value) in (int, bool) and name != "last_modified"]
    if not typed:
        pytest.skip("records have no number and no boolean")
    for name in typed:
        alice.all({name: "banana"}).refused(400, 107)


@section("reading#filters")
def test_an_undeclared_field_takes_json_or_else_text(alice: Shelf, open_schema: None) -> None:
    for value in (1, "1", "abc", True):
        alice.create(kit_extra=value)
    for query, due in (("1", 1), ('"1"', "1"), ("abc", "abc"), ("true", True)):
        assert [record["kit_extra"] for record in alice.records({"kit_extra": query})] == [due]


@section("reading#filters")
def test_id_is_always_text(alice: Shelf) -> None:
    records = [alice.create() for _ in range(3)]
    first, second, third = (record["id"] for record in records)
    assert alice.ids({"id": first}) == [first]
    assert alice.ids({"id": f'"{first}"'}) == [first]
    assert set(alice.ids({"in_id": f"{first},{second}"})) == {first, second}
    assert alice.ids({"exclude_id": f"{first},{second}"}) == [third]
    assert alice.ids({"id": "123"}) == [] == alice.ids({"in_id": "123,"})


@section("reading#filters")
def test_since_and_before_exclude_their_border(alice: Shelf) -> None:
    first, second, third = (alice.create() for _ in range(3))
    border = str(second["last_modified"])
    for value in (border, f'"{border}"'):
        assert alice.ids({"_since": value}) == [third["id"]]
        assert first["id"] in alice.ids({"_before": value})
        assert not {second["id"], third["id"]} & set(alice.ids({"_before": value}))


@section("reading#filters")
def test_filters_on_the_timestamp(alice: Shelf) -> None:
    first, second, third = (alice.create() for _ in range(3))
    border = str(second["last_modified"])
    later = {"_since": str(first["last_modified"] - 1)}
    assert alice.ids({"last_modified": border}) == [second["id"]]
    assert alice.ids({"last_modified": f'"{border}"'}) == [second["id"]]
    assert alice.ids({"gt_last_modified": border}) == [third["id"]]
    assert alice.ids({"min_last_modified": border}) == [third["id"], second["id"]]
    assert alice.ids({"lt_last_modified": border, **later}) == [first["id"]]
    assert alice.ids({"max_last_modified": border, **later}) == [second["id"], first["id"]]
    assert alice.ids({"in_last_modified": f"{border},"}) == [second["id"]]
    assert alice.ids({"not_last_modified": border, **later}) == [third["id"], first["id"]]


@section("reading#filters")
@pytest.mark.parametrize("name", ["_since", "_before", "last_modified", "gt_last_modified", "in_last_modified"])
@pytest.mark.parametrize("value", ["null", "abc", "-1", "1.5", "true", '"abc"', "[1]", "9" * 30, "9999999999999"])
def test_a_filter_at_no_time_is_invalid(alice: Shelf, name: str, value: str) -> None:
    alice.all({name: value}).refused(400, 107)


@section("reading#filters")
def test_a_filter_on_the_timestamp_shows_tombstones(alice: Shelf) -> None:
    before = alice.create()["last_modified"]
    deleted = alice.create("gone")
    tombstone = alice.delete(deleted).expect(200).data
    assert alice.records({"gt_last_modified": str(before)}) == [tombstone]
    assert alice.records({"_since": str(before), alice.text: "gone"}) == []
    assert alice.records({"_since": str(before - 1), "deleted": "true"}) == [tombstone]


@section("reading#filters")
def test_deleted_alone_shows_no_tombstone(alice: Shelf) -> None:
    alice.delete(alice.create()).expect(200)
    assert alice.records({"deleted": "true"}) == []


@section("reading#filters")
@pytest.mark.parametrize("name", ["id", "_since", "like_id", "in_id", "_token", "_sort", "_fields"])
def test_a_nul_character_is_invalid(alice: Shelf, name: str) -> None:
    alice.all({name: "a\x00b"}).refused(400, 107)


LIKE = ["100% pure", "100 pure", "a_b", "axb", "École", "star", "Le Star War", "ΣΊΣΥΦΟΣ"]


@section("reading#like")
@pytest.mark.parametrize(
    ("value", "due"),
    [
        ("STAR", {"star", "Le Star War"}),
        ("star*", {"star"}),
        ("*star", {"star"}),
        ("*star*", {"star", "Le Star War"}),
        ("l*r", {"Le Star War"}),
        ("0%", {"100% pure"}),
        ("a_b", {"a_b"}),
        ("éCOLE", {"École"}),
        ("σίσυφοσ", {"ΣΊΣΥΦΟΣ"}),
        ("*", set(LIKE)),
        ("[a]", set()),
        (".", set()),
        ("\\", set()),
    ],
)
def test_like_finds(alice: Shelf, value: str, due: set[str]) -> None:
    for text in LIKE:
        alice.create(text)
    assert set(alice.texts({f"like_{alice.text}": value})) == due


@section("reading#like")
def test_like_reads_the_canonical_text_of_other_values(alice: Shelf, open_schema: None) -> None:
    for text, value in (("number", 10.0), ("array", [1, "A"]), ("object", {"bb": 1, "a": 2}), ("boolean", True)):
        alice.create(text, kit_extra=value)
    alice.create("missing")
    for pattern, due in (
        ("10*", ["number"]),
        ('["a"', []),
        ('"a"]', ["array"]),
        ('{"a"*', ["object"]),
        ("tru", ["boolean"]),
    ):
        assert alice.texts({"like_kit_extra": pattern}) == due, pattern


@section("reading#like")
def test_like_takes_a_thousand_characters(alice: Shelf) -> None:
    assert alice.texts({f"like_{alice.text}": "x" * 1000}) == []
    alice.all({f"like_{alice.text}": "x" * 1001}).refused(400, 107)


@section("reading#like")
def test_like_with_many_wildcards_ends(alice: Shelf) -> None:
    alice.create("a" * 200)
    assert alice.texts({f"like_{alice.text}": "a*" * 400 + "b"}) == []
