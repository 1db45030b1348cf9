"""Tests of how the parameters of a URL become a query."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cliquet.errors import InvalidInput, Problem
from cliquet.protocol import body, querystring
from cliquet.protocol.fields import Fields, FieldType
from cliquet.protocol.operators import OPERATORS
from cliquet.protocol.query import Filter, Query
from cliquet.protocol.querystring import Limits
from cliquet.protocol.timestamps import DAY
from tests.unit.protocol.strategies import ANY_TEXT, JSON

NOW = 1_000
DECLARED = {
    "title": FieldType("text"),
    "note": FieldType("text", nullable=True),
    "pages": FieldType("number", nullable=True),
    "unread": FieldType("boolean"),
    "min_age": FieldType("number"),
    "_hidden": FieldType("text"),
    "tags": FieldType(item=FieldType("text")),
    "author": FieldType(members={"name": FieldType("text")}),
}
OPEN, CLOSED = Fields(DECLARED), Fields(DECLARED, open=False)
SHAPES: dict[str, Any] = {"list": tuple, "elements": tuple, "text": str, "flag": bool}

FIELD_NAMES = st.sampled_from(["title", "pages", "id", "last_modified", "deleted", "tags", "author.name", "other", "é"])
NAMES = st.one_of(
    st.sampled_from(["_since", "_before", "_to", "_sort", "_limit", "_fields", "_token", "_other", "min_age", ""]),
    FIELD_NAMES,
    st.builds("{}_{}".format, st.sampled_from(list(OPERATORS)), FIELD_NAMES),
    ANY_TEXT,
)
TEXTS = st.one_of(
    ANY_TEXT,
    st.sampled_from(["1", "true", "null", '"1"', "a,b,", "-title,id", "[1]", "9" * 25, "*a*", "\x00", "\ud800", ""]),
    JSON.map(lambda value: body.encode(value).decode()),
)
PARAMETERS = st.lists(st.tuples(NAMES, TEXTS), max_size=4)


def parse(*pairs: tuple[str, str], fields: Fields = OPEN, limits: Limits = Limits()) -> Query:  # noqa: B008  # frozen
    return querystring.parse(pairs, fields, now=NOW, limits=limits)


def refused(*pairs: tuple[str, str], fields: Fields = OPEN) -> str | None:
    """The name that the refusal has."""
    with pytest.raises(InvalidInput) as caught:
        parse(*pairs, fields=fields)
    (problem,) = caught.value.problems
    assert problem.location == "querystring"
    assert problem.description
    return problem.name


@given(PARAMETERS, st.sampled_from([OPEN, CLOSED]))
@example([("min_last_modified", "0")], OPEN)
@example([("\ud800", "1")], OPEN)
@example([("title", "\udfff")], OPEN)
def test_any_parameters_give_a_query_of_the_right_shape_or_invalid_input(
    pairs: list[tuple[str, str]], fields: Fields
) -> None:
    problem = problem_of(pairs, fields)
    if problem is not None:
        assert problem.location == "querystring"
        assert body.fault([problem.name, problem.description]) is None
        return
    query = parse(*pairs, fields=fields)
    assert query.since is None or query.since >= 0
    assert query.limit is not None
    assert query.limit >= 1
    for condition in query.filters:
        assert_shape(condition)


def problem_of(pairs: list[tuple[str, str]], fields: Fields) -> Problem | None:
    try:
        parse(*pairs, fields=fields)
        querystring.field_names(pairs, fields)
    except InvalidInput as refusal:
        return refusal.problems[0]
    return None


def assert_shape(condition: Filter) -> None:
    """The operand is what its operator wants, and a backend can take it."""
    kind = OPERATORS[condition.operator].operand
    if kind in SHAPES:
        assert isinstance(condition.value, SHAPES[kind])
    assert body.fault([condition.field, condition.value]) is None
    if condition.field == "last_modified" and kind in ("value", "list"):
        times = condition.value if kind == "list" else (condition.value,)
        assert all(type(time) is int and 0 <= time < NOW + DAY for time in times)
    assert isinstance(condition.holds({"id": "x", "last_modified": 1}), bool)


@pytest.mark.parametrize("operator", OPERATORS)
def test_an_operator_goes_before_the_field(operator: str) -> None:
    (condition,) = parse((f"{operator}_other", "1")).filters
    assert (condition.field, condition.operator) == ("other", operator)
    assert_shape(condition)


@pytest.mark.parametrize(
    ("pair", "due"),
    [
        (("other", "1"), Filter("other", 1)),
        (("other.deep", "x"), Filter("other.deep", "x")),
        (("min_other", "3"), Filter("other", 3, "min")),
        (("min_é", "3"), Filter("é", 3, "min")),
        (("contains_any_other", "a"), Filter("other", ("a",), "contains_any")),
        (("contains_anything", "a"), Filter("anything", ("a",), "contains")),
        (("min_age", "3"), Filter("min_age", 3)),
        (("min_min_age", "3"), Filter("min_age", 3, "min")),
        (("min_", "3"), Filter("min_", 3)),
        (("in_a-b", "3"), Filter("in_a-b", 3)),
        (("minimum", "3"), Filter("minimum", 3)),
        (("title", "1"), Filter("title", "1")),
        (("in_title", "1,2"), Filter("title", ("1", "2"), "in")),
        (("author.name", "1"), Filter("author.name", "1")),
        (("note", "null"), Filter("note", None)),
        (("title", "null"), Filter("title", "null")),
        (("id", "123"), Filter("id", "123")),
        (("id", '"123"'), Filter("id", "123")),
        (("in_id", "1,a,"), Filter("id", ("1", "a"), "in")),
        (("_since", '"12"'), Filter("last_modified", 12, "gt")),
        (("_before", "12"), Filter("last_modified", 12, "lt")),
        (("_to", "12"), Filter("last_modified", 12, "lt")),
        (("in_last_modified", '1,"2"'), Filter("last_modified", (1, 2), "in")),
        (("has_last_modified", "true"), Filter("last_modified", True, "has")),
        (("like_title", "1"), Filter("title", "1", "like")),
        (("_hidden", "1"), Filter("_hidden", "1")),
        (("_hidden.x", "1"), None),
        ((" other ", "1"), Filter("other", 1)),
    ],
)
def test_a_parameter_is_a_filter(pair: tuple[str, str], due: Filter | None) -> None:
    if due is None:
        assert refused(pair) == pair[0]
    else:
        assert parse(pair).filters == (due,)


@pytest.mark.parametrize("name", ["_other", "_sort", "_limit", "_fields", "_token", "_"])
def test_other_names_with_an_underscore_are_no_filters(name: str) -> None:
    assert parse((name, "1")).filters == ()


def test_repeated_parameters_all_have_to_hold() -> None:
    assert parse(("other", "1"), ("other", "2")).filters == (Filter("other", 1), Filter("other", 2))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("_since", "null"),
        ("_since", "abc"),
        ("_since", "-1"),
        ("_since", "1.5"),
        ("_since", "true"),
        ("_since", str(NOW + DAY)),
        ("_before", ""),
        ("last_modified", "x"),
        ("gt_last_modified", "null"),
        ("in_last_modified", "1,x"),
        ("pages", "abc"),
        ("in_pages", "1,abc"),
        ("unread", "2"),
        ("unread", "null"),
        ("contains_id", "a"),
        ("contains_any_last_modified", "1"),
        ("like_title", "x" * 1001),
        ("other", "9" * 20),
        ("other", '"\\u0000"'),
        ("other", "a\x00"),
        ("_token", "a\x00"),
        ("_unknown", "\ud800"),
        ("_limit", "0"),
        ("_limit", "-1"),
        ("_limit", "1.5"),
        ("_limit", ""),
        ("_limit", "abc"),
        ("_limit", "²"),
        ("_limit", "9" * 20),
        ("title.deep", "1"),
        ("id.deep", "1"),
    ],
)
def test_a_bad_value_is_refused_by_the_name_of_its_parameter(name: str, text: str) -> None:
    assert refused((name, text)) == name


@pytest.mark.parametrize("name", ["a\x00", "\ud800"])
def test_a_bad_name_is_refused_without_repeating_it(name: str) -> None:
    assert refused((name, "1")) is None


def test_since_may_be_up_to_a_day_ahead() -> None:
    assert parse(("_since", str(NOW + DAY - 1))).since == NOW + DAY - 1


@pytest.mark.parametrize("name", ["other", "min_other", "has_other", "like_other", "contains_other", "other.x"])
def test_a_closed_schema_refuses_unknown_fields(name: str) -> None:
    assert refused((name, "1"), fields=CLOSED) == name


@pytest.mark.parametrize(
    ("pairs", "due"),
    [
        ([], None),
        ([("_since", "5")], 5),
        ([("gt_last_modified", "5")], 5),
        ([("min_last_modified", "5")], 4),
        ([("min_last_modified", "0")], 0),
        ([("_since", "5"), ("min_last_modified", "9")], 8),
        ([("_before", "5")], None),
        ([("last_modified", "5")], None),
    ],
)
def test_a_lower_bound_says_what_the_reader_has_seen(pairs: list[tuple[str, str]], due: int | None) -> None:
    assert parse(*pairs).since == due


@pytest.mark.parametrize("name", ["_since", "_before", "last_modified", "not_last_modified", "in_last_modified"])
def test_a_filter_on_the_timestamp_brings_tombstones(name: str) -> None:
    assert parse((name, "5")).tombstones
    assert not parse(("deleted", "true")).tombstones


@pytest.mark.parametrize(
    ("text", "due"),
    [
        ("", "-last_modified,-id"),
        ("title", "title,-last_modified,-id"),
        ("-title,+id", "-title,id,-last_modified"),
        (" title", "title,-last_modified,-id"),
        ("last_modified", "last_modified,id"),
        ("title,-title", "title,-last_modified,-id"),
        ("--title,,a-b,author.name", "author.name,-last_modified,-id"),
    ],
)
def test_a_sort_is_read_and_completed(text: str, due: str) -> None:
    found = parse(("_sort", text)).sort
    assert ",".join(("-" if sort.direction < 0 else "") + sort.field for sort in found) == due


def test_a_closed_schema_refuses_unknown_sorts() -> None:
    assert refused(("_sort", "other"), fields=CLOSED) is None
    assert parse(("_sort", "title,author.name"), fields=CLOSED).sort[0].field == "title"


def test_there_is_a_limit_to_filters_and_sorts() -> None:
    assert refused(*[("a", "1")] * (querystring.MAX_FILTERS + 1)) is None
    assert refused(("_sort", ",".join(f"f{number}" for number in range(querystring.MAX_SORTS + 1)))) == "_sort"


@given(st.none() | st.integers(1, 50), st.integers(1, 50), st.none() | st.integers(1, 50))
def test_the_smallest_limit_counts(paginate_by: int | None, most: int, asked: int | None) -> None:
    pairs = [] if asked is None else [("_limit", str(asked))]
    limit = parse(*pairs, limits=Limits(paginate_by, most)).limit
    assert limit == min(number for number in (paginate_by, most, asked) if number is not None)


def test_the_last_of_several_sorts_limits_and_fields_counts() -> None:
    query = parse(("_sort", "a"), ("_limit", "1"), ("_sort", "b"), ("_limit", "2"))
    assert (query.sort[0].field, query.limit) == ("b", 2)
    assert querystring.field_names([("_fields", "a"), ("_fields", "b")], OPEN) == ("b",)


@pytest.mark.parametrize(
    ("text", "due"), [("title", ("title",)), (" title , author.name,", ("title", "author.name")), ("", ())]
)
def test_fields_are_separated_by_commas(text: str, due: tuple[str, ...]) -> None:
    assert querystring.field_names([("_fields", text)], CLOSED) == due


def test_without_fields_all_of_them_are_meant() -> None:
    assert querystring.field_names([], OPEN) is None


@pytest.mark.parametrize("text", ["other", "title,other.deep", "a\x00", "\ud800"])
def test_fields_that_cannot_be_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        querystring.field_names([("_fields", text)], CLOSED)
